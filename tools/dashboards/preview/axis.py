"""The value axis of a plot: its range and its ticks, printed in the field's unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tools.dashboards.preview.digits import stripped
from tools.dashboards.preview.looks import Look
from tools.dashboards.preview.raw import number
from tools.dashboards.preview.units import Moment, print_value

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_SPANS = (
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    1800.0,
    3600.0,
    7200.0,
    21600.0,
    86400.0,
    604800.0,
)
_BINARY = frozenset({"bytes", "binBps"})


@dataclass(frozen=True, kw_only=True)
class Axis:
    """From where to where it goes, and its ticks with what is printed at each."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]


def axis(values: Sequence[float], look: Look, moment: Moment, most: int) -> Axis:
    """The axis for values of a field.

    Args:
        values: All that is drawn on it.
        look: Unit, decimals, hard (``min``, ``max``) and soft bounds.
        moment: For units that depend on now.
        most: Number of ticks that there is room for.
    """
    low, high = _bounds([one for one in values if math.isfinite(one)], look)
    step = _step((high - low) / max(1, most), look.unit)
    if look.bound("min") is None and number(look.custom.get("axisSoftMin")) != low:
        low = math.floor(low / step) * step
    if look.bound("max") is None and number(look.custom.get("axisSoftMax")) != high:
        high = math.ceil(high / step - 1e-9) * step
    first = math.ceil(low / step - 1e-9)
    count = math.floor((high - low) / step + 1e-9) + 1
    marks = [
        (first + index) * step
        for index in range(min(count, 50))
        if (first + index) * step <= high * (1 + 1e-12) + 1e-12
    ]
    decimals = len(f"{step:.10f}".rstrip("0").partition(".")[2])
    return Axis(low=low, high=high, ticks=[(mark, _printed(mark, decimals, look, moment)) for mark in marks])


def _printed(mark: float, decimals: int, look: Look, moment: Moment) -> str:
    if not decimals:
        return str(print_value(mark, look.unit, look.decimals, moment))
    printed = print_value(mark, look.unit, decimals, moment)
    text = stripped(printed.text) if look.decimals is None else printed.text
    return f"{printed.prefix}{text}{printed.suffix}"


def _bounds(values: Sequence[float], look: Look) -> tuple[float, float]:
    soft = [number(look.custom.get("axisSoftMin")), number(look.custom.get("axisSoftMax"))]
    low = min([*values, soft[0]] if soft[0] is not None else values or [0.0])
    high = max([*values, soft[1]] if soft[1] is not None else values or [1.0])
    if not values and soft[0] is not None:
        high = max(high, low + 1)
    hard_low, hard_high = look.bound("min"), look.bound("max")
    low, high = low if hard_low is None else hard_low, high if hard_high is None else hard_high
    if high > low:
        return low, high
    room = abs(low) / 10 or 1.0
    if hard_low is None:
        return high - room, high if hard_high is not None else high + room
    return low, low + room


def _step(wanted: float, unit: str) -> float:
    if unit == "s" and wanted >= 1:
        return next((one for one in _SPANS if one >= wanted), _SPANS[-1])
    base = 1024.0 if unit in _BINARY and wanted >= 1 else 10.0
    power = base ** math.floor(math.log(wanted) / math.log(base))
    rounds = _ROUND if base == 10.0 else (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)  # noqa: PLR2004 - decimal
    return next(power * one for one in rounds if power * one >= wanted * (1 - 1e-9))
