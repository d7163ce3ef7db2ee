"""From connecting to live, to stale and back: what the keeper says of an account and why."""

from __future__ import annotations

from decimal import Decimal

import pytest

from keeper_scene import Scene, watching
from manual_clock import settle
from plimsoll.errors import ExchangeError, KeyRefused, OutcomeUnknown, Throttled, Unavailable
from plimsoll.model.account import KeyPermissions
from plimsoll_exporter.keeper.trust import MARK_AGE_SECONDS
from plimsoll_exporter.keeper.watch import LOOK_SECONDS
from plimsoll_exporter.view import Status


async def test_goes_from_connecting_over_syncing_to_live():
    """Before the stream opens the account connects, while it is read it syncs, then it is live without a reason."""
    scene = Scene("live")
    scene.account.stream.reopens = False
    wallet = scene.account.hold("wallet")
    async with watching(scene=scene, live=False):
        assert (scene.view().status, scene.view().reason) == (Status.CONNECTING, "the private stream is not open")
        scene.account.stream.open()
        await settle()
        assert (scene.view().status, scene.view().reason) == (Status.SYNCING, "reading the account")
        assert scene.view().book is None
        wallet.set()
        await settle()
        assert (scene.view().status, scene.view().reason) == (Status.LIVE, "")
        assert scene.watch.view().ready


async def test_events_during_the_sync_are_replayed():
    """What the stream tells while the account is read is applied over the reading, once."""
    scene = Scene("live")
    positions = scene.account.hold("positions")
    scene.account.trade("BTCUSDT", "1", "100")
    async with watching(scene=scene, live=False):
        scene.account.trade("BTCUSDT", "2", "103")
        scene.account.transfer("500")
        scene.account.trade("ETHUSDT", "1", "90")
        scene.account.trade("ETHUSDT", "-1", "95")
        assert scene.view().status is Status.SYNCING
        positions.set()
        await scene.pass_time(3)
        assert scene.is_live()
        assert scene.agrees()
        assert scene.view().corrections == {}
        assert scene.view().unexplained_usd == 0


async def test_a_reading_cut_in_the_middle_is_discarded():
    """A stream that is lost and reopened during a sync makes the keeper begin the reading again."""
    scene = Scene("live")
    wallet = scene.account.hold("wallet")
    async with watching(scene=scene, live=False):
        scene.account.stream.cut()
        await settle()
        assert scene.view().status is Status.CONNECTING
        scene.account.silent = True
        scene.account.transfer("700")
        scene.account.silent = False
        scene.account.stream.open()
        wallet.set()
        await scene.pass_time(3)
        assert scene.account.counts["wallet"] == 2
        assert scene.is_live()
        assert scene.agrees()


async def test_a_lost_stream_is_stale_at_once_and_live_again_after_a_reading():
    """A cut makes the account stale with the reason; after reopening it is read again before it is live."""
    async with watching() as scene:
        scene.account.stream.cut("connection reset")
        assert scene.view().status is Status.STALE
        assert "connection reset" in scene.view().reason
        assert not scene.view().connected
        scene.account.trade("BTCUSDT", "1", "100")
        readings = scene.account.counts["wallet"]
        scene.account.stream.open()
        assert scene.view().status is Status.SYNCING
        await scene.pass_time(2)
        assert scene.account.counts["wallet"] == readings + 1
        assert scene.is_live()
        assert scene.agrees()


@pytest.mark.parametrize(
    "error",
    [OutcomeUnknown("timeout"), Unavailable("HTTP 502"), KeyRefused("-2015"), Throttled("429", retry_after=7.0)],
    ids=lambda error: error.kind,
)
@pytest.mark.parametrize("method", ["wallet", "positions"])
async def test_a_failing_reconcile_makes_stale_after_the_allowed_age_only(method: str, error: ExchangeError):
    """Live until the allowed age, then stale with the failure as reason, live again by itself when the cause goes."""
    async with watching() as scene:
        await scene.pass_time(10)
        scene.account.fail_on(method, error)
        reconciled = scene.keeper._reading.reconciled_at  # noqa: SLF001 - the moment the promise counts from
        await scene.pass_time(reconciled + scene.view().allowed_age - scene.clock.monotonic() - 1)
        assert scene.is_live()
        await scene.pass_time(3)
        assert scene.view().status is Status.STALE
        assert str(error) in scene.view().reason
        scene.account.mend()
        await scene.pass_time(60)
        assert scene.is_live()


