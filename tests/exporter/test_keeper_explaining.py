"""While a wallet change is unexplained samples are not trusted; later it counts as performance, then is forgotten."""

from __future__ import annotations

import pytest

from keeper_scene import Scene, watching
from plimsoll.errors import Unavailable
from plimsoll.model.events import AccountUpdate, OrderUpdate


def trusted(scene: Scene) -> bool:
    """Whether the sample of now is trusted."""
    scene.clock.advance(0.001)
    scene.watch.look()
    return scene.view().trusted_at == scene.clock.now()


def questions(scene: Scene) -> int:
    """How often the history was asked because something was unexplained: the routine questions apart."""
    return scene.account.counts["income"] - scene.keeper._history.asked  # noqa: SLF001 - a number for tests only


def told_without_fill(scene: Scene, fee: str = "100") -> tuple[OrderUpdate, AccountUpdate]:
    """A trade of which the stream tells the wallet and not the fill."""
    scene.account.silent = True
    fill, update = scene.account.trade("BTCUSDT", "1", "100", fee=fee)
    scene.account.silent = False
    scene.account.tell(update)
    return fill, update


async def test_a_late_fill_explains():
    """Until the fill is told samples are not trusted and the change is shown; with it they are at once."""
    async with watching() as scene:
        fill, _ = told_without_fill(scene)
        assert scene.is_live()
        assert not trusted(scene)
        assert scene.view().unexplained_usd == -100
        assert scene.view().unexplained_since is not None
        scene.account.tell(fill)
        assert trusted(scene)
        assert scene.view().unexplained_usd == 0
        assert scene.view().unexplained_since is None


async def test_a_change_below_the_tolerance_is_trusted():
    """Less than 0.05 % of equity is not worth distrust."""
    async with watching() as scene:
        told_without_fill(scene, fee="4.9")
        assert trusted(scene)
        assert scene.view().unexplained_since is None


@pytest.mark.parametrize(("rows_after", "explained_after"), [(0, 4), (5, 10), (15, 22), (40, 47)])
async def test_the_income_history_explains(rows_after: int, explained_after: int):
    """The history is asked 2, 8, 20 and 45 s after the change, since its rows come late."""
    async with watching() as scene:
        told_without_fill(scene)
        rows, scene.account.rows = scene.account.rows, []
        await scene.pass_time(rows_after)
        assert not trusted(scene)
        scene.account.rows = rows
        await scene.pass_time(explained_after - rows_after)
        assert trusted(scene)
        assert scene.view().unexplained_usd == 0


async def test_what_nothing_explains_counts_as_performance_and_is_forgotten():
    """After 60 s samples are trusted again, after 300 s nothing is shown; four questions, apart from routine."""
    async with watching() as scene:
        told_without_fill(scene)
        scene.account.rows = []
        await scene.pass_time(58)
        assert not trusted(scene)
        await scene.pass_time(5)
        assert trusted(scene)
        assert scene.view().unexplained_usd == -100
        await scene.pass_time(240)
        assert scene.view().unexplained_usd == 0
        assert scene.view().unexplained_since is None
        assert questions(scene) == 4


async def test_a_second_change_is_waited_for_anew():
    """What comes on top of a change that counts as performance is not trusted at once: it may be a withdrawal."""
    async with watching() as scene:
        told_without_fill(scene)
        scene.account.rows = []
        await scene.pass_time(70)
        assert trusted(scene)
        fill, _ = told_without_fill(scene, fee="50")
        assert not trusted(scene)
        await scene.pass_time(10)
        assert not trusted(scene)
        assert questions(scene) > 4
        scene.account.tell(fill)
        assert trusted(scene)


async def test_a_loss_in_a_gap_is_explained_by_the_income():
    """What a gap swallowed is asked for after it."""
    async with watching() as scene:
        scene.account.stream.cut()
        scene.account.trade("BTCUSDT", "1", "100", fee="100")
        scene.account.stream.open()
        await scene.pass_time(1)
        assert scene.is_live()
        assert not trusted(scene)
        await scene.pass_time(4)
        assert trusted(scene)
        assert scene.view().unexplained_usd == 0


