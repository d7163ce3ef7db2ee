"""Short answers of every web server here: a line of text, or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web


def plain(status: HTTPStatus, text: str, **headers: str) -> web.Response:
    """One line of text."""
    return web.Response(status=status, text=text + "\n", headers=headers)


def json_text(text: str, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """JSON that was written already."""
    return web.Response(status=status, text=text + "\n", content_type="application/json")


def json_answer(status: HTTPStatus, content: Mapping[str, object], **headers: str) -> web.Response:
    """An object as JSON."""
    answer = json_text(json.dumps(content), status)
    answer.headers.update(headers)
    return answer


def refused(status: HTTPStatus, text: str, **headers: str) -> web.Response:
    """An error as JSON, after which the connection ends: what of the body was not read is not waited for."""
    answer = json_answer(status, {"error": text}, **headers)
    answer.force_close()
    return answer


async def healthy(_: web.BaseRequest) -> web.Response:
    """The answer of a program that runs."""
    return plain(HTTPStatus.OK, "healthy")


async def not_found(_: web.BaseRequest) -> web.Response:
    """The answer on every path that is none."""
    return plain(HTTPStatus.NOT_FOUND, "not found")
