"""Every kind of panel is drawn with its data, and what the preview does not understand is said on it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tools.dashboards.preview import Prometheus, load, pages, read, shown, unsupported
from tools.dashboards.preview.__main__ import BOARDS
from tools.dashboards.preview.layout import sections
from tools.dashboards.preview.raw import Json, mapping, objects
from tools.dashboards.preview.variables import Scope, Value

from canned_prometheus import Series, canned_prometheus
from sample_board import ORANGE_FROM_80, WORDS, board, over_time, panel, target

NOW = 1_763_740_800.0
EON, LIVE = {"account": "eon"}, {"account": "live"}
KNOWN: Mapping[str, Sequence[Series]] = {
    'used{account="eon"}': [(EON, 0.9)],
    "used": [(EON, 0.9), (LIVE, 0.25)],
    "state": [(EON, 1), (LIVE, 0)],
    "ALERTS": [({"alertname": "Far", "account": "eon", "severity": "critical"}, 1)],
    "quiet": [({"alertname": "Off"}, 0)],
}
LABELS = {"account": ["live", "eon"]}


def drawn(*panels: Mapping[str, object], live: bool = False, asked: str = "eon", **more: object) -> str:
    """The page of a dashboard of these panels, without style and scripts."""
    whole = read(board(*panels, **more))
    shelf = pages.Shelf(boards=[whole], addresses=lambda address: f"{address}&kept=1")
    with canned_prometheus(KNOWN, LABELS) as url:
        wanted = pages.Wanted(now=NOW, asked={"account": [asked]}, live=live)
        page = pages.page(whole, shelf, Prometheus(url), wanted)
    return re.sub(r"<style>.*?</style>|<script>.*?</script>", "", page, flags=re.DOTALL)


def figure_of(page: str) -> dict[str, Any]:
    """What plotly is given."""
    match = re.search(r'<script type="application/json" class="figure">(.*?)</script>', page)
    assert match is not None
    found: dict[str, Any] = json.loads(match[1])
    return found


def test_a_stat_prints_its_value_with_colour_link_and_description():
    """The account's value, orange from 80 % on; the title and its explanation name what they are about."""
    link = {
        "title": "Open ${__field.labels.account}",
        "url": "/d/x?var-account=$account&v=${__value.raw}&${__url_time_range}",
    }
    page = drawn(
        panel(
            *("stat", "Used by $account", target('used{account="$account"}')),
            options={"colorMode": "background", "graphMode": "none", "textMode": "value"},
            defaults={"unit": "percentunit", "thresholds": ORANGE_FROM_80, "links": [link]},
        )
    )
    assert ">90%</a>" in page
    assert "background:#FF9830;color:#F7F8FA" in page
    assert 'href="/d/x?var-account=eon&amp;v=0.9&amp;from=now-10m&amp;to=now&amp;kept=1"' in page
    assert "<h2>Used by eon</h2>" in page
    assert "<strong>Used by eon</strong>" in page


def test_a_stat_with_several_values_names_them_and_shows_their_way():
    """One block for each series, with a small line."""
    options = {"reduceOptions": {"calcs": ["max"]}, "orientation": "horizontal", "colorMode": "value"}
    page = drawn(panel("stat", "Used", over_time("used", legendFormat="of {{account}}"), options=options))
    assert re.findall(r'<span class="name">(.*?)</span>', page) == ["of eon", "of live"]
    assert page.count('<svg class="spark"') == 2
    assert 'class="stats down"' in page
    rows = {"reduceOptions": {"values": True, "fields": "/^of live$/", "limit": 2}, "textMode": "name"}
    assert 'class="value"' not in drawn(
        panel("stat", "Used", target("used", legendFormat="of {{account}}"), options=rows)
    )


