"""From a number and Grafana's name of a unit to what a panel prints.

Follows Grafana 13 (``@grafana/data``, value formats): an unknown name is printed behind the number, as Grafana does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from tools.dashboards.preview import spans
from tools.dashboards.preview.digits import Format, Printed, currency, fixed, prefixed, scaled, stripped, suffixed

_SHORT = ["", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept"]
_BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"]
_SI = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"]
_CENTS = 2
_PER_SECOND = {
    "ops": "ops/s",
    "reqps": "req/s",
    "rps": "rd/s",
    "wps": "wr/s",
    "iops": "io/s",
    "eps": "evt/s",
    "cps": "c/s",
}
_PER_MINUTE = {"opm": "ops/m", "rpm": "rd/m", "wpm": "wr/m", "reqpm": "req/m", "epm": "evt/m", "cpm": "c/m"}


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What printing times depends on: now, in seconds since 1970, and the time zone."""

    now: float
    zone: tzinfo | None = None


def _count(unit: str) -> Format:
    scale = scaled(1000, ["", "K", "M", "B", "T"])

    def print_one(value: float, decimals: int | None) -> Printed:
        printed = scale(value, decimals)
        return Printed(text=printed.text, suffix=f"{printed.suffix} {unit}")

    return print_one


def _si(unit: str) -> Format:
    return scaled(1000, [f" {prefix}{unit}" for prefix in _SI], _SI.index(""))


def _truth(yes: str, no: str) -> Format:
    return lambda value, _decimals: Printed(text=yes if value else no)


def _percent(value: float, decimals: int | None) -> Printed:
    return Printed(text=fixed(value, decimals), suffix="%")


def _percent_unit(value: float, decimals: int | None) -> Printed:
    return Printed(text=fixed(100 * value, decimals), suffix="%")


def _locale(value: float, decimals: int | None) -> Printed:
    if not math.isfinite(value):
        return Printed(text=fixed(value))
    places = 3 if decimals is None else decimals
    return Printed(text=stripped_groups(f"{value:,.{places}f}"))


def stripped_groups(text: str) -> str:
    """A number with separators, without zeros at its end."""
    return text.rstrip("0").rstrip(".") if "." in text else text


FORMATS: dict[str, Format] = {
    "none": suffixed(""),
    "": suffixed(""),
    "short": scaled(1000, _SHORT),
    "sishort": _si(""),
    "percent": _percent,
    "percentunit": _percent_unit,
    "locale": _locale,
    "bool": _truth("True", "False"),
    "bool_yes_no": _truth("Yes", "No"),
    "bool_on_off": _truth("On", "Off"),
    "s": spans.seconds,
    "ms": spans.milliseconds,
    "dtdurations": spans.duration,
    "dthms": spans.clock,
    "dtdhms": spans.days_clock,
    "bytes": scaled(1024, [f" {prefix}B" for prefix in _BINARY]),
    "decbytes": _si("B"),
    "Bps": _si("B/s"),
    "binBps": scaled(1024, [f" {prefix}B/s" for prefix in _BINARY]),
    "hertz": _si("Hz"),
    "currencyUSD": currency("$"),
    "currencyEUR": currency("€"),
    "currencyGBP": currency("£"),
    "currencyBTC": currency("฿"),
    **{name: _count(unit) for name, unit in (_PER_SECOND | _PER_MINUTE).items()},
}
"""The units that are printed by a rule of their own, times apart."""


def _money(words: str) -> Format:
    """``currency:SYMBOL`` is shortened, ``currency:financial:SYMBOL`` is written out, ``...:suffix`` puts it behind."""
    kind, _, rest = words.partition(":")
    if kind != "financial" or not rest:
        return currency(words)
    symbol, _, place = rest.partition(":")

    def print_one(value: float, decimals: int | None) -> Printed:
        places = _CENTS if decimals is None else decimals
        digits = f"{abs(value):,.{places}f}" if math.isfinite(value) else fixed(abs(value))
        sign = "-" if value < 0 else ""
        behind = place == "suffix"
        return Printed(text=digits, prefix=sign if behind else sign + symbol, suffix=symbol if behind else "")

    return print_one


_KEYED: dict[str, Callable[[str], Format]] = {
    "prefix": prefixed,
    "suffix": suffixed,
    "count": _count,
    "currency": _money,
    "si": _si,
    "bool": lambda words: _truth(words.split("/")[0], words.split("/")[1] if "/" in words else "-"),
}

DATES = {
    "dateTimeAsIso": "%Y-%m-%d %H:%M:%S",
    "dateTimeAsSystem": "%Y-%m-%d %H:%M:%S",
    "dateTimeAsIsoNoDateIfToday": "%H:%M:%S",
    "dateTimeAsLocal": "%m/%d/%Y, %I:%M:%S %p",
    "dateTimeAsUS": "%m/%d/%Y %I:%M:%S %p",
}
"""Units for milliseconds since 1970."""

FROM_NOW = "dateTimeFromNow"


def known(unit: str) -> bool:
    """Whether a unit is printed as Grafana would; others are printed behind the number."""
    return unit in FORMATS or unit in DATES or unit in {FROM_NOW, "string"} or unit.partition(":")[0] in _KEYED


def print_value(value: float, unit: str, decimals: int | None, moment: Moment) -> Printed:
    """A number as a panel prints it.

    Args:
        value: The number; times are milliseconds since 1970.
        unit: Grafana's name of its unit.
        decimals: Digits after the point; none lets its size decide.
        moment: Now and the time zone.
    """
    if unit == FROM_NOW:
        return Printed(text=spans.from_now(value / 1000, moment.now))
    if unit in DATES:
        return Printed(text=_date(value, unit, moment))
    key, _, rest = unit.partition(":")
    printing = FORMATS.get(unit) or (_KEYED[key](rest) if key in _KEYED else suffixed(unit))
    printed = printing(value, decimals)
    if decimals is None and not unit.startswith(("bool", "currency")):
        return Printed(text=stripped(printed.text), prefix=printed.prefix, suffix=printed.suffix)
    return printed


def _date(value: float, unit: str, moment: Moment) -> str:
    if not math.isfinite(value):
        return "Invalid date"
    then = datetime.fromtimestamp(value / 1000, tz=moment.zone)
    today = datetime.fromtimestamp(moment.now, tz=moment.zone).date()
    pattern = DATES[unit]
    if unit == "dateTimeAsIsoNoDateIfToday" and then.date() != today:
        pattern = DATES["dateTimeAsIso"]
    return then.strftime(pattern)
