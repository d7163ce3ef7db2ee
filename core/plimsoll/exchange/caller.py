"""The one way that every REST call takes: its share of the weight, the attempt, the report of it, safe repeats.

A ``Line`` is what all accounts behind one address share; a ``Caller`` is one account's use of it. Repeated are reads
without an answer, a listen key once, and one call whose timestamp was refused after the clock was measured anew: that
one was certainly not carried out. Nothing else is: a caller decides. (aiohttp itself repeats a GET, PUT or DELETE at
once, the same bytes, when its connection closes before the first byte of the answer, as idle ones do; never a POST.)
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import aiohttp

from plimsoll.clock import Clock
from plimsoll.config.model import ExchangeConfig
from plimsoll.credentials import Credentials
from plimsoll.errors import Banned, ClockRefused, ExchangeError, OutcomeUnknown, Throttled, Unavailable
from plimsoll.exchange.budget import SHARES, Shares, Ticket, WeightBudget
from plimsoll.exchange.client import USER_AGENT, BinanceClient, Headers, Timeouts, make_client
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.endpoints import NOTHING, TIME, Endpoint, Parameters
from plimsoll.exchange.failures import TOO_MANY_ORDERS
from plimsoll.exchange.payload.market import server_time
from plimsoll.exchange.port import Observer

FIRST_BACK_OFF = 0.25
"""Seconds before the first repeat, on average; doubled for each further one."""

SLOW_READING = 0.5
"""Seconds; a reading of the clock that took longer is repeated once. The first one pays for name lookup and TLS before
the request leaves, so the middle of it is not the moment of the exchange's answer."""

CONNECTIONS = 256
"""Open connections to the exchange at most; the weight budget keeps far below it, it only bounds a fault of ours."""

T = TypeVar("T")


class Line:
    """The address's way to the exchange: connections, budget, clock. Opens nothing before the first call."""

    def __init__(
        self,
        config: ExchangeConfig,
        *,
        clock: Clock,
        observer: Observer,
        timeouts: Timeouts,
        shares: Shares = SHARES,
    ) -> None:
        self.config = config
        self.clock = clock
        self.observer = observer
        self.timeouts = timeouts
        self.exchange_clock = ExchangeClock(clock)
        self.budget = WeightBudget(clock=clock, exchange_clock=self.exchange_clock, observer=observer, shares=shares)
        self.measured_at = float("-inf")
        self._connector: aiohttp.TCPConnector | None = None
        self._session: aiohttp.ClientSession | None = None
        self._clients: list[BinanceClient] = []

    @property
    def connector(self) -> aiohttp.TCPConnector:
        """The pool of connections that every session shares."""
        if self._connector is None:
            self._connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        return self._connector

    @property
    def session(self) -> aiohttp.ClientSession:
        """A session without any key, for the streams."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=self.connector, connector_owner=False, headers={"User-Agent": USER_AGENT}
            )
        return self._session

    def client(self, credentials: Credentials | None) -> BinanceClient:
        """A new client for a key; closed with the line.

        Raises:
            KeyRefused: The key cannot be one.
        """
        made = make_client(
            self.config,
            credentials,
            clock=self.exchange_clock,
            connector=self.connector,
            timeouts=self.timeouts,
        )
        self._clients.append(made)
        return made

    async def close(self) -> None:
        """Let nobody wait, close everything that was opened; calls after this fail with ``Unavailable``."""
        self.budget.close()
        for client in self._clients:
            await client.aclose()
        if self._session is not None:
            await self._session.close()
        if self._connector is not None:
            await self._connector.close()


class Key:
    """One key's client, made when first needed, shared by the callers of both priorities."""

    def __init__(self, line: Line, credentials: Credentials | None) -> None:
        self._line = line
        self._credentials = credentials
        self._client: BinanceClient | None = None

    def client(self) -> BinanceClient:
        """The client.

        Raises:
            KeyRefused: The key cannot be one.
        """
        if self._client is None:
            self._client = self._line.client(self._credentials)
        return self._client


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply(Generic[T]):
    """A translated answer, with the monotonic seconds between which it was on the wire."""

    value: T
    sent: float
    received: float


async def _free(_: int) -> None:
    return None