@pytest.mark.parametrize("kind", ["stat", "bargauge", "table", "timeseries", "state-timeline"])
def test_a_panel_without_data_says_what_that_means(kind: str):
    """The panel's own words; Grafana's where it has none."""
    assert '<div class="nothing">nothing there</div>' in drawn(panel(kind, "P", target("gone")))
    assert '<div class="nothing">No data</div>' in drawn(panel(kind, "P", target("gone"), defaults={"noValue": ""}))


def test_a_bar_gauge_draws_shares_of_its_range():
    """Bars from the lowest to the highest value, or between what is set."""
    page = drawn(panel("bargauge", "Used", target("used"), defaults={"min": 0, "max": 1, "unit": "percentunit"}))
    assert re.findall(r"width:([\d.]+)%", page) == ["90.00", "25.00"]
    assert re.findall(r"width:([\d.]+)%", drawn(panel("bargauge", "Used", target("used"))))[0] == "100.00"


def the_table(**more: object) -> dict[str, object]:
    """A table of two columns beside the accounts."""
    names = {"Value #A": "Used", "Value #B": "State", "account": "Account"}
    organize = {"excludeByName": {"Time": True}, "renameByName": names, "indexByName": {"account": 0, "Value #B": 1}}
    bar = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}
    return panel(
        *("table", "Accounts", target("used", format="table"), target("state", "B", format="table")),
        transformations=[{"id": "merge"}, {"id": "organize", "options": organize}],
        overrides=[
            {
                "matcher": {"id": "byName", "options": "State"},
                "properties": [
                    {"id": "mappings", "value": WORDS},
                    {"id": "custom.cellOptions", "value": {"type": "color-background"}},
                    {"id": "custom.width", "value": 80},
                    {"id": "description", "value": "its state"},
                ],
            },
            {
                "matcher": {"id": "byName", "options": "Used"},
                "properties": [{"id": "unit", "value": "percentunit"}, {"id": "custom.cellOptions", "value": bar}],
            },
            {
                "matcher": {"id": "byName", "options": "Account"},
                "properties": [
                    {"id": "links", "value": [{"url": '/d/x?a=${__data.fields.Account}&s=${__data.fields["State"]}'}]},
                    {"id": "custom.cellOptions", "value": {"type": "color-text"}},
                ],
            },
        ],
        **more,
    )


def test_a_table_prints_cells_with_colours_bars_and_links():
    """Sorted as it says; a state's cell has the word's colour; a link carries the row's values."""
    options = {"sortBy": [{"displayName": "Used", "desc": True}]}
    page = drawn(the_table(options=options))
    assert re.findall(r"<th [^>]*>(.*?)</th>", page) == ["Account", "State", "Used"]
    assert 'style="text-align:right;width:80px" title="its state"' in page
    assert 'background:#C4162A;color:#F7F8FA">BAD</td>' in page
    assert "width:100.00%" in page
    assert re.findall(r'href="/d/x\?a=(\w+)&amp;s=(\d)', page) == [("eon", "1"), ("live", "0")]
    assert "<thead>" not in drawn(the_table(options={"showHeader": False}))


def test_a_hidden_column_is_not_shown_and_further_tables_are_told():
    """Of several tables Grafana shows one; so does the preview, and says so."""
    hidden = {"matcher": {"id": "byName", "options": "Time"}, "properties": [{"id": "custom.hidden", "value": True}]}
    two = [target("used", format="table"), target("state", "B", format="table")]
    page = drawn(panel("table", "T", *two, overrides=[hidden]))
    assert re.findall(r"<th [^>]*>(.*?)</th>", page) == ["account", "Value #A"]
    assert "1 of 2 tables shown" in page


