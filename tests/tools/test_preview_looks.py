"""Overrides, mappings, thresholds and colours give a field the look that Grafana gives it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC

import pytest
from tools.dashboards.preview.board import read
from tools.dashboards.preview.colours import DARK, LIGHT, faded, ink
from tools.dashboards.preview.frames import NUMBER, STRING, TIME, Cell, Field, Frame, named, read_answer
from tools.dashboards.preview.looks import Look, looks_of, shown
from tools.dashboards.preview.markdown import render
from tools.dashboards.preview.raw import at, number
from tools.dashboards.preview.reduce import reduce
from tools.dashboards.preview.units import Moment

from sample_board import ORANGE_FROM_80, WORDS, board, panel, target

MOMENT = Moment(now=0.0, zone=UTC)
FIELD = Field(name="Value", kind=NUMBER, values=[0.9], labels={"account": "eon"}, title="used by eon")


def looks(field: Field, *overrides: Mapping[str, object], **defaults: object) -> Look:
    """The look of a field in a panel."""
    one = read(board(panel("stat", "S", defaults=defaults, overrides=overrides))).panels[0]
    return looks_of(one, [Frame(ref="A", fields=[field])])[0][0]


def override(kind: str, options: object, **properties: object) -> dict[str, object]:
    """An override."""
    changes = [{"id": name.replace("__", "."), "value": value} for name, value in properties.items()]
    return {"matcher": {"id": kind, "options": options}, "properties": changes}


@pytest.mark.parametrize(
    ("kind", "options", "matched"),
    [
        ("byName", "used by eon", True),
        ("byName", "Value", False),
        ("byRegexp", "/USED/i", True),
        ("byRegexp", "^limit", False),
        ("byType", "number", True),
        ("byType", "string", False),
        ("byFrameRefID", "A", True),
        ("byFrameRefID", "B", False),
        ("byNames", {"mode": "include", "names": ["used by eon"]}, True),
        ("byNames", {"mode": "exclude", "names": ["used by eon"]}, False),
        ("byValue", {}, False),
    ],
)
def test_overrides_meet_the_fields_that_they_are_meant_for(kind: str, options: object, *, matched: bool):
    """By name, pattern, type and query."""
    assert (looks(FIELD, override(kind, options, unit="s")).unit == "s") is matched


def test_overrides_change_single_settings_in_order():
    """The last one wins; what is not named stays; a setting within a setting is reached by its path."""
    found = looks(
        FIELD,
        override("byType", "number", unit="s", custom__lineWidth=1),
        override("byType", "number", unit="ms", custom__hideFrom__viz=True),
        decimals=2,
        custom={"fillOpacity": 5, "hideFrom": {"legend": True}},
    )
    assert (found.unit, found.decimals) == ("ms", 2)
    assert found.custom == {"fillOpacity": 5, "lineWidth": 1, "hideFrom": {"legend": True, "viz": True}}


def test_a_display_name_may_speak_of_labels():
    """Names are filled in per series."""
    assert looks(FIELD, displayName="${__field.labels.account}!").title == "eon!"
    assert looks(FIELD, displayName="<${__field.name}>").title == "<used by eon>"
    assert looks(FIELD).title == "used by eon"


RANGES = [{"type": "range", "options": {"from": None, "to": 0, "result": {"text": "none left", "color": "red"}}}]
REGEX = [{"type": "regex", "options": {"pattern": "(.*)USDT", "result": {"text": "$1"}}}]
SPECIAL = [{"type": "special", "options": {"match": "null+nan", "result": {"text": "unknown"}}}]


@pytest.mark.parametrize(
    ("value", "mappings", "printed"),
    [
        (1.0, WORDS, ("BAD", "#C4162A")),
        (2.0, WORDS, ("2", DARK.text)),
        (-3.0, RANGES, ("none left", DARK.colour("red"))),
        (3.0, RANGES, ("3", DARK.text)),
        ("BTCUSDT", REGEX, ("BTC", DARK.text)),
        ("BTC", REGEX, ("BTC", DARK.text)),
        (math.nan, SPECIAL, ("unknown", DARK.text)),
        (None, SPECIAL, ("unknown", DARK.text)),
        (None, [], ("nothing there", DARK.text)),
        ("", [], ("nothing there", DARK.text)),
        (1.0, [{"type": "other", "options": {}}], ("1", DARK.text)),
    ],
)
def test_values_are_mapped_to_words(value: Cell, mappings: Sequence[object], printed: tuple[str, str]):
    """By value, range, pattern and kind; what has no word is printed as it is, what is absent as the panel says."""
    steps = {"mode": "absolute", "steps": [{"value": None, "color": "text"}]}
    found = shown(value, FIELD, looks(FIELD, mappings=mappings, thresholds=steps), DARK, MOMENT)
    assert (found.text, found.colour) == printed


def test_times_are_printed_as_times():
    """A column of moments needs no unit."""
    time = Field(name="Time", kind=TIME, values=[0.0])
    assert shown(0.0, time, looks(time), DARK, MOMENT).text == "1970-01-01 00:00:00"


@pytest.mark.parametrize(
    ("value", "colour", "thresholds", "found"),
    [
        (0.5, None, ORANGE_FROM_80, "green"),
        (0.8, None, ORANGE_FROM_80, "orange"),
        (math.nan, None, ORANGE_FROM_80, "green"),
        (0.9, {"mode": "fixed", "fixedColor": "semi-dark-blue"}, ORANGE_FROM_80, "semi-dark-blue"),
        (0.9, {"mode": "palette-classic"}, ORANGE_FROM_80, "green"),
        (45.0, None, {**ORANGE_FROM_80, "mode": "percentage", "steps": [{"value": 40, "color": "red"}]}, "red"),
    ],
)
def test_colours_follow_their_mode(value: float, colour: object, thresholds: object, found: str):
    """Thresholds, also in percent of the range, one fixed colour, or the palette."""
    settings = {"thresholds": thresholds} | ({"color": colour} if colour else {})
    assert shown(value, FIELD, looks(FIELD, **settings), DARK, MOMENT).colour == DARK.colour(found)


def test_a_series_keeps_the_colour_of_its_name():
    """Whichever others are beside it."""
    named_look = looks(FIELD, color={"mode": "palette-classic-by-name"})
    assert shown(1.0, FIELD, named_look, DARK, MOMENT).colour == DARK.series_named("used by eon")
    assert DARK.series_named("eon") != DARK.series_named("live")


def test_both_themes_have_grafanas_shades():
    """The same name is another shade in each; anything else is a colour as it stands."""
    assert (DARK.colour("red"), LIGHT.colour("red"), DARK.colour("#123456")) == ("#F2495C", "#E02F44", "#123456")
    assert (DARK.colour("text"), LIGHT.colour("text")) == (DARK.text, LIGHT.text)


def test_words_on_a_coloured_ground_are_light_or_dark_as_in_grafana():
    """White on red and green, dark on yellow; a colour that is not one in digits leaves them as they are."""
    assert [ink(one) for one in ("#C4162A", "#FADE2A", "#FFF", "red", "#12")] == [
        *("#F7F8FA", "#202226", "#202226", "inherit", "inherit"),
    ]
    assert (faded("#FF0000", 0.5), faded("rgb(1,2,3)", 0.5)) == ("rgba(255,0,0,0.5)", "rgb(1,2,3)")


@pytest.mark.parametrize(
    ("calc", "value"),
    [
        ("lastNotNull", 3.0),
        ("firstNotNull", 1.0),
        ("last", None),
        ("first", 1.0),
        ("min", 1.0),
        ("max", 3.0),
        ("mean", 2.0),
        ("sum", 4.0),
        ("range", 2.0),
        ("diff", 2.0),
        ("delta", 2.0),
        ("count", 3.0),
        ("median", None),
    ],
)
def test_a_series_is_reduced_to_one_value(calc: str, value: float | None):
    """By Grafana's names; unknown ones and empty series have none."""
    assert reduce(Field(name="v", kind=NUMBER, values=[1.0, 3.0, None]), calc) == value
    empty = reduce(Field(name="v", kind=NUMBER, values=[]), calc)
    assert empty == (0.0 if calc == "count" else None)