def _unheard(_: Headers) -> None:
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """One account's calls at one priority.

    Attributes:
        account: Whose turn in the budget's line is used; "" for the market's.
        urgent: Whether calls go before routine ones.
        toll: Awaited with the weight of each attempt before it takes its place in the budget's line: an allowance of
            the caller's own.
        on_headers: Told the headers of every answer, good or bad.
    """

    line: Line
    key: Key
    account: str
    urgent: bool = True
    toll: Callable[[int], Awaitable[None]] = _free
    on_headers: Callable[[Headers], None] = _unheard

    async def call(self, endpoint: Endpoint, translate: Callable[[object], T], parameters: Parameters = NOTHING) -> T:
        """Make a call, repeat it where that is safe, translate its answer.

        Args:
            endpoint: What to call.
            translate: From parsed JSON to the model; may raise ``Malformed``.
            parameters: What to send.

        Raises:
            ExchangeError: No usable answer; nothing else is raised.
        """
        asked_at = self.line.clock.monotonic()
        try:
            reply = await self._repeated(endpoint, translate, parameters)
        except ClockRefused as refusal:
            if self.line.measured_at <= asked_at:
                await self._measure_after(refusal, endpoint)
            reply = await self._repeated(endpoint, translate, parameters)
        return reply.value

    async def measure_clock(self) -> None:
        """Read the exchange's time and set our idea of it.

        Raises:
            ExchangeError: No usable answer; the clock stays as it was.
        """
        reading = await self._repeated(TIME, server_time, NOTHING)
        if reading.received - reading.sent > SLOW_READING:
            again = await self._repeated(TIME, server_time, NOTHING)
            reading = min(reading, again, key=lambda reply: reply.received - reply.sent)
        line = self.line
        line.exchange_clock.set(server_ms=reading.value, sent=reading.sent, received=reading.received)
        line.measured_at = line.clock.monotonic()
        line.observer.clock_offset(line.exchange_clock.offset)

    async def _measure_after(self, refusal: ClockRefused, endpoint: Endpoint) -> None:
        """Measure the clock.

        Raises:
            ExchangeError: No usable answer. For what writes it is the refusal: that it was not carried out is certain,
                and must not look like an outcome that nobody knows.
        """
        try:
            await self.measure_clock()
        except ExchangeError:
            if endpoint.writes:
                raise refusal from None
            raise

    async def _repeated(self, endpoint: Endpoint, translate: Callable[[object], T], parameters: Parameters) -> Reply[T]:
        for repeat in range(endpoint.repeats):
            try:
                return await self._attempt(endpoint, translate, parameters)
            except (Unavailable, OutcomeUnknown):
                jitter = random.uniform(0.5, 1.5)  # noqa: S311 - spreads load, protects nothing
                await self.line.clock.sleep(FIRST_BACK_OFF * 2**repeat * jitter)
        return await self._attempt(endpoint, translate, parameters)

    async def _attempt(self, endpoint: Endpoint, translate: Callable[[object], T], parameters: Parameters) -> Reply[T]:
        weight = endpoint.cost(parameters)
        await self.toll(weight)
        async with self.line.budget.spend(weight, account=self.account, urgent=self.urgent) as ticket:
            sent = self.line.clock.monotonic()
            try:
                answer = await self.key.client().ask(
                    endpoint, parameters, on_weight=ticket.report, on_headers=self.on_headers
                )
                value = translate(answer)
            except ExchangeError as failure:
                self._failed(endpoint, ticket, sent, failure)
                raise
            received = self.line.clock.monotonic()
            self.line.observer.request(endpoint.name, received - sent, None)
            return Reply(value=value, sent=sent, received=received)

    def _failed(self, endpoint: Endpoint, ticket: Ticket, sent: float, failure: ExchangeError) -> None:
        self.line.observer.request(endpoint.name, self.line.clock.monotonic() - sent, failure.kind)
        if isinstance(failure, Throttled) and _of_the_address(endpoint, failure):
            self.line.budget.pause(failure)
        # Failed for certain: the exchange does not count it, and an outage must not eat the weight of the restart.
        ticket.sent = not isinstance(failure, Unavailable)


def _of_the_address(endpoint: Endpoint, failure: Throttled) -> bool:
    """Whether everybody must be silent: not for one account's orders, not for the wallet's own count, but for a ban."""
    return isinstance(failure, Banned) or not (endpoint.wallet or failure.code == TOO_MANY_ORDERS)