async def test_retry_after_is_respected():
    """After a 429 with a time nothing is read before that time is over."""
    async with watching() as scene:
        await scene.pass_time(10)
        scene.account.fail("wallet", Throttled("429", retry_after=40.0))
        await scene.pass_time(30)
        calls = scene.account.counts["wallet"]
        await scene.pass_time(20)
        assert scene.account.counts["wallet"] == calls
        await scene.pass_time(15)
        assert scene.account.counts["wallet"] == calls + 1


async def test_one_account_failing_does_not_delay_the_other():
    """An account whose key is refused from the start connects for ever; the other becomes and stays live."""
    scene = Scene("bad", "good")
    scene.accounts["bad"].stream.reopens = False
    async with watching(scene=scene, live=False):
        scene.accounts["bad"].stream.cut("listen key: -2015")
        scene.accounts["bad"].fail_on("key_permissions", KeyRefused("-2015"))
        await scene.pass_time(130)
        assert scene.is_live("good")
        assert scene.view("bad").status is Status.CONNECTING
        assert "-2015" in scene.view("bad").reason
        assert not scene.watch.view().ready
        assert scene.accounts["bad"].counts["key_permissions"] < 10


async def test_a_slow_account_does_not_delay_the_other():
    """While one account's answers never come the other is live and reconciled."""
    scene = Scene("slow", "good")
    scene.accounts["slow"].hold("wallet")
    async with watching(scene=scene, live=False):
        await scene.pass_time(70)
        assert scene.view("slow").status is Status.SYNCING
        assert scene.is_live("good")
        assert scene.accounts["good"].counts["wallet"] >= 3


async def test_a_silent_endpoint_cannot_spin():
    """Failing for ten minutes costs a bounded number of calls and log lines."""
    scene = Scene("live")
    scene.account.fail_on("wallet", Unavailable("HTTP 502"))
    async with watching(scene=scene, live=False):
        await scene.pass_time(600)
        assert scene.view().status is Status.SYNCING
        assert "HTTP 502" in scene.view().reason
        assert scene.account.counts["wallet"] <= 30
        scene.account.mend()
        await scene.pass_time(31)
        assert scene.is_live()


async def test_a_failure_is_logged_once(caplog: pytest.LogCaptureFixture):
    """The same failure again and again is one line in the log, and its end another."""
    async with watching() as scene:
        scene.account.fail_on("positions", Unavailable("HTTP 502"))
        await scene.pass_time(600)
        scene.account.mend()
        await scene.pass_time(60)
        assert scene.is_live()
        lines = [record.getMessage() for record in caplog.records if "positions" in record.getMessage()]
        assert sum(line.startswith("live: positions: HTTP 502") for line in lines) == 1


async def test_a_part_that_breaks_is_started_again_and_touches_no_other():
    """An exception nobody expected makes one account stale for a moment; it is started again, the other lives on."""
    async with watching("odd", "good") as scene:
        scene.accounts["odd"].fail("wallet", RuntimeError("a fault of ours"))
        for _ in range(4):
            await scene.pass_time(1)
            assert scene.is_live("good")
        assert not scene.is_live("odd")
        assert not scene.view("odd").connected
        await scene.pass_time(8)
        assert scene.is_live("odd")
        assert scene.accounts["odd"].stream.running == 2
        scene.market.fail("measure_clock", RuntimeError("a fault of ours"))
        await scene.pass_time(80)
        assert scene.is_live("odd")
        assert scene.market.running == 2


async def test_an_account_that_cannot_be_judged_is_stale_alone(caplog: pytest.LogCaptureFixture):
    """A fault while judging is told once, makes that account stale and leaves scrape and other accounts working."""
    async with watching("odd", "good") as scene:
        scene.exchange_clocks["odd"].broken = True
        await scene.pass_time(5)
        assert scene.view("odd").status is Status.STALE
        assert scene.is_live("good")
        assert sum("cannot be judged" in record.getMessage() for record in caplog.records) == 1


async def test_a_look_that_breaks_off_keeps_no_other_account_waiting(caplog: pytest.LogCaptureFixture):
    """Accounts that come after it are judged twice a second as ever; it is told once, and again after it was over."""

    def broken(_market: object) -> None:
        raise ZeroDivisionError

    async with watching("odd", "good") as scene:
        whole, scene.keepers["odd"].look = scene.keepers["odd"].look, broken
        for _ in range(8):
            await scene.pass_time(LOOK_SECONDS)
            assert scene.clock.now() - (scene.view("good").trusted_at or 0) <= LOOK_SECONDS
        scene.keepers["odd"].look = whole
        await scene.pass_time(2 * LOOK_SECONDS)
        assert scene.clock.now() - (scene.view("odd").trusted_at or 0) <= LOOK_SECONDS
        scene.keepers["odd"].look = broken
        await scene.pass_time(2 * LOOK_SECONDS)
        assert sum("not judged whole" in record.getMessage() for record in caplog.records) == 2


