"""Since when positions of one account are without enough stop, or beyond the trigger of one.

Looked at a few times a second. While the account is not live, or its orders are unknown, the times stand still.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from plimsoll.model.market import LastPrice
from plimsoll.risk.figures import AccountFigures
from plimsoll.risk.overrun import overrun
from plimsoll.risk.protection import lacks_stop
from plimsoll.risk.since import Key, Since
from plimsoll.risk.unknown import ONE
from plimsoll_exporter.view import OverrunKey, PositionLabels, StopTimes


class StopWatch:
    """Keeps the times.

    Args:
        wanted: Least share of a position under stops (``limits.stop_coverage``); all of it where that is not set.
    """

    def __init__(self, wanted: Decimal | None) -> None:
        self._wanted = ONE if wanted is None else wanted
        self._unprotected: Since[PositionLabels] = Since()
        self._overrun: Since[OverrunKey] = Since()

    def look(self, figures: AccountFigures | None, lasts: Mapping[str, LastPrice], now: float) -> None:
        """Look at an account.

        Args:
            figures: What it holds now; ``None`` while it is not live.
            lasts: Last prices that may be believed now.
            now: Unix time.
        """
        if figures is None:
            self._unprotected, self._overrun = self._unprotected.wait(now), self._overrun.wait(now)
            return
        self._unprotected = _after(self._unprotected, self._lacking(figures), now)
        self._overrun = _after(self._overrun, _overruns(figures, lasts), now)

    @property
    def times(self) -> StopTimes:
        """What holds now, and since when."""
        return StopTimes(unprotected=self._unprotected.known, overrun=self._overrun.known)

    def _lacking(self, figures: AccountFigures) -> Iterator[tuple[PositionLabels, bool | None]]:
        for row in figures.protection.positions:
            yield (row.key[0], row.side.value), lacks_stop(row, self._wanted)


def _overruns(figures: AccountFigures, lasts: Mapping[str, LastPrice]) -> Iterator[tuple[OverrunKey, bool | None]]:
    for row, stops in zip(figures.positions, figures.protection.positions, strict=True):
        found = overrun(row, stops, lasts)
        labels = row.position.symbol, row.side.value
        yield (*labels, "watched"), found.watched
        yield (*labels, "mark"), found.mark


def _after(since: Since[Key], answers: Iterable[tuple[Key, bool | None]], now: float) -> Since[Key]:
    said = dict(answers)
    return since.look(
        [key for key, answer in said.items() if answer], [key for key, answer in said.items() if answer is None], now
    )
