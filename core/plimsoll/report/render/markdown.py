"""A document as Markdown, with its pictures as files beside it. Texts are escaped: none becomes a link or markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plimsoll.report.document.blocks import Block, Cell, Document, Figure, Paragraph, Section, Statement, Table
from plimsoll.report.document.forms import SIGNS, Moments
from plimsoll.report.drawing.artist import MISSING, Drawn
from plimsoll.report.words import Severity
from plimsoll.text import one_line

PICTURES = "pictures"
"""The folder of pictures, beside the file."""

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~$&])")
_LEADING = re.compile(r"^([-+=])(?=[-=\s]|$)")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
_ADDRESS = re.compile(r"(?i)(https?|ftp|mailto|www)([:.])")


def escaped(text: str) -> str:
    """The text on one line, with nothing in it that Markdown would take for markup, a link or HTML."""
    flat = _MARKUP.sub(r"\\\1", " ".join(map(one_line, text.split())))
    return _NUMBERED.sub(r"\1\\\2", _LEADING.sub(r"\\\1", _ADDRESS.sub(r"\1\\\2", flat)))


def markdown(document: Document, drawn: Mapping[str, Drawn]) -> Iterator[str]:
    """The text, in lines; each ends with a line feed.

    Args:
        document: What to write.
        drawn: Pictures by the name of their figure; where one is missing the text says so.
    """
    yield f"# {escaped(document.title)}\n\n"
    for name, value in document.facts:
        yield f"- {escaped(name)}: {escaped(value)}\n"
    yield "\n## Contents\n\n"
    for section in document.sections:
        yield f"- [{escaped(section.title)}](#{section.anchor})\n"
    moments = Moments(document.zone)
    for section in document.sections:
        yield from _section(section, drawn, moments)


def _section(section: Section, drawn: Mapping[str, Drawn], moments: Moments) -> Iterator[str]:
    yield f'\n<a id="{section.anchor}"></a>\n\n## {escaped(section.title)}\n'
    if not drawn and any(isinstance(block, Figure) for block in section.blocks):
        yield from _paragraph(Paragraph(text=MISSING, lead="Not drawn", severity=Severity.WARNING))
    for block in section.blocks:
        yield from _block(block, drawn, moments)


def _block(block: Block, drawn: Mapping[str, Drawn], moments: Moments) -> Iterator[str]:
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Statement):
        return _statement(block)
    if isinstance(block, Figure):
        return _figure(block, moments, drawn=block.name in drawn)
    return _paragraph(block)


def _paragraph(block: Paragraph) -> Iterator[str]:
    lead = f"**{escaped(block.lead)}:** " if block.lead else ""
    yield f"\n{lead}{escaped(block.text)}\n"


def _statement(block: Statement) -> Iterator[str]:
    yield f"\n**{escaped(block.word)}:** {escaped(block.text)} ({escaped(block.mark)})\n"
    if block.grounds:
        yield "\n"
    for ground in block.grounds:
        yield f"- {escaped(ground)}\n"


def _figure(block: Figure, moments: Moments, *, drawn: bool) -> Iterator[str]:
    picture = block.picture
    yield f"\n### {escaped(picture.title)}\n"
    if drawn:
        yield f"\n![{escaped(picture.alternative)}]({PICTURES}/{block.name}.png)\n"
    yield f"\n{escaped(picture.said)}\n"
    if picture.markers:
        yield "\n"
    for number, marker in enumerate(picture.markers, 1):
        told = f"{moments.clocks(marker.time)[0]} UTC, {marker.kind.value}: {marker.text}"
        yield f"{number}. {escaped(told)}\n"


def _table(table: Table) -> Iterator[str]:
    yield f"\n**{escaped(table.caption)}**\n\n"
    if not table.rows:
        yield f"{escaped(table.empty)}\n"
    else:
        columns = table.shown_columns
        yield f"| {' | '.join(escaped(column.title) for column in columns)} |\n"
        yield f"|{'|'.join('---:' if column.number else '---' for column in columns)}|\n"
    for row in table.rows:
        yield f"| {' | '.join(map(_cell, table.shown_cells(row)))} |\n"
    if table.note:
        yield f"\n{escaped(table.note)}\n"


def _cell(cell: Cell) -> str:
    sign = SIGNS[cell.severity]
    return f"{sign} {escaped(cell.shown)}" if sign else escaped(cell.shown)
