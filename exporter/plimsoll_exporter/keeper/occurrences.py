"""Margin calls and forced closes of one account: each is counted once, however often it is told."""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.database.draft import Draft
from plimsoll.database.values import Seen
from plimsoll.model.events import AccountEvent, MarginCall, OrderUpdate
from plimsoll.model.orders import Order
from plimsoll_exporter.keeper.store import ONCE
from plimsoll_exporter.keeper.tally import FORCED_CLOSES, MARGIN_CALLS, Tally

_PREFIXES = {"autoclose-": "liquidation", "adl_autoclose": "adl", "settlement_autoclose-": "settlement"}
"""By how the exchange begins the client ids of its own orders."""

_EXECUTIONS = frozenset({"TRADE", "CALCULATED"})


def forced_kind(order: Order) -> str | None:
    """Which kind of forced close an order is; ``None`` for all others."""
    return next((kind for prefix, kind in _PREFIXES.items() if order.client_id.startswith(prefix)), None)


class Occurrences:
    """Counts what happens to an account.

    Args:
        account: Its name.
        tally: Where it is counted.
        seen: Keys of what was counted before.
    """

    def __init__(self, account: str, tally: Tally, seen: Iterable[Seen] = ()) -> None:
        self._account, self._tally = account, tally
        self._seen = {item.key for item in seen if item.kind == ONCE}

    def event(self, event: AccountEvent, now: float) -> Draft | None:
        """The change that an event makes; ``None`` where it is none of these, or was counted before."""
        if isinstance(event, MarginCall):
            key = f"margin-call|{event.event_ms}|{','.join(sorted(event.symbols))}"
            return self._once(key, event.event_ms, MARGIN_CALLS, {}, now)
        if isinstance(event, OrderUpdate) and event.execution in _EXECUTIONS:
            kind = forced_kind(event.order)
            if kind is not None:
                key = f"forced|{event.order.symbol}|{event.order.order_id}"
                return self._once(key, event.time_ms, FORCED_CLOSES, {"kind": kind}, now)
        return None

    def _once(self, key: str, time_ms: int, name: str, labels: dict[str, str], now: float) -> Draft | None:
        if key in self._seen:
            return None
        self._seen.add(key)
        seen = Seen(account=self._account, kind=ONCE, key=key, time_ms=time_ms)
        step = Draft(steps=(lambda change: change.mark_seen(seen),))
        return step.merged(self._tally.add(name, labels, at=now))
