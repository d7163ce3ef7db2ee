"""How an actor keeps in step with its story: it asks for cues and says what it has dealt with (``/sim/``)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress

from aiohttp import ClientError, ClientSession, ClientTimeout


class Cues:
    """The stage of a simulator, for one of its actors."""

    def __init__(self, session: ClientSession, url: str, actor: str) -> None:
        self._session = session
        self._url = url
        self._actor = actor

    async def follow(self) -> AsyncIterator[Mapping[str, str]]:
        """Every cue as it comes, until the play is over or the simulator has gone.

        An actor that asks for the next cue has dealt with the one before.
        """
        with suppress(ClientError):
            while True:
                cue = await self._call("cue", {"actor": self._actor})
                if not isinstance(cue, dict) or not isinstance(cue.get("cue"), dict):
                    return
                yield cue["cue"]

    async def reachable(self) -> bool:
        """Whether the simulator answers at all."""
        try:
            async with self._session.get(f"{self._url}/sim/story"):
                return True
        except ClientError:
            return False

    async def report(self, order_id: int) -> None:
        """Say that the order has been dealt with."""
        with suppress(ClientError):
            await self._call("report", {"actor": self._actor, "order_id": order_id})

    async def _call(self, path: str, body: Mapping[str, object]) -> object:
        # A cue may be long in coming; the connection ends with the simulator.
        forever = ClientTimeout(total=None)
        async with self._session.post(f"{self._url}/sim/{path}", json=body, timeout=forever) as answer:
            content: object = json.loads(await answer.text())
            return content
