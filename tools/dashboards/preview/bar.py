"""The bar at the top of a page: what is shown, and the choice of something else."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from tools.dashboards.preview.board import Board
from tools.dashboards.preview.context import Context, anchor, escape
from tools.dashboards.preview.raw import Json, items, text, truth
from tools.dashboards.preview.variables import ALL, all_parameters

RANGES = ("now-5m", "now-15m", "now-30m", "now-1h", "now-3h", "now-6h", "now-12h", "now-24h", "now-7d")
"""What the choice of a time range offers, until now."""


def bar(board: Board, boards: Sequence[Board], context: Context, *, live: bool) -> str:
    """The bar, as a form where the page is served and as words where it is a file."""
    title = f'<h1 title="{escape(board.description)}">{escape(board.title)}</h1>'
    chosen = _form(board, context) if live else _told(board, context)
    return f'<header class="bar">{title}{chosen}<nav>{_links(board, boards, context)}</nav></header>'


def _form(board: Board, context: Context) -> str:
    fields = "".join(
        _select(f"var-{spec.name}", spec.label, _options(spec.name, context, all_of_them=spec.include_all))
        for spec in board.variables
        if not spec.hidden and spec.kind not in {"datasource", "constant"}
    )
    begin, end = context.times.said
    known = [(one, f"Last {one.removeprefix('now-')}", one == begin and end == "now") for one in RANGES]
    if not any(chosen for _, _, chosen in known):
        known.append((begin, f"{begin} to {end}", True))
    fields += _select("from", "Range", known) + f'<input type="hidden" name="to" value="{escape(end)}">'
    themes = [(one, one.capitalize(), one == context.theme.name) for one in ("dark", "light")]
    fields += _select("theme", "Theme", themes)
    every = [
        (one, words, one == board.refresh)
        for one, words in (("", "off"), ("5s", "5 s"), ("10s", "10 s"), ("30s", "30 s"))
    ]
    fields += _select("", "Refresh", every, "refresh-every")
    return f'<form method="get">{fields}<button type="submit" id="refresh">Refresh</button></form>'


def _options(name: str, context: Context, *, all_of_them: bool) -> list[tuple[str, str, bool]]:
    value = context.scope.values.get(name)
    if value is None:
        return []
    options = [(ALL, "All", value.everything)] if all_of_them else []
    listed = dict.fromkeys([*value.options, *value.values])
    return [*options, *((one, one, not value.everything and one in value.values) for one in listed)]


def _select(name: str, label: str, options: Sequence[tuple[str, str, bool]], key: str = "") -> str:
    inner = "".join(
        f'<option value="{escape(value)}"{" selected" if chosen else ""}>{escape(words)}</option>'
        for value, words, chosen in options
    )
    named = (f' name="{escape(name)}"' if name else "") + (f' id="{key}"' if key else "")
    return f"<label><span>{escape(label)}</span><select{named}>{inner}</select></label>"


def _told(board: Board, context: Context) -> str:
    parts = [
        f"{spec.label}: {context.scope.values[spec.name].told}"
        for spec in board.variables
        if spec.kind != "datasource" and spec.name in context.scope.values
    ]
    parts.append(" to ".join(context.times.said))
    return f'<p class="told">{escape(" · ".join(parts))}</p>'


def _links(board: Board, boards: Sequence[Board], context: Context) -> str:
    parts = []
    for link in board.links:
        query = "&".join(
            part
            for part in (
                all_parameters(context.scope.values) if truth(link.get("includeVars")) else "",
                "from={}&to={}".format(*map(quote, context.times.said)) if truth(link.get("keepTime")) else "",
            )
            if part
        )
        if link.get("type") == "dashboards":
            parts.append(_siblings(link, board, boards, query, context))
        else:
            address = text(link.get("url"))
            joint = "&" if "?" in address else "?"
            whole = {**link, "url": address + (joint + query if query else "")}
            parts.append(anchor(whole, escape(text(link.get("title"))), context, {}))
    return "".join(parts)


def _siblings(link: Json, board: Board, boards: Sequence[Board], query: str, context: Context) -> str:
    tags = {text(tag) for tag in items(link.get("tags"))}
    entries = "".join(
        _sibling(one, context.addresses(f"/d/{one.uid}?{query}"), here=one.uid == board.uid)
        for one in boards
        if tags <= set(one.tags)
    )
    title = escape(text(link.get("title")) or "Dashboards")
    return f'<details class="menu"><summary>{title}</summary><div>{entries}</div></details>'


def _sibling(board: Board, address: str, *, here: bool) -> str:
    current = ' aria-current="page"' if here else ""
    return f'<a class="link" href="{escape(address)}"{current}>{escape(board.title)}</a>'
