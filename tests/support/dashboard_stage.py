"""The whole chain with a Prometheus that dashboards can be asked against soon after its start.

Prometheus reads every program every 2 s and evaluates every rule every 2 s at least, so that no test waits for the
quarter of a minute that is shipped; all else is as shipped.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from tools.dashboards.preview.shown import shown

from chain_stage import ChainStage, chain_stage
from dashboard_queries import ROOT, Asking, Question, boards, questions
from fault_stage import SITE
from patience import PATIENCE
from programs import Running
from real_prometheus import Prometheus, real_prometheus

EMPTY = ROOT / "tests" / "stack" / "dashboards_empty.yml"
Expectations = Mapping[tuple[str, str], Sequence[Mapping[str, str]]]
SOMETIMES = "sometimes - "


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One entry of the list of empty queries: dashboard (``*`` is any), panel or query or figure, and the reason."""

    board: str
    name: str
    why: str

    def covers(self, question: Question) -> bool:
        """Whether it speaks of a query."""
        return self.board in {"*", question.board} and f"{question.name} / ".startswith(f"{self.name} / ")


def expected_empty(scenario: str) -> list[Expected]:
    """The queries that show nothing in a scenario, and why."""
    listed = yaml.safe_load(EMPTY.read_text(encoding="utf-8"))[scenario]
    return [Expected(board=board, name=name, why=why) for board, names in listed.items() for name, why in names.items()]


def faults(scenario: str, asked: Sequence[Question], empty: Sequence[Question]) -> list[str]:
    """What is wrong: empty queries that are not listed, and what is listed and not empty.

    Args:
        scenario: Whose list holds.
        asked: All questions.
        empty: Those of them that were never answered.
    """
    listed = expected_empty(scenario)
    missing = [one for one in empty if not any(entry.covers(one) for entry in listed)]
    untrue = [
        entry
        for entry in listed
        if not any(entry.covers(one) for one in asked)
        or (not entry.why.startswith(SOMETIMES) and any(entry.covers(one) for one in asked if one not in empty))
    ]
    return [f"{one.board}: {one.name} is empty: {one.expr}" for one in missing] + [
        f"{entry.board}: {entry.name} is listed as empty ({entry.why}) but gives something, or is not there"
        for entry in untrue
    ]


def often(text: str) -> str:
    """Configuration or rules of Prometheus that wait for nothing longer than 2 s."""
    return re.sub(r"(scrape_interval|evaluation_interval|interval): (5|15)s", r"\1: 2s", text).replace(
        "scrape_timeout: 10s", "scrape_timeout: 2s"
    )


@dataclass(frozen=True, kw_only=True)
class DashboardStage:
    """The running chain, who is asked, and the exporter and the enforcer, so that they can be ended."""

    chain: ChainStage
    rules: Prometheus
    asking: Asking
    watchers: Sequence[Running]

    async def until_query(self, expr: str) -> None:
        """Wait until Prometheus gives something for a query."""
        await self.chain.until(lambda: bool(self.rules.query(expr)), f"{expr} gives something")

    async def judged(self, scenario: str, account: str, earlier: list[float]) -> list[str]:
        """What is wrong: queries without an answer that are not listed, and listed ones that have one.

        Args:
            scenario: Whose list of empty ones holds.
            account: The one that dashboards are about.
            earlier: Moments at which something was there that is gone now.
        """
        asked, deadline = list(questions(account)), time.monotonic() + PATIENCE
        while True:
            empty = await asyncio.to_thread(self.asking.silent, asked, [*earlier, time.time()])
            wrong = faults(scenario, asked, empty)
            if not wrong or time.monotonic() > deadline:
                return wrong
            await asyncio.sleep(1)

    async def unlike(self, account: str, expected: Expectations) -> list[str]:
        """What panels print otherwise than expected, once they have had their time.

        Args:
            account: The one that dashboards are about.
            expected: By dashboard and panel the rows that it must have, in this order, each by some of its cells.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            wrong = [
                fault
                for (board, panel), rows in expected.items()
                for fault in await asyncio.to_thread(self._unlike, board, panel, account, rows)
            ]
            if not wrong or time.monotonic() > deadline:
                return wrong
            await asyncio.sleep(1)

    def _unlike(self, board: str, panel: str, account: str, rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
        printed = shown(boards()[board], panel, self.rules.url, {"account": account})
        for row in rows:
            if not any(row.items() <= one.items() for one in printed):
                yield f"{board}: {panel}: no row has {row}, there are {printed}"
        found = [next((place for place, one in enumerate(printed) if row.items() <= one.items()), -1) for row in rows]
        if found != sorted(found):
            yield f"{board}: {panel}: the rows stand in another order: {printed}"


@asynccontextmanager
async def dashboard_stage(
    folder: Path, tools: tuple[Path, Path], *, scenario: str, armed: bool, **environ: str
) -> AsyncIterator[DashboardStage]:
    """Everything running, every account live and known to Prometheus; the story is at its beginning.

    Args:
        folder: For everything.
        tools: The fixtures ``alertmanager`` and ``prometheus``.
        scenario: The simulator's.
        armed: Whether ``eon`` is.
        environ: Further settings of the exporter.
    """
    async with chain_stage(folder, tools, scenario=scenario, armed=armed) as chain:
        await chain.alertmanager()
        watchers = [await chain.exporter(**environ), await chain.enforcer(arm=armed)]
        made = real_prometheus(tools[1], folder, chain.ports[2], rules=often, settings=often, **SITE)
        rules = await asyncio.to_thread(chain.ends.enter_context, made)
        await chain.until_live()
        stage = DashboardStage(chain=chain, rules=rules, asking=Asking(rules.url), watchers=watchers)
        await stage.until_query("count(binance_account_up == 1) == 3")
        await stage.until_query("count(plimsoll_enforcer_mode_info) == 3")
        yield stage
