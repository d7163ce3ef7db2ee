"""One panel as HTML: its head, what it is for, what is wrong with it, and its body."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tools.dashboards.preview.colours import ink
from tools.dashboards.preview.context import Context, Drawn, View, anchor, escape
from tools.dashboards.preview.draw import draw
from tools.dashboards.preview.figures import transparent
from tools.dashboards.preview.layout import Placed
from tools.dashboards.preview.markdown import render
from tools.dashboards.preview.unsupported import of_panel

_HALF = 12


def panel(placed: Placed, view: View, context: Context) -> str:
    """A panel at its place."""
    drawn = draw(view, context)
    grid = placed.panel.grid
    kinds = ["panel", f"kind-{escape(placed.panel.kind)}"]
    kinds += ["clear"] if transparent(view) else []
    kinds += ["right"] if grid.x >= _HALF else []
    style = f"--x:{grid.x + 1};--y:{grid.y + 1};--w:{grid.w};--h:{grid.h}"
    if drawn.ground:
        style += f";background:{drawn.ground};color:{ink(drawn.ground)}"
    notes = _notes([*view.faults, *(f"Not shown as Grafana would: {one}" for one in of_panel(placed.panel))])
    body = f'<div class="body">{notes}{drawn.body}</div>{_figure(drawn)}'
    return (
        f'<article class="{" ".join(kinds)}" id="panel-{placed.key}" style="{style}"'
        f' aria-label="{escape(_title(placed, context))}">{_head(placed, context)}{body}</article>'
    )


def row(placed: Placed, context: Context) -> str:
    """The head of an open row."""
    grid = placed.panel.grid
    style = f"--x:{grid.x + 1};--y:{grid.y + 1};--w:{grid.w};--h:{grid.h}"
    title = escape(_title(placed, context))
    return f'<h2 class="row" id="panel-{placed.key}" style="{style}">{title}</h2>'


def _title(placed: Placed, context: Context) -> str:
    return context.scope.fill(placed.panel.title, "text")


def _head(placed: Placed, context: Context) -> str:
    title = escape(_title(placed, context))
    about = context.scope.fill(placed.panel.description, "text")
    parts = f"<h2>{title}</h2>" if title else ""
    if about:
        parts += (
            f'<details class="about"><summary aria-label="About {title}" title="About this panel">i</summary>'
            f'<div class="note">{render(about, context.addresses)}</div></details>'
        )
    for link in placed.panel.links:
        parts += anchor(link, "↗", context, {}, "corner")
    return f"<header>{parts}</header>" if parts else ""


def _notes(faults: Sequence[str]) -> str:
    return "".join(f'<p class="fault" role="note">⚠ {escape(one)}</p>' for one in faults)


def _figure(drawn: Drawn) -> str:
    if drawn.figure is None:
        return ""
    written = json.dumps(drawn.figure, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" class="figure">{written}</script>'
