"""What can be seen in a picture, in words, for whoever cannot see it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import combinations

from plimsoll.report.curves import highest, known, lowest
from plimsoll.report.pictures import Marker, MarkerKind, Role, Series, Unit
from plimsoll.report.say import clock, counted, finely, listed, price, quantity, share, usd

_AIR = Decimal("0.1")
"""Share of the height of a picture that is left free below its lowest value, and a bit."""

SPELLED: Mapping[Unit, Callable[[Decimal], str]] = {
    Unit.USD: usd,
    Unit.RATIO: share,
    Unit.TIMES: lambda value: f"{finely(value)} times equity",
    Unit.QUANTITY: quantity,
    Unit.PRICE: price,
}

NOUNS = {
    MarkerKind.ENTRY: ("entry", "entries"),
    MarkerKind.EXIT: ("exit", "exits"),
    MarkerKind.STOP_FILLED: ("filled stop", "filled stops"),
    MarkerKind.REJECTED: ("refused order", "refused orders"),
    MarkerKind.ENFORCED: ("close by the enforcer", "closes by the enforcer"),
}


def described(title: str, unit: Unit, series: Sequence[Series], marked: Sequence[Marker]) -> str:
    """One sentence a line, and one about markers; times are UTC."""
    spell = SPELLED[unit]
    sentences = [_line(one, spell) for one in series if known(one.points)]
    kinds = {kind: sum(one.kind is kind for one in marked) for kind in MarkerKind}
    counts = [counted(count, *NOUNS[kind]) for kind, count in kinds.items() if count]
    if counts:
        sentences.append(f"Marked: {listed(counts)}.")
    return " ".join([f"{title}.", *sentences, *_same(series), *_cut(series)])


def _same(series: Sequence[Series]) -> list[str]:
    """Which lines hide one another, for they are the same throughout."""
    alike = [
        f"{one.name} and {other.name} are the same line."
        for one, other in combinations(series, 2)
        if known(one.points) and one.points == other.points
    ]
    return [text[:1].upper() + text[1:] for text in alike]


def _cut(series: Sequence[Series]) -> list[str]:
    """That small changes look large, where the axis begins far above 0."""
    values = [point.value for one in series for point in known(one.points) if point.value.is_finite()]
    begins_above = bool(values) and min(values) > (max(values) - min(values)) * _AIR
    return ["The axis does not begin at 0."] if begins_above else []


def _line(series: Series, spell: Callable[[Decimal], str]) -> str:
    points = known(series.points)
    first, last = points[0], points[-1]
    low, high = lowest(series.points), highest(series.points)
    name = series.name[:1].upper() + series.name[1:]
    if low is None or high is None or low.value == high.value:
        return f"{name}: {spell(first.value)} throughout."
    if series.role is not Role.MEASURED:
        peak = "" if high.value in {first.value, last.value} else f", highest {spell(high.value)} at {clock(high.time)}"
        return f"{name}: from {spell(first.value)} to {spell(last.value)}{peak}."
    return (
        f"{name}: {spell(first.value)} at {clock(first.time)}, lowest {spell(low.value)} at {clock(low.time)}, "
        f"highest {spell(high.value)} at {clock(high.time)}, {spell(last.value)} at {clock(last.time)}."
    )
