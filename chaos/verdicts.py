"""What was checked, how often, and what was wrong: time, what was expected, what was seen."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

TRUTH = "every figure of /metrics and JSON was true within its allowed age"
QUIET = "every figure exact at a quiet point"
LEDGER = "rejections, flows and references exact at a quiet point"
PAGED = "breach paged"
CLOSED = "armed breach flattened"
GROWTH = "no position increased by us"
REDUCING = "orders of the enforcer only reduce"
CAUSE = "nothing closed without a breach"
UP = "program ready again after its fault"
INVARIANTS = (TRUTH, QUIET, LEDGER, PAGED, CLOSED, GROWTH, REDUCING, CAUSE, UP)


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """Something that must never be.

    Attributes:
        at: Seconds since the beginning of the run.
        invariant: Which one was broken.
        expected: What should have been.
        seen: What was.
    """

    at: float
    invariant: str
    expected: str
    seen: str

    def __str__(self) -> str:
        """For the terminal and the report."""
        return f"{self.at:7.1f} s  {self.invariant}: expected {self.expected}; seen {self.seen}"


@dataclass(kw_only=True)
class Verdicts:
    """Everything that was judged so far.

    Attributes:
        began: When the run began, by ``time.monotonic``.
        checked: How often each invariant was checked.
        violations: What was wrong.
        faults: How many faults of each kind were injected.
        acts: How often accounts did each thing.
        story: What happened, line by line, for whoever looks for a cause.
        seconds_to_flat: Of each breach that was flattened.
        heard: Told of each line at once.
    """

    heard: Callable[[str], None] = lambda _line: None
    began: float = field(default_factory=time.monotonic)
    checked: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)
    seconds_to_flat: list[float] = field(default_factory=list)

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began

    def tell(self, text: str) -> None:
        """Note what happens."""
        self.story.append(f"{self.elapsed:7.1f} s  {text}")
        self.heard(self.story[-1])

    def check(self, invariant: str, *, holds: bool, expected: str, seen: object, times: int = 1) -> bool:
        """Count a check, and keep it if it does not hold; gives whether it does."""
        self.checked[invariant] += times
        if not holds:
            self.violations.append(
                Violation(at=self.elapsed, invariant=invariant, expected=expected, seen=str(seen)[:2000])
            )
            self.tell(f"VIOLATION {self.violations[-1]}")
        return holds
