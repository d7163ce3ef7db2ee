"""A document as one HTML page that needs nothing else: style and pictures inside, no script, every text escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files

from plimsoll.report.document.blocks import Block, Document, Figure, Paragraph, Section, Statement, Table
from plimsoll.report.document.forms import Moments
from plimsoll.report.drawing.artist import MISSING, Drawn
from plimsoll.report.model import Certainty
from plimsoll.report.render.html_table import table_lines
from plimsoll.report.words import Severity

STYLE = (files("plimsoll.report.render") / "report.css").read_text(encoding="utf-8")

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode("ascii")

CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Of the page where a server gives it; the page itself holds all of it that a page can hold."""

_IN_PAGE = CONTENT_SECURITY_POLICY.replace("; frame-ancestors 'none'", "")


def html(document: Document, drawn: Mapping[str, Drawn]) -> Iterator[str]:
    """The page, in lines; each ends with a line feed.

    Args:
        document: What to write.
        drawn: Pictures by the name of their figure; where one is missing the page says so.
    """
    yield "<!DOCTYPE html>\n"
    yield '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(_IN_PAGE)}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="referrer" content="no-referrer">\n'
    yield f"<title>{escape(document.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    yield from _head(document)
    yield "<main>\n"
    moments = Moments(document.zone)
    for section in document.sections:
        yield from _section(section, drawn, moments)
    yield "</main>\n</body>\n</html>\n"


def _head(document: Document) -> Iterator[str]:
    yield f'<header>\n<h1>{escape(document.title)}</h1>\n<dl class="facts">\n'
    for name, value in document.facts:
        yield f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>\n"
    yield '</dl>\n<nav aria-label="Contents">\n<ul>\n'
    for section in document.sections:
        yield f'<li><a href="#{escape(section.anchor)}">{escape(section.title)}</a></li>\n'
    yield "</ul>\n</nav>\n</header>\n"


def _section(section: Section, drawn: Mapping[str, Drawn], moments: Moments) -> Iterator[str]:
    anchor = escape(section.anchor)
    yield f'<section id="{anchor}" aria-labelledby="{anchor}-title">\n'
    yield f'<h2 id="{anchor}-title">{escape(section.title)}</h2>\n'
    figures = any(isinstance(block, Figure) for block in section.blocks)
    if figures and not drawn:
        yield from _paragraph(Paragraph(text=MISSING, lead="Not drawn", severity=Severity.WARNING))
    for block in section.blocks:
        yield from _block(block, drawn, moments)
    yield "</section>\n"


def _block(block: Block, drawn: Mapping[str, Drawn], moments: Moments) -> Iterator[str]:
    if isinstance(block, Table):
        return table_lines(block)
    if isinstance(block, Statement):
        return _statement(block)
    if isinstance(block, Figure):
        return _figure(block, drawn.get(block.name), moments)
    return _paragraph(block)


def _paragraph(block: Paragraph) -> Iterator[str]:
    kind = "" if block.severity is Severity.INFO else ' class="warning-box"'
    lead = f"<strong>{escape(block.lead)}:</strong> " if block.lead else ""
    yield f"<p{kind}>{lead}{escape(block.text)}</p>\n"


def _statement(block: Statement) -> Iterator[str]:
    kind = "unknown" if block.word == Certainty.UNKNOWN.value else block.severity.value
    yield f'<div class="statement {escape(kind)}">\n<p><span class="word">{escape(block.word)}</span>'
    yield f'{escape(block.text)} <span class="mark">({escape(block.mark)})</span></p>\n'
    if block.grounds:
        yield from ("<ul>\n", *(f"<li>{escape(ground)}</li>\n" for ground in block.grounds), "</ul>\n")
    yield "</div>\n"


def _figure(block: Figure, drawn: Drawn | None, moments: Moments) -> Iterator[str]:
    picture = block.picture
    yield f'<figure id="figure-{escape(block.name)}">\n'
    yield f"<figcaption><strong>{escape(picture.title)}</strong>{escape(picture.said)}</figcaption>\n"
    if drawn is not None:
        yield f"{drawn.svg}\n"
    if picture.markers:
        yield '<ol class="key">\n'
        for marker in picture.markers:
            told = f"{moments.clocks(marker.time)[0]} UTC, {marker.kind.value}: {marker.text}"
            yield f"<li>{escape(told)}</li>\n"
        yield "</ol>\n"
    yield "</figure>\n"
