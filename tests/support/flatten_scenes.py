"""Builders for the pure parts of a flatten: reports of positions, scenes, and instruments with every filter."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import builders
from fake_rules import instrument
from fake_trader import BOTH
from plimsoll.model.account import PositionReport
from plimsoll.model.market import Instrument
from plimsoll.model.orders import Order
from plimsoll.model.terms import PositionSide
from plimsoll_enforcer.flatten.plan import Memory, Scene
from plimsoll_enforcer.flatten.reading import Reading

NOW = 100.0
BTC, ETH = "BTCUSDT", "ETHUSDT"


def report(
    symbol: str = BTC,
    amount: str = "1",
    *,
    side: PositionSide = BOTH,
    mark: str = "100",
    margin: str | None = None,
    isolated: str | None = None,
    pnl: str = "0",
) -> PositionReport:
    """One open position; its margin is a tenth of its notional."""
    notional = abs(Decimal(amount)) * Decimal(mark)
    return PositionReport(
        position=builders.position(symbol, amount, position_side=side, isolated_wallet=isolated),
        mark_price=Decimal(mark),
        liquidation_price=None,
        maintenance_margin=notional / 100,
        position_margin=notional / 10 if margin is None else Decimal(margin),
        unrealized_pnl=Decimal(pnl),
    )


def scene(
    *positions: PositionReport,
    plain: tuple[Order, ...] | None = (),
    algo: tuple[Order, ...] | None = (),
    unread: bool = False,
    fresh: bool = True,
    memory: Memory | None = None,
    rules: Mapping[str, Instrument] | None = None,
    busy: frozenset[str] = frozenset(),
) -> Scene:
    """One reading, with the usual rules for BTCUSDT and ETHUSDT."""
    return Scene(
        reading=Reading(positions=None if unread else positions, plain=plain, algo=algo, orders_fresh=fresh),
        memory=memory or Memory(),
        instruments={BTC: instrument(BTC), ETH: instrument(ETH)} if rules is None else rules,
        now=NOW,
        busy=busy,
    )
