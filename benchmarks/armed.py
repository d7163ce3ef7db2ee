"""A running enforcer as the benchmarks see it: its files, its command, its runs, and when one of them was flat.

Flat is the first clean read-back, by the run's own record; enforcer, exchange and driver share the machine's clock.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from measuring import NotMeasured

WEBHOOK, OPERATOR = "made-up-webhook-token-of-a-benchmark", "made-up-operator-token-of-a-benchmark"
RULE = "total"
ENFORCEMENT = "enforcement: {mode: armed}"
PATIENCE = 60.0
EVERY = 0.1
"""Seconds between two looks at the runs; what is measured is in the record, not in when it is read."""


def section(folder: Path, port: int) -> str:
    """The section ``enforcer`` of a configuration, its tokens written beside it."""
    for name, token in (("webhook.token", WEBHOOK), ("operator.token", OPERATOR)):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(token, encoding="utf-8")
    return (
        f"enforcer: {{listen: '127.0.0.1:{port}', data_dir: enforcer, webhook_token_file: webhook.token, "
        "operator_token_file: operator.token}\n"
    )


def command(configuration: Path, names: Sequence[str]) -> Sequence[str]:
    """The enforcer as users start it, with these accounts armed."""
    return [
        str(Path(sys.executable).parent / "plimsoll-enforcer"),
        *("--config", str(configuration), "--arm", ",".join(names), "--log-level", "error"),
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Armed:
    """An enforcer at ``url``."""

    session: aiohttp.ClientSession
    url: str

    async def tell(self, account: str, *, reference: str) -> float:
        """Post a breach as Alertmanager does; gives the Unix time right before.

        Args:
            account: Whose.
            reference: The reference in USD, from which all is lost that makes it a breach.
        """
        now = time.time()
        labels = {"alertname": "DrawdownLimitBreached", "account": account, "rule": RULE, "enforce": "flatten"}
        figures = {"reference_usd": reference, "flows_until": f"{now:.3f}", "sampled_at": f"{now:.3f}", "samples": "2"}
        alert = {"status": "firing", "labels": labels, "annotations": figures}
        await self._call("POST", "/api/v1/alerts", WEBHOOK, {"version": "4", "status": "firing", "alerts": [alert]})
        return now

    async def flat(self, account: str, since: float) -> float:
        """When the account's first run since then first read back that nothing is left, once that run has ended.

        Raises:
            NotMeasured: It does not end, or the account was not flat at once.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            runs = (await self._call("GET", "/api/v1/runs", OPERATOR))["runs"]
            mine = [run for run in runs if run["account"] == account and run["began_at"] >= since]
            if mine and mine[-1]["outcome"] == "flat":
                return await self._first_flat(mine[-1]["run_id"])
            await asyncio.sleep(EVERY)
        raise NotMeasured(f"{account} is not flat within {PATIENCE:.0f} s")

    async def release(self, account: str) -> None:
        """End the lockout."""
        wish = {"reason": "benchmark", "rebase": False}
        await self._call("POST", f"/api/v1/accounts/{account}/release", OPERATOR, wish)

    async def _first_flat(self, run_id: str) -> float:
        audit = (await self._call("GET", f"/api/v1/runs/{run_id}", OPERATOR))["audit"]
        found = [line["at"] for line in audit if line["kind"] == "flat"]
        if len(found) != 1:
            raise NotMeasured(f"run {run_id} was flat {len(found)} times")
        return float(found[0])

    async def _call(self, method: str, path: str, token: str, body: object = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        async with self.session.request(method, self.url + path, json=body, headers=headers) as answer:
            answer.raise_for_status()
            found: dict[str, Any] = await answer.json()
            return found
