"""What the button page is shown of an account: read on demand, shared by all viewers, never in anybody's way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from decimal import Decimal
from pathlib import Path

import pytest

from breach_scene import rule
from desk_scene import DOWN, SYMBOL, DeskScene, played
from plimsoll.exchange.budget import WeightBudget
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.port import SilentObserver
from plimsoll_enforcer.decide.told import Told
from plimsoll_enforcer.viewing.floors import floors_of
from plimsoll_enforcer.viewing.reading import EVERYWHERE_SECONDS, Reading
from plimsoll_enforcer.viewing.room import Room
from plimsoll_enforcer.viewing.values import AccountView
from plimsoll_enforcer.viewing.views import Views
from virtual_time import play


class Looking:
    """A desk scene and somebody who looks at it."""

    def __init__(self, scene: DeskScene) -> None:
        self.scene, clock = scene, scene.clock
        self.busy = False
        self.budget = WeightBudget(clock=clock, exchange_clock=ExchangeClock(clock), observer=SilentObserver())
        self.views = Views(
            scene.config,
            scene.desk,
            scene.journal,
            {"eon": Reading(scene.account, scene.market, clock)},
            room=Room(self.budget, clock, busy=lambda: self.busy),
            clock=clock,
            exporter=scene.exporter,
        )

    async def look(self) -> AccountView:
        """The one account."""
        (view,) = await self.views.accounts()
        return view


def looked(folder: Path, plot: Callable[[Looking], Coroutine[object, object, None]]) -> None:
    """Play a plot with somebody who looks."""

    async def whole() -> None:
        scene = DeskScene(folder)
        await scene.start()
        looking = Looking(scene)
        try:
            await plot(looking)
        finally:
            await looking.views.close()
            await scene.stop()

    play(whole())


def test_a_look_tells_money_positions_and_orders(tmp_path: Path):
    """Equity, exposure, PnL, each position at its mark, and how many orders of either kind work."""

    async def plot(looking: Looking) -> None:
        looking.scene.price("95")
        looking.scene.account.rest("ETHUSDT")
        looking.scene.account.rest(SYMBOL, algo=True)
        view = await looking.look()
        holding, orders = view.seen.holding, view.seen.orders
        assert holding is not None
        assert (holding.equity_usd, holding.exposure_usd, holding.unrealized_pnl_usd) == (9500, 9500, -500)
        (held,) = holding.positions
        assert (held.symbol, held.amount, held.entry_price, held.mark_price) == (SYMBOL, 100, 100, 95)
        assert orders is not None
        assert (orders.plain, orders.conditional) == (1, 1)
        assert (view.seen.why, view.seen.why_orders) == ("", "")
        assert view.seen.holding_at is not None
        assert looking.scene.clock.now() - view.seen.holding_at < 1

    looked(tmp_path, plot)


def test_viewers_share_one_reading(tmp_path: Path):
    """Fifty people who look at once, and again within two seconds, cost one reading."""

    async def plot(looking: Looking) -> None:
        before = looking.scene.account.counts["wallet"]
        await asyncio.gather(*(looking.look() for _ in range(50)))
        await asyncio.gather(*(looking.look() for _ in range(50)))
        assert looking.scene.account.counts["wallet"] == before + 1
        await asyncio.sleep(5)
        await looking.look()
        assert looking.scene.account.counts["wallet"] == before + 2

    looked(tmp_path, plot)


def test_nobody_who_looks_costs_nothing(tmp_path: Path):
    """The account is read while somebody looks and not a moment longer."""

    async def plot(looking: Looking) -> None:
        await looking.look()
        before = looking.scene.account.counts["wallet"]
        await asyncio.sleep(120)
        assert looking.scene.account.counts["wallet"] == before

    looked(tmp_path, plot)


def test_an_account_that_cannot_be_read_keeps_its_old_figures(tmp_path: Path):
    """What was known stays, with its age and the reason why there is nothing newer."""

    async def plot(looking: Looking) -> None:
        first = await looking.look()
        looking.scene.account.down = DOWN
        await asyncio.sleep(5)
        view = await looking.look()
        assert view.seen.holding == first.seen.holding
        assert view.seen.holding_at == first.seen.holding_at
        assert "503 Service Unavailable" in view.seen.why
        looking.scene.account.down = None
        await asyncio.sleep(5)
        assert (await looking.look()).seen.why == ""

    looked(tmp_path, plot)


def test_what_was_never_read_is_unknown_with_a_reason(tmp_path: Path):
    """No zero stands for what nobody knows."""

    async def plot(looking: Looking) -> None:
        looking.scene.account.down = DOWN
        view = await looking.look()
        assert view.seen.holding is None
        assert "503" in view.seen.why
        assert view.floors[0].rebased_usd is None

    looked(tmp_path, plot)


def test_a_look_does_not_wait_for_a_slow_exchange(tmp_path: Path):
    """It is told what is known within a second, and what comes later with the next look; a hanging one is given up."""

    async def plot(looking: Looking) -> None:
        looking.scene.account.latency = 1.5
        began = looking.scene.clock.monotonic()
        view = await looking.look()
        assert looking.scene.clock.monotonic() - began < 1
        assert view.seen.holding is None
        looking.scene.account.latency = 10.0
        await asyncio.sleep(6)
        assert "in time" in (await looking.look()).seen.why

    looked(tmp_path, plot)


@pytest.mark.parametrize(("busy", "used"), [(False, 1440), (True, 960)])
def test_a_busy_address_is_not_read(tmp_path: Path, busy: bool, used: int):  # noqa: FBT001 - a case
    """Where so much of the minute's weight is used that a run might miss it, the page keeps its old figures."""

    async def plot(looking: Looking) -> None:
        await looking.look()
        asked = len(looking.scene.account.calls)
        looking.busy = busy
        async with looking.budget.spend(used - 5, account="eon", urgent=True) as ticket:
            ticket.report(used - 5)
        await asyncio.sleep(4)
        view = await looking.look()
        assert len(looking.scene.account.calls) == asked
        assert "kept for closing" in view.seen.why
        assert view.seen.holding is not None

    looked(tmp_path, plot)


