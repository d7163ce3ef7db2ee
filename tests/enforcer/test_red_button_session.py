"""A press from look to guard, against the simulator: the program itself without its process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from button_stage import ButtonStage, button_stage
from fast_clock import FastClock
from patience import PATIENCE, until
from plimsoll.config.keys import enforcer_credentials
from plimsoll.config.load import load
from plimsoll.live_check import Verdict
from plimsoll_enforcer.button.arguments import parse
from plimsoll_enforcer.button.check import check
from plimsoll_enforcer.button.session import FLAT, NOT_FLAT, WRONG, Phase, Session
from plimsoll_enforcer.trading.gateway import Gateway
from stack_harness import ROOT

ORDER = "POST /fapi/v1/order"


class Paper:
    """A terminal that keeps what was said, and types what it was given."""

    def __init__(self, typed: str = "") -> None:
        self.text = ""
        self._typed = typed

    def say(self, text: str) -> None:
        """Keep it."""
        self.text += f"{text}\n"

    async def ask(self, question: str) -> str:
        """Type."""
        self.say(question)
        return self._typed


class Pressed:
    """A session that is pressed."""

    def __init__(self, stage: ButtonStage, session: Session, paper: Paper) -> None:
        self.stage, self.session, self.paper = stage, session, paper
        self.task = asyncio.ensure_future(session.press())

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        await until(holds, lambda: self.paper.text)

    async def until_said(self, text: str) -> None:
        """Wait until it has said something."""
        await self.until(lambda: text in self.paper.text)

    async def end(self) -> int:
        """The exit status."""
        async with asyncio.timeout(PATIENCE):
            return await self.task


@asynccontextmanager
async def pressing(stage: ButtonStage, *arguments: str, typed: str = "", speed: float = 5.0) -> AsyncIterator[Pressed]:
    """Press with these arguments; what still runs at the end is ended."""
    config = load(ROOT / "plimsoll.yml", environ=dict(stage.environ))
    clock, paper = FastClock(speed), Paper(typed)
    asked = parse(list(arguments))
    gateway = Gateway(config.exchange, enforcer_credentials(config, [asked.account]), clock=clock)
    found = Pressed(stage, Session(config, asked, gateway=gateway, screen=paper, clock=clock), paper)
    try:
        yield found
    finally:
        found.task.cancel()
        await asyncio.gather(found.task, return_exceptions=True)
        await gateway.close()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[ButtonStage]:
    """November's account."""
    async with button_stage(tmp_path) as found:
        yield found


async def test_the_name_presses_and_anything_else_does_not(stage: ButtonStage):
    """Asked without --yes; the name closes everything, another word sends nothing."""
    async with pressing(stage, "live", "--no-guard", typed="y\n") as press:
        assert (await press.end(), press.session.phase, stage.sent()) == (WRONG, Phase.ASKING, 0)
    async with pressing(stage, "live", "--no-guard", typed="live\n") as press:
        assert await press.end() == FLAT
        assert "Not guarded" in press.paper.text
        assert stage.flat()
        assert stage.never_larger()


async def test_a_key_with_too_many_rights_needs_a_word_of_its_own(stage: ButtonStage):
    """A key that may withdraw is refused, unless --any-key is said; unreadable permissions keep nobody from closing."""
    await stage.own("key", which="trade", permissions={"enableWithdrawals": True})
    async with pressing(stage, "live", "--yes", "--no-guard") as press:
        assert (await press.end(), stage.sent()) == (WRONG, 0)
        assert "the trade key may withdraw: refused" in press.paper.text
    await stage.sim("fail", endpoint="/sapi/v1/account/apiRestrictions", status=502, times=10)
    async with pressing(stage, "live", "--yes", "--no-guard") as press:
        assert await press.end() == FLAT


async def test_a_stop_before_anything_was_agreed_does_nothing(stage: ButtonStage):
    """Cancelled while it looks, or with the terminal gone: the task ends as cancelled, and nothing was sent."""
    await stage.sim("latency", seconds=0.5)
    for stop in (lambda press: press.task.cancel(), lambda press: press.session.hung_up(press.task)):
        async with pressing(stage, "live", "--yes") as press:
            await asyncio.sleep(0.05)
            stop(press)
            with pytest.raises(asyncio.CancelledError):
                await press.end()
    assert stage.sent() == 0


