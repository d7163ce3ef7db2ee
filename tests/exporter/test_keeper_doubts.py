"""A stream that is late is told from one that lost something: figures are right at once, the verdict waits."""

from __future__ import annotations

import pytest

from keeper_scene import Scene, watching
from manual_clock import ManualClock
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.model.events import AccountEvent, IgnoredEvent
from plimsoll.state.compare import Difference
from plimsoll_exporter.keeper.doubts import LONGEST_PATIENCE_SECONDS, PATIENCE_SECONDS, Doubts
from plimsoll_exporter.keeper.reading import CONFIRM_SECONDS


async def until_read(scene: Scene) -> None:
    """Let time pass until the wallet is read next."""
    readings = scene.account.counts["wallet"]
    while scene.account.counts["wallet"] == readings:
        await scene.pass_time(0.1)


def late(scene: Scene, symbol: str = "BTCUSDT", amount: str = "1", price: str = "100") -> list[AccountEvent]:
    """A trade whose events are still on their way."""
    scene.account.silent = True
    events = scene.account.trade(symbol, amount, price, fee="0.5")
    scene.account.silent = False
    return list(events)


@pytest.mark.parametrize("delay", [5.0, PATIENCE_SECONDS])
async def test_a_stream_that_is_late_is_not_one_that_lost_something(delay: float):
    """What readings showed first and the stream tells late is right at once, explained, and no correction."""
    async with watching() as scene:
        await scene.pass_time(10)
        await until_read(scene)
        await scene.pass_time(54)
        events = late(scene)
        await until_read(scene)
        await scene.pass_time(CONFIRM_SECONDS + 0.1)
        assert scene.agrees()
        await scene.pass_time(delay - CONFIRM_SECONDS - 0.2)
        scene.account.tell(*events)
        await scene.pass_time(LONGEST_PATIENCE_SECONDS + 1)
        assert scene.view().corrections == {}
        assert scene.account.stream.distrusted == []
        assert scene.view().unexplained_usd == 0
        assert scene.agrees()


async def test_an_order_told_late_is_no_correction():
    """An order that the list showed before its event came is counted at once and corrects nothing."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        await scene.pass_time(10)
        scene.account.silent = True
        order = scene.account.place("BTCUSDT")
        scene.account.silent = False
        while order.key not in scene.view().book.orders:
            await scene.pass_time(0.1)
        await scene.pass_time(5)
        scene.account.tell(scene.account._order_event(order))  # noqa: SLF001 - the event as it was made
        await scene.pass_time(LONGEST_PATIENCE_SECONDS)
        assert scene.view().corrections == {}
        assert scene.account.stream.distrusted == []


async def test_what_is_lost_beside_what_is_late_is_found():
    """Of two trades the one whose event never comes is counted, whatever else the stream tells meanwhile."""
    async with watching() as scene:
        await scene.pass_time(10)
        told, lost = late(scene), late(scene, "ETHUSDT")
        while len(scene.view().book.positions) < 2:
            await scene.pass_time(0.1)
        scene.account.tell(*told)
        assert scene.view().corrections == {}
        await scene.pass_time(PATIENCE_SECONDS + 1)
        assert scene.view().corrections["position"] == 1
        assert len(scene.account.stream.distrusted) == 1
        scene.account.tell(*lost)
        await scene.pass_time(60)
        assert scene.view().corrections["position"] == 1


async def test_a_trade_between_the_two_halves_of_a_reading_is_counted_whole():
    """A silent trade after the balances and before the positions of one reading: adopted and counted as one."""
    async with watching() as scene:
        await scene.pass_time(10)
        positions = scene.account.hold("positions")
        await until_read(scene)
        late(scene)
        before = scene.view().book
        positions.set()
        await scene.pass_time(CONFIRM_SECONDS + 0.1)
        assert scene.view().book.positions == before.positions
        assert scene.view().book.balances == before.balances
        await scene.pass_time(CONFIRM_SECONDS)
        assert scene.agrees()
        await scene.pass_time(PATIENCE_SECONDS + 1)
        assert scene.view().corrections == {"position": 1, "wallet": 1, "cross_wallet": 1}
        assert len(scene.account.stream.distrusted) == 1


async def test_what_a_lost_connection_still_had_to_tell_is_part_of_its_loss():
    """When the stream is cut before its time is over, nothing is counted: the reconnect tells it already."""
    async with watching() as scene:
        await scene.pass_time(10)
        late(scene)
        while not scene.view().book.positions:
            await scene.pass_time(0.1)
        scene.account.stream.cut()
        scene.account.stream.open()
        await scene.pass_time(LONGEST_PATIENCE_SECONDS)
        assert scene.view().corrections == {}
        assert scene.account.stream.distrusted == []
        assert scene.agrees()


DIFFERENCE = Difference(field="wallet", key="USDT", ours="1", theirs="2")


class Late:
    """Doubts, and events that come as late as the test says."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.doubts = Doubts(clock=self.clock, exchange_clock=ExchangeClock(self.clock))

    def hear(self, delay: float) -> None:
        """Some event that was sent so many seconds ago."""
        sent_ms = int((self.clock.now() - delay) * 1000)
        self.doubts.event(IgnoredEvent(time_ms=sent_ms, event_ms=sent_ms, name="TRADE_LITE"))


def test_the_patience_follows_the_delay_seen_lately():
    """A late stream is given three times its delay, within bounds; ten minutes later its delay is forgotten."""
    scene = Late()
    assert scene.doubts.patience == PATIENCE_SECONDS
    scene.hear(10)
    scene.hear(1)
    assert scene.doubts.patience == pytest.approx(30, abs=0.01)
    scene.hear(100)
    assert scene.doubts.patience == LONGEST_PATIENCE_SECONDS
    scene.clock.advance(601)
    scene.hear(1)
    assert scene.doubts.patience == PATIENCE_SECONDS


def test_an_event_that_does_not_say_when_it_was_sent_is_not_late():
    """Without a time there is no delay."""
    scene = Late()
    scene.doubts.event(IgnoredEvent(time_ms=0, event_ms=0, name="GRID_UPDATE"))
    assert scene.doubts.patience == PATIENCE_SECONDS


def test_the_verdict_is_given_once_and_over_all():
    """When the time of the first is over all that is open is given, once."""
    scene = Late()
    scene.doubts.adopted([DIFFERENCE])
    scene.clock.advance(PATIENCE_SECONDS - 1)
    assert scene.doubts.lost() == frozenset()
    other = Difference(field="wallet", key="BNB", ours="1", theirs="2")
    scene.doubts.adopted([other])
    scene.clock.advance(1)
    assert scene.doubts.lost() == {DIFFERENCE, other}
    assert scene.doubts.lost() == frozenset()
