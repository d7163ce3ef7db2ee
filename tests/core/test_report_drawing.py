"""How pictures are drawn: what is thinned, where marks and words stand, and that no text is taken for anything else."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.report.drawing.artist import artist
from plimsoll.report.drawing.chart import draw
from plimsoll.report.drawing.scale import height_label, spread_out, time_scale, together
from plimsoll.report.drawing.style import LOOKS, MARKERS, look
from plimsoll.report.drawing.thinning import line
from plimsoll.report.model import Marker, MarkerKind, Period, Picture, Point, Role, Series, Unit
from report_content import HOSTILE, PERIOD, SINCE, gallery

UTC = ZoneInfo("UTC")


@given(st.lists(st.one_of(st.none(), st.integers(-1000, 1000)), max_size=300), st.integers(4, 50))
def test_a_thinned_line_keeps_peaks_ends_and_gaps(values: list[int | None], most: int):
    """Lowest, highest, first and last stay, points stay in order, and what was apart stays apart."""
    points: list[Point] = [(float(n), None if one is None else Decimal(one)) for n, one in enumerate(values)]
    thin = line(points, most)
    known = [one for one in values if one is not None]
    assert set(map(float, known)) >= set(thin.heights)
    if known:
        assert (min(thin.heights), max(thin.heights)) == (min(known), max(known))
        assert (thin.runs[0][0][1], thin.runs[-1][-1][1]) == (known[0], known[-1])
    times = [time for run in thin.runs for time, _ in run]
    assert times == sorted(times)
    for run in thin.runs:
        assert None not in values[int(run[0][0]) : int(run[-1][0]) + 1]


def test_a_long_line_becomes_short():
    """A month of points is not drawn point by point."""
    points = [(float(n), Decimal(n % 97)) for n in range(20_000)]
    assert len(line(points).heights) <= 1700


def test_what_is_infinite_is_no_point_but_is_told():
    """An infinite ratio ends the line and is kept as a moment; no number is none at all."""
    found = line([(1.0, Decimal(1)), (2.0, Decimal("Infinity")), (3.0, Decimal("NaN")), (4.0, Decimal(2))])
    assert found.runs == (((1.0, 1.0),), ((4.0, 2.0),))
    assert found.endless == (2.0,)
    assert line([]).last is None


@pytest.mark.parametrize("seconds", [3, 60, 600, 7200, 86_400, 7 * 86_400, 31 * 86_400, 366 * 86_400])
def test_times_are_marked_at_round_moments(seconds: int):
    """Some marks, not too many, whatever the length; with the date where there are several days."""
    scale = time_scale(SINCE + 0.4, SINCE + 0.4 + seconds)
    assert 2 <= len(scale.ticks) <= 8
    assert all(SINCE <= tick <= SINCE + 1 + seconds for tick in scale.ticks)
    assert len(set(scale.labels(UTC))) == len(scale.ticks)


def test_the_axis_names_zone_and_day():
    """One day stands at the axis, several stand at the marks."""
    short, long = time_scale(SINCE, SINCE + 600), time_scale(SINCE, SINCE + 3 * 86_400)
    assert short.title("UTC", UTC) == "Time, UTC, 2026-10-11"
    assert short.labels(ZoneInfo("Europe/Berlin"))[0] == "14:00"
    assert long.title("UTC", UTC) == "Time, UTC"
    assert long.labels(UTC)[:2] == ("11 Oct\n12:00", "12 Oct\n00:00")
    assert time_scale(SINCE, SINCE + 20).labels(UTC)[1] == "12:00:05"


def test_heights_are_written_in_their_unit():
    """As many digits as the marks need, and no more."""
    assert height_label(45_000.0, Unit.USD, 500) == "45,000"
    assert height_label(0.08, Unit.RATIO, 0.02) == "8 %"
    assert height_label(0.085, Unit.RATIO, 0.005) == "8.5 %"
    assert height_label(1.5, Unit.TIMES, 0.5) == "1.5x"
    assert height_label(0.00125, Unit.PRICE, 0.00025) == "0.00125"
    assert [height_label(value, Unit.TIMES, 1.5) for value in (1.5, 3.0, 4.5)] == ["1.5x", "3.0x", "4.5x"]
    assert height_label(0.825, Unit.TIMES, 0.025) == "0.825x"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_names_at_the_ends_of_lines_hide_none_another(heights: list[float]):
    """They are apart, inside the picture, and in the order of their lines."""
    places = spread_out(heights, 0.1, 0.02, 0.98)
    ordered = sorted(places)
    assert all(other - one > 0.0999 for one, other in pairwise(ordered))
    assert all(0.0 <= place <= 1.0 for place in places)
    pairs = sorted(zip(heights, places, strict=True))
    assert [place for _, place in pairs] == ordered or len(set(heights)) < len(heights)


def test_markers_that_stand_together_share_a_label():
    """Neighbours in time and height are one group; others are their own."""
    assert together([(0, 0), (3, 3), (5, 1), (40, 0), (41, 30)], 11) == [range(3), range(3, 4), range(4, 5)]
    assert together([], 11) == []


def test_every_role_and_marker_has_a_look_of_its_own():
    """Lines of one role differ in colour or dashes, limits are all dashed, markers differ in shape."""
    for role, looks in LOOKS.items():
        assert len({(one.color, one.dashes) for one in looks}) == len(looks), role
        assert look(role, len(looks)) == looks[0]
    assert all(one.dashes for role in (Role.LIMIT, Role.REFERENCE, Role.EXPECTED) for one in LOOKS[role])
    assert len({one.shape for one in MARKERS.values()}) == len(MarkerKind)


def test_hostile_names_are_drawn_and_become_nothing_else():
    """Formulas, markup and comments in names change neither the drawing's structure nor end it."""
    (picture, *_) = gallery().pictures
    lines = tuple(
        Series(name=text, unit=Unit.USD, role=Role.MEASURED, points=picture.series[0].points) for text in HOSTILE
    )
    marks = tuple(Marker(time=SINCE + n, kind=MarkerKind.ENTRY, text=text) for n, text in enumerate(HOSTILE))
    svg = draw(replace(picture, title=HOSTILE[0], series=lines, markers=marks), PERIOD, name="x").svg
    assert "<script" not in svg
    assert "<!--" not in svg
    assert re.search(r"<title [^>]*>&lt;script&gt;", svg)


def test_a_picture_without_any_point_can_be_drawn():
    """Nothing known is an empty picture, not an error."""
    (picture, *_) = gallery().pictures
    empty = replace(picture, series=(replace(picture.series[0], points=((SINCE, None),)),))
    assert draw(empty, Period(since=SINCE, until=SINCE + 1), name="x").svg.startswith("<svg")


def test_many_markers_are_drawn_without_numbers():
    """Hundreds of numbers would hide one another and the line."""
    picture: Picture = gallery().pictures[-1]
    many = tuple(replace(picture.markers[0], time=SINCE + n) for n in range(300))
    few = draw(picture, PERIOD, name="x").svg.count("<g id=")
    assert draw(replace(picture, markers=many), PERIOD, name="x").svg.count("<g id=") < few + 5


def test_where_matplotlib_is_missing_nobody_draws():
    """Only the missing library is taken for that; any other fault is told."""

    def without(name: str) -> ModuleType:
        raise ModuleNotFoundError(f"no {name}", name="matplotlib.axes")

    def broken(name: str) -> ModuleType:
        raise ModuleNotFoundError(f"no {name}", name="plimsoll.other")

    assert artist(without) is None
    assert artist() is not None
    with pytest.raises(ModuleNotFoundError):
        artist(broken)
