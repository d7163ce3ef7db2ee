"""What every dashboard must keep: the linter's rules that matter here, each saying in a sentence what breaks it.

A rule takes a dashboard as its file holds it and gives a sentence for each fault; none is a clean dashboard. Grafana's
own linter needs tools that cannot be had everywhere, so these are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

Board = Mapping[str, Any]
Rule = Callable[[Board], Iterator[str]]

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
KINDS = {"row", "text", "stat", "table", "timeseries", "state-timeline", "heatmap", "bargauge"}
OF_AN_EXPORT = ("__inputs", "__requires", "__elements", "id", "version", "iteration")
"""Keys that only an export from Grafana's pages has; provisioned, they never resolve or collide."""

MOST_QUERIES = 25
"""Per dashboard: more is slow to load and too much to read."""

SHORTEST = 80
"""Characters of a description: fewer cannot say how to read a panel, what is normal, and what to do if it is not."""

COLUMNS = 24
ON_TIME_CHANGE = 2
AGGREGATIONS = {"sum", "max", "min", "avg", "count", "group", "topk", "bottomk", "histogram_quantile"}
METRICS = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
COUNTERS = set(re.findall(r"^\| `(\w+)` \| counter \|", METRICS, re.MULTILINE))
RATES = re.compile(r"\b(i?rate)\((?:[^()\[]|\([^()]*\))*\[([^\]]*)\]")


def shown(board: Board) -> Iterator[Mapping[str, Any]]:
    """All panels that show figures, those inside rows too."""
    for panel in board["panels"]:
        for one in [panel, *panel.get("panels", [])]:
            if one["type"] not in {"row", "text"}:
                yield one


def queries(board: Board) -> Iterator[tuple[str, str]]:
    """Title of the panel and PromQL of each of its queries."""
    for panel in shown(board):
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def enclosing(expr: str, place: int) -> set[str]:
    """Names of the functions and aggregations in whose parentheses a place of PromQL stands."""
    names, depth = set(), 0
    for at in range(place - 1, -1, -1):
        if expr[at] == ")":
            depth += 1
        elif expr[at] == "(":
            depth -= 1
            if depth < 0:
                depth = 0
                called = re.search(r"(\w+)\s*(?:\b(?:by|without)\s*\([^()]*\)\s*)?$", expr[:at])
                names |= {called[1]} if called else set()
    return names


def identity(board: Board) -> Iterator[str]:
    """Alerts and links find it under a fixed uid, and only the code changes it."""
    if not re.fullmatch(r"plimsoll-[a-z]+", board["uid"]):
        yield f"uid {board['uid']!r} is not plimsoll-NAME"
    if board["editable"] is not False:
        yield "editable is not false"
    if "plimsoll" not in board["tags"]:
        yield "the tag plimsoll is missing, by which the others link to it"
    yield from (f"key {key!r} belongs into no provisioned file" for key in OF_AN_EXPORT if board.get(key) is not None)


def numbering(board: Board) -> Iterator[str]:
    """A panel without an id of its own can be lost in Grafana's migrations, a query without a name in a table."""
    ids = [panel.get("id") for panel in board["panels"]]
    yield from (f"panel id {one} is there {ids.count(one)} times" for one in set(ids) if ids.count(one) > 1 or not one)
    for panel in shown(board):
        refs = [target.get("refId") for target in panel.get("targets", [])]
        if len(set(refs)) != len(refs) or not all(refs):
            yield f"{panel['title']}: refIds are {refs}"


def telling(board: Board) -> Iterator[str]:
    """Every panel says what it shows, how to read it, in which unit, and what it means that it shows nothing."""
    titles = [panel["title"] for panel in shown(board)]
    yield from (f"two panels are called {one!r}" for one in set(titles) if titles.count(one) > 1)
    for panel in shown(board):
        defaults = panel["fieldConfig"]["defaults"]
        if not panel["title"]:
            yield f"panel {panel['id']} has no title"
        if len(panel.get("description", "")) < SHORTEST:
            yield f"{panel['title']}: no description that says how to read it, what is normal, and what to do if not"
        yield from (f"{panel['title']}: {key} is missing" for key in ("unit", "noValue") if not defaults.get(key))


