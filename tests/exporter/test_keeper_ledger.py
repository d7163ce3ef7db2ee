"""What an account remembers: no flow moves a drawdown, whoever tells it, and each is booked exactly once."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from keeper_scene import Scene
from ledger_scene import booked, figures, ledger, lost, remembering
from plimsoll.database.database import Database
from plimsoll.model.events import MarginCall
from plimsoll.model.flows import FlowSource


async def fallen(scene: Scene) -> tuple[Decimal | None, Decimal | None]:
    """Hold a position that lost 300 of 10,000 USD; gives what is lost."""
    scene.account.trade("BTCUSDT", "10", "100", fee="0")
    scene.market.prices["BTCUSDT"] = Decimal(70)
    await scene.pass_time(3)
    assert lost(scene) == (Decimal("0.03"), 300)
    return lost(scene)


@pytest.mark.parametrize("amount", ["5000", "-5000", "0.00000001"])
async def test_a_flow_moves_no_drawdown(tmp_path: Path, amount: str):
    """The event of a transfer books it at once: ratio and amount stay, the next sample and all later ones too."""
    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        scene.account.transfer(amount)
        assert lost(scene) == before
        await scene.pass_time(5)
        assert lost(scene) == before
        flow = ledger(scene).flow_usd
        assert flow == {"in" if Decimal(amount) > 0 else "out": abs(Decimal(amount))}
        assert [(one.usd, one.source, one.transaction) for one in booked(scene)] == [
            (Decimal(amount), FlowSource.EVENT, "")
        ]


async def test_a_flow_whose_event_is_lost_moves_no_drawdown(tmp_path: Path):
    """Seen first by a reconcile it shows as unexplained, nothing is told meanwhile, and then it is booked."""
    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        scene.account.silent = True
        scene.account.transfer("5000")
        scene.account.silent = False
        seen = set()
        for _ in range(140):
            await scene.pass_time(0.5)
            row = figures(scene)
            if row.drawdown_ratio is None:
                seen.add(scene.view().unexplained_usd)
            else:
                assert lost(scene) == before
        assert seen == {Decimal(5000)}
        assert [(one.usd, one.source, bool(one.transaction)) for one in booked(scene)] == [
            (Decimal(5000), FlowSource.INCOME, True)
        ]


async def test_the_history_confirms_a_flow_that_an_event_told(tmp_path: Path):
    """The routine question gives the flow its key and books nothing anew."""
    async with remembering(tmp_path) as scene:
        scene.account.transfer("250")
        scene.account.transfer("250")
        await scene.pass_time(1000)
        flows = booked(scene)
        assert [(one.amount, one.source) for one in flows] == [(Decimal(250), FlowSource.EVENT)] * 2
        assert len({one.transaction for one in flows} - {""}) == 2
        assert ledger(scene).flow_usd == {"in": Decimal(500)}


async def test_flows_missed_while_down_are_booked_once(tmp_path: Path):
    """What came and went while nobody watched moves no drawdown and is in the ledger once, as is what came before."""
    async with remembering(tmp_path) as first:
        await fallen(first)
        first.account.transfer("1000")
        before = lost(first)
    first.account.transfer("2000")
    first.account.transfer("-500")
    async with remembering(tmp_path, after=first, live=False) as second:
        await second.pass_time(1.5)
        assert second.is_live()
        assert second.view().unexplained_usd == 1500
        assert figures(second).drawdown_ratio is None
        assert figures(second, "usd").reference_usd == 11000
        await second.pass_time(5)
        assert lost(second) == before
        await second.pass_time(1000)
        assert lost(second) == before
        assert sorted(one.amount for one in booked(second)) == [-500, 1000, 2000]
        assert ledger(second).flow_usd == {"in": Decimal(3000), "out": Decimal(500)}


async def test_money_that_came_and_went_while_down_is_in_the_ledger(tmp_path: Path):
    """Two transfers that cancel out leave no trace in the wallet; the routine question finds both."""
    async with remembering(tmp_path) as first:
        before = await fallen(first)
    first.account.transfer("2000")
    first.account.transfer("-2000")
    async with remembering(tmp_path, after=first) as second:
        await second.pass_time(130)
        assert sorted(one.amount for one in booked(second)) == [-2000, 2000]
        assert lost(second) == before


async def test_a_loss_while_down_is_a_loss(tmp_path: Path):
    """Trades of the time in which nobody watched are performance: only the transfer is taken out."""
    async with remembering(tmp_path) as first:
        await fallen(first)
    first.account.trade("BTCUSDT", "-10", "70", fee="100")
    first.account.transfer("5000")
    async with remembering(tmp_path, after=first) as second:
        await second.pass_time(6)
        assert lost(second) == (Decimal("0.04"), 400)


async def test_a_breach_survives_restarts_and_outages(tmp_path: Path):
    """Two samples make it; it stays while the account is not live and over a restart, and two samples clear it."""
    async with remembering(tmp_path) as first:
        first.account.trade("BTCUSDT", "50", "100", fee="0")
        first.market.prices["BTCUSDT"] = Decimal(80)
        await first.pass_time(3)
        assert figures(first).breached
        first.account.stream.reopens = False
        first.account.stream.cut()
        await first.pass_time(3)
        assert not first.is_live()
        assert figures(first).breached
        assert figures(first).drawdown_ratio is None
    async with remembering(tmp_path, after=first, live=False) as second:
        assert figures(second).breached
        second.market.prices["BTCUSDT"] = Decimal(100)
        await second.pass_time(5)
        assert not figures(second).breached


async def test_income_is_counted_by_type_once(tmp_path: Path):
    """Fills count at once, funding by the history; the history adds nothing that a fill told, over restarts too."""
    async with remembering(tmp_path) as first:
        first.account.trade("BTCUSDT", "10", "100", fee="1")
        first.account.trade("BTCUSDT", "-10", "90", fee="1")
        await first.pass_time(1)
        assert ledger(first).income_usd == {"commission": Decimal(-2), "realized_pnl": Decimal(-100)}
    first.account.trade("BTCUSDT", "10", "100", fee="3")
    async with remembering(tmp_path, after=first) as second:
        second.account.transfer("-7", kind="FUNDING_FEE")
        await second.pass_time(1100)
        assert ledger(second).income_usd == {
            "commission": Decimal(-5),
            "realized_pnl": Decimal(-100),
            "funding_fee": Decimal(-7),
        }


async def test_margin_calls_are_counted_and_kept(tmp_path: Path):
    """Each margin call counts once, over restarts too."""
    async with remembering(tmp_path) as first:
        call = MarginCall(time_ms=5, event_ms=5, symbols=("BTCUSDT",))
        first.account.tell(call, call, MarginCall(time_ms=9, event_ms=9, symbols=("BTCUSDT",)))
        assert ledger(first).margin_calls.value == 2
        at = first.clock.now()
    async with remembering(tmp_path, after=first) as second:
        assert (ledger(second).margin_calls.value, ledger(second).margin_calls.last_at) == (2, at)


async def test_the_smallest_high_is_written_at_once(tmp_path: Path):
    """Whatever reference is shown is in the database already, long before the next batch."""
    async with remembering(tmp_path) as scene:
        scene.account.trade("BTCUSDT", "1", "100", fee="0")
        await scene.pass_time(12)
        for tick in range(1, 9):
            scene.market.prices["BTCUSDT"] = 100 + Decimal(tick) / 1000
            await scene.pass_time(1)
            with Database.join(scene.store.path, clock=scene.clock) as database:
                standing = database.standing("live")
            assert standing is not None
            assert standing.rules["usd"].reference == figures(scene, "usd").reference_usd
        assert standing.rules["usd"].reference > 10000


async def test_a_ledger_that_fails_tells_no_drawdown(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """By a fault of ours the references may be old: equity of now is not held against them until a look went well."""

    def broken(_looked: object) -> None:
        raise ZeroDivisionError

    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        whole, scene.keeper.ledger.look = scene.keeper.ledger.look, broken
        await scene.pass_time(2)
        assert scene.is_live()
        assert (figures(scene).drawdown_ratio, figures(scene).drawdown_usd) == (None, None)
        scene.keeper.ledger.look = whole
        await scene.pass_time(2)
        assert lost(scene) == before
    assert "fault of ours" in caplog.text
