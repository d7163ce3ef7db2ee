"""``Guard``: finds whatever is new in an account that is locked out, by stream and by reading, so that it is closed.

The stream tells at once; reading makes up for a stream that is not there or does not tell.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from decimal import Decimal

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError
from plimsoll.exchange.port import AccountSink, PrivateStream
from plimsoll.model.events import AccountEvent, AccountUpdate, AlgoUpdate, OrderUpdate
from plimsoll.pause import pause
from plimsoll_enforcer.steady import steadily
from plimsoll_enforcer.trading.finder import TIMEOUT, Finder
from plimsoll_enforcer.trading.port import Trader

log = logging.getLogger(__name__)

BLIND_SECONDS = 1.5
"""Between two looks while the stream is not open; weight 5 each."""

SEEING_SECONDS = 5.0
"""The same while it is open."""

OpenStream = Callable[[AccountSink], PrivateStream]


class Guard:
    """Watches one locked account.

    Args:
        account: Its name.
        trader: Reads it.
        open_stream: Makes its stream; ``None`` to read alone.
        found: Told the symbols on which something new is; it begins closing.
        busy: Whether closing goes on already, so that no look is needed.
        clock: Time.
    """

    def __init__(
        self,
        account: str,
        trader: Trader,
        open_stream: OpenStream | None,
        *,
        found: Callable[[frozenset[str]], None],
        busy: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self._account, self._finder, self._open_stream = account, Finder(trader, clock), open_stream
        self._found, self._busy, self._clock = found, busy, clock
        self._news = asyncio.Event()
        self._connected = False
        self._fine = True

    @property
    def balance(self) -> Decimal | None:
        """The account's margin balance at the last clean look, in USD, or in USDT in single-asset mode."""
        return self._finder.balance

    async def run(self) -> None:
        """Guard until cancelled."""
        async with asyncio.TaskGroup() as group:
            if self._open_stream is not None:
                stream = self._open_stream(self)
                group.create_task(steadily(f"the stream of {self._account}", stream.run, self._clock))
            group.create_task(self._look_on())

    def look_now(self, *, whole: bool = False) -> None:
        """Look at once, at conditional orders too where ``whole`` is given."""
        if whole:
            self._finder.forget()
        self._news.set()

    def stream_opened(self, form: str) -> None:
        """What happened before is not told: look."""
        log.debug("account %s: the stream is open (%s)", self._account, form)
        self._connected = True
        self._news.set()

    def stream_lost(self, reason: str) -> None:
        """Look more often."""
        log.debug("account %s: the stream is lost: %s", self._account, reason)
        self._connected = False
        self._news.set()

    def stream_event(self, event: AccountEvent) -> None:
        """Look where somebody has ordered or traded."""
        if isinstance(event, AlgoUpdate) and not event.order.ended:
            self.look_now(whole=True)
        elif isinstance(event, OrderUpdate | AccountUpdate) and _opens(event):
            self.look_now()

    async def _look_on(self) -> None:
        while True:
            self._news.clear()
            if not self._busy():
                await self._look()
            await pause(self._news, SEEING_SECONDS if self._connected else BLIND_SECONDS, self._clock)

    async def _look(self) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                symbols = await self._finder.symbols()
        except (ExchangeError, TimeoutError) as error:
            self._tell(fine=False, why=str(error) or "no answer in time")
            return
        self._tell(fine=True)
        if symbols and not self._busy():
            self._found(symbols)

    def _tell(self, *, fine: bool, why: str = "") -> None:
        """Say once that it cannot look, and once that it can again."""
        if not fine and self._fine:
            log.error("account %s is locked out and cannot be read now (%s); trying on", self._account, why)
        elif fine and not self._fine:
            log.warning("account %s is locked out and can be read again", self._account)
        self._fine = fine


def _opens(event: OrderUpdate | AccountUpdate) -> bool:
    """Whether an order rests or a position is held after it."""
    if isinstance(event, OrderUpdate):
        return not event.order.ended
    return any(change.amount != 0 for change in event.positions)