def series(legend: str, *metrics: Mapping[str, str]) -> list[str]:
    """What series are called."""
    one = read(board(panel("stat", "S", target("up", legendFormat=legend)))).panels[0].targets[0]
    data = {"result": [{"metric": metric, "value": [1, "2"]} for metric in metrics]}
    return [frame.titles()[1] for frame in named(read_answer(one, data, several=False))]


def test_series_are_named_by_legend_or_labels():
    """A legend's labels are filled in; without one it is the only label, all labels, or the query."""
    eon = {"__name__": "up", "account": "eon"}
    assert series("{{account}} {{gone}}!", eon) == ["eon !"]
    assert series("__auto", {"account": "eon"}, {"account": "live"}) == ["eon", "live"]
    assert series("__auto", eon) == ['{__name__="up", account="eon"}']
    assert series("", eon) == ['up{account="eon"}']
    assert series("", {"__name__": "up"}) == ["up"]
    assert series("__auto", {}) == ["up"]


def test_tables_have_a_column_for_each_label():
    """Their values' columns are told apart by the query where there are several; no series, no table."""
    one = read(board(panel("table", "T", target("up", format="table")))).panels[0].targets[0]
    data = {"result": [{"metric": {"account": "eon"}, "value": [1, "2"]}]}
    assert read_answer(one, data, several=True)[0].titles() == ["Time", "account", "Value #A"]
    assert read_answer(one, data, several=False)[0].rows() == [(1000.0, "eon", 2.0)]
    assert read_answer(one, {"result": []}, several=True) == []
    scalar = read_answer(one, {"resultType": "scalar", "result": [1, "3"]}, several=False)
    assert scalar[0].rows() == [(1000.0, 3.0)]
    assert scalar[0].fields[1].kind != STRING


def test_markdown_becomes_html_that_runs_nothing():
    """Headings, lists, tables, emphasis, code and links; tags and scripts are shown as they were written."""
    written = "# Head\n\n- **a** and *b*\n- `<c>`\n\n1. [x](/d/u) [y](javascript:alert(1))\n\n"
    written += "| h |\n|---|\n| _i_ |\n\n<script>\nend"
    assert render(written, lambda address: f"{address}!") == (
        "<h3>Head</h3><ul><li><strong>a</strong> and <em>b</em></li><li><code>&lt;c&gt;</code></li></ul>"
        '<ol><li><a class="link" href="/d/u!">x</a> <a class="link" href="#">y</a>)</li></ol>'
        "<table><tr><th>h</th></tr><tr><td><em>i</em></td></tr></table><p>&lt;script&gt; end</p>"
    )


def test_json_of_another_type_counts_as_absent():
    """A misspelt dashboard is drawn without what is wrong in it."""
    assert (at({"a": {"b": 1}}, "a.b"), at({"a": 1}, "a.b"), at(None, "a")) == (1, None, None)
    yes: object = True
    assert (number("1.5"), number("x"), number(yes), number(None, 3)) == (1.5, None, None, 3)
