"""The red button's steps over fakes of the exchange, the flatten and the terminal."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from builders import order, position, stop
from manual_clock import ManualClock
from plimsoll.errors import Malformed, Unavailable
from plimsoll.model.account import PositionReport, Wallet
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, PositionSide
from plimsoll_enforcer.button.guard import Guard
from plimsoll_enforcer.button.press import agreed, close, look
from plimsoll_enforcer.button.record import Record
from plimsoll_enforcer.flatten.log import RunLog
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.trading.port import CloseOrder, Placed


class Reads:
    """The reads of a trader that the button makes; each can fail."""

    def __init__(self) -> None:
        self.symbols: list[frozenset[str]] = []
        self.algo: tuple[Order, ...] = ()
        self.plain: tuple[Order, ...] = ()
        self.failing = False
        self.broken = False

    async def wallet(self) -> Wallet:
        """Only its symbols matter here."""
        self._check()
        if self.broken:
            raise Malformed("a balance is no number")
        zero = Decimal(0)
        return Wallet(
            balances=(),
            margin_balances={},
            margin_balance=zero,
            initial_margin=zero,
            maintenance_margin=zero,
            available=zero,
            symbols=self.symbols.pop(0) if self.symbols else frozenset(),
        )

    async def positions(self) -> tuple[PositionReport, ...]:
        """None is held."""
        self._check()
        return ()

    async def sound_positions(self) -> tuple[PositionReport, ...]:
        """One is held."""
        return (report(),)

    async def plain_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """As set."""
        assert symbol is None
        return self.plain

    async def algo_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """As set."""
        assert symbol is None
        return self.algo

    def _check(self) -> None:
        if self.failing:
            raise Unavailable("no connection")


class Closes:
    """A flatten that ends at once, or never, or fails so many times before."""

    def __init__(self, *, ends: bool = True, fails: int = 0) -> None:
        self.runs = 0
        self._ends, self._fails = ends, fails

    async def flatten(self, log: RunLog, *, late: Callable[[FlattenResult], None] = lambda _: None) -> FlattenResult:
        """Count, and end."""
        self.runs += 1
        if self.runs <= self._fails:
            raise RuntimeError("a fault of ours")
        if not self._ends:
            late(result(flat=False))
            await asyncio.Event().wait()
        log.step("read", "nothing is left")
        return result(flat=True)

    async def rehearse(self, log: RunLog) -> FlattenResult:
        """Never asked for by a button."""
        raise AssertionError(log)


class Screen:
    """A terminal that remembers, and types what it was given."""

    def __init__(self, *typed: str) -> None:
        self.lines: list[str] = []
        self._typed = list(typed)

    @property
    def text(self) -> str:
        """All that was said."""
        return "\n".join(self.lines)

    def say(self, text: str) -> None:
        """Remember it."""
        self.lines.append(text)

    async def ask(self, question: str) -> str:
        """Type."""
        self.lines.append(question)
        return self._typed.pop(0) if self._typed else ""


def report() -> PositionReport:
    """A long of one at 100 USD."""
    return PositionReport(
        position=position("BTCUSDT", "1", "100"),
        mark_price=Decimal(100),
        liquidation_price=None,
        maintenance_margin=Decimal(1),
        position_margin=Decimal(1),
        unrealized_pnl=Decimal(0),
    )


def result(*, flat: bool) -> FlattenResult:
    """An account that held nothing but one order."""
    return FlattenResult(
        flat=flat,
        seconds_to_flat=1.0 if flat else None,
        confirmed=flat,
        residual_exposure_usd=Decimal(0) if flat else None,
        positions=(),
        orders_cancelled=1,
        orders_left=0 if flat else 1,
    )


def a_close(client_id: str = "plim-x-1") -> CloseOrder:
    """A market order that closes a long."""
    return CloseOrder(
        symbol="BTCUSDT",
        position_side=PositionSide.BOTH,
        direction=Direction.SELL,
        quantity=Decimal("0.300"),
        client_id=client_id,
    )


async def test_a_look_tells_what_it_read_and_what_it_could_not():
    """A failing read leaves its part unknown and the others told."""
    reads = Reads()
    reads.plain, reads.algo = (order(),), (stop(),)
    plan = await look(reads, "eon")
    assert (plan.positions, plan.plain, plan.algo, plan.faults) == ((), (order(),), (stop(),), ())
    reads.failing = True
    plan = await look(reads, "eon")
    assert plan.positions is None
    assert plan.faults == ("positions: no answer we can use (no connection)",)


@pytest.mark.parametrize(
    ("typed", "meant"), [("eon", True), (" eon \n", True), ("EON\n", False), ("", False), ("y\n", False)]
)
async def test_only_the_accounts_own_name_confirms(typed: str, *, meant: bool):
    """Neither a yes nor another spelling presses the button."""
    assert await agreed("eon", Screen(typed)) is meant


async def test_a_line_break_that_came_too_early_asks_again():
    """Somebody who pressed Enter before the question is asked once more; where nobody can be asked, that is said."""
    screen = Screen("\n", " \n", "eon\n")
    assert await agreed("eon", screen)
    assert len(screen.lines) == 3
    nobody = Screen("")
    assert not await agreed("eon", nobody)
    assert "scripts say --yes" in nobody.lines[-1]


async def test_a_close_that_ends_shows_its_result(tmp_path: Path):
    """The steps are told with their time, then the table."""
    screen = Screen()
    record = Record("eon", tmp_path, clock=ManualClock(), tell=screen.say)
    found = await close("eon", Closes(), record, screen, ManualClock(), give_up_after=None)
    assert found == result(flat=True)
    assert screen.lines[0] == "   0.0 s  read           nothing is left"
    assert "FLAT: account eon" in screen.lines[-1]


async def test_a_close_that_does_not_end_says_so_and_can_be_given_up(tmp_path: Path):
    """The warning after 30 s and the end of patience are told; no result stands for it."""
    screen = Screen()
    record = Record("eon", tmp_path, clock=ManualClock(), tell=screen.say)
    found = await close("eon", Closes(ends=False), record, screen, ManualClock(), give_up_after=0.05)
    assert found is None
    assert "NOT FLAT YET; going on." in screen.text


async def test_a_fault_of_the_program_begins_the_close_again(tmp_path: Path):
    """Whatever breaks in a close, the next one goes on; the guard does the same."""
    clock, screen, closes = ManualClock(), Screen(), Closes(fails=2)
    record = Record("eon", tmp_path, clock=clock, tell=screen.say)
    closing = asyncio.create_task(close("eon", closes, record, screen, clock, give_up_after=None))
    await clock.elapse(3.0)
    assert await closing == result(flat=True)
    assert closes.runs == 3
    assert "RuntimeError; beginning again" in screen.text


async def test_the_guard_closes_what_is_new_and_nothing_else(tmp_path: Path):
    """A position or plain order at any look, a conditional order at its slower look; a failing look closes nothing."""
    clock, screen, reads, closes = ManualClock(), Screen(), Reads(), Closes()
    record = Record("eon", tmp_path, clock=clock, tell=lambda _: None)
    guard = Guard("eon", reads, closes, record, screen, clock=clock)
    reads.symbols = [frozenset(), frozenset({"BTCUSDT"}), frozenset()]
    running = asyncio.create_task(guard.run(60.0))
    await clock.elapse(0.1)
    assert closes.runs == 0
    await clock.elapse(2.0)
    assert closes.runs == 1
    reads.failing = True
    await clock.elapse(10.0)
    assert closes.runs == 1
    assert [line for line in screen.lines if "cannot be read" in line] == [
        "The account cannot be read now (no connection); trying on."
    ]
    reads.failing = False
    await clock.elapse(2.0)
    assert "The account can be read again." in screen.lines
    reads.algo = (stop(),)
    await clock.elapse(40.0)
    assert closes.runs >= 2
    assert guard.recloses == closes.runs
    await clock.elapse(10.0)
    await running


async def test_the_guard_sees_positions_in_an_answer_that_is_broken_elsewhere(tmp_path: Path):
    """A balance that cannot be read hides no position; a fault of ours in a look is told and ends nothing."""
    clock, screen, reads, closes = ManualClock(), Screen(), Reads(), Closes()
    record = Record("eon", tmp_path, clock=clock, tell=lambda _: None)
    guard = Guard("eon", reads, closes, record, screen, clock=clock)
    reads.broken = True
    running = asyncio.create_task(guard.run(6.0))
    await clock.elapse(0.1)
    assert closes.runs == 1
    reads.wallet = None  # calling it is a fault of ours
    await clock.elapse(7.0)
    await running
    assert "The account cannot be read now (TypeError); trying on." in screen.lines
    assert guard.blind


def test_the_record_numbers_its_orders_and_knows_what_has_no_answer(tmp_path: Path):
    """What was sent and not answered can be looked up; every line is on disk, readable by its owner alone."""
    told: list[str] = []
    record = Record("eon", tmp_path / "deep", clock=ManualClock(), tell=told.append)
    assert [record.next_number(), record.next_number()] == [1, 2]
    first, second = a_close("plim-x-1"), a_close("plim-x-2")
    record.sending(first)
    record.sending(second)
    placed = Placed(
        order_id=7,
        client_id="plim-x-1",
        symbol="BTCUSDT",
        status="FILLED",
        executed=Decimal("0.3"),
        average_price=Decimal("91000.5"),
    )
    record.answered("plim-x-1", placed)
    assert [item.order for item in record.unanswered()] == [second]
    record.answered("plim-x-2", None, "reduce-only is refused", -2022)
    assert record.unanswered() == ()
    assert record.where() == f"Record: {record.path}"
    lines = [json.loads(line) for line in record.path.read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["sending", "sending", "answered", "refused"]
    assert lines[2]["text"] == "BTCUSDT: filled, 0.3 filled at 91000.5"
    assert lines[3]["detail"] == {"client_id": "plim-x-2", "code": -2022}
    assert record.path.stat().st_mode & 0o077 == 0
    assert told[0].endswith("BTCUSDT: sell 0.300 (market)")


def test_a_record_that_cannot_be_written_stops_nothing(tmp_path: Path):
    """The lines are told all the same."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    told: list[str] = []
    record = Record("eon", blocked / "folder", clock=ManualClock(), tell=told.append)
    record.step("read", "three positions")
    assert record.where() == f"No complete record is kept in {blocked / 'folder'}."
    assert sorted(told) == [
        "   0.0 s  read           three positions",
        f"No record is kept in {blocked / 'folder'}: Not a directory",
    ]


def test_a_record_that_is_lost_meanwhile_is_told_once(tmp_path: Path):
    """The folder disappears: one line says so, the steps are told on."""
    told: list[str] = []
    record = Record("eon", tmp_path / "deep", clock=ManualClock(), tell=told.append)
    assert record.where() == f"Record: {record.path}"
    record.path.unlink()
    record.path.parent.rmdir()
    record.step("read", "three positions")
    record.step("read", "no position")
    assert record.where().startswith("No complete record is kept")
    assert sum("cannot be written any more" in line for line in told) == 1


async def test_a_disk_that_hangs_holds_up_nobody(tmp_path: Path):
    """What is noted is told at once, though the file does not come to be; the end says so after a moment."""
    folder = tmp_path / "deep"
    folder.mkdir()
    told: list[str] = []
    record = Record("eon", folder, clock=ManualClock(), tell=told.append)
    assert record.where() == f"Record: {record.path}"
    record.path.unlink()
    os.mkfifo(record.path)  # opening it waits for a reader that never comes
    record.step("read", "three positions")
    assert told == ["   0.0 s  read           three positions"]
    assert record.where().startswith("No complete record is kept")
