"""``red-button`` as a process against a simulator, with nothing else running: the press, and what disturbs it."""

from __future__ import annotations

import asyncio
import json
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from button_stage import ButtonStage, button_stage
from patience import until

ORDER = "POST /fapi/v1/order"
QUICK = ("live", "--yes", "--no-guard")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[ButtonStage]:
    """November's account."""
    async with button_stage(tmp_path) as found:
        yield found


def assert_closed(stage: ButtonStage) -> None:
    """The exchange's books hold nothing, nothing grew on the way there, and no secret was told."""
    assert stage.flat()
    assert stage.never_larger()
    assert stage.leaks() == []


async def test_a_press_shows_asks_closes_and_tells(stage: ButtonStage):
    """The plan, the question, each symbol's progress, the table with prices; 0 once flat, and a record on disk."""
    await stage.own("order", symbol="BTCUSDT", side="SELL", quantity="0.02", price="99000")
    press = await stage.press("live", "--no-guard", "--reason", "drill of november", keys=PIPE)
    await press.until("Type the account's name (live)")
    assert stage.sent() == 0
    await press.type("\nlive\n")
    assert await press.end() == 0, press.said()
    said = press.said()
    for symbol in ("BNBUSDT", "BTCUSDT", "DOTUSDT", "SOLUSDT"):
        assert f"{symbol}: filled" in said
    assert "Exposure: " in said
    assert "Open plain orders: 1 (BTCUSDT 1)" in said
    assert "Orders cancelled: 5; orders left: 0" in said
    row = next(line.split() for line in said.splitlines() if line.startswith("DOTUSDT  long   300    300"))
    assert float(row[4]) > 2
    assert "FLAT: account live" in said
    records = list(stage.folder.glob("red-button/*.jsonl"))
    lines = [json.loads(line) for line in records[0].read_text().splitlines()]
    assert lines[0]["text"] == "drill of november"
    assert sum(line["kind"] == "sending" for line in lines) == 4
    assert records[0].stat().st_mode & 0o077 == 0
    assert_closed(stage)


async def test_without_the_name_nothing_is_sent(stage: ButtonStage):
    """A wrong name, no one to ask, Ctrl-C at the question, an unknown account, unusable words: told, nothing done."""
    wrong, waiting = await stage.press("live", keys=PIPE), await stage.press("live", keys=PIPE)
    nobody, unknown = await stage.press("live", keys=DEVNULL), await stage.press("livee", "--yes")
    await wrong.until("Type the account's name")
    await wrong.type("yes\n")
    await waiting.until("Type the account's name")
    assert [await wrong.end(), await waiting.end(signal.SIGINT), await nobody.end(), await unknown.end()] == [1] * 4
    for press in (wrong, waiting, nobody):
        assert press.said().rstrip().endswith("Nothing was done.")
    assert "Fatal" not in waiting.said()
    assert "scripts say --yes" in nobody.said()
    assert 'no account "livee"; known: source, eon, live' in unknown.said()
    for unusable in ((), ("live", "--guard", "soon"), ("live", "--guard", "5s", "--no-guard")):
        assert (await stage.pressed(*unusable))[0] == 2
    assert stage.sent() == 0
    assert len(stage.account.open_positions()) == 4


async def test_hedge_mode_is_closed_leg_by_leg(tmp_path: Path):
    """Both legs of a pair, plain orders that could open and stops of both sides go."""
    async with button_stage(tmp_path, account="eon") as stage:
        await stage.own("config", hedge=True)
        for side, leg in (("BUY", "LONG"), ("SELL", "SHORT")):
            await stage.own("trade", symbol="ETHUSDT", side=side, quantity="2", position_side=leg)
        leg = {"symbol": "ETHUSDT", "quantity": "2", "position_side": "LONG"}
        await stage.own("order", **leg, side="SELL", type="STOP_MARKET", trigger_price="1000")
        await stage.own("order", **leg, side="BUY", price="1000")
        stage.begin_books()
        status, said = await stage.pressed("eon", "--yes", "--no-guard")
        assert status == 0, said
        assert "ETHUSDT  long" in said
        assert "ETHUSDT  short" in said
        assert_closed(stage)


