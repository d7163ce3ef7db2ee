"""The previews over HTTP, drawn at every request: for ``make demo``, on loopback, without Docker and Grafana."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web
from tools.dashboards.preview import pages
from tools.dashboards.preview.board import Board, load
from tools.dashboards.preview.colours import THEMES, ThemeName
from tools.dashboards.preview.source import Prometheus

from plimsoll.web.hosts import AllowedHosts

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_KINDS = {"preview.css": "text/css", "preview.js": "text/javascript", "plotly.min.js": "text/javascript"}
_FIRST = "plimsoll-fleet"
"""The dashboard that comes first, where it is there."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def boards_in(folder: Path) -> list[Board]:
    """The dashboards of a folder, the first one first."""
    found = [load(path) for path in sorted(folder.glob("*.json"))]
    return sorted(found, key=lambda board: (board.uid != _FIRST, board.title))


def application(folder: Path, source: Prometheus, listen_host: str = "127.0.0.1") -> web.Application:
    """The server: ``/`` lists the dashboards, ``/d/UID`` draws one, with Grafana's parameters and ``theme``."""
    hosts = AllowedHosts(listen_host=listen_host, allowed=())

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not hosts.allows(request.headers.get("Host", "")):
            raise web.HTTPMisdirectedRequest(text="This server is not known by that name.\n")
        answer = await handler(request)
        answer.headers["Content-Security-Policy"] = _POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    async def board(request: web.Request) -> web.Response:
        shelf = _shelf(await asyncio.to_thread(boards_in, folder), request)
        one = next((one for one in shelf.boards if one.uid == request.match_info["uid"]), None)
        if one is None:
            raise web.HTTPNotFound(text="There is no such dashboard.\n")
        drawn = await asyncio.to_thread(pages.page, one, shelf, source, _wanted(request))
        return _html(drawn)

    async def index(request: web.Request) -> web.Response:
        shelf = _shelf(await asyncio.to_thread(boards_in, folder), request)
        return _html(pages.index(shelf, THEMES[_theme(request)]))

    async def asset(request: web.Request) -> web.Response:
        name = request.path.removeprefix("/")
        kept = {"Cache-Control": "max-age=3600" if name == "plotly.min.js" else "no-cache"}
        return web.Response(text=pages.asset(name), content_type=_KINDS[name], headers=kept)

    app = web.Application(middlewares=[guarded])
    app.router.add_get("/", index)
    app.router.add_get("/d/{uid}", board)
    app.router.add_get("/d/{uid}/{slug}", board)
    for name in _KINDS:
        app.router.add_get(f"/{name}", asset)
    return app


def serve(folder: Path, source: Prometheus, host: str, port: int) -> None:
    """Serve until a signal ends the program."""
    web.run_app(application(folder, source, host), host=host, port=port, print=None, handle_signals=True)


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})


def _theme(request: web.Request) -> ThemeName:
    return "light" if request.query.get("theme") == "light" else "dark"


def _shelf(boards: Sequence[Board], request: web.Request) -> pages.Shelf:
    """Links to other dashboards keep the theme."""
    kept = urlencode({"theme": "light"}) if _theme(request) == "light" else ""

    def addresses(address: str) -> str:
        if not kept or not address.startswith("/d/"):
            return address
        return address + ("&" if "?" in address else "?") + kept

    return pages.Shelf(boards=boards, addresses=addresses)


def _wanted(request: web.Request) -> pages.Wanted:
    asked = {
        name.removeprefix("var-"): [one for one in request.query.getall(name) if one]
        for name in request.query
        if name.startswith("var-")
    }
    return pages.Wanted(
        now=time.time(),
        theme=_theme(request),
        asked=asked,
        begin=request.query.get("from", ""),
        end=request.query.get("to", ""),
        live=True,
    )
