"""Transformations give the rows and columns that Grafana's give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from tools.dashboards.preview import transform
from tools.dashboards.preview.board import read
from tools.dashboards.preview.frames import NUMBER, STRING, TIME, Cell, Field, Frame, named

from sample_board import board, panel


def table(ref: str, **columns: Sequence[Cell]) -> Frame:
    """A table whose columns of numbers are those of floats."""
    fields = [
        Field(
            name=name.replace("_", " #") if name.startswith("Value") else name,
            kind=NUMBER if values and isinstance(values[0], float) else STRING,
            values=values,
        )
        for name, values in columns.items()
    ]
    return Frame(ref=ref, fields=fields)


def series(value: float, ref: str = "A", title: str = "", **labels: str) -> Frame:
    """A series of one sample at second 1."""
    time = Field(name="Time", kind=TIME, values=[1000.0])
    return Frame(ref=ref, fields=[time, Field(name="Value", kind=NUMBER, values=[value], labels=labels, title=title)])


def told(frames: Sequence[Frame]) -> list[list[dict[str, Cell]]]:
    """All rows of all tables."""
    return [[dict(zip(frame.titles(), row, strict=True)) for row in frame.rows()] for frame in frames]


EQUITY = table("A", account=["eon", "live"], Value_A=[42.0, 5.0])
MODE = table("B", account=["live", "source"], Value_B=[1.0, 2.0])


def test_merge_makes_one_row_of_what_belongs_together():
    """Rows that agree in all common columns become one; what a table lacks is absent there."""
    assert told(transform.merge([EQUITY, MODE], {})) == [
        [
            {"account": "eon", "Value #A": 42.0, "Value #B": None},
            {"account": "live", "Value #A": 5.0, "Value #B": 1.0},
            {"account": "source", "Value #A": None, "Value #B": 2.0},
        ]
    ]


def test_merge_keeps_rows_apart_that_contradict_each_other():
    """Two values for one account stay two rows."""
    twice = table("A", account=["eon", "eon"], Value_A=[1.0, 2.0])
    assert told(transform.merge([twice, table("B", account=["eon"], Value_B=[3.0])], {})) == [
        [{"account": "eon", "Value #A": 1.0, "Value #B": 3.0}, {"account": "eon", "Value #A": 2.0, "Value #B": None}]
    ]
    assert transform.merge([EQUITY], {}) == [EQUITY]


def test_organize_leaves_out_orders_and_renames():
    """Columns without a place in the order come last; included ones exclude all others."""
    frame = table("A", Time=["x"], b=["2"], a=["1"], c=["3"])
    options = {"excludeByName": {"Time": True}, "indexByName": {"a": 0, "b": 1}, "renameByName": {"a": "First"}}
    assert told(transform.organize([frame], options)) == [[{"First": "1", "b": "2", "c": "3"}]]
    assert told(transform.organize([frame], {"includeByName": {"b": True}})) == [[{"b": "2"}]]


@pytest.mark.parametrize(("mode", "accounts"), [("outer", ["eon", "live", "source"]), ("inner", ["live"])])
def test_join_by_field_has_a_row_for_each_value(mode: str, accounts: list[str]):
    """All values of the column, or those that every table has."""
    joined = transform.join_by_field([EQUITY, MODE], {"byField": "account", "mode": mode})
    assert [row["account"] for row in told(joined)[0]] == accounts
    assert told(joined)[0][accounts.index("live")] == {"account": "live", "Value #A": 5.0, "Value #B": 1.0}


def test_join_by_field_without_a_name_joins_by_time():
    """Series meet at their moments, in order; columns of the same name are told apart by number."""
    late = Frame(
        ref="B",
        fields=[
            Field(name="Time", kind=TIME, values=[2000.0, 1000.0]),
            Field(name="Value", kind=NUMBER, values=[9.0, 8.0]),
        ],
    )
    joined = transform.join_by_field([series(1.0), late], {})
    assert told(joined) == [
        [{"Time": 1000.0, "Value 1": 1.0, "Value 2": 8.0}, {"Time": 2000.0, "Value 1": None, "Value 2": 9.0}]
    ]
    assert transform.join_by_field([late], {}) == [late]


def test_labels_become_columns():
    """One label names the value's column, the others are columns of their own, and all series meet in one table."""
    frames = [series(1.0, figure="Notional", symbol="BTC"), series(2.0, figure="Leverage", symbol="BTC")]
    rows = told(transform.labels_to_fields(frames, {"valueLabel": "figure"}))
    assert rows == [[{"Time": 1000.0, "symbol": "BTC", "Notional": 1.0, "Leverage": 2.0}]]
    kept = told(transform.labels_to_fields(frames[:1], {"keepLabels": ["symbol"]}))
    assert kept == [[{"Time": 1000.0, "symbol": "BTC", "Value": 1.0}]]


