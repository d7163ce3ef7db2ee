"""The rules of the made-up exchange of ``fake_trader``: one contract like another."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import builders
from plimsoll.model.market import Grid, Instrument


def instrument(symbol: str, *, step: str = "0.001", market_most: str = "120", least: str = "0.001") -> Instrument:
    """A contract with all its filters."""
    return replace(
        builders.instrument(symbol, tick_size="0.10", step_size=step),
        quantity=Grid(least=Decimal(least), most=Decimal(1000), step=Decimal(step)),
        market_quantity=Grid(least=Decimal(least), most=Decimal(market_most), step=Decimal(step)),
        price=Grid(least=Decimal("0.10"), most=Decimal(1_000_000), step=Decimal("0.10")),
        price_up=Decimal("1.05"),
        price_down=Decimal("0.95"),
        market_take_bound=Decimal("0.05"),
        min_notional=Decimal(5),
    )
