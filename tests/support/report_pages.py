"""What stands in a written report, found again: tables, texts, ids and links of a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser

from plimsoll.report.document.build import document
from plimsoll.report.drawing.artist import Drawn, artist, draw_all
from plimsoll.report.model import Report
from plimsoll.report.render.html import html

_VOID = {"meta", "img", "link", "br", "hr", "input"}


@dataclass(kw_only=True)
class ReadPage(HTMLParser):
    """A page as a browser would understand it."""

    rows: dict[str, list[list[str]]] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)
    table: str = ""

    def __post_init__(self) -> None:
        """Begin."""
        HTMLParser.__init__(self, convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element."""
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self.open_tags.append(tag)
        if tag == "table":
            self.table = dict(attrs).get("id") or ""
            self.rows[self.table] = []
        if tag == "tr":
            self.rows[self.table].append([])
        if tag in {"td", "th"}:
            self.rows[self.table][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element of a picture."""
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        """Note whether it is the one that was opened last."""
        if not self.open_tags or self.open_tags.pop() != tag:
            self.unclosed.append(tag)

    def handle_data(self, data: str) -> None:
        """Note the text."""
        if self.open_tags and self.open_tags[-1] != "style":
            self.texts.append(data)
        if self.open_tags and self.open_tags[-1] in {"td", "th"}:
            self.rows[self.table][-1][-1] += data

    def values(self, name: str) -> list[str]:
        """The values of an attribute, wherever it stands."""
        return [value for _, each, value in self.attributes if each == name]


def read(text: str) -> ReadPage:
    """A page, understood."""
    page = ReadPage()
    page.feed(text)
    page.close()
    return page


def page_of(report: Report, drawn: dict[str, Drawn] | None = None) -> str:
    """The page of a report, without pictures where none are given."""
    return "".join(html(document(report), drawn or {}))


@cache
def drawn_of(report: Report) -> dict[str, Drawn]:
    """The pictures of a report; drawn once for all tests that ask for the same."""
    return dict(draw_all(document(report), report.period, artist(), png=True, told=lambda _done, _of: None))
