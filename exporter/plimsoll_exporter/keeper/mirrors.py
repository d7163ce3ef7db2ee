"""Since when mirrors drift: looked at together with the accounts, a few times a second.

While one of the two accounts is not live the times stand still: nothing is cleared and nothing begins. They are not
kept over a restart: a drift that goes on begins anew with the first look after it, so that its alert waits for the
grace once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plimsoll.config.model import Mirror
from plimsoll.risk.mirror import LegKey, mirror_legs
from plimsoll.risk.since import Since
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState
from plimsoll_exporter.view import MirrorView


class MirrorWatch:
    """Keeps the times of every mirror.

    Args:
        mirrors: As configured.
    """

    def __init__(self, mirrors: Sequence[Mirror]) -> None:
        self._since: list[tuple[Mirror, Since[LegKey]]] = [(mirror, Since()) for mirror in mirrors]

    def look(self, books: Mapping[str, Book | None], market: MarketState, now: float) -> None:
        """Look at every mirror.

        Args:
            books: What each account holds; ``None`` for one that is not live.
            market: The prices of now.
            now: Unix time.
        """
        self._since = [(mirror, _looked(mirror, since, books, market, now)) for mirror, since in self._since]

    @property
    def views(self) -> tuple[MirrorView, ...]:
        """Every mirror, with what drifts and since when."""
        return tuple(MirrorView(config=mirror, drift_since=since.known) for mirror, since in self._since)


def _looked(
    mirror: Mirror, since: Since[LegKey], books: Mapping[str, Book | None], market: MarketState, now: float
) -> Since[LegKey]:
    source, destination = books[mirror.source], books[mirror.destination]
    if source is None or destination is None:
        return since.wait(now)
    legs = mirror_legs(source, destination, mirror.scale, market)
    said = {leg.key: leg.drifts(mirror.tolerance, mirror.min_usd) for leg in legs}
    return since.look(
        [key for key, answer in said.items() if answer], [key for key, answer in said.items() if answer is None], now
    )
