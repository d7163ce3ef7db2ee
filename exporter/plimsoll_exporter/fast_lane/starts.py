"""Since when alerts of the fast lane fire, kept over restarts: Alertmanager shows one alert, not one a restart."""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.clock import Clock
from plimsoll.database.change import Change
from plimsoll.database.database import Database
from plimsoll.database.draft import Draft, Step
from plimsoll.database.values import AlertStart
from plimsoll_exporter.fast_lane.crossing import Crossing
from plimsoll_exporter.keeper.store import Store

Key = tuple[str, str, str]
"""Account, alert and rule."""


class Starts:
    """Remembers when alerts began.

    Args:
        database: Opened by this process; read once.
        store: Where changes go; they wait there while the disk is full.
        clock: Time.

    Raises:
        StateError: What was kept cannot be read.
    """

    def __init__(self, database: Database, store: Store, *, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._at: dict[Key, float] = {
            (kept.account, kept.alert, kept.labels.get("rule", "")): kept.starts_at for kept in database.alerts()
        }

    def of(self, crossing: Crossing) -> float:
        """Unix time at which an alert that fires began."""
        return self._at.get(_key(crossing), self._clock.now())

    def keep(self, account: str, crossed: Iterable[Crossing]) -> None:
        """Remember when what an account has crossed now began, and forget what is over."""
        keys = {_key(crossing) for crossing in crossed}
        begun = keys - self._at.keys()
        over = {key for key in self._at if key[0] == account} - keys
        now = self._clock.now()
        self._at |= dict.fromkeys(begun, now)
        for key in over:
            del self._at[key]
        if begun or over:
            self._store.put(Draft(steps=(*map(_drop, sorted(over)), *(_save(key, now) for key in sorted(begun)))))


def _key(crossing: Crossing) -> Key:
    return (crossing.account, crossing.alert, crossing.rule)


def _labels(key: Key) -> dict[str, str]:
    return {"rule": key[2]} if key[2] else {}


def _save(key: Key, now: float) -> Step:
    start = AlertStart(account=key[0], alert=key[1], labels=_labels(key), starts_at=now)

    def step(change: Change) -> None:
        change.save_alert(start)

    return step


def _drop(key: Key) -> Step:
    def step(change: Change) -> None:
        change.drop_alert(key[0], key[1], _labels(key))

    return step