async def test_what_belongs_to_all_accounts_keeps_none_from_being_judged(caplog: pytest.LogCaptureFixture):
    """A fault in writing or in mirrors is told once; every account is judged twice a second as ever."""

    def broken() -> None:
        raise ZeroDivisionError

    async with watching("live") as scene:
        scene.store.retry = broken
        for _ in range(8):
            await scene.pass_time(LOOK_SECONDS)
            assert scene.clock.now() - (scene.view().trusted_at or 0) <= LOOK_SECONDS
    assert sum("not judged whole" in record.getMessage() for record in caplog.records) == 1


async def test_permissions_are_read_again_and_a_dangerous_key_is_told(caplog: pytest.LogCaptureFixture):
    """The permissions of the key are shown; one that may move money out is told at critical level."""
    scene = Scene("live")
    scene.account.permissions = KeyPermissions(
        read=True, trade=False, withdraw=True, transfer=False, ip_restricted=True, portfolio_margin=False
    )
    async with watching(scene=scene):
        assert scene.view().permissions["read"].withdraw
        assert any(record.levelname == "CRITICAL" and "may move" in record.getMessage() for record in caplog.records)
        scene.account.fail_on("key_permissions", Unavailable("HTTP 502"))
        await scene.pass_time(3601)
        assert scene.view().permissions == {}
        scene.account.mend()
        await scene.pass_time(31)
        assert "read" in scene.view().permissions


async def test_what_a_refused_key_may_do_is_not_known():
    """A key that the exchange refuses loses its permissions on the page at once; they are asked for again."""
    scene = Scene("live")
    scene.account.permissions = KeyPermissions(
        read=True, trade=False, withdraw=False, transfer=False, ip_restricted=True, portfolio_margin=False
    )
    async with watching(scene=scene):
        assert "read" in scene.view().permissions
        scene.account.fail_on("wallet", KeyRefused("revoked", code=-2015))
        scene.account.fail_on("key_permissions", KeyRefused("revoked", code=-2015))
        await scene.pass_time(61)
        assert scene.view().permissions == {}
        scene.account.mend()
        await scene.pass_time(61)
        assert "read" in scene.view().permissions


async def test_view_tells_what_a_scrape_needs():
    """The view carries weight, limit, sources and the promise."""
    async with watching() as scene:
        scene.account.trade("BTCUSDT", "1", "100")
        await scene.pass_time(1)
        seen = scene.watch.view()
        assert (seen.weight_used, seen.weight_limit, seen.clock_offset) == (7, 2400, None)
        account = seen.accounts[0]
        assert set(account.sources) == {"account", "positions", "orders", "algo_orders", "marks", "stream"}
        assert account.allowed_age == 60
        assert account.trusted_at is not None
        assert 0 <= scene.clock.now() - account.trusted_at <= LOOK_SECONDS
        assert scene.figures().equity == Decimal("9999.5")


async def test_a_price_that_grows_too_old_while_the_view_is_made_is_still_shown():
    """An account that is judged live has the price of every position on the same page, however slow the machine."""
    scene = Scene("live")
    scene.account.trade("BTCUSDT", "1", "100")
    async with watching(scene=scene):
        await scene.pass_time(3)
        scene.ticking = False
        age = scene.market_keeper_clock.now() - scene.market_keeper.state().marks["BTCUSDT"].time_ms / 1000
        scene.clock.advance(MARK_AGE_SECONDS - age - 0.005)
        scene.exchange_clocks["live"].seconds = 0.01
        view = scene.watch.view()
        assert view.accounts[0].status is Status.LIVE
        assert "BTCUSDT" in view.market.marks
        assert scene.view().status is Status.STALE


async def test_the_limit_that_the_exchange_tells_is_taken_over():
    """A smaller weight limit stretches the plan of everybody."""
    scene = Scene("live")
    scene.market.weight_limit = 20
    async with watching(scene=scene):
        assert scene.schedule.weight_limit == 20
        assert scene.view().allowed_age > 60
