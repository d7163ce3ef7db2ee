"""Variables take the values that Grafana would give them, and are filled in as Grafana fills them in."""

from __future__ import annotations

import pytest
from tools.dashboards.preview import choices
from tools.dashboards.preview.board import read
from tools.dashboards.preview.source import Prometheus, SourceError
from tools.dashboards.preview.times import Range
from tools.dashboards.preview.variables import ALL, Scope, Value, all_parameters, built_in

from canned_prometheus import canned_prometheus
from sample_board import board

TIMES = Range(begin=1000.0, end=1600.0, said=("now-10m", "now"))
ONE = Value(values=["eon"], options=["eon", "live"])
MANY = Value(values=["eon", "a.b"], options=["eon", "a.b"], many=True)
EVERY = Value(values=[], options=["eon", "live"], everything=True, all_value=".*", many=True)
SCOPE = Scope(values={"account": ONE, "many": MANY, "every": EVERY})


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("$account ${account} [[account]] $unknown ${unknown:csv}", "eon eon eon $unknown ${unknown:csv}"),
        ("${many:regex}", "(eon|a\\.b)"),
        ("${many}", "{eon,a.b}"),
        ("${many:csv} ${many:pipe} ${many:text}", "eon,a.b eon|a.b eon + a.b"),
        ("${account:percentencode} ${account:json} ${many:json}", 'eon "eon" ["eon", "a.b"]'),
        ("${many:singlequote} ${many:doublequote}", "'eon','a.b' \"eon\",\"a.b\""),
        ("${account:queryparam}&${every:queryparam}", "var-account=eon&var-every=%24__all"),
        ("${every} ${every:text} ${account:regex}", ".* All eon"),
    ],
)
def test_text_is_filled_in(text: str, filled: str):
    """By name, in every format; what is unknown stays as it is."""
    assert SCOPE.fill(text) == filled


def test_queries_get_values_that_cannot_break_out_of_their_quotes():
    """One value is escaped for quotes, several become a regular expression, all what the dashboard says for all."""
    assert SCOPE.query('x{a="$account",b=~"$many",c=~"$every"}') == 'x{a="eon",b=~"(eon|a\\\\.b)",c=~".*"}'
    wild = Scope(values={"account": Value(values=['a"b\\'])})
    assert wild.query('x{a="$account"}') == 'x{a="a\\"b\\\\"}'


def test_built_in_names_follow_the_range():
    """The rate interval is four scrapes at least."""
    scope = SCOPE.holding(**built_in(TIMES, 2.0))
    assert scope.query("rate(x[$__rate_interval])") == "rate(x[8s])"
    assert scope.fill("$__interval $__range ${__range_s} $__from ${__url_time_range}") == (
        "2s 600s 600 1000000 from=now-10m&to=now"
    )
    assert built_in(TIMES, 15.0)["__rate_interval"] == "17s"


def test_what_a_value_says_can_be_filled_in_encoded():
    """A field of a row, in plain and for an address."""
    scope = SCOPE.holding(**{"__data.fields.Account": "a b"})
    assert scope.fill("${__data.fields.Account} ${__data.fields.Account:percentencode}") == "a b a%20b"


def test_addresses_carry_all_variables_but_the_data_source():
    """So that another dashboard opens with the same choice."""
    values = {"datasource": ONE, "account": ONE, "every": EVERY, "many": MANY}
    assert all_parameters(values) == f"var-account=eon&var-every={ALL.replace('$', '%24')}&var-many=eon&var-many=a.b"


def spec(**more: object) -> dict[str, object]:
    """A board with one variable."""
    return board(templating={"list": [{"name": "v", "type": "query", **more}]})


LABELS = {"account": ["live", "eon", "source"], "symbol": ["B10", "B9"]}


@pytest.mark.parametrize(
    ("variable", "asked", "value"),
    [
        ({"query": "label_values(up, account)", "sort": 1}, [], (["eon"], False)),
        ({"query": "label_values(up, account)", "sort": 2}, [], (["source"], False)),
        ({"query": "label_values(account)"}, ["live"], (["live"], False)),
        ({"query": "label_values(symbol)", "sort": 3}, [], (["B9"], False)),
        ({"query": "label_values(account)", "regex": "/(li)ve/"}, [], (["li"], False)),
        ({"query": "label_values(account)", "multi": True, "includeAll": True}, [], (["live"], True)),
        ({"query": "label_values(account)", "multi": True, "includeAll": True}, ["All"], (["live"], True)),
        ({"query": "label_values(account)", "multi": True}, ["eon", "live"], (["eon", "live"], False)),
        ({"query": "label_values(account)", "current": {"value": "source"}}, [], (["source"], False)),
        ({"query": "label_values(account)", "current": {"value": "gone"}}, [], (["live"], False)),
        ({"query": "query_result(topk(1, up))", "regex": '/account="([^"]+)"/'}, [], (["eon"], False)),
        ({"query": "label_names()"}, [], ([], False)),
        ({"type": "custom", "query": "one : 1,two : 2"}, [], (["1"], False)),
        ({"type": "textbox", "query": "word"}, [], (["word"], False)),
        ({"type": "datasource", "query": "prometheus"}, [], (["prometheus"], False)),
    ],
)
def test_a_variable_takes_the_value_that_grafana_would(
    variable: dict[str, object], asked: list[str], value: tuple[list[str], bool]
):
    """Asked for, saved, all, or the first in its order."""
    with canned_prometheus({"topk(1, up)": [({"__name__": "up", "account": "eon"}, 1.0)]}, LABELS) as url:
        found = choices.values(read(spec(**variable)), {"v": asked} if asked else {}, Prometheus(url), TIMES)["v"]
    assert (list(found.values), found.everything) == value


def test_a_source_that_is_not_there_is_told():
    """No answer, and an answer that refuses, are errors with the reason in them."""
    with pytest.raises(SourceError, match="gives no answer"):
        Prometheus("http://127.0.0.1:1", timeout=1).instant("up", 1.0)
    with canned_prometheus({}) as url, pytest.raises(SourceError, match="refused 'refused': parse error"):
        Prometheus(url).instant("refused", 1.0)
