"""Panels as all dashboards make them: a title, a text that says how to read it, a unit, and a word for no data."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import stat, statetimeline, text, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.text import TextMode
from tools.dashboards import fields
from tools.dashboards.palette import COINS, Word
from tools.dashboards.query import Grade, Query, graded

GAP = 15_000.0
"""Milliseconds without a sample after which a line is broken: a gap must look like one."""


def said(content: str, *, width: int = 24, height: int = 2) -> text.Panel:
    """A panel of words (Markdown)."""
    return text.Panel().title("").transparent(True).mode(TextMode.MARKDOWN).content(content).span(width).height(height)


def figure(
    title: str,
    why: str,
    expr: str,
    *,
    unit: str = "none",
    decimals: int | None = None,
    words: Sequence[Word] = (),
    grades: Sequence[Grade] = (),
    by: str = "",
    fine: str = "within",
    bound: float | None = None,
    ground: bool = True,
    otherwise: str | None = None,
    no_value: str = fields.UNKNOWN_TEXT,
    legend: str = "",
    link: str | None = None,
    every: str | None = None,
    width: int = 4,
    height: int = 4,
) -> stat.Panel:
    """One number, or one for each series, as it is now.

    Args:
        title: What it is.
        why: How to read it, what is normal, what to do when it is not.
        expr: PromQL, asked for this moment.
        unit: Grafana's name of the unit.
        decimals: Digits; none lets Grafana choose.
        words: Names for its values, where it is a state; the panel takes the word's colour.
        grades: Judgements of the figure, worst first: its name then ends with the word of the first that holds.
        by: Labels that the grades have in common with the figure.
        fine: The word where no grade holds; it has no colour, for what is not judged bad is not proven good.
        bound: The number from which on it is dangerous: one that a rule types itself, or 0.
        ground: Whether a word colours the whole panel, and not only itself.
        otherwise: Colour of every value that has no word; DANGER where only 0 is fine and has one.
        no_value: What stands there where the query gives nothing.
        legend: Name of each series, where there are several.
        link: Address that a click leads to.
        every: How often its series are read, where that is not every 2 s.
        width: In Grafana's 24 columns.
        height: In Grafana's rows.
    """
    panel = stat.Panel().title(title).description(why).datasource(fields.SOURCE).span(width).height(height)
    if grades:
        fields.shade(panel, grades)
        expr, legend = graded(expr, grades, by=by, otherwise=fine), ": ".join(filter(None, [legend, "{{state}}"]))
    panel.unit(unit).no_value(no_value).graph_mode(common.BigValueGraphMode.NONE).text_mode(
        common.BigValueTextMode.VALUE_AND_NAME if legend else common.BigValueTextMode.VALUE
    )
    panel.reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]))
    panel.with_target(fields.target(expr, "A", legend=legend, instant=True, every=every))
    _colour(panel, words, fields.plain(bound, otherwise), ground=ground)
    if decimals is not None:
        panel.decimals(decimals)
    if link is not None:
        panel.data_links([fields.link_to_open(link)])
    return panel


def _colour(panel: stat.Panel, words: Sequence[Word], steps: builders.ThresholdsConfig, *, ground: bool) -> None:
    """Colour a figure by its words, all of its panel where they are a ground, else by thresholds alone."""
    solid = words and ground
    panel.color_mode(common.BigValueColorMode.BACKGROUND_SOLID if solid else common.BigValueColorMode.VALUE)
    panel.thresholds(steps).color_scheme(fields.by_threshold())
    if words:
        panel.mappings([fields.mapping(words, ground=ground)])


def plot(
    title: str,
    why: str,
    queries: Sequence[Query],
    *,
    unit: str = "none",
    decimals: int | None = None,
    lowest: float | None = None,
    highest: float | None = None,
    by_order: bool = False,
    last: bool = True,
    no_value: str = fields.UNKNOWN_TEXT,
    width: int = 12,
    height: int = 8,
) -> timeseries.Panel:
    """How it came to be: lines over time; limits are lines of their own, so they move when they are changed.

    Args:
        title: What it is.
        why: How to read it, what is normal, what to do when it is not.
        queries: Its lines; every query has its own look.
        unit: Grafana's name of the unit, of all lines.
        decimals: Digits in legend and tooltip.
        lowest: Where the axis begins, at most; none lets Grafana choose.
        highest: Where the axis ends.
        by_order: Colour series by their order and not by their names, where they are always the same and never many:
            names may come to colours that look alike.
        last: Whether the legend tells the last value of each line; not where a line that has ended means something.
        no_value: What stands there where the queries give nothing.
        width: In Grafana's 24 columns.
        height: In Grafana's rows.
    """
    panel = timeseries.Panel().title(title).description(why).datasource(fields.SOURCE).span(width).height(height)
    panel.unit(unit).no_value(no_value).line_width(2).fill_opacity(0).show_points(common.VisibilityMode.AUTO)
    colors = models.FieldColorModeId.PALETTE_CLASSIC if by_order else models.FieldColorModeId.PALETTE_CLASSIC_BY_NAME
    panel.span_nulls(GAP).color_scheme(builders.FieldColor().mode(colors))
    panel.legend(fields.legend_below(last=last)).tooltip(
        common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING)
    )
    panel.thresholds(fields.plain())
    if decimals is not None:
        panel.decimals(decimals)
    if lowest is not None:
        panel.axis_soft_min(lowest) if lowest else panel.min(lowest)
    if highest is not None:
        panel.max(highest)
    if any(query.legend.startswith(("{{symbol}}", "{{of}}")) for query in queries):
        for coin, color in COINS.items():
            panel.override_by_regexp(f"/^{coin}/", [fields.prop("color", {"mode": "fixed", "fixedColor": color})])
    for ref, query in zip(ascii_uppercase, queries, strict=False):
        panel.with_target(fields.target(query.expr, ref, legend=query.legend, every=query.every))
        if look := fields.look(query):
            panel.override_by_query(ref, look)
    return panel


def states(
    title: str,
    why: str,
    queries: Sequence[Query],
    *,
    words: Sequence[Word],
    no_value: str = fields.UNKNOWN_TEXT,
    width: int = 12,
    height: int = 6,
) -> statetimeline.Panel:
    """When it was in which state: a bar for each series, coloured and named by state."""
    panel = statetimeline.Panel().title(title).description(why).datasource(fields.SOURCE).span(width).height(height)
    panel.unit("none").no_value(no_value).thresholds(fields.plain()).color_scheme(fields.by_threshold())
    panel.mappings([fields.mapping(words, ground=True)])
    panel.merge_values(True).show_value(common.VisibilityMode.AUTO).row_height(0.8).fill_opacity(100).line_width(0)
    panel.span_nulls(False).legend(
        common_builders.VizLegendOptions()
        .show_legend(False)
        .display_mode(common.LegendDisplayMode.LIST)
        .placement(common.LegendPlacement.BOTTOM)
        .calcs([])
    )
    for ref, query in zip(ascii_uppercase, queries, strict=False):
        panel.with_target(fields.target(query.expr, ref, legend=query.legend))
    return panel
