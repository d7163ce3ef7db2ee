"""ccxt's unified methods speak a language of their own; python-binance, looking at the same world, agrees with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from ccxt.base.errors import OrderNotFound

from foreign_client import Do
from foreign_play import HAPPENINGS, MARK_AMOUNT, Performance, perform
from foreign_python_binance import PythonBinance
from foreign_scene import Scene, scene

BTC, SOL = "BTC/USDT:USDT", "SOL/USDT:USDT"
LIVE = {"account": "live"}


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two clients of one world."""

    scene: Scene
    ccxt: Any
    binance: Any


@asynccontextmanager
async def pair() -> AsyncIterator[Pair]:
    """Ccxt and python-binance in front of one simulator, with money and the right to trade."""
    other = PythonBinance()
    async with scene() as stage:
        await stage.do(Do(path="key", fields={**LIVE, "permissions": {"enableFutures": True}}))
        await stage.do(Do(path="transfer", fields={**LIVE, "amount": "20000"}))
        simulator = next(each.simulator for each in stage.stages if each.adapter.name == "ccxt")
        await other.open(simulator, "live")
        try:
            yield Pair(scene=stage, ccxt=await _loaded(stage), binance=other.client)
        finally:
            await other.close()


async def _loaded(stage: Scene) -> Any:  # noqa: ANN401 - ccxt ships no type information
    adapter: Any = next(each.adapter for each in stage.stages if each.adapter.name == "ccxt")
    await adapter.client.load_markets()
    return adapter.client


def exact(value: object) -> Decimal:
    """A number of either client."""
    return Decimal(str(value))


async def test_markets_have_the_filters_of_the_exchange():
    """Steps and least amounts are read from the filters."""
    async with pair() as both:
        market = both.ccxt.market(BTC)
        rules = (await both.binance.futures_exchange_info())["symbols"][0]
        filters = {each["filterType"]: each for each in rules["filters"]}
        assert exact(market["precision"]["price"]) == exact(filters["PRICE_FILTER"]["tickSize"])
        assert exact(market["precision"]["amount"]) == exact(filters["LOT_SIZE"]["stepSize"])
        assert exact(market["limits"]["cost"]["min"]) == exact(filters["MIN_NOTIONAL"]["notional"])
        assert market["active"]


async def test_a_limit_order_lives_and_dies():
    """What ccxt places, changes and cancels is what python-binance sees."""
    async with pair() as both:
        order = await both.ccxt.create_order(BTC, "limit", "buy", 0.01, 90000, {"clientOrderId": "cx-1"})
        await both.ccxt.edit_order(order["id"], BTC, "limit", "buy", 0.02, 89000)
        (seen,) = await both.binance.futures_get_open_orders(symbol="BTCUSDT")
        (told,) = await both.ccxt.fetch_open_orders(BTC)
        assert (
            (str(seen["orderId"]), seen["clientOrderId"])
            == (told["id"], told["clientOrderId"])
            == (order["id"], "cx-1")
        )
        assert (exact(seen["price"]), exact(seen["origQty"])) == (exact(told["price"]), exact(told["amount"]))
        assert (exact(told["price"]), exact(told["amount"]), told["status"]) == (89000, Decimal("0.02"), "open")
        assert (await both.ccxt.cancel_order(order["id"], BTC))["status"] == "canceled"
        assert (await both.ccxt.fetch_order(order["id"], BTC))["status"] == "canceled"
        with pytest.raises(OrderNotFound):
            await both.ccxt.cancel_order(order["id"], BTC)


async def test_a_market_order_becomes_a_trade_and_a_position():
    """Order, trade, position and balance tell one story in both clients."""
    async with pair() as both:
        order = await both.ccxt.create_order(BTC, "market", "buy", 0.02)
        assert (order["status"], exact(order["filled"])) == ("closed", Decimal("0.02"))
        (told,), (seen,) = (
            await both.ccxt.fetch_my_trades(BTC),
            await both.binance.futures_account_trades(symbol="BTCUSDT"),
        )
        assert (told["id"], told["order"]) == (str(seen["id"]), order["id"])
        assert (exact(told["price"]), exact(told["fee"]["cost"])) == (exact(seen["price"]), exact(seen["commission"]))
        held = {each["symbol"]: each for each in await both.binance.futures_position_information()}
        for position in await both.ccxt.fetch_positions():
            raw = held[position["info"]["symbol"]]
            assert exact(position["contracts"]) == abs(exact(raw["positionAmt"]))
            assert position["side"] == ("long" if exact(raw["positionAmt"]) > 0 else "short")
            assert exact(position["entryPrice"]) == exact(raw["entryPrice"])
            assert exact(position["unrealizedPnl"]) == exact(raw["unRealizedProfit"])
            assert exact(position["notional"]) == abs(exact(raw["notional"]))
        assert len(held) == 3
        balance, account = (await both.ccxt.fetch_balance())["USDT"], await both.binance.futures_account()
        asset = next(each for each in account["assets"] if each["asset"] == "USDT")
        # ccxt calls equity the total.
        assert exact(balance["total"]) == exact(asset["marginBalance"])
        assert exact(balance["free"]) == exact(asset["availableBalance"])


