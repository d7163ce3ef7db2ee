"""From a panel to its data: the queries asked, the answers transformed, every field given its look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tools.dashboards.preview import transform
from tools.dashboards.preview.board import Annotation, Board, Panel, Target
from tools.dashboards.preview.colours import Theme
from tools.dashboards.preview.context import Mark, View
from tools.dashboards.preview.frames import Frame, legend, named, read_answer
from tools.dashboards.preview.looks import looks_of
from tools.dashboards.preview.plotting import POINTS
from tools.dashboards.preview.raw import items, mapping, objects
from tools.dashboards.preview.source import Prometheus, SourceError
from tools.dashboards.preview.times import Range, seconds
from tools.dashboards.preview.variables import Scope, built_in


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who is asked, and about when."""

    source: Prometheus
    times: Range


def view(panel: Panel, scope: Scope, asking: Asking) -> View:
    """A panel with its data; a query that failed is told as a fault."""
    frames, faults = list[Frame](), list[str]()
    wanted = [target for target in panel.targets if not target.hidden and target.expr]
    several = sum(target.table for target in wanted) > 1
    for target in wanted:
        try:
            frames += _answer(target, scope, asking, several=several)
        except SourceError as error:
            faults.append(f"Query {target.ref}: {error}")
    return seen(panel, frames, faults)


def seen(panel: Panel, frames: Sequence[Frame], faults: Sequence[str] = ()) -> View:
    """A panel with the frames of its queries: named, transformed, given their looks."""
    data = transform.transformed(panel, named(frames))
    return View(panel=panel, frames=data.frames, looks=looks_of(panel, data.frames, data.settings), faults=faults)


def _answer(target: Target, scope: Scope, asking: Asking, *, several: bool) -> list[Frame]:
    times, step = asking.times, asking.times.step(POINTS, target.interval)
    expr = scope.holding(**built_in(times, step, target.interval)).query(target.expr)
    if target.instant:
        data = asking.source.instant(expr, times.end)
    else:
        data = asking.source.range(expr, times.begin, times.end, step)
    return read_answer(target, data, several=several)


def marks(board: Board, scope: Scope, asking: Asking, theme: Theme) -> tuple[list[Mark], list[str]]:
    """All that a board's annotations tell, and the faults of their queries."""
    found, faults = list[Mark](), list[str]()
    for one in board.annotations:
        step = max(asking.times.step(POINTS), seconds(one.step, 0.0))
        expr = scope.holding(**built_in(asking.times, step)).query(one.expr)
        try:
            data = asking.source.range(expr, asking.times.begin, asking.times.end, step)
        except SourceError as error:
            faults.append(f"Annotation {one.name}: {error}")
            continue
        for series in objects(data.get("result")):
            points = [(float(str(items(pair)[0])), float(str(items(pair)[1]))) for pair in items(series.get("values"))]
            labels = {key: str(value) for key, value in mapping(series.get("metric")).items()}
            found += _runs([then for then, value in points if value], step, one, labels, theme)
    return found, faults


def _runs(
    moments: Sequence[float], step: float, one: Annotation, labels: Mapping[str, str], theme: Theme
) -> list[Mark]:
    """Samples that follow one another at every step are one thing that lasted."""
    if not moments:
        return []
    told = " ".join(legend(one.title or one.name, labels).split())
    tags = [labels[key] for key in one.tags if labels.get(key)]
    more = " · ".join(part for part in (legend(one.text, labels), " ".join(tags)) if part)
    breaks = [place + 1 for place, (before, after) in enumerate(pairwise(moments)) if after - before > step * 1.5]
    colour = theme.colour(one.colour)
    said = f"{told} · {more}" if more else told
    return [
        Mark(begin=moments[first], end=moments[last - 1], colour=colour, text=said)
        for first, last in pairwise([0, *breaks, len(moments)])
    ]
