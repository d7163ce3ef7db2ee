"""``red-button`` beside a running enforcer: neither disturbs the other, and the lockout goes to the one that stays."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from button_stage import ButtonStage, button_stage
from enforcer_stack import OPERATOR, Enforced, enforcer_settings, enforcing

FLATTEN = "/api/v1/accounts/eon/flatten"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[ButtonStage]:
    """October's account in a calm market, with two positions."""
    async with button_stage(tmp_path, account="eon", scenario="calm") as found:
        yield found


def beside(stage: ButtonStage, enforced: Enforced) -> dict[str, str]:
    """The settings of the enforcer, where it really listens."""
    _, settings = enforcer_settings(stage.client.simulator.url, stage.folder, armed=True)
    listen = f"127.0.0.1:{enforced.program.web.port}"
    return {**settings, "PLIMSOLL_ENFORCER__LISTEN": listen, "PLIMSOLL_ENFORCER__DATA_DIR": str(stage.folder)}


async def test_both_close_at_once_and_the_enforcer_keeps_the_lockout(stage: ButtonStage):
    """Both runs end flat without anything growing; the button leaves with 0, and what is opened later is closed."""
    async with enforcing(stage.client.simulator, stage.folder, armed=True) as enforced:
        await enforced.until_ready()
        press = await stage.press("eon", "--yes", "--reason", "both at once", environ=beside(stage, enforced))
        await press.until("pressed")
        assert (await enforced.post(FLATTEN, {"reason": "the same moment"})).status == 202
        assert await press.end() == 0, press.said()
        assert "The enforcer holds the lockout now (run " in press.said()
        assert stage.flat()
        assert stage.never_larger()
        assert (await enforced.get("/api/v1/gate/eon")).status == 423
        await stage.own("trade", symbol="SOLUSDT", side="BUY", quantity="3")
        stage.begin_books()
        await enforced.until(stage.flat, "what was opened is closed")
        assert stage.never_larger()
        assert OPERATOR not in press.said()
        assert stage.leaks() == []


async def test_an_enforcer_that_may_not_act_leaves_the_guard_to_the_button(stage: ButtonStage):
    """In dry run its refusal is told in its own words, and the button guards; so it does without the right token."""
    async with enforcing(stage.client.simulator, stage.folder) as enforced:
        await enforced.until_ready()
        settings = beside(stage, enforced)
        stranger = stage.folder / "stranger.token"
        stranger.write_text("not-the-operators-token")
        stranger.chmod(0o640)
        presses = [
            await stage.press("eon", "--yes", environ=settings),
            await stage.press(
                "eon", "--yes", environ={**settings, "PLIMSOLL_ENFORCER__OPERATOR_TOKEN_FILE": str(stranger)}
            ),
        ]
        for press in presses:
            await press.until("Guarding from here until Ctrl-C")
        ends = await asyncio.gather(*(press.end(signal.SIGINT) for press in presses))
        assert ends == [0, 0]
        assert "the enforcer refused (HTTP 409): " in presses[0].said()
        assert "dry" in presses[0].said().partition("HTTP 409")[2].partition("\n")[0]
        assert "does not take our operator token (HTTP 401)" in presses[1].said()
        assert stage.flat()
        assert stage.never_larger()
