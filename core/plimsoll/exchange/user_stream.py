"""The user-data stream of one account: listen key, form of the URL, translation and delivery of its events.

The exchange tells nothing of what was missed; every loss is therefore reported, and the account is read again.
"""

from __future__ import annotations

from typing import NoReturn

import aiohttp

from plimsoll.clock import Clock
from plimsoll.config.model import StreamForm
from plimsoll.errors import Malformed
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.forms import FormChoice, private_url
from plimsoll.exchange.listen_key import ListenKey
from plimsoll.exchange.messages import Message
from plimsoll.exchange.pacing import ConnectPacer, StreamTimings
from plimsoll.exchange.payload.events import account_event
from plimsoll.exchange.port import AccountReader, AccountSink, Observer
from plimsoll.exchange.socket import Remarks, Socket, SocketLost, open_socket
from plimsoll.exchange.supervisor import Line, Supervisor
from plimsoll.model.events import (
    AccountEvent,
    AccountUpdate,
    AlgoUpdate,
    AssetModeChange,
    IgnoredEvent,
    LeverageChange,
    ListenKeyExpired,
    MarginCall,
    OrderUpdate,
    UnknownEvent,
)

MALFORMED = "malformed"
"""Name of the event that stands for one we know but cannot read."""

_NAMES: dict[type[AccountEvent], str] = {
    AccountUpdate: "ACCOUNT_UPDATE",
    OrderUpdate: "ORDER_TRADE_UPDATE",
    AlgoUpdate: "ALGO_UPDATE",
    LeverageChange: "ACCOUNT_CONFIG_UPDATE",
    AssetModeChange: "ACCOUNT_CONFIG_UPDATE",
    MarginCall: "MARGIN_CALL",
    ListenKeyExpired: "listenKeyExpired",
}


class UserStream:
    """Keeps the private stream of one account open; a ``PrivateStream``.

    Args:
        account: Name of the account, for log and metrics.
        url: Base URL without the routed path.
        form: How to open; ``AUTO`` tries the forms in turn.
        reader: Gives and extends the listen key.
        sink: Takes events and losses.
        session: Makes the connections; not closed here.
        clock: For waits and ages.
        exchange_clock: For the delay of events.
        observer: Is told of events, their delay and reconnects.
        pacer: Shared by all streams of the process.
        timings: For tests.
    """

    def __init__(
        self,
        *,
        account: str,
        url: str,
        form: StreamForm,
        reader: AccountReader,
        sink: AccountSink,
        session: aiohttp.ClientSession,
        clock: Clock,
        exchange_clock: ExchangeClock,
        observer: Observer,
        pacer: ConnectPacer,
        timings: StreamTimings = StreamTimings(),  # noqa: B008 - frozen, so it may be shared
    ) -> None:
        self._forms = FormChoice(form)
        self._events = _Events(
            account=account,
            sink=sink,
            exchange_clock=exchange_clock,
            observer=observer,
            forms=self._forms,
            remarks=Remarks(account),
        )
        key = ListenKey(account=account, reader=reader, clock=clock, timings=timings)
        errand = _Errand(
            key=key, events=self._events, url=url, session=session, clock=clock, pacer=pacer, timings=timings
        )
        self._supervisor = Supervisor(errand, name=account, clock=clock, timings=timings)

    @property
    def connected(self) -> bool:
        """Whether a socket is open and subscribed; no proof that it delivers."""
        return self._supervisor.connected

    @property
    def form(self) -> str:
        """The form in use, as in the configuration."""
        return self._forms.current.value

    async def run(self) -> None:
        """Keep the stream open until cancelled."""
        await self._supervisor.run()

    def distrust(self, reason: str) -> None:
        """Something happened on the account that the stream did not tell: reopen, in the next form of the URL.

        A stream that is not open has said so already; then nothing happens.
        """
        if self._supervisor.distrust(reason):
            self._events.doubted = True


