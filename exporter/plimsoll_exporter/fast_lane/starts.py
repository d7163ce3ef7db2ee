"""Since when alerts of the fast lane fire, and which are over, kept over restarts.

So Alertmanager shows one alert, not one a restart; and one that has forgotten an alert can still be told of its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plimsoll.clock import Clock
from plimsoll.database.change import Change
from plimsoll.database.database import Database
from plimsoll.database.draft import Draft, Step
from plimsoll.database.values import AlertStart
from plimsoll_exporter.fast_lane.crossing import Crossing
from plimsoll_exporter.keeper.store import Store

FIRST_TOLD, LAST_TOLD = 300.0, 3900.0
"""Seconds after the end of an alert between which its end is told where it has to be.

Before, Prometheus may still report it (``keep_firing_for`` of two minutes, and the alert's own minute); afterwards
Alertmanager pages again anyway: ``repeat_interval`` is an hour.
"""

Key = tuple[str, str, str]
"""Account, alert and rule."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Over:
    """When an alert that is over began and ended, Unix times."""

    starts_at: float
    over_at: float


class Starts:
    """Remembers when alerts began, and for a while when they were over.

    Args:
        database: Opened by this process; read once.
        store: Where changes go; they wait there while the disk is full.
        clock: Time.

    Raises:
        StateError: What was kept cannot be read.
    """

    def __init__(self, database: Database, store: Store, *, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._at: dict[Key, float] = {}
        self._over: dict[Key, Over] = {}
        for kept in database.alerts():
            key = (kept.account, kept.alert, kept.labels.get("rule", ""))
            if kept.over_at is None:
                self._at[key] = kept.starts_at
            else:
                self._over[key] = Over(starts_at=kept.starts_at, over_at=kept.over_at)

    def of(self, crossing: Crossing) -> float:
        """Unix time at which an alert that fires began."""
        return self._at.get(_key(crossing), self._clock.now())

    def keep(self, account: str, crossed: Iterable[Crossing]) -> None:
        """Remember when what an account has crossed now began, and that the rest is over."""
        keys = {_key(crossing) for crossing in crossed}
        begun = sorted(keys - self._at.keys())
        over = sorted({key for key in self._at if key[0] == account} - keys)
        now = self._clock.now()
        for key in begun:
            self._at[key] = now
            self._over.pop(key, None)
        for key in over:
            self._over[key] = Over(starts_at=self._at.pop(key), over_at=now)
        steps = [_save(key, now) for key in begun]
        steps += [_save(key, self._over[key].starts_at, now) for key in over]
        if steps:
            self._store.put(Draft(steps=tuple(steps)))

    def over(self) -> Mapping[Key, Over]:
        """The alerts whose ends are to be told now, where that is necessary; earlier ones are forgotten."""
        now = self._clock.now()
        gone = sorted(key for key, one in self._over.items() if one.over_at < now - LAST_TOLD)
        for key in gone:
            del self._over[key]
        if gone:
            self._store.put(Draft(steps=tuple(map(_drop, gone))))
        return {key: one for key, one in self._over.items() if one.over_at <= now - FIRST_TOLD}


def _key(crossing: Crossing) -> Key:
    return (crossing.account, crossing.alert, crossing.rule)


def _labels(key: Key) -> dict[str, str]:
    return {"rule": key[2]} if key[2] else {}


def _save(key: Key, starts_at: float, over_at: float | None = None) -> Step:
    alert = AlertStart(account=key[0], alert=key[1], labels=_labels(key), starts_at=starts_at, over_at=over_at)

    def step(change: Change) -> None:
        change.save_alert(alert)

    return step


def _drop(key: Key) -> Step:
    def step(change: Change) -> None:
        change.drop_alert(key[0], key[1], _labels(key))

    return step
