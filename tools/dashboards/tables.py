"""Tables as all dashboards make them: a row for each set of labels, the worst first, no column missing."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models
from tools.dashboards import fields
from tools.dashboards.query import NOTHING, Column, named

NARROWEST = 56
"""Pixels of a column that has no width of its own; Grafana's 150 would push half of a table out of sight."""


def rows(
    title: str,
    why: str,
    columns: Sequence[Column],
    *,
    labels: dict[str, str],
    sort: str,
    then: str | None = None,
    order: Sequence[str] = (),
    descending: bool = True,
    links: dict[str, str] | None = None,
    widths: dict[str, int] | None = None,
    no_value: str = fields.UNKNOWN_TEXT,
    width: int = 24,
    height: int = 8,
) -> table.Panel:
    """Which one: a table with a row for each set of labels, worst first.

    Args:
        title: What it is.
        why: How to read it, what is normal, what to do when it is not.
        columns: Its columns after the labels, in order; every query gives ``labels``, or fewer of them where the
            others are but words in the row.
        labels: The labels that make a row, and their headings, in order.
        sort: Heading of the column that sorts.
        then: Heading of the column that sorts among equals.
        order: All headings in the order of reading, where labels should not come first.
        descending: Largest first.
        links: Address that a click on a label leads to, by label.
        widths: Pixels of a label's column, by label; the others share what is left.
        no_value: What stands there where there is no row.
        width: In Grafana's 24 columns.
        height: In Grafana's rows.
    """
    panel = table.Panel().title(title).description(why).datasource(fields.SOURCE).span(width).height(height)
    panel.unit("none").no_value(no_value).thresholds(fields.plain())
    panel.cell_height(common.TableCellHeight.SM).filterable(False).min_width(NARROWEST)
    names, places = dict(labels), {label: place for place, label in enumerate(labels)}
    for place, (ref, column) in enumerate(zip(ascii_uppercase, columns, strict=False)):
        panel.with_target(fields.target(column.expr, ref, instant=True, as_table=True, every=column.every))
        field = "Value" if len(columns) == 1 else f"Value #{ref}"
        names[field], places[field] = column.title, len(labels) + place
        panel.override_by_name(column.title, fields.cell(column))
    fields.head(panel, labels, links or {}, widths or {})
    panel.with_transformation(models.DataTransformerConfig(id_val="merge", options={}))
    if order:
        places = {name: list(order).index(heading) for name, heading in names.items()}
    organize = {"excludeByName": {"Time": True}, "renameByName": names, "indexByName": places, "includeByName": {}}
    panel.with_transformation(models.DataTransformerConfig(id_val="organize", options=organize))
    keys = [sort] if then is None else [sort, then]
    panel.sort_by([common_builders.TableSortByFieldState().display_name(key).desc(descending) for key in keys])
    return panel


def matrix(
    title: str,
    why: str,
    columns: Sequence[Column],
    *,
    labels: dict[str, str],
    sort: str,
    descending: bool = True,
    links: dict[str, str] | None = None,
    widths: dict[str, int] | None = None,
    no_value: str = fields.UNKNOWN_TEXT,
    width: int = 24,
    height: int = 8,
) -> table.Panel:
    """Which one, where there are many columns: as ``rows``, but all of them in one query, so that it stays cheap.

    Args:
        title: What it is.
        why: How to read it, what is normal, what to do when it is not.
        columns: Its columns after the labels, in order; every query gives exactly ``labels``.
        labels: The labels that make a row, and their headings, in order.
        sort: Heading of the column that sorts.
        descending: Largest first.
        links: Address that a click on a label leads to, by label.
        widths: Pixels of a label's column, by label; the others share what is left.
        no_value: What stands there where there is no row.
        width: In Grafana's 24 columns.
        height: In Grafana's rows.
    """
    panel = table.Panel().title(title).description(why).datasource(fields.SOURCE).span(width).height(height)
    panel.unit("none").no_value(no_value).thresholds(fields.plain())
    panel.cell_height(common.TableCellHeight.SM).filterable(False).min_width(NARROWEST)
    every = next((column.every for column in columns if column.every is not None), None)
    union = named("figure", {column.title: _filled(column, ", ".join(labels)) for column in columns})
    panel.with_target(fields.target(union, "A", instant=True, every=every))
    for column in columns:
        panel.override_by_name(column.title, fields.cell(column))
    fields.head(panel, labels, links or {}, widths or {})
    # Each series becomes a column that is called after its figure, and rows of the same labels become one.
    unfolded = {"mode": "columns", "valueLabel": "figure"}
    panel.with_transformation(models.DataTransformerConfig(id_val="labelsToFields", options=unfolded))
    places = {name: place for place, name in enumerate([*labels, *(column.title for column in columns)])}
    organize = {"excludeByName": {"Time": True}, "renameByName": labels, "indexByName": places, "includeByName": {}}
    panel.with_transformation(models.DataTransformerConfig(id_val="organize", options=organize))
    panel.sort_by([common_builders.TableSortByFieldState().display_name(sort).desc(descending)])
    return panel


def _filled(column: Column, labels: str) -> str:
    """A column's query, and a value that stands for none in every other row, where the column must be there."""
    if column.always is None:
        return column.expr
    return f"({column.expr}) or on ({labels}) {NOTHING} * group by ({labels}) ({column.always})"