def test_labels_become_rows():
    """``rows`` lists a series' labels below one another."""
    assert told(transform.labels_to_fields([series(1.0, b="2", a="1")], {"mode": "rows"})) == [
        [{"label": "a", "value": "1"}, {"label": "b", "value": "2"}]
    ]


def test_series_to_rows_lists_all_values():
    """Time, name and value of every sample, below one another."""
    assert told(transform.series_to_rows([series(1.0, title="eon"), series(2.0, title="live")], {})) == [
        [{"Time": 1000.0, "Metric": "eon", "Value": 1.0}, {"Time": 1000.0, "Metric": "live", "Value": 2.0}]
    ]


def test_fields_are_chosen_by_name_and_by_pattern():
    """Named ones stay, those that match an excluding pattern go."""
    frame = table("A", account=["eon"], Time=["x"], Value_A=[1.0])
    only = transform.filter_fields([frame], {"include": {"names": ["account"], "pattern": "^Val"}})
    assert only[0].titles() == ["account", "Value #A"]
    assert transform.filter_fields([frame], {"exclude": {"pattern": "Time|Value"}})[0].titles() == ["account"]


def test_rows_are_sorted_and_what_has_no_value_comes_last():
    """In both directions, for numbers and for words; an unknown column sorts nothing."""
    frame = table("A", name=["b", "a", "c"], value=[2.0, None, 3.0])
    down = {"sort": [{"field": "value", "desc": True}]}
    assert [row["name"] for row in told(transform.sort_by([frame], down))[0]] == ["c", "b", "a"]
    assert [row["name"] for row in told(transform.sort_by([frame], {"sort": [{"field": "name"}]}))[0]] == [
        "a",
        "b",
        "c",
    ]
    assert transform.sort_by([frame], {"sort": [{"field": "other"}]}) == [frame]
    assert transform.sort_by([frame], {}) == [frame]


def test_columns_are_renamed_by_a_pattern():
    """Groups are filled in by Grafana's ``$1``."""
    frame = series(1.0, title="limit of BTC")
    assert (
        transform.rename_by_regex([frame], {"regex": "limit of (.*)", "renamePattern": "$1!"})[0].titles()[1] == "BTC!"
    )


def test_the_first_rows_are_kept():
    """``limit`` ends a table early."""
    assert transform.limit([EQUITY], {"limitField": 1})[0].length == 1


def test_a_matrix_has_a_column_for_each_value():
    """Rows by one column, columns by another; missing cells are empty, or absent where that is asked for."""
    frame = table("A", figure=["x", "y", "x"], symbol=["BTC", "BTC", "ETH"], Value=[1.0, 2.0, 3.0])
    options = {"rowField": "symbol", "columnField": "figure", "valueField": "Value"}
    found = told(transform.grouping_to_matrix([frame], options))
    assert found == [[{"symbol\\figure": "BTC", "x": 1.0, "y": 2.0}, {"symbol\\figure": "ETH", "x": 3.0, "y": ""}]]
    empty = told(transform.grouping_to_matrix([frame], {**options, "emptyValue": "null"}))
    assert empty[0][1]["y"] is None
    assert transform.grouping_to_matrix([frame, frame], options) == [frame, frame]


def run(frames: Sequence[Frame], *steps: Mapping[str, object]) -> transform.Data:
    """A panel's transformations over frames."""
    one = read(board(panel("table", "T", transformations=list(steps)))).panels[0]
    return transform.transformed(one, named(frames))


def test_a_threshold_comes_from_another_query():
    """The limit's query gives the step to red and is shown no more; where it gives nothing, nothing changes."""
    mapping = {"fieldName": "limit", "handlerKey": "threshold1", "reducerId": "lastNotNull"}
    bounds = {"fieldName": "limit", "handlerKey": "max"}
    other = {"fieldName": "elsewhere", "handlerKey": "max"}
    step = {"id": "configFromData", "options": {"configRefId": "limit", "mappings": [mapping, bounds, other]}}
    data = run([series(0.9, title="used"), series(0.8, ref="limit", title="limit")], step)
    assert [frame.ref for frame in data.frames] == ["A"]
    assert data.settings[0, 1]["max"] == 0.8
    thresholds = {"mode": "absolute", "steps": [{"value": None, "color": "green"}, {"value": 0.8, "color": "red"}]}
    assert data.settings[0, 1]["thresholds"] == thresholds
    assert run([series(0.9)], step).settings == {}


def test_a_step_may_be_off_unknown_or_for_some_queries_only():
    """None of these changes what it is not meant for."""
    off = {"id": "limit", "disabled": True, "options": {"limitField": 0}}
    unknown = {"id": "heatmap", "options": {}}
    some = {"id": "limit", "filter": {"id": "byRefId", "options": "/^(?:B)$/"}, "options": {"limitField": 1}}
    data = run([EQUITY, MODE], off, unknown, some)
    assert sorted((frame.ref, frame.length) for frame in data.frames) == [("A", 2), ("B", 1)]
