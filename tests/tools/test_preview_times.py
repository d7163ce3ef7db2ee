"""Ranges, steps, axes and gaps of plots are those of Grafana."""

from __future__ import annotations

import math
from datetime import UTC

import pytest
from tools.dashboards.preview import plotting, times
from tools.dashboards.preview.axis import axis
from tools.dashboards.preview.looks import Look
from tools.dashboards.preview.times import Range, TimeError
from tools.dashboards.preview.units import Moment

NOW = 1_763_740_833.5
RANGE = Range(begin=NOW - 600, end=NOW, said=("now-10m", "now"), zone=UTC)
MOMENT = Moment(now=NOW, zone=UTC)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("now", NOW),
        ("now-10m", NOW - 600),
        ("now-1h+30s", NOW - 3570),
        ("now/s", 1_763_740_833),
        ("now/m", 1_763_740_800),
        ("now/h", 1_763_740_800),
        ("now/d", 1_763_683_200),
        ("now/w", 1_763_337_600),
        ("now/M", 1_761_955_200),
        ("now/y", 1_735_689_600),
        ("1763740833500", NOW),
        ("2025-11-21T16:00:33.5", NOW),
        ("2025-11-21T17:00:33.5+01:00", NOW),
    ],
)
def test_moments_are_understood_as_grafana_writes_them(written: str, seconds: float):
    """Relative, rounded down, in milliseconds, as dates."""
    assert times.moment(written, NOW, UTC) == seconds


def test_what_is_no_range_is_refused():
    """A word that is no time, and a range that ends before it begins."""
    with pytest.raises(TimeError, match="'soon' is no time"):
        times.between("soon", "now", NOW, "utc")
    with pytest.raises(TimeError, match="ends"):
        times.between("now", "now-1h", NOW, "utc")
    assert times.between("now-10m", "now", NOW, "utc") == RANGE
    assert times.between("now-10m", "now", NOW, "browser").zone is None


def test_steps_are_round_and_at_least_a_scrape():
    """Fine for a short range, coarser for a long one, never below what the query or the scrapes give."""
    long = Range(begin=0, end=864000, said=("", ""))
    assert [RANGE.step(300), RANGE.step(300, "30s"), RANGE.step(1000), long.step(300), long.step(1)] == [
        *(2.0, 30.0, 2.0, 3600.0, 2592000.0),
    ]
    assert [times.written(one) for one in (2.0, 0.25, 60.0)] == ["2s", "250ms", "60s"]


def test_the_time_axis_is_marked_at_round_moments():
    """Clock times within a day, dates beyond, seconds where they are near."""
    assert [words for _, words in times.ticks(RANGE, 5)] == ["15:52", "15:54", "15:56", "15:58", "16:00"]
    near = Range(begin=NOW - 30, end=NOW, said=("", ""), zone=UTC)
    assert times.ticks(near, 3)[0][1] == "16:00:10"
    far = Range(begin=NOW - 4 * 86400, end=NOW, said=("", ""), zone=UTC)
    assert times.ticks(far, 4)[0][1] == "11/18 00:00"


def look(unit: str = "none", **settings: object) -> Look:
    """A field's look."""
    return Look(settings={"unit": unit, **settings}, title="")


@pytest.mark.parametrize(
    ("values", "field", "low_high", "words"),
    [
        ([0.0, 0.155], look("percentunit"), (0, 0.2), ["0%", "5%", "10%", "15%", "20%"]),
        ([42222.0, 50000.0], look("currency:financial:$", decimals=0), (42000, 50000), ["$42,000", "$44,000"]),
        ([0.0, 3.0], look(min=0, max=4), (0, 4), ["0", "1", "2", "3", "4"]),
        ([0.4], look(custom={"axisSoftMin": 0, "axisSoftMax": 1}), (0, 1), ["0", "0.25", "0.5", "0.75", "1"]),
        ([5.0, 5.0], look(), (4.5, 5.5), ["4.5", "4.75", "5"]),
        ([], look(custom={"axisSoftMin": 3}), (3, 4), ["3", "3.25"]),
        ([2.0], look(min=5), (5, 5.6), ["5", "5.2", "5.4", "5.6"]),
        ([0.0, 0.0], look(), (-1, 1), ["-1", "-0.5", "0", "0.5", "1"]),
        ([0.0, 55.0], look("s"), (0, 60), ["0 s", "15 s", "30 s", "45 s", "1 min"]),
        ([0.0, 3e9], look("bytes"), (0, 3221225472), ["0 B", "1 GiB", "2 GiB", "3 GiB"]),
        ([math.inf, 1.0], look(min=0), (0, 1), ["0", "0.25", "0.5", "0.75", "1"]),
    ],
)
def test_the_value_axis_has_round_ticks_in_the_fields_unit(
    values: list[float], field: Look, low_high: tuple[float, float], words: list[str]
):
    """Bounds that are set hold; soft ones widen; a level line has room above and below."""
    found = axis(values, field, MOMENT, 4)
    assert (found.low, found.high) == pytest.approx(low_high)
    assert [text for _, text in found.ticks][: len(words)] == words


def test_a_line_is_broken_where_samples_are_missing():
    """Gaps up to the bound that is set are drawn over, longer ones and unknown values are not."""
    moments = [0.0, 2000.0, 4000.0, 20000.0]
    values = [1.0, 2.0, math.nan, 4.0]
    assert plotting.with_gaps(moments, values, None, RANGE) == ([0.0, 2000.0, 2001.0, 20000.0], [1.0, 2.0, None, 4.0])
    assert plotting.with_gaps(moments, values, 30000, RANGE)[1] == [1.0, 2.0, 4.0]
    always: object = True
    assert plotting.with_gaps(moments, values, always, RANGE)[1] == [1.0, 2.0, 4.0]


def test_a_sample_without_neighbours_is_a_point():
    """A line alone would not show it."""
    assert plotting.lonely([1.0, None, 2.0, 3.0]) == [True, False, False, False]


def test_plots_are_told_the_times_of_the_dashboards_zone():
    """The library draws what it is given."""
    assert plotting.stamps([NOW * 1000], RANGE) == ["2025-11-21T16:00:33.500"]
