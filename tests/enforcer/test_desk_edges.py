"""Edges of the desk: faults of ours in the middle, accounts without a key, multi-assets mode, lives that end badly."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

import breach_scene
import builders
from desk_scene import DOWN, SYMBOL, DeskScene, played
from plimsoll.config.model import Mode
from plimsoll.errors import EnforcerRefused
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.model.market import AssetRate
from plimsoll_enforcer.journal.values import Lockout
from plimsoll_enforcer.watching.accounts import Accounts
from plimsoll_enforcer.watching.parts import AccountParts, Stance
from virtual_time import until


class Blunder(Exception):
    """A mistake of ours."""


def test_a_fault_of_ours_in_a_run_does_not_end_it(tmp_path: Path) -> None:
    """Closing that raises what it never should is begun anew: the account ends flat, and the audit has it."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        scene.account.fail("positions")
        whole, tries = scene.account.plain_orders, list[int]()

        async def broken(symbol: str | None = None) -> object:
            tries.append(1)
            if len(tries) <= 2:
                raise Blunder
            return await whole(symbol)

        scene.account.plain_orders = broken  # type: ignore[assignment, method-assign]  # a mistake to be met
        await scene.tell()
        await scene.until_flat()
        run = scene.desk.run(scene.desk.runs()[0].run_id)
        assert run is not None
        assert run.summary.outcome == "flat"
        assert any("Blunder" in line.text for line in run.audit)

    played(tmp_path, plot)


@pytest.mark.parametrize("error", [DOWN, Blunder()])
def test_a_dry_run_that_fails_says_so(tmp_path: Path, error: Exception) -> None:
    """Neither an exchange that is down nor a fault of ours ends the enforcer: the run has failed."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")

        async def broken(_: str | None = None) -> object:
            raise error

        scene.account.plain_orders = broken  # type: ignore[assignment, method-assign]  # reads of the rehearsal alone
        scene.account.algo_orders = broken  # type: ignore[assignment, method-assign]  # likewise
        await scene.tell()
        await scene.until_ended()
        (run,) = scene.desk.runs()
        assert (run.mode, run.outcome) in {("dry-run", "failed"), ("dry-run", "not_flat")}
        assert scene.untouched

    played(tmp_path, plot, mode=Mode.DRY_RUN)


def test_a_dry_run_that_was_interrupted_is_no_run_to_go_on_with(tmp_path: Path) -> None:
    """An earlier life's rehearsal has failed; nothing is closed by the next one."""

    async def plot(scene: DeskScene) -> None:
        scene.journal.begin_run("eon", mode="dry-run", trigger="x")
        await scene.restart()
        await asyncio.sleep(5)
        assert [run.outcome for run in scene.desk.runs()] == ["failed"]
        assert scene.untouched

    played(tmp_path, plot)


def test_of_two_unfinished_runs_the_newer_goes_on(tmp_path: Path) -> None:
    """A run without its lockout, beside an older one: the newer ends flat, the older ends, the account is locked."""

    async def plot(scene: DeskScene) -> None:
        scene.journal.begin_run("eon", mode="armed", trigger="older")
        await asyncio.sleep(0.01)
        scene.journal.begin_run("eon", mode="armed", trigger="newer")
        await scene.restart()
        await scene.until_flat()
        assert [(run.trigger, run.outcome) for run in scene.desk.runs()] == [("newer", "flat"), ("older", "not_flat")]
        assert scene.journal.lockout("eon") is not None

    played(tmp_path, plot)


def test_an_unfinished_run_waits_until_the_account_is_armed(tmp_path: Path) -> None:
    """Started in dry run it waits with the gate shut; armed, it goes on; a release ends it."""

    async def plot(scene: DeskScene) -> None:
        scene.journal.begin_run("eon", mode="armed", trigger="x")
        scene.mode = Mode.DRY_RUN
        await scene.restart()
        await asyncio.sleep(10)
        assert scene.untouched
        gate = scene.desk.gate("eon")
        assert gate is not None
        assert not gate.open
        await scene.desk.release("eon", reason="no", operator="ann", rebase=False)
        assert scene.desk.runs()[0].outcome == "not_flat"
        scene.mode = Mode.ARMED
        await asyncio.sleep(10)
        assert scene.untouched

    played(tmp_path, plot)


