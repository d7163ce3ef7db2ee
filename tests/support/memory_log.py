"""A run's record in memory: what a journal would keep, and across the deaths that a test arranges."""

from __future__ import annotations

from dataclasses import dataclass, field

from plimsoll_enforcer.flatten.log import Detail, Unanswered
from plimsoll_enforcer.trading.port import CloseOrder, Placed


@dataclass(kw_only=True)
class MemoryLog:
    """A ``RunLog``.

    Attributes:
        sent: Orders that were about to be sent, by client id.
        answers: What became of them: (placed, error, code).
        steps: (kind, text) of everything else.
    """

    run_id: str = "abcd1234"
    sent: dict[str, CloseOrder] = field(default_factory=dict)
    answers: dict[str, tuple[Placed | None, str, int | None]] = field(default_factory=dict)
    steps: list[tuple[str, str]] = field(default_factory=list)
    details: list[Detail] = field(default_factory=list)
    _number: int = 0

    def next_number(self) -> int:
        """The next number."""
        self._number += 1
        return self._number

    def sending(self, order: CloseOrder) -> None:
        """An order is about to be sent."""
        self.sent[order.client_id] = order

    def answered(self, client_id: str, placed: Placed | None, error: str = "", code: int | None = None) -> None:
        """What became of it."""
        self.answers[client_id] = (placed, error, code)

    def unanswered(self) -> tuple[Unanswered, ...]:
        """Those without an answer."""
        return tuple(Unanswered(order=order) for name, order in self.sent.items() if name not in self.answers)

    def step(self, kind: str, text: str, detail: Detail | None = None) -> None:
        """Anything else."""
        self.steps.append((kind, text))
        self.details.append(detail or {})

    def kinds(self) -> list[str]:
        """What happened, in order."""
        return [kind for kind, _ in self.steps]
