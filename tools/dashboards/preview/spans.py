"""How Grafana writes spans of time: with one unit, with several, as a clock, and from now on."""

from __future__ import annotations

import math

from tools.dashboards.preview.digits import Printed, fixed

MINUTE, HOUR, DAY, WEEK, MONTH, YEAR = 60.0, 3600.0, 86400.0, 604800.0, 2592000.0, 31536000.0

_SMALL = ((1e-6, 1e9, " ns"), (1e-3, 1e6, " µs"), (1.0, 1e3, " ms"), (MINUTE, 1.0, " s"))
_LARGE = ((HOUR, MINUTE, " min"), (DAY, HOUR, " hour"), (WEEK, DAY, " day"), (YEAR, WEEK, " week"))
_LARGE_OF_MILLISECONDS = ((HOUR, MINUTE, " min"), (DAY, HOUR, " hour"), (YEAR, DAY, " day"))
_PARTS = (
    ("year", YEAR),
    ("month", MONTH),
    ("week", WEEK),
    ("day", DAY),
    ("hour", HOUR),
    ("minute", MINUTE),
    ("second", 1.0),
    ("millisecond", 0.001),
)
_AGES = (
    (45.0, "a few seconds", 1.0),
    (90.0, "a minute", 1.0),
    (44.5 * MINUTE, "{} minutes", MINUTE),
    (89.5 * MINUTE, "an hour", 1.0),
    (21.5 * HOUR, "{} hours", HOUR),
    (35.5 * HOUR, "a day", 1.0),
    (25.5 * DAY, "{} days", DAY),
    (45.5 * DAY, "a month", 1.0),
    (319.5 * DAY, "{} months", 30.436875 * DAY),
    (547.5 * DAY, "a year", 1.0),
)


def seconds(value: float, decimals: int | None) -> Printed:
    """Seconds, in the unit that fits: ``1.5 mins``."""
    if value == 0:
        return Printed(text="0", suffix=" s")
    for below, factor, unit in _SMALL:
        if abs(value) < below:
            return Printed(text=fixed(value * factor, decimals), suffix=unit)
    return _in_unit(value, decimals, _LARGE, 3.15569e7)


def milliseconds(value: float, decimals: int | None) -> Printed:
    """Milliseconds, in the unit that fits."""
    if abs(value) < 1000:  # noqa: PLR2004 - milliseconds of a second
        return Printed(text=fixed(value, decimals), suffix=" ms")
    if abs(value) < MINUTE * 1000:
        return Printed(text=fixed(value / 1000, decimals), suffix=" s")
    return _in_unit(value / 1000, decimals, _LARGE_OF_MILLISECONDS, YEAR)


def _in_unit(value: float, decimals: int | None, steps: tuple[tuple[float, float, str], ...], year: float) -> Printed:
    for below, length, unit in steps:
        if abs(value) < below:
            return _plural(value / length, decimals, unit)
    return _plural(value / year, decimals, " year")


def _plural(value: float, decimals: int | None, unit: str) -> Printed:
    return Printed(text=fixed(value, decimals), suffix=unit if value == 1 else f"{unit}s")


def duration(value: float, decimals: int | None) -> Printed:
    """Seconds in words, the largest unit and as many smaller ones as decimals: ``2 hours, 5 minutes``."""
    if value == 0 or math.isinf(value):
        return Printed(text="0" if value == 0 else fixed(value), suffix=" seconds")
    if value < 0:
        printed = duration(-value, decimals)
        return Printed(text=printed.text, suffix=f"{printed.suffix} ago")
    left, words, more = value * 1000, list[str](), decimals or 0
    for name, length in _PARTS:
        count = left / (length * 1000)
        if count >= 1 or words:
            words.append(f"{math.floor(count)} {name}{'' if math.floor(count) == 1 else 's'}")
            left %= length * 1000
            more -= 1
        if more < 0:
            break
    return Printed(text=", ".join(words))


def clock(value: float, _decimals: int | None) -> Printed:
    """Seconds as ``hh:mm:ss``."""
    if value < 0:
        return Printed(text=clock(-value, None).text, suffix=" ago")
    if math.isinf(value):
        return Printed(text=fixed(value))
    whole = int(value)
    return Printed(text=f"{whole // 3600:02d}:{whole % 3600 // 60:02d}:{whole % 60:02d}")


def days_clock(value: float, _decimals: int | None) -> Printed:
    """Seconds as ``d hh:mm:ss``."""
    if value < 0:
        return Printed(text=days_clock(-value, None).text, suffix=" ago")
    if math.isinf(value):
        return Printed(text=fixed(value))
    days = int(value // DAY)
    return Printed(text=(f"{days} d " if days else "") + clock(value - days * DAY, None).text)


def from_now(then: float, now: float) -> str:
    """How long ago a moment was, or how far off it is: ``2 minutes ago``. Both in seconds."""
    age = abs(now - then)
    words = f"{_rounded(age / (365.2425 * DAY))} years"
    for below, phrase, length in _AGES:
        if age < below:
            words = phrase.format(_rounded(age / length))
            break
    return f"in {words}" if then > now else f"{words} ago"


def _rounded(value: float) -> int:
    return math.floor(value + 0.5)
