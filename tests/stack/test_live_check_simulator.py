"""``plimsoll check --live`` against the simulator: the whole way over HTTP, from keys to findings."""

from __future__ import annotations

import asyncio
from pathlib import Path

from config_text import load_text
from plimsoll.check import check_live
from plimsoll.config.keys import read_credentials
from plimsoll.live_check import Finding, Verdict
from plimsoll_simulator.server import running_simulator


async def _findings(folder: Path, accounts: str) -> tuple[Finding, ...]:
    """The findings about accounts of a calm simulator."""
    async with running_simulator(scenario="calm", seed=1, host="127.0.0.1", port=0) as simulator:
        text = f'exchange: {{environment: simulator, rest_url: "{simulator.url}"}}\naccounts: {accounts}\n'
        config = load_text(folder, text)
        return await asyncio.to_thread(check_live, config, read_credentials(config, {}))


async def test_the_simulated_accounts_are_fine(tmp_path: Path):
    """Every account of the simulated world is reachable, its key accepted, its modes told and its streams opened."""
    findings = await _findings(tmp_path, "{source: {}, eon: {}, live: {}}")
    assert {one.verdict for one in findings} == {Verdict.FINE}
    for topic in ("modes", "private stream"):
        assert [one.account for one in findings if one.topic == topic] == ["source", "eon", "live"]
    assert [one.account for one in findings if one.topic == "market stream"] == ["-"]


async def test_an_unknown_key_is_refused(tmp_path: Path):
    """A key that the exchange does not know is wrong, and the other account's is fine."""
    findings = await _findings(tmp_path, "{nobody: {}, eon: {}}")
    assert [one.account for one in findings if one.verdict is Verdict.WRONG] == ["nobody"]
    assert any(one.account == "eon" and one.text == "accepted" for one in findings)


async def test_streams_out_of_reach_are_wrong(tmp_path: Path):
    """Where REST answers and no stream can be opened, every account's stream is told and the market's too."""
    async with running_simulator(scenario="calm", seed=1, host="127.0.0.1", port=0) as simulator:
        streams = ", ".join(f'{key}_stream_url: "ws://127.0.0.1:1"' for key in ("market", "private"))
        text = (
            f'exchange: {{environment: simulator, rest_url: "{simulator.url}", {streams}}}\naccounts: {{eon: {{}}}}\n'
        )
        config = load_text(tmp_path, text)
        findings = await asyncio.to_thread(check_live, config, read_credentials(config, {}))
    wrong = [(one.account, one.topic) for one in findings if one.verdict is Verdict.WRONG]
    assert wrong == [("-", "market stream"), ("eon", "private stream")]