class _Events:
    """Translates messages and passes them on, with every loss and opening, to sink and observer."""

    def __init__(
        self,
        *,
        account: str,
        sink: AccountSink,
        exchange_clock: ExchangeClock,
        observer: Observer,
        forms: FormChoice,
        remarks: Remarks,
    ) -> None:
        self.account = account
        self.forms = forms
        self.remarks = remarks
        self.doubted = False
        self._sink = sink
        self._clock = exchange_clock
        self._observer = observer
        self._was_lost = False

    def opened(self) -> None:
        """Tell that the stream is open, and count it where it was lost before."""
        if self._was_lost:
            self._observer.stream_reconnect(self.account)
        self._sink.stream_opened(self.forms.current.value)

    def lost(self, reason: str, *, form_failed: bool) -> None:
        """Tell of a loss and choose the form of the next attempt."""
        self._was_lost = True
        if self.doubted:
            self.forms.distrust()
        elif form_failed:
            self.forms.failed()
        self.doubted = False
        self._sink.stream_lost(reason)

    def deliver(self, message: Message) -> None:
        """Translate one message and pass it on.

        Raises:
            SocketLost: The listen key has expired.
        """
        if not isinstance(message, dict):
            self.remarks.once("JSON that is no object")
            return
        event, name = self._translated(message)
        self._observer.stream_event(self.account, name, self._delay(event))
        if not isinstance(event, UnknownEvent):
            self.forms.prove()
        if isinstance(event, ListenKeyExpired):
            raise SocketLost("the listen key has expired", prompt=True)
        self._sink.stream_event(event)

    def _translated(self, message: dict[str, object]) -> tuple[AccountEvent, str]:
        """The event and its name for the metrics; one that cannot be read makes the account be read again."""
        try:
            event = account_event(message)
        except Malformed as error:
            self.remarks.once("event that is not as documented", str(error))
            now = self._clock.now_ms()
            return UnknownEvent(time_ms=now, event_ms=now, name=MALFORMED), MALFORMED
        if isinstance(event, UnknownEvent):
            self.remarks.once(f"event of a type unknown to us ({event.name[:40]!r})")
            return event, "unknown"
        return event, event.name if isinstance(event, IgnoredEvent) else _NAMES[type(event)]

    def _delay(self, event: AccountEvent) -> float:
        """Seconds since the exchange sent it; 0 where it does not say when."""
        return max(0.0, self._clock.now() - event.event_ms / 1000) if event.event_ms > 0 else 0.0


class _Errand:
    """What the supervisor of a private stream does."""

    def __init__(
        self,
        *,
        key: ListenKey,
        events: _Events,
        url: str,
        session: aiohttp.ClientSession,
        clock: Clock,
        pacer: ConnectPacer,
        timings: StreamTimings,
    ) -> None:
        self._key = key
        self._events = events
        self._url = url
        self._session = session
        self._clock = clock
        self._pacer = pacer
        self._timings = timings
        self._listen_key = ""
        self.opened = events.opened
        self.lost = events.lost
        self.deliver = events.deliver

    async def connect(self, *, renewal: bool) -> Socket:
        """Fetch the key first, so that an account without one takes no other account's turn; then connect."""
        self._listen_key = await self._key.fetch(renewal=renewal)
        await self._pacer.turn()
        return await open_socket(
            self._session,
            private_url(self._url, self._events.forms.current, self._listen_key),
            clock=self._clock,
            timings=self._timings,
            remarks=self._events.remarks,
        )

    async def prepare(self, line: Line) -> None:
        """Subscribe by message where the form asks for it; an event says as much as the answer."""
        if self._events.forms.current is not StreamForm.SUBSCRIBE:
            return
        try:
            await line.socket.request("SUBSCRIBE", [self._listen_key])
        except TimeoutError:
            if not line.heard.is_set():
                raise

    async def tend(self, supervisor: Supervisor) -> NoReturn:  # noqa: ARG002 - other errands need it
        """Keep the listen key alive."""
        await self._key.keep_alive()
