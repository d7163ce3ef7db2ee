"""How lines and markers look: Okabe and Ito's colours, which the colour-blind tell apart, and a shape for each besides.

Every colour here has at least 3 : 1 against white and against the page's dark ground; what is drawn in ``INK`` and
``GRID`` takes the page's own colours in its dark form.
"""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.report.pictures import MarkerKind, Role

INK = "#14181d"
GRID = "#d5dae1"
PAPER = "#fefefe"
"""What lies under figures on the picture; nearly white, so that it is no other white."""

BLUE = "#0072b2"
VERMILION = "#d55e00"
GREEN = "#009e73"
PURPLE = "#b35b8a"
"""Okabe and Ito's reddish purple, darker: the original has 2.9 : 1 on white."""

Dashes = tuple[float, tuple[float, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class LineLook:
    """One line; ``dashes`` as matplotlib takes them, empty for a solid one."""

    color: str
    width: float
    dashes: tuple[float, ...] = ()

    @property
    def style(self) -> Dashes | str:
        """The style of the line for matplotlib."""
        return (0.0, self.dashes) if self.dashes else "solid"


LOOKS: dict[Role, tuple[LineLook, ...]] = {
    Role.MEASURED: (
        LineLook(color=BLUE, width=1.7),
        LineLook(color=INK, width=1.6, dashes=(1, 1.2)),
        LineLook(color=PURPLE, width=1.5),
        LineLook(color=GREEN, width=1.6, dashes=(4, 1, 1, 1)),
        LineLook(color=INK, width=1.1),
    ),
    Role.LIMIT: (
        LineLook(color=VERMILION, width=1.5, dashes=(6, 3)),
        LineLook(color=VERMILION, width=1.2, dashes=(2.5, 2)),
        LineLook(color=INK, width=1.2, dashes=(6, 3)),
    ),
    Role.REFERENCE: (
        LineLook(color=GREEN, width=1.4, dashes=(8, 2, 1.5, 2)),
        LineLook(color=PURPLE, width=1.4, dashes=(3, 2.5)),
    ),
    Role.EXPECTED: (
        LineLook(color=GREEN, width=1.6, dashes=(1.5, 1.5)),
        LineLook(color=PURPLE, width=1.6, dashes=(1.5, 1.5)),
    ),
}
"""The first line of a role looks like the first of these, and so on, over again from the start."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkerLook:
    """One kind of marker, by matplotlib's name of its shape."""

    shape: str
    color: str
    filled: bool = True


MARKERS = {
    MarkerKind.ENTRY: MarkerLook(shape="^", color=BLUE),
    MarkerKind.EXIT: MarkerLook(shape="s", color=GREEN),
    MarkerKind.STOP_FILLED: MarkerLook(shape="D", color=PURPLE),
    MarkerKind.REJECTED: MarkerLook(shape="x", color=VERMILION),
    MarkerKind.ENFORCED: MarkerLook(shape="o", color=VERMILION, filled=False),
}


def look(role: Role, number: int) -> LineLook:
    """Of the line of a role that has this number, from 0."""
    looks = LOOKS[role]
    return looks[number % len(looks)]
