"""``Views``: every account as the button page shows it: what the desk says, what the exchange and the exporter tell.

It only looks: nothing here locks, closes or decides, and nothing that does waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from plimsoll.clock import Clock
from plimsoll.config.model import AccountConfig, Config, DrawdownRule
from plimsoll_enforcer.decide.told import Told, live_only
from plimsoll_enforcer.desk import AccountFigures, Desk, RunSummary
from plimsoll_enforcer.journal.journal import Journal
from plimsoll_enforcer.viewing.floors import floors_of
from plimsoll_enforcer.viewing.reading import Reading
from plimsoll_enforcer.viewing.room import Room
from plimsoll_enforcer.viewing.values import AccountView, Floor, Locked, Seen
from plimsoll_enforcer.viewing.viewer import EVERY, Viewer
from plimsoll_enforcer.watching.exporter import Exporter, HttpExporter
from plimsoll_enforcer.watching.running import DRY_RUN


@dataclass(kw_only=True, slots=True)
class _Told:
    """What the exporter told of one account, the monotonic second of the question and the Unix time of the answer."""

    asked: float = float("-inf")
    at: float | None = None
    rules: Mapping[str, Told] = field(default_factory=dict)


NO_KEY = Seen(why="this account has no trade key here", why_orders="this account has no trade key here")


class Views:
    """Makes the views; ``close`` it at the end.

    Args:
        config: Every account.
        desk: Says what is in force.
        journal: Keeps the lockouts.
        readings: How each account that has a key is read.
        room: What all of them may spend.
        clock: Time.
        exporter: Tells references; ``None`` for the one of the configuration.
    """

    def __init__(
        self,
        config: Config,
        desk: Desk,
        journal: Journal,
        readings: Mapping[str, Reading],
        *,
        room: Room,
        clock: Clock,
        exporter: Exporter | None = None,
    ) -> None:
        self._config, self._desk, self._journal, self._clock = config, desk, journal, clock
        self._room = room
        self._http = HttpExporter(config.exporter)
        self._exporter: Exporter = exporter or self._http
        self._viewers = {
            name: Viewer(name, reading, take=room.taken, pace=self._pace, clock=clock)
            for name, reading in readings.items()
        }
        self._told: dict[str, _Told] = {}

    async def accounts(self) -> tuple[AccountView, ...]:
        """Every account, in the order of the configuration."""
        names = tuple(self._config.accounts)
        seen, told = await asyncio.gather(
            asyncio.gather(*map(self._seen, names)), asyncio.gather(*map(self._ask, names))
        )
        # Only now, and in one go: what is in force must neither be older than the figures nor of two moments.
        figures, runs = self._desk.figures().accounts, running(self._desk.runs())
        return tuple(
            self._view(figures[name], runs.get(name), what, rules)
            for name, what, rules in zip(names, seen, told, strict=True)
        )

    async def close(self) -> None:
        """End what is under way."""
        await asyncio.gather(*(viewer.close() for viewer in self._viewers.values()))
        await self._http.close()

    async def _seen(self, name: str) -> Seen:
        viewer = self._viewers.get(name)
        return NO_KEY if viewer is None else await viewer.look()

    async def _ask(self, name: str) -> _Told:
        """What the exporter holds, asked at most as often as the exchange, and only where a rule closes."""
        known = self._told.setdefault(name, _Told())
        now = self._clock.monotonic()
        if _closing(self._config.accounts[name]) and now - known.asked >= EVERY:
            known.asked = now
            known.rules = live_only(await self._exporter.told(name))
            known.at = self._clock.now()
        return known

    def _view(self, figures: AccountFigures, run: RunSummary | None, seen: Seen, told: _Told) -> AccountView:
        name = figures.account
        config, locked = self._config.accounts[name], self._locked(name)
        return AccountView(
            account=name,
            configured=config.enforcement.mode,
            mode=figures.mode,
            why_mode=figures.why_mode,
            locked=locked,
            watching=figures.watching,
            run_id=None if run is None else run.run_id,
            failing_since=figures.failing_since,
            releasable=run is not None or locked is not None,
            last_run_at=figures.last_run_at,
            seen=seen,
            floors=self._floors(config, locked, told.rules, seen),
            floors_at=told.at,
        )

    def _locked(self, name: str) -> Locked | None:
        lockout = self._journal.lockout(name)
        if lockout is not None and lockout.until > self._clock.now():
            return Locked(since=lockout.since, until=lockout.until, reason=lockout.reason, rules=lockout.rules)
        gate = self._desk.gate(name)
        return None if gate is None or gate.open else Locked(since=None, until=gate.until, reason=gate.reason)

    def _floors(
        self, config: AccountConfig, locked: Locked | None, told: Mapping[str, Told], seen: Seen
    ) -> tuple[Floor, ...]:
        """Of the rules that a release concerns: those of the lockout, or all that close."""
        rules = config.limits.drawdown
        concerned = tuple(rules[name] for name in (locked.rules if locked else ()) if name in rules)
        return floors_of(concerned or _closing(config), told, None if seen.holding is None else seen.holding.equity_usd)

    def _pace(self) -> float:
        return self._room.seconds(sum(viewer.weight for viewer in self._viewers.values()))


def running(runs: Iterable[RunSummary]) -> dict[str, RunSummary]:
    """The run in progress of each account that has one; a rehearsal is none."""
    return {run.account: run for run in runs if run.ended_at is None and run.mode != DRY_RUN}


def _closing(config: AccountConfig) -> tuple[DrawdownRule, ...]:
    return tuple(rule for rule in config.limits.drawdown.values() if rule.on_breach == "flatten")