async def test_a_history_that_fails_is_asked_again():
    """A failure of the history leaves the change unexplained until the next question."""
    async with watching() as scene:
        scene.account.fail("income", Unavailable("HTTP 502"))
        told_without_fill(scene)
        await scene.pass_time(6)
        assert scene.is_live()
        assert not trusted(scene)
        await scene.pass_time(6)
        assert trusted(scene)


async def test_an_answer_of_before_a_gap_is_thrown_away():
    """When the stream is lost while the history is asked, the answer explains nothing of what follows."""
    async with watching() as scene:
        answer = scene.account.hold("income")
        told_without_fill(scene)
        await scene.pass_time(4)
        scene.account.stream.cut()
        scene.account.stream.open()
        answer.set()
        await scene.pass_time(1)
        assert not trusted(scene)
        await scene.pass_time(8)
        assert trusted(scene)


async def test_an_asset_without_a_price_is_shown_as_unknown():
    """A change in an asset that nobody can value is not trusted, and its value is absent."""
    async with watching() as scene:
        del scene.market.prices["BNBUSDT"]
        scene.market_keeper._marks.clear()  # noqa: SLF001 - as if none had ever been told
        scene.account.silent = True
        _, update = scene.account.trade("BTCUSDT", "1", "100", fee="-1", fee_asset="BNB")
        scene.account.silent = False
        scene.account.tell(update)
        assert scene.view().unexplained_usd is None
        assert not trusted(scene)


async def test_a_small_change_is_explained_patiently():
    """A lost transfer below the tolerance spoils no sample, and is asked for and found after half a minute."""
    async with watching() as scene:
        told_without_fill(scene, fee="2")
        await scene.pass_time(28)
        assert questions(scene) == 0
        assert scene.view().unexplained_usd == -2
        await scene.pass_time(5)
        assert trusted(scene)
        assert scene.view().unexplained_usd == 0
        assert questions(scene) == 1


async def test_a_small_change_that_nothing_explains_is_asked_for_rarely_and_given_up():
    """Four questions in half an hour, with growing pauses; then it counts as performance and asks for nothing more."""
    async with watching() as scene:
        told_without_fill(scene, fee="2")
        scene.account.rows = []
        asked = []
        for _ in range(190):
            await scene.pass_time(10)
            asked.append(questions(scene))
        assert [asked.index(count) * 10 for count in (1, 2, 3, 4)] == [30, 120, 600, 1800]
        assert scene.view().unexplained_usd == 0
        told_without_fill(scene, fee="2")
        await scene.pass_time(35)
        assert scene.view().unexplained_usd == 0
        assert questions(scene) == 5


async def test_a_small_remainder_of_a_large_change_is_asked_for_patiently():
    """When the history tells the large part at once and a small part later, both are explained."""
    async with watching() as scene:
        told_without_fill(scene, fee="100")
        told_without_fill(scene, fee="1.5")
        small = scene.account.rows.pop()
        await scene.pass_time(4)
        assert trusted(scene)
        assert scene.view().unexplained_usd == pytest.approx(-1.5)
        scene.account.rows.append(small)
        await scene.pass_time(33)
        assert scene.view().unexplained_usd == 0


async def test_a_change_that_no_gap_holds_is_not_asked_for():
    """A fill whose wallet change never comes leaves nothing to ask the history for; it is forgotten in the end."""
    async with watching() as scene:
        scene.account.freeze()
        scene.account.silent = True
        fill, _ = scene.account.trade("BTCUSDT", "1", "100", fee="2")
        scene.account.silent = False
        scene.account.tell(fill)
        await scene.pass_time(31)
        assert scene.view().unexplained_usd == 2
        await scene.pass_time(1840)
        assert scene.view().unexplained_usd == 0
        assert questions(scene) == 0
