"""Answers that go on after their headers, such as server-sent events; the server puts its headers on them first."""

from __future__ import annotations

from abc import abstractmethod

from aiohttp import web


class Flow(web.StreamResponse):
    """An answer whose body comes bit by bit."""

    @abstractmethod
    async def flow(self, request: web.BaseRequest) -> None:
        """Prepare the answer, send its body and return at its end.

        Raises:
            OSError: The client went away.
        """
