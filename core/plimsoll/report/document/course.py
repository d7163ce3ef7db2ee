"""The sections that show the course of things: timeline and pictures."""

from __future__ import annotations

import re

from plimsoll.report.document.blocks import Block, Cell, Column, Figure, Paragraph, Section, Table
from plimsoll.report.document.cells import moment_cells, moment_columns, text_cell
from plimsoll.report.document.forms import Moments
from plimsoll.report.model import Gallery, Picture, Report, TimelineEntry

_UNFIT = re.compile(r"[^a-z0-9]+")


def timeline(report: Report, moments: Moments) -> Section:
    """Everything that happened, in one order of time."""
    columns = (
        *moment_columns(moments),
        Column(title="Kind", name="kind"),
        Column(title="Symbol", name="symbol"),
        Column(title="What", name="what", wide=True),
        Column(title="Until", name="until_utc", moment=True),
        Column(title="Grave", name="severity"),
        Column(title="Source", name="source"),
    )
    table = Table(
        name="timeline",
        caption=f"{len(report.timeline)} events, oldest first; ✖ critical, ▲ warning",
        columns=columns,
        rows=tuple(_line(one, moments) for one in report.timeline),
        empty="Nothing is known to have happened in this period.",
        hidden=frozenset({"until_utc", "severity"}),
    )
    return Section(anchor="timeline-section", title="Timeline", blocks=(table,))


def _line(entry: TimelineEntry, moments: Moments) -> tuple[Cell, ...]:
    ended = "" if entry.until is None else f" (until {moments.said(entry.until)})"
    return (
        *moment_cells(moments, entry.time),
        text_cell(entry.kind.value, entry.severity),
        text_cell(entry.symbol),
        text_cell(entry.text, shown=entry.text + ended),
        Cell(shown="", value=None if entry.until is None else moments.stamps(entry.until)[0]),
        text_cell(entry.severity.value),
        text_cell(entry.source.value),
    )


def pictures(gallery: Gallery) -> Section:
    """All pictures, and why some are missing."""
    blocks: tuple[Block, ...] = tuple(
        Figure(name=name, picture=picture)
        for name, picture in zip(names(gallery.pictures), gallery.pictures, strict=True)
    )
    if gallery.missing:
        blocks += (Paragraph(text=gallery.missing, lead="Missing pictures"),)
    elif not blocks:
        blocks = (Paragraph(text="There is nothing to draw."),)
    return Section(anchor="pictures", title="Pictures", blocks=blocks)


def names(shown: tuple[Picture, ...]) -> tuple[str, ...]:
    """A file name of each picture: its kind, its symbol, and a number where another one has the same."""
    found: list[str] = []
    for picture in shown:
        name = _UNFIT.sub("-", f"{picture.kind.value} {picture.symbol}".lower()).strip("-")
        same = sum(one == name or one.startswith(f"{name}--") for one in found)
        found.append(f"{name}--{same + 1}" if same else name)
    return tuple(found)
