"""What must hold for the faults of a configuration, whichever file they are in."""

from __future__ import annotations

from pathlib import Path

from fuzz.target import demand

LONGEST_LINE = 1200
"""Characters of one fault: the longest lists of known names stand in it whole."""


def placed(error: Exception, *places: Path | str) -> None:
    """See that every fault is a printable line that begins with where it is.

    Raises:
        Broken: One is not.
    """
    for line in str(error).split("\n"):
        demand(any(line.startswith(str(place)) for place in places), f"a fault without its place: {line!r:.200}")
        demand(line.isprintable(), f"a fault that cannot be shown: {line!r:.200}")
        demand(len(line) <= LONGEST_LINE, f"a fault of {len(line)} characters: {line!r:.200}")
