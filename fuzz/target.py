"""What a target is: one reader of foreign input, what must hold for whatever it is given, and how large that may be.

A target returns where all is well and raises where a promise is broken; errors that the reader documents are well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One reader under fuzzing.

    Attributes:
        name: As the command line, the corpus's folder and the table call it.
        about: What is read, and what must hold, in half a sentence.
        run: Takes any bytes; raises where something does not hold.
        longest: Bytes of one input.
    """

    name: str
    about: str
    run: Callable[[bytes], None]
    longest: int = 4096


class Broken(Exception):
    """Something that must hold does not."""


def demand(held: bool, what: str) -> None:  # noqa: FBT001 - reads like the assertion that it is
    """Refuse what does not hold.

    Raises:
        Broken: It does not.
    """
    if not held:
        raise Broken(what)