def test_lines_are_drawn_with_their_look_thresholds_legend_and_marks():
    """Colours, dashes and fill by override; limits as lines and areas; alerts as marks; values in the legend."""
    overrides = [
        {
            "matcher": {"id": "byFrameRefID", "options": "B"},
            "properties": [
                {"id": "color", "value": {"mode": "fixed", "fixedColor": "#C4162A"}},
                {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 6]}},
                {"id": "custom.lineInterpolation", "value": "stepAfter"},
                {"id": "custom.axisPlacement", "value": "right"},
            ],
        }
    ]
    marks = [
        {"name": "Alerts", "expr": "ALERTS", "iconColor": "red", "titleFormat": "{{alertname}}", "tagKeys": "severity"},
        {"name": "None", "expr": "quiet"},
        {"name": "Off", "expr": "ALERTS", "enable": False},
    ]
    page = drawn(
        panel(
            *("timeseries", "Used", over_time("used"), over_time("state", "B", legendFormat="state {{account}}")),
            options={"legend": {"calcs": ["lastNotNull", "max"], "displayMode": "list"}},
            defaults={
                "unit": "percentunit",
                "thresholds": ORANGE_FROM_80,
                "custom": {"fillOpacity": 10, "lineWidth": 2, "thresholdsStyle": {"mode": "dashed+area"}},
            },
            overrides=overrides,
        ),
        annotations={"list": marks},
    )
    figure = figure_of(page)
    data, layout = figure["data"], figure["layout"]
    assert [one["yaxis"] for one in data] == ["y", "y", "y2", "y2"]
    assert (data[2]["line"]["dash"], data[2]["line"]["shape"], data[2]["line"]["color"]) == ("8px,6px", "hv", "#C4162A")
    assert (data[0]["fill"], data[0]["text"][0]) == ("tozeroy", "90%")
    assert layout["xaxis"]["range"] == ["2025-11-21T15:50:00.000", "2025-11-21T16:00:00.000"]
    assert [one["hovertext"] for one in layout["annotations"]] == ["Far · critical"]
    assert {one.get("y0") for one in layout["shapes"]} == {0, 0.25, 0.8}
    assert "state eon <b>Last *: 100%</b> <b>Max: 100%</b>" in page


def test_bars_points_stacks_and_tables_of_legends_are_drawn_too():
    """The other ways in which a series may be drawn."""
    custom = {"drawStyle": "line", "stacking": {"mode": "normal", "group": "A"}, "fillOpacity": 20}
    legend = {"legend": {"displayMode": "table", "placement": "right", "calcs": ["mean"]}}
    page = drawn(panel("timeseries", "Sum", over_time("used"), defaults={"custom": custom}, options=legend))
    assert figure_of(page)["data"][1]["stackgroup"] == "A"
    assert '<th scope="col">Mean</th>' in page
    assert 'class="plotted beside"' in page
    bars = figure_of(drawn(panel("timeseries", "Bars", over_time("used"), defaults={"custom": {"drawStyle": "bars"}})))
    assert bars["data"][0]["type"] == "bar"
    no_legend = {"legend": {"showLegend": False}}
    points = {"custom": {"drawStyle": "points"}, "color": {"mode": "palette-classic"}}
    page = drawn(panel("timeseries", "P", over_time("used"), defaults=points, options=no_legend))
    assert (figure_of(page)["data"][0]["mode"], 'class="legend"' in page) == ("markers", False)


def test_a_state_timeline_draws_a_piece_for_each_state():
    """Equal neighbours are one piece, with its word and its times; a legend where that is asked for."""
    options = {"mergeValues": True, "legend": {"showLegend": True}, "showValue": "always"}
    page = drawn(panel("state-timeline", "S", over_time("state"), options=options, defaults={"mappings": WORDS}))
    assert re.findall(r'class="piece left".*?title="(\w+): .*?>(\w+)</span>', page) == [
        ("BAD", "BAD"),
        ("fine", "fine"),
    ]
    assert page.count('<span class="swatch"') == 2
    single = {"mergeValues": False, "showValue": "never", "legend": {"showLegend": False}}
    many = drawn(panel("state-timeline", "S", over_time("state"), options=single))
    assert many.count('class="piece left"') > 100


