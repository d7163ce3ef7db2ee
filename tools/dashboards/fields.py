"""What panels are put together from: queries, colours, words, thresholds, cells and links, as Grafana wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import prometheus, stat, table
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat
from tools.dashboards.palette import DANGER, REFERENCE, Word, drawn
from tools.dashboards.query import NOTHING, Column, Grade, Query

SOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
UNKNOWN_TEXT = "not known"


def target(
    expr: str,
    ref: str,
    *,
    legend: str = "",
    instant: bool = False,
    as_table: bool = False,
    every: str | None = None,
) -> prometheus.Dataquery:
    """A query as a panel holds it; ``instant`` asks for this moment alone, ``as_table`` for rows."""
    target = prometheus.Dataquery().expr(expr).ref_id(ref).datasource(SOURCE).legend_format(legend or "__auto")
    target.format(PromQueryFormat.TABLE if as_table else PromQueryFormat.TIME_SERIES)
    if every is not None:
        target.interval(every)
    return target.instant() if instant else target.range()


def look(query: Query) -> list[models.DynamicConfigValue]:
    """What sets a query's lines apart from Grafana's default."""
    look = []
    if query.color is not None:
        look.append(prop("color", {"mode": "fixed", "fixedColor": drawn(query.color)}))
    if query.dashed:
        look += [prop("custom.lineStyle", {"fill": "dash", "dash": [8, 6]}), prop("custom.lineWidth", 2)]
    if query.fill:
        look.append(prop("custom.fillOpacity", query.fill))
    if query.steps:
        look.append(prop("custom.lineInterpolation", "stepAfter"))
    return look


def cell(column: Column) -> list[models.DynamicConfigValue]:
    """How a column prints and colours its cells."""
    cell = [prop("unit", column.unit)]
    if column.decimals is not None:
        cell.append(prop("decimals", column.decimals))
    if column.always is not None:
        cell.append(prop("mappings", [_absent(column.empty or UNKNOWN_TEXT)]))
    if column.words:
        cell.append(prop("mappings", [words_of(column.words, ground=column.ground)]))
        cell.append(
            prop("custom.cellOptions", {"type": f"color-{'background' if column.ground else 'text'}", "mode": "basic"})
        )
        cell.append(prop("custom.align", "center"))
    if column.otherwise is not None:
        cell.append(prop("color", {"mode": "fixed", "fixedColor": column.otherwise}))
    if column.bar is not None:
        cell += [prop("min", 0), prop("max", column.bar)]
        cell.append(prop("custom.cellOptions", {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}))
        cell.append(prop("color", {"mode": "fixed", "fixedColor": REFERENCE}))
    cell.append(prop("noValue", UNKNOWN_TEXT if column.empty is None else column.empty))
    if column.width is not None:
        cell.append(prop("custom.width", column.width))
    if column.link is not None:
        cell.append(prop("links", [cell_link(column.link)]))
    return cell


def prop(name: str, value: object) -> models.DynamicConfigValue:
    """One property of an override."""
    return models.DynamicConfigValue(id_val=name, value=value)


def cell_link(address: str) -> dict[str, object]:
    """A link in a cell."""
    return {"title": "Open", "url": address, "targetBlank": False}


def link_to_open(address: str) -> builders.DashboardLink:
    """A link on a whole panel."""
    return builders.DashboardLink("Open").url(address).target_blank(False)


def words_of(words: Sequence[Word], *, ground: bool) -> dict[str, object]:
    """Words of an override, which the SDK leaves untyped."""
    options = {
        f"{word.value:g}": {"text": word.text, "color": word.color if ground else drawn(word.color), "index": place}
        for place, word in enumerate(words)
    }
    return {"type": "value", "options": options}


def _absent(text: str) -> dict[str, object]:
    """What stands in a cell that was made to be there without a value."""
    return {"type": "value", "options": {f"{NOTHING}": {"text": text, "index": 0}}}


def mapping(words: Sequence[Word], *, ground: bool) -> models.ValueMap:
    """Words of a whole panel."""
    options = {
        f"{word.value:g}": models.ValueMappingResult(
            text=word.text, color=word.color if ground else drawn(word.color), index=place
        )
        for place, word in enumerate(words)
    }
    return models.ValueMap(options=options)


def shade(panel: stat.Panel, grades: Sequence[Grade]) -> None:
    """Let each grade's word, at the end of a figure's name, colour the figure."""
    for grade in grades:
        color = prop("color", {"mode": "fixed", "fixedColor": drawn(grade.color)})
        panel.override_by_regexp(f"/(^|: ){grade.word}$/", [color])


def by_threshold() -> builders.FieldColor:
    """Colours by thresholds and words, not by series."""
    return builders.FieldColor().mode(models.FieldColorModeId.THRESHOLDS)


def plain(bound: float | None = None, base: str | None = None) -> builders.ThresholdsConfig:
    """The colour of text, or another base; danger from a bound on, where there is one."""
    steps = [models.Threshold(value=None, color=base or "text")]
    if bound is not None:
        steps.append(models.Threshold(value=bound, color=DANGER))
    return builders.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def legend_below(*, last: bool) -> common_builders.VizLegendOptions:
    """Names below a plot, with the last value of each if wanted."""
    return (
        common_builders.VizLegendOptions()
        .show_legend(True)
        .display_mode(common.LegendDisplayMode.LIST)
        .placement(common.LegendPlacement.BOTTOM)
        .calcs(["lastNotNull"] if last else [])
    )


def head(panel: table.Panel, labels: Mapping[str, str], links: Mapping[str, str], widths: Mapping[str, int]) -> None:
    """The columns of a table's labels: where they lead, and a dash where a row lacks one."""
    for label, heading in labels.items():
        look = [prop("noValue", "-")]
        if label in widths:
            look.append(prop("custom.width", widths[label]))
        if label in links:
            look.append(prop("links", [cell_link(links[label])]))
        panel.override_by_name(heading, look)
