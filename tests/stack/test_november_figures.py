"""The account of November, shown by the real exporter to the digits of the record."""

from __future__ import annotations

import pytest

from stack_harness import stack

FIGURES = {
    # symbol, side: mark price, notional, unrealised PnL (USD)
    ("BNBUSDT", "short"): (906.32534562, 1966.73, -20.67),
    ("BTCUSDT", "short"): (92415.82307692, 1201.41, -11.79),
    ("SOLUSDT", "short"): (139.81, 335.54, -1.92),
    ("DOTUSDT", "long"): (2.69406667, 808.22, 5.72),
}


async def test_the_account_of_november_is_shown_to_the_digits_of_the_record():
    """Marks, notionals, PnL, equity and exposure equal the table of the incident."""
    async with stack("november-stops") as running:
        swept = ("binance_open_orders", frozenset({("account", "live"), ("purpose", "stop")}))
        await running.until(lambda seen: swept in seen, "all orders were read")
        metrics = await running.metrics()

    def value(name: str, **labels: str) -> float:
        return metrics[name, frozenset({"account": "live", **labels}.items())]

    for (symbol, side), (mark, notional, pnl) in FIGURES.items():
        where = {"symbol": symbol, "side": side}
        assert value("binance_position_mark_price_usd", **where) == pytest.approx(mark, abs=1e-8)
        assert round(value("binance_position_notional_usd", **where), 2) == notional
        assert round(value("binance_position_unrealized_pnl_usd", **where), 2) == pnl
    assert round(value("binance_account_equity_usd"), 2) == 4971.34
    assert round(value("binance_account_unrealized_pnl_usd"), 2) == -28.66
    assert round(value("binance_account_gross_exposure_usd"), 2) == 4311.90
    assert value("binance_account_positions") == 4
    assert value("binance_open_orders", purpose="stop") == 3
    assert value("binance_open_orders", purpose="take_profit") == 1
    assert value("binance_open_orders", purpose="entry") == 0
