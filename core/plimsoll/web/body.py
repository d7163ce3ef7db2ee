"""Bodies of requests with bounds: how large, and how long they may take."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from aiohttp import web

from plimsoll.web.answers import refused

BODY_SECONDS = 10.0
"""Within which the whole body must have come."""


async def read_body(request: web.BaseRequest, *, limit: int, seconds: float = BODY_SECONDS) -> bytes | web.Response:
    """The body, or the answer (408, 413) to one that does not come in time or is larger than ``limit`` bytes."""
    try:
        async with asyncio.timeout(seconds):
            content = await _body(request, limit)
    except TimeoutError:
        return refused(HTTPStatus.REQUEST_TIMEOUT, "the body did not come")
    if content is None:
        return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {limit} bytes")
    return content


async def _body(request: web.BaseRequest, limit: int) -> bytes | None:
    """The body; ``None`` for one that is too large, of which no more is read than needed to know."""
    if (request.content_length or 0) > limit:
        return None
    content = b""
    while chunk := await request.content.read(limit):
        content += chunk
        if len(content) > limit:
            return None
    return content
