"""Since when a mirror drifts, as the keeper looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import builders
from plimsoll.config.model import Mirror
from plimsoll.risk.mirror import LegKey
from plimsoll.state.book import Book
from plimsoll_exporter.keeper.mirrors import MirrorWatch

MIRROR = Mirror(source="source", destination="eon", scale=Decimal("0.125"))
MARKET = builders.market({"BTCUSDT": "85000"})
BTC: LegKey = ("BTCUSDT", None)


def holding(amount: str) -> Book:
    """An account that holds BTC."""
    return builders.book([builders.position(amount=amount)])


RIGHT: Mapping[str, Book | None] = {"source": holding("8"), "eon": holding("1")}
WRONG: Mapping[str, Book | None] = {"source": holding("8"), "eon": holding("8")}
DOWN: Mapping[str, Book | None] = {"source": holding("8"), "eon": None}


def drift_after(*looks: tuple[float, Mapping[str, Book | None]]) -> Mapping[LegKey, float]:
    """Since when it drifts, after looks at times."""
    watch = MirrorWatch([MIRROR])
    for now, books in looks:
        watch.look(books, MARKET, now)
    return watch.views[0].drift_since


def test_a_drift_begins_with_the_first_look_that_sees_it():
    """Later looks do not move it."""
    assert drift_after((10, RIGHT), (10.5, WRONG), (20, WRONG)) == {BTC: 10.5}


def test_a_drift_that_ended_is_forgotten():
    """The next one begins anew."""
    assert drift_after((10, WRONG), (11, RIGHT)) == {}
    assert drift_after((10, WRONG), (11, RIGHT), (12, WRONG)) == {BTC: 12}


def test_while_an_account_is_not_live_the_time_stands_still():
    """Nothing is shown meanwhile; the 9.5 s that nobody could see are not counted, and those before are kept."""
    assert drift_after((10, WRONG), (15, WRONG), (15.5, DOWN)) == {}
    assert drift_after((10, WRONG), (15, WRONG), (15.5, DOWN), (24.5, DOWN), (25, WRONG)) == {BTC: 19.5}


def test_nothing_begins_while_an_account_is_not_live():
    """A drift is first seen when both are."""
    assert drift_after((10, DOWN), (20, WRONG)) == {BTC: 20}


def test_without_a_price_the_time_stands_still():
    """Nobody can say whether the drift is above the minimum."""
    watch = MirrorWatch([MIRROR])
    watch.look(WRONG, MARKET, 10)
    watch.look(WRONG, builders.market({}), 12)
    assert watch.views[0].drift_since == {}
    watch.look(WRONG, MARKET, 12.5)
    assert watch.views[0].drift_since == {BTC: 12}
