"""Faults that a test or drill asks for, of REST answers, of streams and of user events, until they are used up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from plimsoll.clock import Clock


@dataclass(kw_only=True, slots=True)
class RestFault:
    """A wrong answer for the next ``times`` calls of an endpoint; without a status the answer is only delayed.

    ``endpoint`` is a path, a method and a path, or ``*``; ``account`` narrows it to one account's calls. With
    ``executed`` the call takes effect all the same and only its answer is lost, as when a backend is too slow.
    """

    endpoint: str
    times: int = 1
    status: int | None = None
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    account: str | None = None
    delay: float = 0.0
    reset: bool = False
    executed: bool = False

    def matches(self, method: str, path: str, account: str | None) -> bool:
        """Whether a call meets this fault."""
        endpoint = self.endpoint in {"*", path, f"{method} {path}"}
        return self.times > 0 and endpoint and self.account in {None, account}


@dataclass(kw_only=True)
class RestFaults:
    """The faults in force, oldest first, and the round-trip time that every answer takes."""

    latency: float = 0.0
    _faults: list[RestFault] = field(default_factory=list)

    def add(self, fault: RestFault) -> None:
        """Put a fault in force."""
        self._faults.append(fault)

    def clear(self) -> None:
        """End all faults."""
        self._faults.clear()

    def take(self, method: str, path: str, account: str | None) -> RestFault | None:
        """Use up one occurrence of the first fault that a call meets."""
        for fault in self._faults:
            if fault.matches(method, path, account):
                fault.times -= 1
                return fault
        return None


@dataclass(kw_only=True)
class StreamFaults:
    """What is wrong with streams, by target: an account's name, ``market`` or ``all``; a value is when it ends."""

    clock: Clock
    dead_forms: set[str] = field(default_factory=set)
    _silent: dict[str, float] = field(default_factory=dict)
    _refused: dict[str, float] = field(default_factory=dict)
    _delays: dict[str, float] = field(default_factory=dict)

    def silence(self, target: str, seconds: float) -> None:
        """Deliver nothing to the target for some seconds."""
        self._silent[target] = self.clock.monotonic() + seconds

    def refuse(self, target: str, seconds: float) -> None:
        """Refuse the target's new connections for some seconds."""
        self._refused[target] = self.clock.monotonic() + seconds

    def delay(self, target: str, seconds: float) -> None:
        """Deliver every message to the target that much later."""
        self._delays[target] = seconds

    def resume(self, target: str) -> None:
        """End silence, refusal and delay of the target; ``all`` ends everything."""
        for faults in (self._silent, self._refused, self._delays):
            if target == "all":
                faults.clear()
            faults.pop(target, None)

    def is_silent(self, target: str) -> bool:
        """Whether messages to the target are dropped now."""
        return self._in_force(self._silent, target)

    def is_refused(self, target: str) -> bool:
        """Whether the target's new connections are refused now."""
        return self._in_force(self._refused, target)

    def delay_of(self, target: str) -> float:
        """How much later the target gets its messages, in seconds."""
        return max(self._delays.get(target, 0.0), self._delays.get("all", 0.0))

    def _in_force(self, faults: dict[str, float], target: str) -> bool:
        now = self.clock.monotonic()
        return faults.get(target, 0.0) > now or faults.get("all", 0.0) > now


@dataclass(kw_only=True, slots=True)
class _Disorder:
    drop: int = 0
    repeat: int = 0
    hold: int = 0
    held: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class EventFaults:
    """User events lost, doubled or turned round on their way to an account's streams."""

    _by_account: dict[str, _Disorder] = field(default_factory=dict)

    def drop(self, account: str, count: int) -> None:
        """Lose the next events."""
        self._of(account).drop = count

    def repeat(self, account: str, count: int) -> None:
        """Send each of the next events twice."""
        self._of(account).repeat = count

    def reorder(self, account: str, count: int) -> None:
        """Hold the next events back and send them together, last first."""
        self._of(account).hold = count

    def pass_on(self, account: str, text: str, send: Callable[[str], None]) -> None:
        """Send an event as the faults of the account have it."""
        disorder = self._by_account.get(account)
        if disorder is None:
            send(text)
        elif disorder.drop:
            disorder.drop -= 1
        elif disorder.hold:
            _hold(disorder, text, send)
        else:
            send(text)
            if disorder.repeat:
                disorder.repeat -= 1
                send(text)

    def _of(self, account: str) -> _Disorder:
        return self._by_account.setdefault(account, _Disorder())


def _hold(disorder: _Disorder, text: str, send: Callable[[str], None]) -> None:
    disorder.held.append(text)
    disorder.hold -= 1
    if disorder.hold == 0:
        for each in reversed(disorder.held):
            send(each)
        disorder.held.clear()
