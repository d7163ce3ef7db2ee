"""Days by time zone: where they begin when clocks change, and that they always do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.risk.days import day_start, local_day

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
)


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        ("2026-11-21", "UTC", "2026-11-21T00:00"),
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00"),
        ("2026-03-30", "Europe/Berlin", "2026-03-29T22:00"),
        ("2026-10-26", "Europe/Berlin", "2026-10-25T23:00"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00"),  # midnight does not exist: it is one o'clock
        ("2019-02-17", "America/Sao_Paulo", "2019-02-17T03:00"),  # the hour before midnight came twice
        ("2022-03-27", "Asia/Beirut", "2022-03-26T22:00"),
        ("2022-10-30", "Asia/Beirut", "2022-10-29T22:00"),
        ("2011-12-29", "Pacific/Apia", "2011-12-29T10:00"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00"),  # never was: taken as the day after it
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00"),
    ],
)
def test_day_starts_where_the_clock_says(day: str, zone: str, expected: str) -> None:
    """Days of 23, 24 and 25 hours, without midnight, with a repeated hour, and one that was skipped."""
    start = datetime.fromisoformat(expected).replace(tzinfo=UTC).timestamp()
    assert day_start(date.fromisoformat(day), zone) == start


@given(
    zone=st.sampled_from(ZONES),
    at=st.datetimes(datetime(2009, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds only
)
def test_a_moment_lies_in_its_day(zone: str, at: datetime) -> None:
    """A moment is never before the start of its day nor after that of the next, and a day is 23 to 25 hours long."""
    moment = at.timestamp()
    day = local_day(moment, zone)
    start, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
    assert start <= moment < end or (zone == "Pacific/Apia" and day == date(2011, 12, 29))
    assert local_day(start, zone) == day
    assert local_day(start - 1, zone) < day
    assert 23 * 3600 <= end - start <= 25 * 3600
