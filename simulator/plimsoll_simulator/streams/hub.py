"""Who listens to what, and the sending of each message: encoded once, queued for every subscriber.

A queue per subscriber keeps a slow one from holding up the others; one that falls too far behind is disconnected.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from plimsoll_simulator.faults import EventFaults, StreamFaults
from plimsoll_simulator.listen_keys import ListenKeys
from plimsoll_simulator.streams.market_messages import messages
from plimsoll_simulator.streams.routes import ListenKeyUse, Plan, delivers
from plimsoll_simulator.world import Event, World

QUEUE_LIMIT = 20_000
MARKET = "market"
ALL = "all"


def encode(content: object) -> str:
    """JSON as the exchange sends it, without spaces."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


class Subscriber:
    """One connection: what it listens to and the messages that wait for it."""

    def __init__(self, plan: Plan) -> None:
        """Begin with what the URL asks for."""
        self.group = plan.group
        self.wrapped = plan.wrapped
        self.streams: dict[str, None] = dict.fromkeys(plan.streams)
        self.keys: dict[str, ListenKeyUse] = {use.key: use for use in plan.keys}
        self.queue: asyncio.Queue[tuple[float, str]] = asyncio.Queue()
        self.cut = asyncio.Event()

    def offer(self, text: str, delay: float = 0.0) -> None:
        """Queue a message; a subscriber that is too far behind is cut off."""
        if self.queue.qsize() >= QUEUE_LIMIT:
            self.cut.set()
            return
        self.queue.put_nowait((asyncio.get_running_loop().time() + delay, text))


class Hub:
    """All subscribers of the exchange."""

    def __init__(self, *, world: World, keys: ListenKeys, faults: StreamFaults, disorder: EventFaults) -> None:
        """Start without subscribers."""
        self._world = world
        self._keys = keys
        self._faults = faults
        self._disorder = disorder
        self._subscribers: dict[Subscriber, None] = {}

    @property
    def subscribers(self) -> int:
        """How many connections are open."""
        return len(self._subscribers)

    @property
    def streams(self) -> int:
        """How many market streams the open connections listen to, together."""
        return sum(len(subscriber.streams) for subscriber in self._subscribers)

    def join(self, subscriber: Subscriber) -> None:
        """Begin to send to a subscriber."""
        self._subscribers[subscriber] = None

    def leave(self, subscriber: Subscriber) -> None:
        """Stop sending to a subscriber."""
        self._subscribers.pop(subscriber, None)

    def publish_market(self, second: int) -> None:
        """Send what the market streams say in this second."""
        if self._faults.is_silent(MARKET):
            return
        delay = self._faults.delay_of(MARKET)
        for stream, listeners in self._by_stream().items():
            for content in messages(self._world, stream, second):
                _send(stream, encode(content), listeners, delay)

    def _by_stream(self) -> dict[str, list[Subscriber]]:
        listeners: dict[str, list[Subscriber]] = {}
        for subscriber in self._subscribers:
            for stream in subscriber.streams:
                if delivers(subscriber.group, stream):
                    listeners.setdefault(stream, []).append(subscriber)
        return listeners

    def send_market(self, text: str) -> None:
        """Send a text as it is to every market connection."""
        for subscriber in self._subscribers:
            if subscriber.group == MARKET:
                subscriber.offer(text)

    def publish_event(self, account: str, event: Event) -> None:
        """Send a user event to everyone who uses the account's listen key, as the account's event faults have it."""
        kind = str(event["e"])
        self._disorder.pass_on(account, encode(event), lambda text: self.send_user(account, kind, text))

    def send_user(self, account: str, kind: str | None, text: str) -> None:
        """Send the text of a user event as it is; without a kind no filter of events holds it back."""
        if self._faults.is_silent(account):
            return
        delay = self._faults.delay_of(account)
        self._to_key_users(lambda key: self._keys.account_of(key) == account, kind, text, delay)

    def publish_expiry(self, key: str, event: Event) -> None:
        """Tell the users of a key that it has ended."""
        self._to_key_users(lambda used: used == key, "listenKeyExpired", encode(event), 0.0)

    def _to_key_users(self, wanted: Callable[[str], bool], kind: str | None, text: str, delay: float) -> None:
        for subscriber in self._subscribers:
            for use in subscriber.keys.values():
                if subscriber.group == "private" and wanted(use.key) and self._alive(use, kind):
                    subscriber.offer(_wrap(use.key, text) if subscriber.wrapped else text, delay)

    def _alive(self, use: ListenKeyUse, kind: str | None) -> bool:
        return use.form not in self._faults.dead_forms and (use.events is None or kind is None or kind in use.events)

    def cut(self, target: str) -> int:
        """Break the target's connections off; gives how many there were."""
        hit = [each for each in self._subscribers if target in {ALL, *self.targets_of(each)}]
        for subscriber in hit:
            subscriber.cut.set()
        return len(hit)

    def targets_of(self, subscriber: Subscriber) -> set[str]:
        """The names by which faults reach a connection: ``market`` or the accounts whose keys it uses."""
        if subscriber.group != "private":
            return {MARKET}
        return {account for key in subscriber.keys if (account := self._keys.account_of(key)) is not None}


def _send(stream: str, text: str, listeners: list[Subscriber], delay: float) -> None:
    wrapped = _wrap(stream, text)
    for subscriber in listeners:
        subscriber.offer(wrapped if subscriber.wrapped else text, delay)


def _wrap(stream: str, text: str) -> str:
    return f'{{"stream":"{stream}","data":{text}}}'
