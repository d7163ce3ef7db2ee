"""``Run``: the record of one run, in memory and in the journal. Implements ``flatten.log.RunLog``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from plimsoll.clock import Clock
from plimsoll.logs import masked
from plimsoll_enforcer.desk import AuditLine, RunSummary
from plimsoll_enforcer.flatten.log import REOPENED, Detail, Unanswered
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.journal import draft
from plimsoll_enforcer.journal.draft import Draft
from plimsoll_enforcer.journal.values import Sent
from plimsoll_enforcer.trading.port import CloseOrder, Placed

KEPT_LINES = 5_000
"""Lines of an audit that are kept in memory; the journal has all."""

RESUMED = 1_000
"""An earlier life's last numbers may not have been written: a run that goes on leaves so many out."""

RUNNING = "running"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ears:
    """Who is told what a run writes.

    Attributes:
        put: Writes a change; never raises.
        refused: Told the code of every order that the exchange refused (``None`` without one).
    """

    put: Callable[[Draft], None]
    refused: Callable[[int | None], None]


class Run:
    """One run.

    Args:
        summary: What it is.
        ears: Who is told.
        clock: Time.
        sent: Orders of an earlier life, where it goes on.

    Attributes:
        reopened: Called each time somebody opened something meanwhile.
    """

    def __init__(self, summary: RunSummary, ears: Ears, *, clock: Clock, sent: Iterable[Sent] = ()) -> None:
        self._ears, self._clock = ears, clock
        self.reopened: Callable[[], None] = _nothing
        self.summary = summary
        self.audit: list[AuditLine] = []
        listed = tuple(sent)
        self._open = {item.order.client_id: item.order for item in listed if not item.answered}
        self._number = max((item.number for item in listed), default=0)

    @property
    def run_id(self) -> str:
        """Eight characters."""
        return self.summary.run_id

    def resumed(self) -> None:
        """It goes on after a restart."""
        self._number += RESUMED
        self.step("resumed", "The enforcer was restarted: the run goes on.")

    def next_number(self) -> int:
        """1, 2, ...; numbers that an earlier life may have given are left out."""
        self._number += 1
        return self._number

    def sending(self, order: CloseOrder) -> None:
        """Note an order before it is sent."""
        self._open[order.client_id] = order
        price = "" if order.price is None else f" at {order.price:f}"
        text = f"{order.symbol}: {order.direction.value} {order.quantity:f}{price} ({order.form.value})"
        detail = {"client_id": order.client_id, **_leg(order), "quantity": f"{order.quantity:f}"}
        self._write(draft.sending(self.run_id, self._number, order), "sending", text, detail)

    def answered(self, client_id: str, placed: Placed | None, error: str = "", code: int | None = None) -> None:
        """Note what became of it."""
        order = self._open.pop(client_id, None)
        symbol, leg = ("?", {}) if order is None else (order.symbol, _leg(order))
        detail: Detail
        if placed is None:
            text, detail = f"{symbol}: {error or 'never arrived'}", {"client_id": client_id, "code": code, **leg}
        else:
            text = f"{symbol}: {placed.status.lower()}, {placed.executed:f} filled"
            detail = {"client_id": client_id, "order_id": placed.order_id, **leg, "executed": f"{placed.executed:f}"}
        if error:
            self._ears.refused(code)
        self._write(draft.answered(client_id, placed, error, code), "answered", text, detail)

    def unanswered(self) -> tuple[Unanswered, ...]:
        """Orders without an answer, of an earlier life too."""
        return tuple(Unanswered(order=order) for order in self._open.values())

    def step(self, kind: str, text: str, detail: Detail | None = None) -> None:
        """Note anything else."""
        self._write(Draft(), kind, text, detail or {})
        if kind == REOPENED:
            self.reopened()

    def add(self, lines: Iterable[AuditLine]) -> None:
        """Take over what was noted before the run began."""
        listed = tuple(lines)
        self._keep(listed)
        self._ears.put(draft.lines(self.run_id, listed))

    def finish(self, outcome: str, result: FlattenResult | None) -> None:
        """It has ended."""
        self.summary = replace(self.summary, ended_at=self._clock.now(), outcome=outcome, result=result)
        self._write(draft.run(self.summary), "ended", f"The run has ended: {outcome.replace('_', ' ')}.", {})

    def _write(self, change: Draft, kind: str, text: str, detail: Detail) -> None:
        line = AuditLine(at=self._clock.now(), kind=kind, text=masked(text), detail=dict(detail))
        self._keep((line,))
        self._ears.put(change.merged(draft.lines(self.run_id, (line,))))

    def _keep(self, lines: tuple[AuditLine, ...]) -> None:
        self.audit.extend(lines)
        del self.audit[:-KEPT_LINES]


def _leg(order: CloseOrder) -> dict[str, str]:
    """What an order closes, for whoever follows the run."""
    return {"symbol": order.symbol, "position_side": order.position_side.value}


def _nothing() -> None:
    """Nobody wants to know."""
