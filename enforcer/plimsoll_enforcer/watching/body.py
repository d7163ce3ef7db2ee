"""The whole body of an HTTP answer, as it comes in pieces, and never more of it than somebody would believe."""

from __future__ import annotations

import aiohttp


async def whole_body(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    """Every byte of it; ``StreamReader.read`` alone gives what has arrived so far.

    Args:
        answer: Whose body.
        limit: Bytes.

    Raises:
        ValueError: It is longer.
        aiohttp.ClientError: The connection broke.
    """
    content = bytearray()
    async for piece in answer.content.iter_any():
        content += piece
        if len(content) > limit:
            raise ValueError(f"the answer is longer than {limit} bytes")
    return bytes(content)