async def test_an_exchange_that_refuses_is_given_up_where_that_was_asked_for(stage: ButtonStage):
    """3, what is left and why, repeats told once; the next press closes, without a disk for its record too."""
    await stage.sim("fail", endpoint=ORDER, code=-4141, times=10_000)
    status, said = await stage.pressed(*QUICK, "--give-up-after", "3s")
    assert status == 3, said
    assert "not closed within 3 s" in said
    assert "NOT FLAT: account live still holds something; exposure left: " in said
    assert said.count("BTCUSDT: buy 0.013 (market)") == 1
    assert len(stage.account.open_positions()) == 4
    await stage.client.control("fail", method="DELETE")
    blocked = stage.folder / "file"
    blocked.write_text("")
    status, said = await stage.pressed(*QUICK, environ={"PLIMSOLL_ENFORCER__DATA_DIR": str(blocked)})
    assert status == 0, said
    assert "No record is kept in " in said
    assert_closed(stage)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_stop_in_the_middle_says_what_is_left(stage: ButtonStage, number: signal.Signals):
    """3 after one more look; what was closed before it is told as closed."""
    await stage.sim("restrict", account="live", symbol="BTCUSDT", code=-4088)
    press = await stage.press(*QUICK)
    await press.until(": filled,", times=3)
    assert await press.end(number) == 3, press.said()
    said = press.said()
    assert "Stopped by hand." in said
    rows = {line.split()[0]: line for line in said[said.index("Stopped by hand.") :].splitlines() if "USDT" in line}
    assert rows["BTCUSDT"].endswith("0.013  stopped by hand")
    assert rows["SOLUSDT"].split()[3:6:2] == ["2.4", "0"]
    assert "NOT FLAT: account live still holds something" in said
    assert stage.never_larger()


async def test_an_exchange_out_of_reach_is_tried_until_it_answers(stage: ButtonStage):
    """The plan says what nobody knows; nothing is called flat meanwhile; once it answers the account is closed."""
    await stage.sim("fail", endpoint="*", status=502, times=10_000, body="bad gateway")
    press = await stage.press(*QUICK)
    await press.until("positions could not be read")
    said = press.said()
    assert "Positions: unknown; they are read again while closing." in said
    assert "FLAT" not in said
    await stage.client.control("fail", method="DELETE")
    assert await press.end() == 0, press.said()
    assert_closed(stage)


async def test_the_guard_closes_what_somebody_opens(stage: ButtonStage):
    """A market order and a resting one "from outside" are gone soon; Ctrl-C then ends it with 0."""
    press = await stage.press("live", "--yes")
    await press.until("Guarding from here until Ctrl-C")
    assert stage.flat()
    await stage.own("trade", symbol="ETHUSDT", side="BUY", quantity="0.5")
    stage.begin_books()
    await until(lambda: not stage.account.open_positions(), press.said)
    await press.until("FLAT: account live", times=2)
    await stage.own("order", symbol="ETHUSDT", side="BUY", quantity="0.5", price="1000")
    await press.until("FLAT: account live", times=3)
    assert await press.end(signal.SIGINT) == 0, press.said()
    assert press.said().count("Something new in account live: closing it.") == 2
    assert_closed(stage)


async def test_a_guard_for_a_time_ends_by_itself(stage: ButtonStage):
    """Its terminal may go away: after SIGHUP it closes and guards all the same."""
    press = await stage.press("live", "--yes", "--guard", "3s")
    await press.until("pressed by hand")
    assert await press.end(signal.SIGHUP) == 0, press.said()
    assert "Guarding from here for 3 s" in press.said()
    assert_closed(stage)


async def test_the_check_tells_whether_it_would_work(stage: ButtonStage):
    """Fine; a permission too many; a key that is refused; a clock that is off; nobody there. Nothing is sent."""
    status, said = await stage.pressed("--check")
    assert status == 0, said
    assert "live     reading      fine" in said
    await stage.own("key", which="trade", permissions={"enableWithdrawals": True})
    await stage.sim("clock", offset_seconds=8)
    status, said = await stage.pressed("live", "--check")
    assert (status, "may withdraw" in said, " s ahead of this machine's: set this" in said) == (1, True, True), said
    refused, said = await stage.pressed(*QUICK)
    assert (refused, "--any-key presses all the same" in said) == (1, True), said
    await stage.own("key", which="trade", revoked=True)
    status, said = await stage.pressed("live", "--check")
    assert (status, "check the key, its permissions and the addresses" in said) == (1, True), said
    nowhere = {"PLIMSOLL_EXCHANGE__REST_URL": "http://127.0.0.1:9"}
    status, said = await stage.pressed("live", "--check", environ=nowhere)
    assert (status, "not reachable" in said) == (1, True), said
    assert stage.sent() == 0
    await stage.own("key", which="trade", revoked=False)
    status, said = await stage.pressed(*QUICK, "--any-key")
    assert status == 0, said
    assert_closed(stage)


async def test_killed_in_the_middle_and_pressed_again(stage: ButtonStage):
    """A press after kill -9 goes on with what is left; nothing grows, an answer on its way is not sent again."""
    await stage.sim("fail", endpoint=ORDER, delay=5, times=2, account="live")
    press = await stage.press(*QUICK)
    await until(lambda: len(stage.account.open_positions()) < 4, press.said)
    assert await press.end(signal.SIGKILL) == -signal.SIGKILL
    status, said = await stage.pressed(*QUICK)
    assert status == 0, said
    assert_closed(stage)


async def test_two_buttons_at_once_close_once(stage: ButtonStage):
    """Both end flat, and together they close the positions and no more."""
    await stage.sim("latency", seconds=0.05)
    both = await asyncio.gather(stage.pressed(*QUICK), stage.pressed(*QUICK))
    assert [status for status, _ in both] == [0, 0], both
    assert_closed(stage)