def source(board: Board) -> Iterator[str]:
    """Everything asks the source that is chosen above the dashboard."""
    first = board["templating"]["list"][0]
    if (first["name"], first["type"]) != ("datasource", "datasource"):
        yield "the first variable is not the data source"
    asking = [(panel["title"], panel) for panel in shown(board)]
    asking += [(f"{panel['title']}, query", one) for panel in shown(board) for one in panel.get("targets", [])]
    asking += [(f"variable {one['name']}", one) for one in board["templating"]["list"] if one["type"] == "query"]
    asking += [(f"mark {one['name']}", one) for one in board["annotations"]["list"]]
    yield from (f"{name}: asks {one.get('datasource')}" for name, one in asking if one.get("datasource") != SOURCE)


def reloading(board: Board) -> Iterator[str]:
    """A new account shows up in the choice without a reload of the page."""
    for variable in board["templating"]["list"]:
        if variable["type"] == "query" and variable["refresh"] != ON_TIME_CHANGE:
            yield f"variable {variable['name']} does not reload on time change"


def rates(board: Board) -> Iterator[str]:
    """A rate looks back as far as zoom and scraping ask for, not as far as somebody typed."""
    for title, expr in queries(board):
        for function, span in RATES.findall(expr):
            if span != "$__rate_interval":
                yield f"{title}: {function} over [{span}], not [$__rate_interval]"


def counters(board: Board) -> Iterator[str]:
    """A counter is added up over whoever scraped it, so that a second exporter does not double the lines."""
    for title, expr in queries(board):
        for match in re.finditer(r"\w+", expr):
            if match[0] in COUNTERS and not enclosing(expr, match.start()) & AGGREGATIONS:
                yield f"{title}: counter {match[0]} outside an aggregation"


def blindness(board: Board) -> Iterator[str]:
    """What is not known is never painted as zero."""
    yield from (f"{title}: `or vector(...)`" for title, expr in queries(board) if re.search(r"\bor\s+vector\(", expr))


def amount(board: Board) -> Iterator[str]:
    """It loads fast and can be read."""
    if (number := len(list(queries(board)))) > MOST_QUERIES:
        yield f"{number} queries, {MOST_QUERIES} at most"


def layout(board: Board) -> Iterator[str]:
    """No panel lies over another or beyond the page."""
    places = [(panel.get("title") or panel["type"], panel["gridPos"]) for panel in board["panels"]]
    yield from (f"{name} ends beyond the last column" for name, one in places if one["x"] + one["w"] > COLUMNS)
    for (name, one), (other, two) in combinations(places, 2):
        beside = one["x"] + one["w"] <= two["x"] or two["x"] + two["w"] <= one["x"]
        below = one["y"] + one["h"] <= two["y"] or two["y"] + two["h"] <= one["y"]
        if not (beside or below):
            yield f"{name} and {other} overlap"


def kinds(board: Board) -> Iterator[str]:
    """Only panels that Grafana still has and that answer a question."""
    for panel in board["panels"]:
        if panel["type"] not in KINDS:
            yield f"{panel.get('title')}: panel type {panel['type']}"


def marks(board: Board) -> Iterator[str]:
    """Critical alerts and enforcement runs are marked on the time axis."""
    asked = " ".join(one["expr"] for one in board["annotations"]["list"] if one["enable"])
    for wanted in ("ALERTS{", 'alertstate="firing"', "plimsoll_enforcer_last_run_timestamp_seconds"):
        if wanted not in asked:
            yield f"no mark asks for {wanted}"


RULES: tuple[Rule, ...] = (
    identity,
    numbering,
    telling,
    source,
    reloading,
    rates,
    counters,
    blindness,
    amount,
    layout,
    kinds,
    marks,
)
