"""How Grafana writes a number: digits after the point, and scaling by powers with a suffix for each.

The rules follow JavaScript, where halves round up and infinity is a sign of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDE = 2.25
"""From this leading figure on one more digit is shown where no number of decimals is set."""

_EXACT = 1e21
"""From here on JavaScript writes an exponent."""


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A number as it is printed, in its three parts."""

    text: str
    prefix: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        return f"{self.prefix}{self.text}{self.suffix}"


Format = Callable[[float, int | None], Printed]
"""From a number and the decimals asked for to what is printed."""


def fixed(value: float, decimals: int | None = None) -> str:
    """A number with that many decimals, or with as many as its size calls for."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if decimals is None:
        decimals = natural_decimals(value)
    places = max(0, decimals)
    factor = 10.0**places
    if abs(value) * factor >= _EXACT:
        return f"{value:.{places}f}"
    rounded = math.floor(value * factor + 0.5) / factor
    return f"{rounded + 0.0:.{places}f}" if rounded else f"{0.0:.{places}f}"


def natural_decimals(value: float) -> int:
    """How many decimals Grafana shows of a number by itself."""
    if value == 0 or value % 1 == 0:
        return 0
    digits = 1 - math.floor(math.log10(abs(value)))
    return max(0, digits + (value * 10.0**digits > WIDE))


def stripped(text: str) -> str:
    """A number without the zeros that say nothing, as Grafana prints one whose decimals are not set."""
    if "." not in text or not text.strip("-").replace(".", "", 1).isdecimal():
        return text
    return text.rstrip("0").rstrip(".")


def suffixed(unit: str) -> Format:
    """Numbers with a unit behind them."""
    suffix = f" {unit}" if unit else ""
    return lambda value, decimals: Printed(text=fixed(value, decimals), suffix=suffix)


def prefixed(unit: str) -> Format:
    """Numbers with a unit before them."""
    return lambda value, decimals: Printed(text=fixed(value, decimals), prefix=unit)


def scaled(factor: float, suffixes: Sequence[str], offset: int = 0) -> Format:
    """Numbers divided by the largest power of a factor that leaves one before the point.

    Args:
        factor: What each suffix stands for more than the one before.
        suffixes: From the smallest on.
        offset: Which of them stands for one.
    """

    def print_one(value: float, decimals: int | None) -> Printed:
        if not math.isfinite(value):
            return Printed(text=fixed(value))
        power = math.floor(math.log10(abs(value)) / math.log10(factor) + 1e-12) if value else 0
        power = min(max(power, -offset), len(suffixes) - offset - 1)
        return Printed(text=fixed(value / factor**power, decimals), suffix=suffixes[offset + power])

    return print_one


def currency(symbol: str, *, behind: bool = False) -> Format:
    """Money: thousands as K, M, B, T."""
    scale = scaled(1000, ["", "K", "M", "B", "T"])

    def print_one(value: float, decimals: int | None) -> Printed:
        printed = scale(abs(value), decimals)
        sign = "-" if value < 0 else ""
        if behind:
            return Printed(text=printed.text, prefix=sign, suffix=printed.suffix + symbol)
        return Printed(text=printed.text, prefix=sign + symbol, suffix=printed.suffix)

    return print_one