def test_looking_for_hours_keeps_within_its_weight(tmp_path: Path):
    """Somebody who looks every second for ten minutes uses less than a quarter of the weight, and is told the age."""

    async def plot(looking: Looking) -> None:
        looking.scene.account.rest(SYMBOL, algo=True)
        before, ages = looking.scene.account.weight + looking.scene.market.weight, []
        for _ in range(600):
            view = await looking.look()
            assert view.seen.holding_at is not None
            ages.append(looking.scene.clock.now() - view.seen.holding_at)
            await asyncio.sleep(1)
        used = looking.scene.account.weight + looking.scene.market.weight - before
        assert used <= 10 * 2400 * 0.25
        assert max(ages) < 4

    looked(tmp_path, plot)


def test_conditional_orders_elsewhere_are_found_within_a_minute(tmp_path: Path):
    """An order on a symbol where nothing else is costs a weight of 40 to see: it is looked for once a minute."""

    async def plot(looking: Looking) -> None:
        await looking.look()
        looking.scene.account.rest("SOLUSDT", algo=True)
        for _ in range(int(EVERYWHERE_SECONDS) + 15):
            await asyncio.sleep(1)
            view = await looking.look()
        assert view.seen.orders is not None
        assert view.seen.orders.conditional == 1

    looked(tmp_path, plot)


def test_the_floors_of_either_release_are_told(tmp_path: Path):
    """Kept, the floor follows the exporter's reference; rebased, the equity of now."""

    async def plot(looking: Looking) -> None:
        looking.scene.exporter.answers["tmad"] = Told(
            equity_usd=Decimal(9800),
            reference_usd=Decimal(10_000),
            flows_until=None,
            unexplained=False,
            breached=False,
        )
        looking.scene.price("95")
        (floor,) = (await looking.look()).floors
        assert (floor.limit, floor.reference_usd, floor.kept_usd, floor.rebased_usd) == ("10 %", 10_000, 9000, 8550)

    looked(tmp_path, plot)


def test_a_press_is_seen_at_once(tmp_path: Path):
    """The run in progress, then the lockout with who and why; a release ends both."""

    async def plot(looking: Looking) -> None:
        before = await looking.look()
        assert (before.locked, before.run_id, before.releasable) == (None, None, False)
        run_id = await looking.scene.desk.flatten("eon", reason="out", operator="nina")
        view = await looking.look()
        assert (view.run_id, view.releasable) == (run_id, True)
        assert view.locked is not None
        assert (view.locked.reason, view.locked.until) == ("closed by nina: out", float("inf"))
        await looking.scene.until_flat()
        await asyncio.sleep(5)
        after = await looking.look()
        assert after.run_id is None
        assert after.seen.holding is not None
        assert after.seen.holding.positions == ()

    looked(tmp_path, plot)


def test_orders_are_told_anew_as_soon_as_positions_are_gone(tmp_path: Path):
    """Beside no position there stand no orders of before: they are read again at once, not ten seconds later."""

    async def plot(looking: Looking) -> None:
        looking.scene.account.rest(SYMBOL, algo=True)
        before = await looking.look()
        assert before.seen.orders is not None
        assert before.seen.orders.conditional == 1
        await looking.scene.desk.flatten("eon", reason="out", operator="nina")
        await looking.scene.until_flat()
        view = await looking.look()
        while view.seen.holding is None or view.seen.holding.positions:
            await asyncio.sleep(0.5)
            view = await looking.look()
        assert view.seen.orders is not None
        assert (view.seen.orders.plain, view.seen.orders.conditional) == (0, 0)

    looked(tmp_path, plot)


def test_looking_delays_no_run(tmp_path: Path):
    """A run with somebody who looks ten times a second is as fast as one that nobody looks at."""
    seconds: list[float] = []

    async def run(scene: DeskScene) -> None:
        await scene.desk.flatten("eon", reason="out", operator="nina")
        await scene.until_flat()
        result = scene.desk.runs()[0].result
        assert result is not None
        assert result.seconds_to_flat is not None
        seconds.append(result.seconds_to_flat)

    async def watched(looking: Looking) -> None:
        async def stare() -> None:
            while True:
                await looking.look()
                await asyncio.sleep(0.1)

        staring = asyncio.create_task(stare())
        await run(looking.scene)
        staring.cancel()

    played(tmp_path / "alone", run)
    looked(tmp_path / "watched", watched)

    assert seconds[0] == seconds[1]


def test_floors_without_an_exporter_say_so():
    """The reference is the exporter's: where it is silent, or knows none yet, the floor is unknown with a reason."""
    unbegun = Told(equity_usd=None, reference_usd=None, flows_until=None, unexplained=False, breached=False)

    (silent,), (early,) = floors_of([rule()], {}, Decimal(100)), floors_of([rule()], {"tmad": unbegun}, None)

    assert (silent.kept_usd, silent.rebased_usd, silent.why) == (None, 90, "the exporter does not answer")
    assert (early.kept_usd, early.rebased_usd, early.why) == (None, None, "the exporter knows no reference of it yet")
