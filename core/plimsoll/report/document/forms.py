"""How figures and moments are written for people. Nothing is rounded for CSV: that takes the values as they are."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from plimsoll.report.words import Severity

UNKNOWN = "unknown"
"""What stands for a figure that nobody knows."""

NONE = "none"
"""What stands for a figure that does not exist, such as the trigger of a stop that is not there."""

SIGNS = {Severity.CRITICAL: "✖", Severity.WARNING: "▲", Severity.INFO: ""}
"""A sign besides colour."""

_CENT = Decimal("0.01")


def money(value: Decimal | None, absent: str = UNKNOWN) -> str:
    """USD with two digits: ``-7,012.35``."""
    if value is None or not value.is_finite():
        return absent if value is None else "infinite"
    rounded = value.quantize(_CENT, rounding=ROUND_HALF_EVEN)
    return f"{rounded or abs(rounded):,.2f}"


def signed_money(value: Decimal | None, absent: str = UNKNOWN) -> str:
    """USD with two digits and, where it is earned, a plus: ``+5.72``."""
    text = money(value, absent)
    return f"+{text}" if value is not None and value.is_finite() and value.quantize(_CENT) > 0 else text


def exact(value: Decimal | None, absent: str = UNKNOWN) -> str:
    """A quantity or a price with all its digits and no zeros behind them."""
    if value is None or not value.is_finite():
        return absent if value is None else "infinite"
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Decimal | None, absent: str = UNKNOWN) -> str:
    """A ratio as percentage: ``81.3 %``."""
    if value is None or not value.is_finite():
        return absent if value is None else "infinite"
    shown = (value * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)
    return f"{shown:f} %"


def plain(value: Decimal) -> str:
    """A decimal in digits, for machines."""
    return f"{value:f}" if value.is_finite() else str(value)


class Moments:
    """Moments as text, in UTC and in a chosen zone.

    Args:
        zone: A name of the time zone database.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: There is none of that name.
    """

    def __init__(self, zone: str) -> None:
        self.zones: tuple[tuple[str, ZoneInfo], ...] = (("UTC", ZoneInfo("UTC")),)
        if zone != "UTC":
            self.zones += ((zone, ZoneInfo(zone)),)

    def said(self, time: float) -> str:
        """In a sentence: ``2026-10-11 12:00:03 UTC (14:00:03 Europe/Berlin)``; the date again where it is another."""
        utc, *local = self.clocks(time)
        date = utc.partition(" ")[0]
        others = [
            f" ({clock.removeprefix(f'{date} ')} {name})" for clock, name in zip(local, self.names[1:], strict=True)
        ]
        return f"{utc} UTC{''.join(others)}"

    def clocks(self, time: float) -> tuple[str, ...]:
        """In each zone, to the second: ``2026-10-11 12:00:03``."""
        return tuple(f"{_second(time, zone):%Y-%m-%d %H:%M:%S}" for _, zone in self.zones)

    def stamps(self, time: float) -> tuple[str, ...]:
        """In each zone, for machines, to the millisecond: ``2026-10-11T12:00:03.250+00:00``."""
        return tuple(stamp(time, zone) for _, zone in self.zones)

    @property
    def names(self) -> tuple[str, ...]:
        """The zones, UTC first."""
        return tuple(name for name, _ in self.zones)


def stamp(time: float, zone: ZoneInfo | None = None) -> str:
    """ISO 8601 to the millisecond, in UTC where no zone is given."""
    return datetime.fromtimestamp(round(time, 3), UTC).astimezone(zone or UTC).isoformat(timespec="milliseconds")


def _second(time: float, zone: ZoneInfo) -> datetime:
    """The second that a moment lies in; one that has no full millisecond left is the next one."""
    return datetime.fromtimestamp(round(time, 3), UTC).astimezone(zone)
