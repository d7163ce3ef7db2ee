"""The driver's side of a running simulator: its control API, and calls as any client of the exchange makes them.

The driver's calls count against an address of its own, never against the exporter's.
"""

from __future__ import annotations

import hashlib
import hmac
import time

import aiohttp

OWN_ADDRESS = {"X-Simulated-IP": "192.0.2.7"}


class Simulated:
    """A simulator at ``url``."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def do(self, command: str, **fields: object) -> None:
        """One command of the control API.

        Raises:
            aiohttp.ClientResponseError: It was refused.
        """
        async with self._session.post(f"{self._url}/sim/{command}", json=fields) as answer:
            answer.raise_for_status()
            await answer.read()

    async def weight(self) -> int:
        """Request weight that everybody has used until now."""
        async with self._session.get(f"{self._url}/sim/requests") as answer:
            answer.raise_for_status()
            weights: dict[str, int] = (await answer.json())["weights"]
        return sum(weights.values())

    async def trade(self, account: str, symbol: str, side: str, quantity: str) -> None:
        """A fill on an account, as from a bot."""
        await self.do("trade", account=account, symbol=symbol, side=side, quantity=quantity)

    async def read(self, account: str, path: str) -> None:
        """A signed read of an account.

        Raises:
            aiohttp.ClientResponseError: It was refused.
        """
        query = f"timestamp={int(time.time() * 1000)}"
        signature = hmac.new(f"simulator-secret-{account}".encode(), query.encode(), hashlib.sha256).hexdigest()
        url = f"{self._url}{path}?{query}&signature={signature}"
        async with self._session.get(url, headers=_as(account)) as answer:
            answer.raise_for_status()
            await answer.read()

    async def market_stream(self, *streams: str) -> aiohttp.ClientWebSocketResponse:
        """A connection with those market streams."""
        return await self._stream(f"/market/stream?streams={'/'.join(streams)}")

    async def user_stream(self, account: str) -> aiohttp.ClientWebSocketResponse:
        """A connection with the user events of an account; its listen key is the one that everybody gets."""
        async with self._session.post(f"{self._url}/fapi/v1/listenKey", headers=_as(account)) as answer:
            answer.raise_for_status()
            key: str = (await answer.json())["listenKey"]
        return await self._stream(f"/private/ws/{key}")

    async def _stream(self, path: str) -> aiohttp.ClientWebSocketResponse:
        return await self._session.ws_connect(self._url.replace("http://", "ws://", 1) + path)


def _as(account: str) -> dict[str, str]:
    return {**OWN_ADDRESS, "X-MBX-APIKEY": f"simulator-key-{account}"}