def test_text_is_written_as_markdown_or_as_it_stands():
    """Variables are filled in; HTML is shown as text."""
    assert "<strong>eon</strong>" in drawn(panel("text", "", options={"mode": "markdown", "content": "**$account**"}))
    page = drawn(panel("text", "", options={"mode": "html", "content": "<b>x</b>"}))
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "Not shown as Grafana would: option mode = &#x27;html&#x27;" in page


def test_faults_are_told_on_the_panel_and_on_the_page():
    """A refused query, an unknown kind of panel, a range that is none, a Prometheus that is not there."""
    assert "Query A: Prometheus refused &#x27;refused&#x27;: parse error" in drawn(
        panel("stat", "S", target("refused"))
    )
    assert "Not shown as Grafana would: type &#x27;gauge&#x27;" in drawn(panel("gauge", "G"))
    assert "&#x27;soon&#x27; is no time" in drawn(time={"from": "soon", "to": "now"})
    broken = [{"name": "A", "expr": "refused"}]
    assert "Annotation A: Prometheus refused" in drawn(annotations={"list": broken})
    whole = read(board())
    page = pages.page(
        whole, pages.Shelf(boards=[whole], addresses=str), Prometheus("http://127.0.0.1:1"), pages.Wanted(now=NOW)
    )
    assert "gives no answer" in page


def test_the_bar_offers_what_can_be_chosen_where_the_page_is_served():
    """Variables, range, theme, refresh; links to the other dashboards with all of it kept."""
    page = drawn(live=True, asked="live", links=[{"type": "link", "title": "Else", "url": "/d/else", "keepTime": True}])
    assert '<option value="live" selected>live</option>' in page
    assert '<option value="now-10m" selected>now-10m to now</option>' in page
    assert 'href="/d/else?from=now-10m&amp;to=now&amp;kept=1"' in page
    file = drawn()
    assert "Account: eon · now-10m to now" in file
    assert (
        'href="/d/plimsoll-sample?var-account=eon&amp;from=now-10m&amp;to=now&amp;kept=1" aria-current="page"' in file
    )


def test_rows_fold_and_panels_are_repeated():
    """A collapsed row's panels are behind its head; one panel for each value, beside or below one another."""
    inner = panel("text", "inner", options={"content": "x"}, gridPos={"x": 0, "y": 3, "w": 8, "h": 6})
    folded = panel("row", "Folded", collapsed=True, panels=[inner], gridPos={"x": 0, "y": 2, "w": 24, "h": 1})
    opened = panel("row", "Open", gridPos={"x": 0, "y": 0, "w": 24, "h": 1})
    page = drawn(opened, folded)
    assert re.search(r'<details class="fold" id="row-1"><summary>Folded</summary>.*inner', page)
    assert '<h2 class="row"' in page
    values = [f"a{place}" for place in range(3)]
    scope = Scope(values={"account": Value(values=values, options=values, many=True)})
    below = panel("text", "below", gridPos={"x": 0, "y": 6, "w": 24, "h": 2})
    beside = read(board(panel("stat", "$account", repeat="account", maxPerRow=2), below))
    found = sections(beside.panels, scope)[0].panels
    assert [(one.panel.grid.x, one.panel.grid.y, one.panel.grid.w) for one in found] == [
        *((0, 0, 12), (12, 0, 12), (0, 6, 12), (0, 12, 24)),
    ]
    assert [one.scope.fill("$account") for one in found[:3]] == values
    down = read(board(panel("stat", "$account", repeat="account", repeatDirection="v")))
    assert [(one.panel.grid.y, one.panel.grid.w) for one in sections(down.panels, scope)[0].panels] == [
        *((0, 8), (6, 8), (12, 8)),
    ]


