"""Markdown of text panels as HTML: headings, lists, tables, emphasis, code, links; HTML in it is shown, never run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from tools.dashboards.preview.context import escape, safe_address

_INLINE: tuple[tuple[str, str], ...] = (
    (r"\*\*(.+?)\*\*", r"<strong>\1</strong>"),
    (r"(?<![\w*])\*([^*\s][^*]*?)\*(?!\w)", r"<em>\1</em>"),
    (r"(?<!\w)_([^_\s][^_]*?)_(?!\w)", r"<em>\1</em>"),
)
_PIECE = re.compile(r"`([^`]+)`|\[([^\]]*)\]\(([^)\s]+)\)")
_RULER = re.compile(r"\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?")


def render(written: str, addresses: Callable[[str], str]) -> str:
    """Markdown as HTML.

    Args:
        written: The panel's text, variables filled in.
        addresses: From a link's address to where it leads here.
    """
    blocks = re.split(r"\n\s*\n", written.strip().replace("\r\n", "\n"))
    return "".join(part for block in blocks for part in _block(block.split("\n"), addresses))


def inline(words: str, addresses: Callable[[str], str]) -> str:
    """One run of text as HTML."""
    parts, last = [], 0
    for match in _PIECE.finditer(words):
        parts.append(_plain(words[last : match.start()]))
        if match[1] is not None:
            parts.append(f"<code>{escape(match[1])}</code>")
        else:
            target = escape(safe_address(addresses(match[3])))
            parts.append(f'<a class="link" href="{target}">{_plain(match[2])}</a>')
        last = match.end()
    return "".join([*parts, _plain(words[last:])])


def _plain(words: str) -> str:
    found = escape(words)
    for pattern, put in _INLINE:
        found = re.sub(pattern, put, found)
    return found


def _kind(line: str) -> str:
    if re.match(r"\s*[-*+] ", line):
        return "ul"
    if re.match(r"\s*\d+[.)] ", line):
        return "ol"
    if re.match(r"#{1,6} ", line):
        return "heading"
    return "table" if line.lstrip().startswith("|") else "p"


def _block(lines: list[str], addresses: Callable[[str], str]) -> Iterator[str]:
    for kind, group in groupby((line for line in lines if line.strip()), key=_kind):
        found = list(group)
        if kind in {"ul", "ol"}:
            entries = (re.sub(r"^\s*([-*+]|\d+[.)]) ", "", line) for line in found)
            yield f"<{kind}>{''.join(f'<li>{inline(entry, addresses)}</li>' for entry in entries)}</{kind}>"
        elif kind == "heading":
            for line in found:
                level = len(line) - len(line.lstrip("#"))
                yield f"<h{level + 2 if level < 5 else 6}>{inline(line[level:].strip(), addresses)}</h{level + 2 if level < 5 else 6}>"  # noqa: E501, PLR2004 - below the page's and the panel's headings
        elif kind == "table":
            yield _table(found, addresses)
        else:
            yield f"<p>{inline(' '.join(line.strip() for line in found), addresses)}</p>"


def _table(lines: list[str], addresses: Callable[[str], str]) -> str:
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines if not _RULER.fullmatch(line)
    ]
    ruled = len(rows) < len(lines)
    html = []
    for place, row in enumerate(rows):
        tag = "th" if ruled and place == 0 else "td"
        html.append("<tr>" + "".join(f"<{tag}>{inline(cell, addresses)}</{tag}>" for cell in row) + "</tr>")
    return f"<table>{''.join(html)}</table>"
