"""A whole dashboard: its question, its variables, its marks on the time axis, its ways to the others, its panels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models
from tools.dashboards.fields import SOURCE
from tools.dashboards.palette import DANGER, NEAR, REFERENCE, drawn

TAG = "plimsoll"
MARK = 15
"""Seconds that a mark on the time axis is wide: enough for none to be missed in a range of a day, and no wall."""

Section = tuple[str, Sequence[Builder[models.Panel]]]
"""A row's heading and its panels, in reading order."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """One dashboard.

    Attributes:
        slug: Name of its file and, after ``plimsoll-``, its uid, which alerts link to.
        title: What it is about.
        question: The one question that it answers.
        sections: Its rows; a heading without text has no row of its own.
        one_account: Whether it is about one account, chosen above it.
        all_accounts: Whether it is about all accounts until some are chosen above it.
        kin: Other dashboards about all accounts, to which the choice is handed on.
        variables: More to choose, after the account.
        span: The time that it opens with.
    """

    slug: str
    title: str
    question: str
    sections: Sequence[Section]
    one_account: bool = True
    all_accounts: bool = False
    kin: Sequence[str] = ()
    variables: Sequence[Builder[models.VariableModel]] = field(default_factory=list)
    span: str = "now-1h"


def link_to(slug: str, **variables: str) -> str:
    """The address of another dashboard, with the time range kept, e.g. ``link_to("account", account="$account")``."""
    chosen = "".join(f"var-{name}={value}&" for name, value in variables.items())
    return f"/d/plimsoll-{slug}?{chosen}${{__url_time_range}}"


def written(board: Board) -> str:
    """The dashboard as its file holds it: classic JSON with sorted keys."""
    builder = (
        builders.Dashboard(f"Plimsoll / {board.title}")
        .uid(f"plimsoll-{board.slug}")
        .description(board.question)
        .tags([TAG])
        .timezone("utc")
        .refresh("5s")
        .time(board.span, "now")
        .readonly()
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(_siblings(keep=board.one_account))
        .with_variable(builders.DatasourceVariable("datasource").label("Data source").type("prometheus"))
    )
    if board.one_account or board.all_accounts:
        builder.with_variable(_account(several=board.all_accounts))
    for slug in board.kin:
        builder.link(_kin(slug))
    for variable in board.variables:
        builder.with_variable(variable)
    for mark in _marks(board):
        builder.annotation(mark)
    for heading, panels in board.sections:
        if heading:
            builder.with_row(builders.Row(heading))
        for panel in panels:
            builder.with_panel(panel)
    content: dict[str, Any] = json.loads(JSONEncoder(sort_keys=True).encode(builder.build()))
    _number(content["panels"])
    for link in content["links"]:
        del link["placement"]  # the SDK's default hides the ways to the other dashboards in a menu
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _number(panels: list[dict[str, Any]]) -> None:
    """Give every panel its id: the SDK leaves them out, and a panel without one can be lost in Grafana's migrations."""
    for number, panel in enumerate(panels, start=1):
        panel["id"] = number


def _account(*, several: bool) -> builders.QueryVariable:
    return choice("account", "Account", "label_values(plimsoll_account_configured, account)", several=several)


def choice(name: str, label: str, query: str, *, several: bool = False) -> builders.QueryVariable:
    """A variable whose values a query gives; with ``several`` all are chosen until somebody chooses."""
    variable = (
        builders.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(query)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
    )
    if not several:
        return variable
    everything = models.VariableOption(selected=True, text="All", value="$__all")
    return variable.multi(True).include_all(True).all_value(".*").current(everything)


def _siblings(*, keep: bool) -> builders.DashboardLink:
    """The other dashboards, with the time range kept; the account too, where it is one and not all of them."""
    return (
        builders.DashboardLink("Dashboards")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .keep_time(True)
        .include_vars(keep)
    )


def _kin(slug: str) -> builders.DashboardLink:
    """One dashboard that is about all accounts, too, with what is chosen and the time range kept."""
    return (
        builders.DashboardLink(slug.capitalize())
        .type(models.DashboardLinkType.LINK)
        .url(f"/d/plimsoll-{slug}?${{account:queryparam}}")
        .keep_time(True)
    )


def _marks(board: Board) -> list[builders.AnnotationQuery]:
    """Alerts and enforcement runs on the time axis."""
    matcher = 'account="$account"' if board.one_account else 'account!=""'
    if board.all_accounts:
        matcher = 'account=~"$account|"'  # those of no account too: a program that is down, a page that failed
    firing = "ALERTS{" + matcher + ', alertstate="firing", severity="{severity}"}'
    begins = f"{firing} unless {firing} offset {MARK}s"  # its beginning alone: all of it would cover the plots
    # No change of it: before the first run there is nothing that it could have changed from.
    run = f"plimsoll_enforcer_last_run_timestamp_seconds{{{matcher}}} > time() - {MARK}"
    return [
        _mark(
            "Critical alerts", begins.replace("{severity}", "critical"), DANGER, "{{alertname}} {{account}} {{symbol}}"
        ),
        _mark("Warnings", begins.replace("{severity}", "warning"), NEAR, "{{alertname}} {{account}} {{symbol}}"),
        _mark("Enforcement runs", run, REFERENCE, "Enforcement run of {{account}}"),
    ]


def _mark(name: str, expr: str, color: str, title: str) -> builders.AnnotationQuery:
    return (
        builders.AnnotationQuery()
        .name(name)
        .enable(name != "Warnings")
        .datasource(SOURCE)
        .icon_color(drawn(color))
        .expr(expr)
        .step("5s")
        .title_format(title)
        .tag_keys("severity,rule,reason")
    )