def test_what_panels_print_can_be_asked_for():
    """Rows of tables, values of series, the words for no data; ambiguous and unknown panels are errors."""
    whole = board(
        the_table(options={"sortBy": [{"displayName": "Used", "desc": True}]}),
        panel("stat", "Used", target('used{account="$account"}'), defaults={"unit": "percentunit"}),
        panel("timeseries", "Used", over_time("used"), defaults={"unit": "percentunit"}),
        panel("bargauge", "Gone", target("gone")),
        panel("stat", "Broken", target("refused")),
        panel("text", "Words"),
    )
    with canned_prometheus(KNOWN, LABELS) as url:
        assert shown(whole, "Accounts", url) == [
            {"Account": "eon", "State": "BAD", "Used": "90%"},
            {"Account": "live", "State": "fine", "Used": "25%"},
        ]
        assert shown(whole, "Used", url, {"account": "eon"}, kind="stat") == [{"name": "eon", "value": "90%"}]
        both = [{"name": "eon", "value": "90%"}, {"name": "live", "value": "25%"}]
        assert (
            shown(read(whole), "Used", Prometheus(url), kind="timeseries", now=NOW, begin="now-5m", end="now") == both
        )
        assert shown(whole, "Gone", url) == [{"name": "", "value": "nothing there"}]
        assert shown(whole, "Words", url) == [{"name": "", "value": "nothing there"}]
        with pytest.raises(LookupError, match="2 panels 'Used': say which of stat, timeseries"):
            shown(whole, "Used", url)
        with pytest.raises(LookupError, match="0 panels"):
            shown(whole, "Other", url)
        with pytest.raises(LookupError, match="parse error"):
            shown(whole, "Broken", url)


def test_whatever_is_not_drawn_as_grafana_would_is_named():
    """Kinds, options, settings, overrides, units, transformations, variables: each by name, each once."""
    custom = {"lineStyle": {"fill": "wave"}, "fillBelowTo": "x", "axisCenteredZero": True, "hideFrom": 1}
    odd = {"unit": "furlong", "color": {"mode": "continuous-GrYlRd"}, "mappings": [{"type": "magic"}], "fancy": 1}
    config = {"configRefId": "A", "mappings": [{"handlerKey": "color"}]}
    whole = board(
        panel("heatmap", "H"),
        panel("row", "R", repeat="account"),
        panel("stat", "S ${account:lucene}", options={"showPercentChange": True, "reduceOptions": {"calcs": ["p99"]}}),
        panel(
            *("timeseries", "T"),
            options={"zoom": 1},
            defaults={**odd, "custom": custom},
            overrides=[{"matcher": {"id": "byValue"}, "properties": [{"id": "custom.glow"}, {"id": "actions"}]}],
            transformations=[{"id": "heatmap"}, {"id": "configFromData", "options": config}],
        ),
        templating={"list": [{"name": "a", "type": "adhoc"}, {"name": "q", "type": "query", "query": "metrics(x)"}]},
    )
    found = unsupported(whole)
    assert len(found) == len(set(found)) == 21
    wanted = (
        "type 'heatmap'",
        "repeat",
        "lucene",
        "showPercentChange",
        "p99",
        "zoom",
        "furlong",
        "continuous",
        "magic",
    )
    more = ("fancy", "wave", "fillBelowTo", "axisCenteredZero", "hideFrom", "byValue", "glow", "actions", "adhoc")
    last = ("transformation 'heatmap'", "configFromData to 'color'", "metrics(x)")
    assert [word for word in (*wanted, *more, *last) if not any(word in one for one in found)] == []


@pytest.mark.parametrize("path", sorted(BOARDS.glob("*.json")), ids=lambda path: path.stem)
def test_every_shipped_dashboard_is_drawn_in_full(path: Path):
    """Nothing in them is beyond the preview, so what is looked at is what is meant."""
    assert unsupported(load(path)) == []


def test_the_sample_is_json_as_grafana_takes_it():
    """The helpers of these tests say nothing that JSON cannot."""
    whole: Json = mapping(json.loads(json.dumps(board(the_table()))))
    assert len(objects(whole["panels"])) == 1
