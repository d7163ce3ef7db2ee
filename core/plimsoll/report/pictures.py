"""The pictures of a report as values: which lines, in which unit and role, with which markers. Nothing is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from plimsoll.report.words import STRUCTURE

Point = tuple[float, Decimal | None]
"""Unix seconds and a value; ``None`` begins a gap, in which nothing is known and no line may be drawn.

A ratio may be ``Decimal("Infinity")``: the exchange still lends while no equity is left.
"""


class Unit(StrEnum):
    """What the values of a series are."""

    USD = "USD"
    RATIO = "ratio"
    TIMES = "x"
    QUANTITY = "base units"
    PRICE = "USD per unit"


class Role(StrEnum):
    """What a series is to the one that was measured."""

    MEASURED = "measured"
    LIMIT = "limit"
    REFERENCE = "reference"
    EXPECTED = "expected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One line of a picture; its points are in the order of time."""

    name: str
    unit: Unit
    role: Role
    points: tuple[Point, ...]


class MarkerKind(StrEnum):
    """What a marker on a line of prices shows."""

    ENTRY = "entry"
    EXIT = "exit"
    STOP_FILLED = "stop filled"
    REJECTED = "rejected"
    ENFORCED = "closed by the enforcer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Marker:
    """Something that happened at a moment, shown on the line of the picture.

    Attributes:
        value: At which height; the mark price of that moment where the price is not known, ``None`` without one.
    """

    time: float
    kind: MarkerKind
    text: str
    value: Decimal | None = None


class PictureKind(StrEnum):
    """Which of the report's groups a picture belongs to."""

    EQUITY = "equity"
    DRAWDOWN = "drawdown"
    EXPOSURE = "exposure"
    MIRROR = "mirror"
    MARKS = "marks"


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """One picture: one unit, one axis of time.

    Attributes:
        title: What it shows, without the account's name.
        alternative: What can be seen in it, in words, for whoever cannot see it.
        symbol: Empty where it is about the whole account.
        markers: In the order of time.
    """

    kind: PictureKind
    title: str
    unit: Unit
    series: tuple[Series, ...]
    alternative: str
    symbol: str = field(default="", metadata=STRUCTURE)
    markers: tuple[Marker, ...] = ()

    @property
    def said(self) -> str:
        """The alternative without the title, for where the title stands beside it."""
        return self.alternative.removeprefix(f"{self.title}. ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Gallery:
    """All pictures, in the order in which they are shown; a group without data has none.

    Attributes:
        missing: Why groups are empty, in words; empty where none is.
    """

    pictures: tuple[Picture, ...]
    missing: str = ""

    def of(self, kind: PictureKind) -> tuple[Picture, ...]:
        """The pictures of one group."""
        return tuple(one for one in self.pictures if one.kind is kind)
