"""The frame of the programs' pages: one HTML file and its own static files, from package data, read once at the start.

Scripts are plain ES modules and the style one sheet beside them: nothing is built, nothing is loaded from elsewhere,
and nothing of the state is in the HTML, so that no word of a stranger is ever part of a page's markup. What both pages
share (``base.css``, ``dom.js``, ``words.js``) lies in ``assets`` beside this file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import web

from plimsoll.web.server import Route

ASSETS_PATH = "/assets/"
"""Under which every static file is served, by its name."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""A page may load what its own server has, and turn no text into markup."""

PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}
"""On every page and every static file: a browser asks each time whether its copy is still right."""

CONTENT_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
"""Files with another suffix are not served."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StaticFile:
    """A file as it is served.

    Attributes:
        etag: Changes with the content.
    """

    content: bytes
    content_type: str
    etag: str

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """The file; 304 to a client that has it."""
        headers = {**PAGE_HEADERS, "ETag": f'"{self.etag}"'}
        if self._known(request):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        return web.Response(body=self.content, content_type=self.content_type, charset="utf-8", headers=headers)

    def _known(self, request: web.BaseRequest) -> bool:
        named = ",".join(request.headers.getall("If-None-Match", []))
        return any(name.strip().removeprefix("W/") in {f'"{self.etag}"', "*"} for name in named.split(","))


def page_routes(package: str, *, page: str, door: bool = True) -> dict[str, Route]:
    """The routes of a page: ``/`` and every static file of its own and of both pages.

    Args:
        package: Whose folder ``assets`` holds the page's own files, e.g. ``plimsoll_exporter.page``.
        page: The HTML file among them that ``/`` gives.
        door: Whether the web configuration's passwords and rate limit apply to all of it.

    Raises:
        ValueError: A file of the page's own has the name of a shared one.
    """
    shared, own = _folder("plimsoll.web"), _folder(package)
    if doubled := shared.keys() & own.keys():
        raise ValueError(f"{package}: {', '.join(sorted(doubled))} would hide a shared file")
    found = {name: Route(handler=file.answer, door=door) for name, file in (shared | own).items()}
    return {"/": found.pop(page), **{ASSETS_PATH + name: route for name, route in found.items()}}


def _folder(package: str) -> dict[str, StaticFile]:
    """Every file in a package's folder ``assets`` that may be served, by its name."""
    found = (_static(file) for file in (files(package) / "assets").iterdir() if file.is_file())
    return {name: file for name, file in found if file is not None}


def _static(file: Traversable) -> tuple[str, StaticFile | None]:
    content_type = CONTENT_TYPES.get("." + file.name.rpartition(".")[2])
    if content_type is None:
        return file.name, None
    content = file.read_bytes()
    etag = hashlib.sha256(content).hexdigest()[:32]
    return file.name, StaticFile(content=content, content_type=content_type, etag=etag)
