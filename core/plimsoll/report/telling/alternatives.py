"""What can be seen in a picture, in words, for whoever cannot see it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from plimsoll.report.curves import highest, known, lowest
from plimsoll.report.pictures import Marker, MarkerKind, Role, Series, Unit
from plimsoll.report.say import clock, counted, finely, listed, price, quantity, share, usd

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
        sentences.append(f"Marked are {listed(counts)}.")
    return " ".join([f"{title}.", *sentences])


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
