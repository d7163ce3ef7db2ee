"""What panels are put together from: queries, colours, words, thresholds, cells and links, as Grafana wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import prometheus, table
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat
from tools.dashboards.palette import DANGER, UNKNOWN, Word
from tools.dashboards.query import Column, Query

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
        look.append(prop("color", {"mode": "fixed", "fixedColor": query.color}))
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
    if column.words:
        cell.append(prop("mappings", [words_of(column.words)]))
        cell.append(
            prop("custom.cellOptions", {"type": f"color-{'background' if column.ground else 'text'}", "mode": "basic"})
        )
        cell.append(prop("custom.align", "center"))
    if column.bar is not None:
        cell += [prop("min", 0), prop("max", column.bar)]
        cell.append(prop("custom.cellOptions", {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}))
        cell.append(prop("color", {"mode": "fixed", "fixedColor": UNKNOWN}))
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


def words_of(words: Sequence[Word]) -> dict[str, object]:
    """Words of an override, which the SDK leaves untyped."""
    options = {
        f"{word.value:g}": {"text": word.text, "color": word.color, "index": place} for place, word in enumerate(words)
    }
    return {"type": "value", "options": options}


def mapping(words: Sequence[Word]) -> models.ValueMap:
    """Words of a whole panel."""
    options = {
        f"{word.value:g}": models.ValueMappingResult(text=word.text, color=word.color, index=place)
        for place, word in enumerate(words)
    }
    return models.ValueMap(options=options)


def threshold_from(ref: str) -> models.DataTransformerConfig:
    """Turn a panel to danger from the value of another of its queries on; that one's legend is its name."""
    found = {
        "fieldName": ref,
        "handlerKey": "threshold1",
        "handlerArguments": {"threshold": {"color": DANGER}},
        "reducerId": "lastNotNull",
    }
    return models.DataTransformerConfig(id_val="configFromData", options={"configRefId": ref, "mappings": [found]})


def by_threshold() -> builders.FieldColor:
    """Colours by thresholds and words, not by series."""
    return builders.FieldColor().mode(models.FieldColorModeId.THRESHOLDS)


def plain(bound: float | None = None, base: str | None = None) -> builders.ThresholdsConfig:
    """The colour of text, or another base; danger from a bound on, where there is one."""
    steps = [models.Threshold(value=None, color=base or "text")]
    if bound is not None:
        steps.append(models.Threshold(value=bound, color=DANGER))
    return builders.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def legend_below() -> common_builders.VizLegendOptions:
    """Names below a plot, with the last value of each."""
    return (
        common_builders.VizLegendOptions()
        .show_legend(True)
        .display_mode(common.LegendDisplayMode.LIST)
        .placement(common.LegendPlacement.BOTTOM)
        .calcs(["lastNotNull"])
    )


def head(panel: table.Panel, labels: Mapping[str, str], links: Mapping[str, str]) -> None:
    """The columns of a table's labels: where they lead, and a dash where a row lacks one."""
    for label, heading in labels.items():
        look = [prop("noValue", "-")]
        if label in links:
            look.append(prop("links", [cell_link(links[label])]))
        panel.override_by_name(heading, look)