async def test_a_stop_goes_to_the_algo_service():
    """Ccxt's stop is an algo order for python-binance, and nowhere among the plain ones."""
    async with pair() as both:
        stop = await both.ccxt.create_order(
            BTC, "market", "sell", 0.02, None, {"stopLossPrice": 88000, "reduceOnly": True}
        )
        (seen,) = await both.binance.futures_get_open_algo_orders(symbol="BTCUSDT")
        assert (str(seen["algoId"]), seen["orderType"]) == (stop["id"], "STOP_MARKET")
        assert exact(seen["triggerPrice"]) == exact(stop["triggerPrice"]) == 88000
        assert await both.binance.futures_get_open_orders(symbol="BTCUSDT") == []
        assert (await both.ccxt.fetch_order(stop["id"], BTC, {"trigger": True}))["status"] == "open"
        await both.ccxt.cancel_order(stop["id"], BTC, {"trigger": True})
        assert await both.binance.futures_get_open_algo_orders(symbol="BTCUSDT") == []


async def test_settings_are_set_and_read():
    """Leverage, margin mode, added margin and position mode mean the same to both."""
    async with pair() as both:
        await both.ccxt.set_leverage(7, BTC)
        await both.ccxt.set_margin_mode("isolated", SOL)
        await both.ccxt.create_order(SOL, "market", "buy", 10)
        await both.ccxt.add_margin(SOL, 20)
        settings = {each["symbol"]: each for each in await both.binance.futures_symbol_config()}
        assert (settings["BTCUSDT"]["leverage"], settings["SOLUSDT"]["marginType"]) == (7, "ISOLATED")
        assert (await both.ccxt.fetch_leverage(BTC))["longLeverage"] == 7
        assert (await both.ccxt.fetch_margin_mode(SOL))["marginMode"] == "isolated"
        (change,) = await both.ccxt.fetch_margin_adjustment_history(SOL)
        assert (change["type"], exact(change["amount"])) == ("add", 20)
        assert (await both.ccxt.fetch_position_mode(BTC))["hedged"] is False


async def test_the_market_is_read():
    """Tickers, book, candles, funding and brackets parse and carry the exchange's numbers."""
    async with pair() as both:
        mark = await both.binance.futures_mark_price(symbol="BTCUSDT")
        funding, ticker = await both.ccxt.fetch_funding_rate(BTC), await both.ccxt.fetch_ticker(BTC)
        assert (exact(funding["markPrice"]), exact(funding["fundingRate"])) == (
            exact(mark["markPrice"]),
            exact(mark["lastFundingRate"]),
        )
        book, best = await both.ccxt.fetch_order_book(BTC, 5), (await both.ccxt.fetch_bids_asks([BTC]))[BTC]
        assert [exact(each) for each in book["bids"][0]] == [exact(best["bid"]), exact(best["bidVolume"])]
        assert [exact(each) for each in book["asks"][0]] == [exact(best["ask"]), exact(best["askVolume"])]
        assert exact(ticker["last"]) == 92000
        assert len(await both.ccxt.fetch_ohlcv(BTC, "1m", None, 3)) == 3
        tiers = await both.ccxt.fetch_market_leverage_tiers(BTC)
        assert (exact(tiers[0]["maxLeverage"]), exact(tiers[0]["maintenanceMarginRate"])) == (125, Decimal("0.004"))


@pytest.fixture(scope="module")
def performance() -> Performance:
    """The play of events, with what ccxt's watching methods gave."""
    return perform(HAPPENINGS)


def raw(performance: Performance, kind: str) -> list[Any]:
    """The events of a type as ccxt heard them."""
    return [event for event in performance.heard["ccxt"] if isinstance(event, dict) and event["e"] == kind]


def test_watched_orders_are_those_of_the_events(performance: Performance):
    """``watch_orders`` tells every order by number, plain and algo."""
    numbers = {str(event["o"]["i"]) for event in raw(performance, "ORDER_TRADE_UPDATE")}
    numbers |= {str(event["o"]["aid"]) for event in raw(performance, "ALGO_UPDATE")}
    watched = [order for given in performance.kept["watch_orders"] for order in given]
    assert {order["id"] for order in watched} == numbers


def test_watched_trades_are_those_of_the_events(performance: Performance):
    """``watch_my_trades`` tells each fill with its price, amount and fee."""
    fills = [event["o"] for event in raw(performance, "ORDER_TRADE_UPDATE") if event["o"]["x"] == "TRADE"]
    watched = [trade for given in performance.kept["watch_my_trades"] for trade in given]
    assert [
        (trade["id"], exact(trade["price"]), exact(trade["amount"]), exact(trade["fee"]["cost"])) for trade in watched
    ] == [(str(fill["t"]), fill["L"], fill["l"], fill["n"]) for fill in fills]
    assert {trade["fee"]["currency"] for trade in watched} == {str(fill["N"]) for fill in fills}


def test_the_watched_balance_ends_where_the_events_do(performance: Performance):
    """``watch_balance`` follows the wallet: it tells no other sums than the events, and the last one at last."""
    wallets = [each for event in raw(performance, "ACCOUNT_UPDATE") for each in event["a"]["B"] if each["a"] == "USDT"]
    *between, last = [exact(given["USDT"]["total"]) for given in performance.kept["watch_balance"]]
    assert set(between) <= {each["wb"] for each in wallets}
    assert len(set(between)) > len(wallets) / 2
    assert last == wallets[-1]["wb"] + Decimal(MARK_AMOUNT)


def test_watched_positions_are_those_of_the_events(performance: Performance):
    """``watch_positions`` tells each position's size and entry price."""
    rows = [each for event in raw(performance, "ACCOUNT_UPDATE") for each in event["a"]["P"]]
    watched = [position for given in performance.kept["watch_positions"] for position in given]
    changes = [each for each in watched if "s" in each["info"]]
    told = {(each["info"]["s"], exact(each["contracts"]), exact(each["entryPrice"])) for each in changes}
    assert told <= {(row["s"], abs(row["pa"]), row["ep"]) for row in rows}
    assert {each["info"]["s"] for each in changes} == {row["s"] for row in rows}
