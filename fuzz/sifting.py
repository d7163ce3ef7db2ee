"""Which of many inputs are worth keeping: the smallest that together take every step that all of them take."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from types import FrameType

from fuzz.target import Target

PRODUCT = ("/plimsoll/", "/plimsoll_exporter/", "/plimsoll_enforcer/")
"""In the names of files whose lines count."""

Step = tuple[str, int, int]


class _Steps:
    """The steps from line to line that were taken in the product's files."""

    def __init__(self) -> None:
        self.taken: set[Step] = set()
        self._last: dict[FrameType, int] = {}

    def trace(self, frame: FrameType, event: str, _: object) -> object:
        """What ``sys.settrace`` calls."""
        name = frame.f_code.co_filename
        if not any(part in name for part in PRODUCT):
            return None
        if event == "line":
            self.taken.add((name, self._last.get(frame, 0), frame.f_lineno))
            self._last[frame] = frame.f_lineno
        return self.trace


def steps_of(target: Target, data: bytes) -> set[Step]:
    """The steps that one input takes; what it breaks is not asked here."""
    steps = _Steps()
    before = sys.gettrace()
    sys.settrace(steps.trace)  # type: ignore[arg-type] # the type wants a function of its own kind back
    try:
        with suppress(Exception):
            target.run(data)
    finally:
        sys.settrace(before)
    return steps.taken


def sifted(target: Target, known: Iterable[bytes], found: Iterable[bytes]) -> list[bytes]:
    """Those of the inputs found, smallest first, that take a step which neither the known nor smaller ones take."""
    covered: set[Step] = set()
    for data in known:
        covered |= steps_of(target, data)
    kept = []
    for data in sorted(found, key=lambda data: (len(data), data)):
        new = steps_of(target, data) - covered
        if new:
            covered |= new
            kept.append(data)
    return kept