async def test_time_that_is_over_ends_with_what_is_left(stage: ButtonStage):
    """What could not be closed is told with the reason; 3."""
    await stage.sim("restrict", account="live", symbol="DOTUSDT", code=-4088)
    async with pressing(stage, "live", "--yes", "--give-up-after", "1s") as press:
        assert await press.end() == NOT_FLAT
        ending = press.paper.text.partition("Record: ")[2]
        row = next(line.split() for line in ending.splitlines() if line.startswith("DOT"))
        assert row[2:4] == ["300", "0"]
        assert "not closed within 1 s" in ending
        assert "NOT FLAT" in ending


async def test_a_stop_in_the_second_look_is_flat_all_the_same(stage: ButtonStage):
    """One more look finds nothing: 0, and it says that it was stopped."""
    async with pressing(stage, "live", "--yes", speed=0.2) as press:  # so that the second look is far away
        await press.until_said("looking again")
        press.task.cancel()
        await press.until_said("Guarding from here")
        press.task.cancel()
        assert await press.end() == FLAT
        assert "FLAT: account live was read back without any position or order." in press.paper.text


async def test_a_lost_terminal_leaves_an_account_that_is_closed_and_not_guarded(stage: ButtonStage):
    """Nobody could end a guard without an end; what was begun is done all the same."""
    async with pressing(stage, "live", "--yes") as press:
        await press.until_said("pressed by hand")
        press.session.hung_up(press.task)
        assert await press.end() == FLAT
        assert stage.flat()
    async with pressing(stage, "live", "--yes") as press:
        await press.until_said("Guarding from here")
        press.session.hung_up(press.task)
        assert await press.end() == FLAT


async def test_a_guard_that_is_stopped_while_it_closes_or_cannot_see_is_not_flat(stage: ButtonStage):
    """3 where something new is still open, and 3 where nobody knows."""
    async with pressing(stage, "live", "--yes") as press:
        await press.until_said("Guarding from here")
        await stage.sim("restrict", account="live", symbol="ETHUSDT", code=-4088)
        await stage.own("trade", symbol="ETHUSDT", side="BUY", quantity="0.5")
        await press.until_said("Something new")
        await press.until_said("ETHUSDT: sell 0.5")
        press.task.cancel()
        assert await press.end() == NOT_FLAT
        assert "ETHUSDT  long   0.5" in press.paper.text
    await stage.sim("restrict", account="live", symbol="ETHUSDT")
    async with pressing(stage, "live", "--yes") as press:
        await press.until_said("Guarding from here")
        await stage.sim("fail", endpoint="*", status=502, times=10_000)
        await press.until_said("cannot be read now")
        press.task.cancel()
        assert await press.end() == NOT_FLAT
        assert "could not be read whole" in press.paper.text


async def test_the_check_tells_of_keys_that_are_missing_or_unusable(stage: ButtonStage, tmp_path: Path):
    """Of an account that was named a missing key is wrong, of another only told; a faulty file is told by its name."""
    config = load(ROOT / "plimsoll.yml", environ=dict(stage.environ))
    streams = config.exchange.rest_url.replace("http", "ws")
    path = tmp_path / "plimsoll.yml"
    path.write_text(
        f"exchange: {{environment: testnet, rest_url: '{config.exchange.rest_url}', market_stream_url: '{streams}', "
        f"private_stream_url: '{streams}'}}\naccounts:\n  bare: {{read_key: {{key_file: r, secret_file: s}}}}\n"
        "  faulty:\n    read_key: {key_file: f, secret_file: g}\n    trade_key: {key_file: k, secret_file: l}\n"
    )
    real = load(path, environ={})
    clock = FastClock(1.0)
    found = {one.account: one for one in await check(real, ["bare", "faulty"], named=False, clock=clock)}
    assert (found["-"].verdict, found["bare"].verdict, found["faulty"].verdict) == (
        Verdict.FINE,
        Verdict.WARNING,
        Verdict.WRONG,
    )
    named = await check(real, ["bare"], named=True, clock=clock)
    assert named[-1].verdict is Verdict.WRONG
    blind = replace(config, exchange=replace(config.exchange, wallet_url=None))
    told = [one for one in await check(blind, ["live"], named=True, clock=clock) if one.topic == "permissions"]
    assert (told[0].verdict, told[0].text) == (Verdict.FINE, "unknown: this exchange does not tell them")
    await stage.sim("fail", endpoint="/sapi/v1/account/apiRestrictions", status=502, times=10)
    told = [one for one in await check(config, ["live"], named=True, clock=clock) if one.topic == "permissions"]
    assert told[0].verdict is Verdict.WARNING
