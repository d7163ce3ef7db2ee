"""A whole page: a dashboard with its data, or the list of all dashboards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from tools.dashboards.preview import bar, choices, gather, panel_html
from tools.dashboards.preview.board import Board
from tools.dashboards.preview.colours import THEMES, Theme, ThemeName
from tools.dashboards.preview.context import Addresses, Context, escape
from tools.dashboards.preview.layout import Placed, Section, sections
from tools.dashboards.preview.source import Prometheus, SourceError
from tools.dashboards.preview.times import Range, TimeError, between
from tools.dashboards.preview.units import Moment
from tools.dashboards.preview.variables import Scope, Value, built_in

ASSETS = Path(__file__).with_name("assets")
_WORKERS = 4


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be shown.

    Attributes:
        now: Seconds since 1970.
        theme: ``dark`` or ``light``.
        asked: Values of variables by name.
        begin: The range's beginning as Grafana writes it; empty is the dashboard's own.
        end: Its end.
        live: Whether the page is served, so that it can be drawn anew with other choices.
    """

    now: float
    theme: ThemeName = "dark"
    asked: Mapping[str, Sequence[str]] = field(default_factory=dict)
    begin: str = ""
    end: str = ""
    live: bool = False


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """All dashboards, and where their pages are found."""

    boards: Sequence[Board]
    addresses: Addresses


def page(board: Board, shelf: Shelf, source: Prometheus, wanted: Wanted) -> str:
    """A dashboard as a page of HTML, with all its data; what goes wrong is told on it."""
    theme = THEMES[wanted.theme]
    faults, times, values = list[str](), _usual(board, wanted.now), dict[str, Value]()
    try:
        times = between(wanted.begin or board.begin, wanted.end or board.end, wanted.now, board.zone)
        values = choices.values(board, wanted.asked, source, times)
    except (TimeError, SourceError) as error:
        faults.append(str(error))
    scope = Scope(values=values).holding(__dashboard=board.title, **built_in(times, times.step(300)))
    marks, more = (
        gather.marks(board, scope, gather.Asking(source=source, times=times), theme) if not faults else ([], [])
    )
    context = Context(
        theme=theme,
        moment=Moment(now=wanted.now, zone=times.zone),
        times=times,
        scope=scope,
        addresses=shelf.addresses,
        marks=marks,
    )
    told = "".join(f'<p class="fault" role="alert">⚠ {escape(one)}</p>' for one in [*faults, *more])
    body = "" if faults else _body(board, context, source)
    head = bar.bar(board, shelf.boards, context, live=wanted.live)
    return _document(board.title, f'{head}<main id="main">{told}{body}</main>', theme, board, live=wanted.live)


def index(shelf: Shelf, theme: Theme) -> str:
    """The list of all dashboards."""
    entries = "".join(
        f'<li><a class="link" href="{escape(shelf.addresses(f"/d/{board.uid}"))}">{escape(board.title)}</a>'
        f"<p>{escape(board.description)}</p></li>"
        for board in shelf.boards
    )
    return _document("Dashboards", f'<main class="index"><h1>Dashboards</h1><ul>{entries}</ul></main>', theme, None)


def _usual(board: Board, now: float) -> Range:
    try:
        return between(board.begin, board.end, now, board.zone)
    except TimeError:
        return between("now-1h", "now", now, board.zone)


def _body(board: Board, context: Context, source: Prometheus) -> str:
    found = sections(board.panels, context.scope)
    asking = gather.Asking(source=source, times=context.times)
    with ThreadPoolExecutor(_WORKERS) as pool:
        everyone = [placed for section in found for placed in section.panels]
        drawn = iter(list(pool.map(lambda one: _one(one, context, asking), everyone)))
    return "".join(_section(section, drawn, context) for section in found)


def _one(placed: Placed, context: Context, asking: gather.Asking) -> str:
    inner = replace(context, scope=placed.scope)
    if placed.panel.kind == "row":
        return panel_html.row(placed, inner)
    return panel_html.panel(placed, gather.view(placed.panel, placed.scope, asking), inner)


def _section(section: Section, drawn: Iterator[str], context: Context) -> str:
    grid = f'<div class="board">{"".join(islice(drawn, len(section.panels)))}</div>'
    if section.collapsed is None:
        return grid
    title = escape(context.scope.fill(section.collapsed.title, "text"))
    return f'<details class="fold" id="row-{section.collapsed.number}"><summary>{title}</summary>{grid}</details>'


@cache
def asset(name: str) -> str:
    """A file that pages need: the style, the script, or plotly."""
    if name == "plotly.min.js":
        return plotly_folder().joinpath("package_data", name).read_text(encoding="utf-8")
    return (ASSETS / name).read_text(encoding="utf-8")


def plotly_folder() -> Path:
    """Where plotly is installed; found without loading it.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("plotly is missing: make setup installs it")
    return Path(spec.origin).parent


def _document(title: str, body: str, theme: Theme, board: Board | None, *, live: bool = True) -> str:
    if live:
        head = '<link rel="stylesheet" href="/preview.css">'
        scripts = '<script src="/plotly.min.js"></script><script src="/preview.js"></script>'
    else:
        head = f"<style>{asset('preview.css')}</style>"
        scripts = f"<script>{asset('plotly.min.js')}</script><script>{asset('preview.js')}</script>"
    colours = ";".join(
        f"--{name}:{getattr(theme, name)}" for name in ("text", "faint", "canvas", "panel", "border", "link")
    )
    refresh = f' data-refresh="{escape(board.refresh)}"' if board and live else ""
    return (
        f'<!doctype html><html lang="en" class="{theme.name}" style="{colours};color-scheme:{theme.name}"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title>{head}</head><body{refresh}>{body}{scripts if board else ''}</body></html>\n"
    )
