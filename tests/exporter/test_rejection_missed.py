"""How conditional orders ended while nobody listened: found, asked for, and counted once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

import builders
from manual_clock import ManualClock, settle
from plimsoll.errors import ExchangeError, KeyRefused, Refused, Unavailable
from plimsoll.model.events import AlgoUpdate
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction
from plimsoll.state.book import Book
from plimsoll_exporter.rejections.counts import BY_SOURCE, ORDERS, PROTECTIVE, REJECTIONS
from plimsoll_exporter.rejections.ledger import Ledger
from plimsoll_exporter.rejections.missed import ASKED_AN_HOUR, RETRY_SECONDS, SETTLE_SECONDS, MissedEnds
from plimsoll_exporter.rejections.streams import OrderEnds
from rejection_scene import ledger_in

HELD = builders.position("BNBUSDT", "-2.17", "896.80")
FIRST, SECOND = (
    builders.stop("BNBUSDT", Direction.BUY, "2.17", "914.74", order_id=number, updated_ms=1) for number in (7, 8)
)


def ended(order: Order, status: str = "REJECTED") -> AlgoUpdate:
    """How the exchange answers for an order."""
    told = replace(order, status=status)
    return AlgoUpdate(time_ms=9, event_ms=9, order=told, average_price=None, filled=None)


class Exchange:
    """Answers for single orders, and shows what is open while it is believed."""

    def __init__(self, *orders: Order) -> None:
        self.book: Book | None = builders.book([HELD], orders=orders)
        self.answers: dict[int, AlgoUpdate | ExchangeError] = {}
        self.asked: list[int] = []
        self.on_asked = lambda: None

    def show(self, *orders: Order) -> None:
        """These orders are open now."""
        self.book = builders.book([HELD], orders=orders)

    async def algo_order(self, algo_id: int) -> AlgoUpdate:
        """One order."""
        self.asked.append(algo_id)
        self.on_asked()
        answer = self.answers[algo_id]
        if isinstance(answer, ExchangeError):
            raise answer
        return answer


@asynccontextmanager
async def listening(
    ledger: Ledger, exchange: Exchange, clock: ManualClock
) -> AsyncIterator[tuple[MissedEnds, OrderEnds]]:
    """The part at work over an open stream."""
    ends = OrderEnds("live", ledger)
    missed = MissedEnds("live", ends, ledger=ledger, reader=exchange, book=lambda: exchange.book, clock=clock)
    missed.opened()
    task = asyncio.create_task(missed.run())
    try:
        await clock.elapse(SETTLE_SECONDS + 2)
        yield missed, ends
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def counts(ledger: Ledger) -> tuple[int, int, int, int]:
    """Rejections, those by history, rejected orders, and stops that ended rejected."""
    shown = ledger.shown("live")
    return (
        sum(int(count.value) for count in shown.of(REJECTIONS).values()),
        int(shown.of(BY_SOURCE)["history",].value),
        int(shown.of(ORDERS)["rejected", "close"].value),
        int(shown.of(PROTECTIVE)["rejected",].value),
    )


@pytest.fixture
def clock() -> ManualClock:
    """Time."""
    return ManualClock()


@pytest.fixture
def ledger(tmp_path: Path, clock: ManualClock):
    """A ledger that knows the account."""
    with ledger_in(tmp_path, clock) as made:
        yield made


async def test_a_stop_that_was_rejected_in_a_gap_counts_once(ledger: Ledger, clock: ManualClock):
    """It is asked for once it is listed no more; the other one works on and nobody asks for it."""
    exchange = Exchange(FIRST, SECOND)
    exchange.answers[7] = ended(FIRST)
    async with listening(ledger, exchange, clock) as (missed, ends):
        assert exchange.asked == []
        missed.lost()
        exchange.book = None
        await clock.elapse(60)
        missed.opened()
        exchange.show(SECOND)
        await clock.elapse(SETTLE_SECONDS + 2)
        assert (exchange.asked, counts(ledger)) == ([7], (1, 1, 1, 1))
        ends.event(ended(FIRST), exchange.book)
        await clock.elapse(60)
        assert (exchange.asked, counts(ledger)) == ([7], (1, 1, 1, 1))


async def test_what_the_stream_told_is_not_asked_for(ledger: Ledger, clock: ManualClock):
    """Without a gap an order that goes has told its end."""
    exchange = Exchange(FIRST)
    async with listening(ledger, exchange, clock):
        exchange.show()
        await clock.elapse(60)
        assert exchange.asked == []


async def test_orders_are_remembered_over_a_restart(tmp_path: Path, clock: ManualClock):
    """What worked when the exporter was killed is asked for by the next one, and by no third."""
    exchange = Exchange(FIRST)
    exchange.answers[7] = ended(FIRST)
    with ledger_in(tmp_path, clock) as ledger:
        async with listening(ledger, exchange, clock):
            pass
    exchange.show()
    for _ in range(2):
        with ledger_in(tmp_path, clock) as ledger:
            async with listening(ledger, exchange, clock):
                assert (exchange.asked, counts(ledger)) == ([7], (1, 1, 1, 1))


@pytest.mark.parametrize("unknown", ["book", "list", "sweep"])
async def test_nothing_is_asked_before_all_orders_are_known(ledger: Ledger, clock: ManualClock, unknown: str):
    """An account that is not live, a failed list, and a list of some symbols only say nothing of what is gone."""
    exchange = Exchange(FIRST)
    exchange.answers[7] = ended(FIRST)
    async with listening(ledger, exchange, clock) as (missed, _):
        missed.lost()
        missed.opened()
        partial = replace(builders.book([HELD]), orders_complete=False)
        exchange.book = {"book": None, "list": builders.book([HELD], orders=None), "sweep": partial}[unknown]
        await clock.elapse(60)
        assert exchange.asked == []
        exchange.show()
        await clock.elapse(2)
        assert exchange.asked == [7]


async def test_a_question_that_fails_is_asked_again(ledger: Ledger, clock: ManualClock):
    """Until it is answered; an order that the exchange no longer knows is given up, another refusal is not."""
    exchange = Exchange(FIRST, SECOND)
    async with listening(ledger, exchange, clock) as (missed, _):
        missed.lost()
        missed.opened()
        exchange.show()
        exchange.answers = {7: Unavailable("down"), 8: Refused("gone", code=-2013)}
        await clock.elapse(SETTLE_SECONDS + 2)
        exchange.answers[7] = KeyRefused("no", code=-2015)
        await clock.elapse(RETRY_SECONDS)
        exchange.answers[7] = Refused("odd", code=-1)
        await clock.elapse(RETRY_SECONDS)
        assert set(exchange.asked) == {7}
        exchange.answers[7] = ended(FIRST)
        await clock.elapse(RETRY_SECONDS + 2)
        assert exchange.asked[-2:] == [7, 8]
        assert counts(ledger) == (1, 1, 1, 1)


async def test_an_order_that_still_works_is_no_end(ledger: Ledger, clock: ManualClock):
    """A triggered order is listed no more and has not ended; the stream tells the rest."""
    exchange = Exchange(FIRST)
    exchange.answers[7] = ended(FIRST, "TRIGGERED")
    async with listening(ledger, exchange, clock) as (missed, _):
        missed.lost()
        missed.opened()
        exchange.show()
        await clock.elapse(60)
        assert (exchange.asked, counts(ledger)) == ([7], (0, 0, 0, 0))


async def test_another_gap_meanwhile_loses_nothing(ledger: Ledger, clock: ManualClock):
    """What was asked while the stream went again is asked again, and counts once."""
    exchange = Exchange(FIRST, SECOND)
    exchange.answers = {7: ended(FIRST), 8: ended(SECOND, "CANCELED")}
    async with listening(ledger, exchange, clock) as (missed, _):
        missed.lost()
        missed.opened()
        exchange.show()
        exchange.on_asked = lambda: missed.lost() if len(exchange.asked) == 1 else None
        await clock.elapse(SETTLE_SECONDS + 2)
        assert exchange.asked == [7]
        missed.opened()
        await clock.elapse(SETTLE_SECONDS + 2)
        assert exchange.asked == [7, 7, 8]
        assert counts(ledger) == (1, 1, 1, 1)


async def test_questions_are_bounded(ledger: Ledger, clock: ManualClock):
    """So many an hour; the rest is asked in the next."""
    orders = [replace(FIRST, order_id=number) for number in range(1, ASKED_AN_HOUR + 6)]
    exchange = Exchange(*orders)
    exchange.answers = {order.order_id: ended(order, "CANCELED") for order in orders}
    async with listening(ledger, exchange, clock) as (missed, _):
        missed.lost()
        missed.opened()
        exchange.show()
        await clock.elapse(600)
        assert len(exchange.asked) == ASKED_AN_HOUR
        await clock.elapse(3600)
        assert sorted(exchange.asked) == [order.order_id for order in orders]
    await settle()