def test_a_lost_lockout_does_not_hide_a_conditional_order(tmp_path: Path) -> None:
    """Flat after its lockout was served, but with an order that could open a position: a run cancels it."""

    async def plot(scene: DeskScene) -> None:
        await scene.desk.flatten("eon", reason="x", operator="ann")
        await scene.until_flat()
        await scene.desk.release("eon", reason="x", operator="ann", rebase=False)
        scene.account.balances["USDT"] = builders.balance("USDT", "8900", updated_ms=scene.account.stamp())
        scene.flows_until = scene.clock.now() + 1
        await asyncio.sleep(2)
        await scene.tell()
        await asyncio.sleep(20)
        assert len(scene.desk.runs()) == 1
        scene.account.rest(SYMBOL, algo=True)
        await until(lambda: len(scene.desk.runs()) > 1, within=10)
        await scene.until_flat()

    played(tmp_path, plot)


def test_multi_assets_mode_is_read_with_its_rates(tmp_path: Path) -> None:
    """Every asset counts at its rate: the fall of a coin in the wallet is a loss like any other."""

    async def plot(scene: DeskScene) -> None:
        scene.account.mode = builders.settings(multi=True)
        scene.account.balances["BNB"] = builders.balance("BNB", "100", updated_ms=0)

        def rate(price: int) -> None:
            one = Decimal(price)
            scene.market.rates = (AssetRate(asset="BNB", bid=one, ask=one, time_ms=scene.market.now_ms()),)

        rate(100)
        await scene.tell(reference_usd="20000.0", equity_usd="17800.0")
        await asyncio.sleep(60)
        assert scene.untouched
        rate(78)
        await scene.until_flat()

    played(tmp_path, plot)


def test_the_rules_of_the_exchange_may_come_late(tmp_path: Path) -> None:
    """Started while the exchange is down, the enforcer has them as soon as it answers."""

    async def plot(scene: DeskScene) -> None:
        scene.market.fail_on("rules", DOWN)
        await scene.restart()
        scene.price("89")
        await scene.tell()
        await asyncio.sleep(20)
        assert scene.untouched
        scene.market.mend()
        await scene.until_flat()

    played(tmp_path, plot)


def test_an_account_without_a_key_is_refused_everything(tmp_path: Path) -> None:
    """No reads, no runs, no release; its gate is open unless an earlier life locked it."""

    async def plot(scene: DeskScene) -> None:
        desk = Accounts(
            scene.config,
            {
                "eon": AccountParts(
                    config=scene.config.accounts["eon"], stance=lambda: Stance(mode=Mode.OFF, why="no key")
                )
            },
            market=scene.market,
            journal=scene.journal,
            clock=scene.clock,
            exchange_clock=ExchangeClock(scene.clock),
            weight_limit=lambda: 2400,
        )
        (verdict,) = await desk.alerts((scene.alert(),))
        assert (verdict.outcome, "no key" in verdict.reason) == ("refused", True)
        with pytest.raises(EnforcerRefused, match="no trade key"):
            await desk.flatten("eon", reason="x", operator="ann")
        gate = desk.gate("eon")
        assert gate is not None
        assert gate.open
        scene.journal.lock(Lockout(account="eon", since=0.0, until=float("inf"), reason="x", rules=("tmad",)))
        gate = desk.gate("eon")
        assert gate is not None
        assert not gate.open
        assert desk.figures().accounts["eon"].requests == {"refused": 1}
        assert desk.gate("nobody") is None

    played(tmp_path, plot)


def test_an_alert_of_nobody_counts_for_nobody(tmp_path: Path) -> None:
    """An account that is not ours is refused and counted nowhere."""

    async def plot(scene: DeskScene) -> None:
        (verdict,) = await scene.desk.alerts((breach_scene.alert("nobody"),))
        assert verdict.outcome == "refused"
        assert not scene.requests()

    played(tmp_path, plot)


def hide(folder: Path) -> Path:
    """Move a folder away and put a file in its place; gives where it is."""
    hidden = folder.with_name(f"{folder.name}-hidden")
    folder.rename(hidden)
    folder.write_text("in the way")
    return hidden


def show(folder: Path, hidden: Path) -> None:
    """Put it back."""
    folder.unlink()
    hidden.rename(folder)


def test_a_journal_that_opens_late_brings_its_lockouts(tmp_path: Path) -> None:
    """Without its folder at the start: the gate is shut in doubt, then the lockout of the earlier life is kept."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        await scene.stop()
        hidden = hide(tmp_path)
        await scene.start()
        gate = scene.desk.gate("eon")
        assert gate is not None
        assert "cannot be read" in gate.reason
        show(tmp_path, hidden)
        await asyncio.sleep(5)
        lockout = scene.journal.lockout("eon")
        assert lockout is not None
        assert lockout.rules == ("tmad",)
        scene.account.trade(SYMBOL, "5", "89")
        await scene.until_flat(within=10)

    played(tmp_path, plot)
