"""Forced closes and margin calls: recognised by what the exchange calls them, each counted once."""

from __future__ import annotations

from dataclasses import replace

import pytest

import builders
from plimsoll.model.events import AccountEvent, Fill, MarginCall, OrderUpdate
from plimsoll.model.terms import Direction
from plimsoll.risk.unknown import ZERO
from plimsoll_exporter.keeper.occurrences import Occurrences, forced_kind
from plimsoll_exporter.keeper.tally import FORCED_CLOSES, MARGIN_CALLS, Tally


def update(client_id: str, *, order_id: int = 7, execution: str = "TRADE") -> OrderUpdate:
    """An event about an order with this client id."""
    order = builders.order("BTCUSDT", Direction.SELL, "1", "0", order_id=order_id)
    fill = Fill(
        trade_id=1, quantity=order.quantity, price=ZERO, realized_pnl=ZERO, commission=ZERO, commission_asset="USDT"
    )
    told = replace(order, client_id=client_id)
    return OrderUpdate(time_ms=5, event_ms=6, order=told, execution=execution, fill=fill)


@pytest.mark.parametrize(
    ("client_id", "kind"),
    [
        ("autoclose-1795164055012000020", "liquidation"),
        ("adl_autoclose", "adl"),
        ("settlement_autoclose-17", "settlement"),
        ("my-autoclose-1", None),
        ("", None),
    ],
)
def test_forced_closes_are_told_by_their_client_id(client_id: str, kind: str | None):
    """Only the exchange's own beginnings of client ids count."""
    assert forced_kind(update(client_id).order) == kind


def counted(*events: AccountEvent) -> Tally:
    """The counts after some events."""
    tally = Tally("live")
    occurrences = Occurrences("live", tally)
    for number, event in enumerate(events):
        occurrences.event(event, float(number))
    return tally


def test_an_order_counts_once_whatever_its_parts():
    """Partial fills and repeated events of one order are one forced close; another order is another."""
    first = update("autoclose-1")
    tally = counted(first, first, update("autoclose-1", execution="CALCULATED"), update("autoclose-2", order_id=8))
    assert tally.counts(FORCED_CLOSES)["liquidation"].value == 2
    assert tally.counts(FORCED_CLOSES)["liquidation"].last_at == 3


def test_an_order_that_did_not_execute_is_none():
    """The exchange announces its orders before they trade, and our own orders never count."""
    assert counted(update("autoclose-1", execution="NEW"), update("mine")).counts(FORCED_CLOSES) == {}


def test_a_repeated_margin_call_is_one():
    """The same call told twice counts once."""
    call = MarginCall(time_ms=5, event_ms=5, symbols=("BTCUSDT", "ETHUSDT"))
    assert counted(call, replace(call, symbols=("ETHUSDT", "BTCUSDT"))).counts(MARGIN_CALLS)[""].value == 1
