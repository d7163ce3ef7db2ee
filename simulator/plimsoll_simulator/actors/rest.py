"""Signed calls for one account, as a bot makes them: HMAC, the exchange's clock, errors with code and message."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession
from yarl import URL

from plimsoll.clock import Clock
from plimsoll_simulator.world import TRADE_KEY_PREFIX, TRADE_SECRET_PREFIX

OUTSIDE_WINDOW = -1021
# With these the exchange says itself that it does not know whether it has carried a call out.
_OUTCOME_UNKNOWN = (-1000, -1001, -1006, -1007)


class CallFailed(Exception):
    """The exchange refused; or gave no answer that says so (``code`` 0), and nobody knows what happened."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Rest:
    """The REST surface for the trading key of an account."""

    def __init__(self, session: ClientSession, url: str, account: str, clock: Clock) -> None:
        self._session = session
        self._url = url
        self._key = f"{TRADE_KEY_PREFIX}{account}"
        self._secret = f"{TRADE_SECRET_PREFIX}{account}".encode()
        self._clock = clock
        self._offset_ms = 0

    def time_ms(self) -> int:
        """The exchange's time as far as the bot knows it."""
        return int(self._clock.now() * 1000) + self._offset_ms

    async def signed(self, method: str, path: str, **params: str) -> object:
        """A signed call; when the clock has drifted it is set, and the call made once more.

        Raises:
            CallFailed: The exchange does not do it, or does not answer.
        """
        try:
            return await self._signed_once(method, path, params)
        except CallFailed as refused:
            if refused.code != OUTSIDE_WINDOW:
                raise
        await self._set_clock()
        return await self._signed_once(method, path, params)

    async def _signed_once(self, method: str, path: str, params: Mapping[str, str]) -> object:
        payload = urlencode({**params, "timestamp": str(self.time_ms())})
        signature = hmac.new(self._secret, payload.encode(), hashlib.sha256).hexdigest()
        return await self.keyed(method, f"{path}?{payload}&signature={signature}")

    async def keyed(self, method: str, path_and_query: str) -> object:
        """A call with the key alone.

        Raises:
            CallFailed: The exchange does not do it, or does not answer.
        """
        address = URL(f"{self._url}{path_and_query}", encoded=True)
        try:
            async with self._session.request(method, address, headers={"X-MBX-APIKEY": self._key}) as answer:
                text = await answer.text()
        except (ClientError, TimeoutError) as error:
            raise CallFailed(0, f"no answer ({type(error).__name__})") from error
        content = _decoded(text)
        if answer.ok:
            return content
        if isinstance(content, dict) and isinstance(content.get("code"), int):
            known = content["code"] not in _OUTCOME_UNKNOWN
            raise CallFailed(content["code"] if known else 0, str(content.get("msg")))
        raise CallFailed(0, f"HTTP {answer.status} {text[:200]}")

    async def _set_clock(self) -> None:
        answer = await self.keyed("GET", "/fapi/v1/time")
        if isinstance(answer, dict):
            self._offset_ms = int(answer["serverTime"]) - int(self._clock.now() * 1000)


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
