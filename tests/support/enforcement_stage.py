"""A breach of the simulated account ``eon`` for the real enforcer: alerts made of what the exchange itself says.

The reference is chosen so that as much is lost as the test wants; nothing of the world needs to move for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from enforcer_stack import WEBHOOK, Enforced, enforcing
from plimsoll_simulator.server import Simulator, running_simulator
from simulator_client import SimulatorClient

ACCOUNT = "eon"
RULE = "tmad"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The running simulator, and who looks at it."""

    simulator: Simulator
    client: SimulatorClient

    async def equity(self) -> Decimal:
        """What the exchange says the account is worth."""
        reply = await self.client.get("/fapi/v3/account")
        assert isinstance(reply.body, dict), reply
        return Decimal(str(reply.body["totalMarginBalance"]))

    async def annotations(self, *, lost: str, **told: str) -> dict[str, str]:
        """The figures of an alert by which so much of the reference is lost; empty ones are left out."""
        equity = await self.equity()
        reference = equity / (1 - Decimal(lost))
        now = self.simulator.world.time_ms() / 1000
        figures = {
            "floor_usd": f"{reference * Decimal('0.9'):.6f}",
            "reference_usd": f"{reference:.6f}",
            "equity_usd": f"{equity:.6f}",
            "limit_ratio": "0.10000000",
            "flows_until": f"{now:.3f}",
            "sampled_at": f"{now:.3f}",
            "samples": "2",
            **told,
        }
        return {name: text for name, text in figures.items() if text}

    async def sim(self, path: str, **fields: object) -> Any:  # noqa: ANN401 - JSON
        """One command to the simulator."""
        reply = await self.client.control(path, **fields)
        assert reply.status == 200, reply
        return reply.body

    @property
    def flat(self) -> bool:
        """Whether the account holds nothing and has no order."""
        account = self.simulator.world.accounts[ACCOUNT]
        held = any(one.amount for one in account.positions.values())
        return not (held or account.open_orders() or account.open_algo_orders())


def message(annotations: Mapping[str, str], *, status: str = "firing", **labels: str) -> dict[str, Any]:
    """What Alertmanager posts."""
    named = {
        "alertname": "DrawdownLimitBreached",
        "account": ACCOUNT,
        "rule": RULE,
        "severity": "critical",
        "lane": "money",
        "enforce": "flatten",
        **labels,
    }
    alert = {"status": status, "labels": named, "annotations": dict(annotations), "startsAt": "2026-11-21T12:00:00Z"}
    return {"version": "4", "status": status, "alerts": [alert]}


async def tell(enforced: Enforced, annotations: Mapping[str, str], **labels: str) -> str:
    """Post an alert; gives what became of it."""
    answer = await enforced.post("/api/v1/alerts", message(annotations, **labels), WEBHOOK)
    assert answer.status == 202, answer
    (one,) = answer.json["alerts"]
    return str(one["outcome"])


@asynccontextmanager
async def simulated() -> AsyncIterator[Stage]:
    """A calm world."""
    async with running_simulator() as simulator, aiohttp.ClientSession() as session:
        yield Stage(simulator=simulator, client=SimulatorClient(simulator, session, account=ACCOUNT))


@asynccontextmanager
async def enforcement(
    folder: Path, *, environ: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[Stage, Enforced]]:
    """A calm world and an armed enforcer."""
    async with simulated() as stage, enforcing(stage.simulator, folder, armed=True, environ=environ) as enforced:
        await enforced.until_ready()
        await asyncio.sleep(0)
        yield stage, enforced
