"""How sentences of a report spell amounts, shares, prices, times and lists; times of day are UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

_CENT = Decimal("0.01")
_LEAST = Decimal("0.005")
_MINUTE, _HOUR = 60, 3600
_EXACT = 10 * _MINUTE


def usd(amount: Decimal) -> str:
    """E.g. ``7,812.35 USD``."""
    if amount.is_infinite():
        return "infinitely many USD"
    rounded = amount.quantize(_CENT, rounding=ROUND_HALF_EVEN)
    return f"{rounded if rounded else abs(rounded):,.2f} USD"  # noqa: FURB110 - never "-0.00"


def share(ratio: Decimal) -> str:
    """E.g. ``0.68 %``; whole numbers without digits."""
    if ratio.is_infinite():
        return "infinitely much"
    percent = (ratio * 100).quantize(_CENT, rounding=ROUND_HALF_EVEN)
    return f"{percent.normalize():f} %"


def times(ratio: Decimal) -> str:
    """E.g. ``8``, ``3.2``: how often one thing is another."""
    if ratio.is_infinite():
        return "infinitely many"
    rounded = ratio.quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)
    return f"{rounded.normalize():f}" if rounded != rounded.to_integral() else f"{rounded.to_integral():f}"


def finely(ratio: Decimal) -> str:
    """As ``times`` with two digits, where a value beside its limit must not look the same: ``2.02``."""
    return times(ratio) if ratio.is_infinite() else f"{ratio.quantize(_CENT, rounding=ROUND_HALF_EVEN):f}"


def price(value: Decimal) -> str:
    """A price with its own digits, at most eight of them behind the point."""
    whole, _, digits = f"{value.quantize(Decimal('1E-8')).normalize():,f}".partition(".")
    return f"{whole}.{digits:0<2}"


def quantity(value: Decimal) -> str:
    """Base units with their own digits."""
    return f"{value.normalize():f}"


def clock(time: float) -> str:
    """E.g. ``18:40:10``."""
    return datetime.fromtimestamp(time, tz=UTC).strftime("%H:%M:%S")


def moment(time: float) -> str:
    """E.g. ``21 November 2026, 18:40:10 UTC``."""
    told = datetime.fromtimestamp(time, tz=UTC)
    return f"{told.day} {told.strftime('%B %Y, %H:%M:%S')} UTC"


def lasting(seconds: float) -> str:
    """E.g. ``less than a second``, ``38 seconds``, ``2 minutes 37 seconds``, ``45 minutes``, ``2.5 hours``."""
    if seconds < 1:
        return "less than a second"
    if seconds < 2 * _MINUTE:
        return f"{seconds:.1f} seconds" if seconds < 10 else f"{seconds:.0f} seconds"  # noqa: PLR2004 - two digits suffice
    if seconds < _EXACT:
        minutes, rest = divmod(round(seconds), _MINUTE)
        return f"{minutes} minutes" + (f" {counted(rest, 'second')}" if rest else "")
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} minutes"
    return f"{seconds / _HOUR:.1f} hours"


def listed(words: Sequence[str], joint: str = "and") -> str:
    """E.g. ``a, b and c``."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


def counted(number: int, one: str, many: str = "") -> str:
    """E.g. ``1 entry``, ``7 entries``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def is_some(amount: Decimal) -> bool:
    """Whether an amount is more than half a cent."""
    return abs(amount) >= _LEAST
