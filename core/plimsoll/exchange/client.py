"""The only module that knows python-binance: its ``AsyncClient``, made fit for the seam.

Kept from it: the calls by name, the signing with all three kinds of key, the session. Replaced: the base URLs, the
clock that signs, the reading of answers, every exception. Nothing raised here carries a URL, which can hold a
signature, or an exception that does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import NoReturn

import aiohttp
from binance import AsyncClient

from plimsoll import __version__
from plimsoll.config.model import ExchangeConfig
from plimsoll.credentials import Credentials
from plimsoll.errors import KeyRefused, Malformed
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.endpoints import Endpoint, Parameters
from plimsoll.exchange.failures import Answer, of_answer, of_transport, refusal_in
from plimsoll.exchange.payload.scalars import parse

USER_AGENT = f"plimsoll/{__version__}"
RECV_WINDOW_MS = 5000
USED_WEIGHT = "X-MBX-USED-WEIGHT-1M"

Headers = Mapping[str, str]
"""Headers of an answer; names are found in any case."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeouts:
    """Seconds that a request may take; ``connect`` is the TCP handshake alone, ``total`` is everything."""

    total: float = 10.0
    connect: float = 5.0

    def for_aiohttp(self) -> aiohttp.ClientTimeout:
        """The same in aiohttp's words."""
        return aiohttp.ClientTimeout(total=self.total, sock_connect=self.connect)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Call:
    """The call that runs in this task, for ``_handle_response``, which python-binance tells the answer only."""

    endpoint: Endpoint
    on_weight: Callable[[int], None]
    on_headers: Callable[[Headers], None]


_CALL: ContextVar[_Call] = ContextVar("plimsoll_call")


class BinanceClient(AsyncClient):  # type: ignore[misc]  # python-binance ships no types
    """python-binance's client for one key, or for none; make it inside the running loop."""

    REQUEST_RECVWINDOW = RECV_WINDOW_MS

    def __init__(
        self,
        config: ExchangeConfig,
        credentials: Credentials | None,
        *,
        clock: ExchangeClock,
        connector: aiohttp.BaseConnector,
        timeouts: Timeouts,
    ) -> None:
        self._exchange_clock = clock
        self._connector = connector
        super().__init__(
            **_key_arguments(credentials),
            requests_params={"timeout": timeouts.for_aiohttp(), "allow_redirects": False},
            loop=asyncio.get_running_loop(),
        )
        self.FUTURES_URL = f"{config.rest_url.rstrip('/')}/fapi"
        self.MARGIN_API_URL = f"{(config.wallet_url or '').rstrip('/')}/sapi"

    def __repr__(self) -> str:
        return "BinanceClient(***)"

    async def ask(
        self,
        endpoint: Endpoint,
        parameters: Parameters,
        *,
        on_weight: Callable[[int], None],
        on_headers: Callable[[Headers], None],
    ) -> object:
        """Make one call and return its parsed answer; decimals are ``Decimal``.

        Args:
            endpoint: What to call.
            parameters: What to send besides ``endpoint.fixed``.
            on_weight: Told the address's used weight, where the answer says it, also when the call fails.
            on_headers: Told all headers of an answer, good or bad.

        Raises:
            ExchangeError: No usable answer; see ``plimsoll.errors``.
        """
        token = _CALL.set(_Call(endpoint=endpoint, on_weight=on_weight, on_headers=on_headers))
        try:
            return await getattr(self, endpoint.method)(**endpoint.fixed, **parameters)
        except (aiohttp.ClientError, OSError) as error:
            failure = of_transport(str(endpoint), error)
        finally:
            _CALL.reset(token)
        # Raised out here so that it does not carry the library's error, whose text has the signed URL, as its context.
        raise failure

    async def aclose(self) -> None:
        """Close the session; the shared connector stays open."""
        await self.session.close()

    async def futures_stream_get_listen_key(self) -> object:
        """The whole answer; python-binance would take the key out of it without looking."""
        return await self._request_futures_api("post", "listenKey", data={})

    async def futures_stream_keepalive(self) -> object:
        """Extend the running key; the documentation knows no parameter, python-binance wants one."""
        return await self._request_futures_api("put", "listenKey", data={})

    def _init_session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=self._connector, connector_owner=False, headers=self._get_headers())

    def _get_headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
        return {**headers, "X-MBX-APIKEY": self.API_KEY} if self.API_KEY else headers

    def _generate_signature(self, data: dict[str, object], uri_encode: bool = True) -> str:  # noqa: FBT001, FBT002 - python-binance's signature
        """Sign with the exchange's time: python-binance has just put in the machine's, which may jump or be off."""
        data["timestamp"] = self._exchange_clock.now_ms()
        return str(super()._generate_signature(data, uri_encode))

    async def _handle_response(self, response: aiohttp.ClientResponse) -> object:
        """Read an answer, good or bad; python-binance calls this with every one."""
        call = _CALL.get()
        used = response.headers.get(USED_WEIGHT, "")
        if used.isdecimal() and not call.endpoint.wallet:
            call.on_weight(int(used))
        call.on_headers(response.headers)
        body = await response.read()
        if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            self._fail(call.endpoint, response, body)
        parsed = _parse(str(call.endpoint), body)
        if refusal_in(parsed):
            self._fail(call.endpoint, response, body)
        return parsed

    def _fail(self, endpoint: Endpoint, response: aiohttp.ClientResponse, body: bytes) -> NoReturn:
        raise of_answer(
            str(endpoint),
            Answer(
                status=response.status,
                body=body.decode(errors="replace"),
                retry_after=response.headers.get("Retry-After"),
                now_ms=self._exchange_clock.now_ms(),
            ),
        )


def make_client(
    config: ExchangeConfig,
    credentials: Credentials | None,
    *,
    clock: ExchangeClock,
    connector: aiohttp.BaseConnector,
    timeouts: Timeouts,
) -> BinanceClient:
    """Make a client.

    Raises:
        KeyRefused: The key cannot be one; a human must act, as with a key that the exchange refuses.
    """
    if credentials is not None and not _sendable(credentials.key.reveal()):
        raise KeyRefused("the API key is empty or holds characters that no key has")
    try:
        return BinanceClient(config, credentials, clock=clock, connector=connector, timeouts=timeouts)
    except (ValueError, TypeError, IndexError):
        pass
    # Raised out here so that it does not carry the library's error, whose frames hold the key.
    raise KeyRefused("the private key is not an Ed25519 or RSA key in PEM form without a passphrase")


def _key_arguments(credentials: Credentials | None) -> dict[str, str]:
    if credentials is None:
        return {}
    arguments = {"api_key": credentials.key.reveal()}
    if credentials.secret is not None:
        arguments["api_secret"] = credentials.secret.reveal()
    if credentials.private_key is not None:
        # python-binance takes more than 120 characters for RSA; with Windows line ends an Ed25519 key has 121.
        lines = credentials.private_key.reveal().split("\n")
        arguments["private_key"] = "\n".join(line.strip() for line in lines if line.strip())
    return arguments


def _sendable(key: str) -> bool:
    return key.isascii() and key.isprintable() and key != "" and " " not in key


def _parse(where: str, body: bytes) -> object:
    if body.lstrip().startswith(b"<"):
        raise Malformed(f"{where}: the answer is HTML")
    return parse(body, where)
