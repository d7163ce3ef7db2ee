"""Quiet points: no fault, prices stand still; now everything shown must be exactly what is so.

A ledger counts up to what happened, never beyond: what is above is doubled at once, what stays below is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from chaos.breaches import SHOWN
from chaos.configuration import ACCOUNTS, FIXED, TOP
from chaos.stage import PATIENCE, ChaosStage
from chaos.trading import Trading
from chaos.verdicts import LEDGER, QUIET
from page_samples import Labels
from truth_watch import differences

Metrics = Mapping[tuple[str, Labels], float]
REASON = "insufficient_margin"


class QuietPoint:
    """What is looked at when all is quiet."""

    def __init__(self, stage: ChaosStage, trading: Trading) -> None:
        self._stage, self._trading = stage, trading
        self._wrong: list[str] = []
        self._highs = {name: float(usd) for name, usd in ACCOUNTS.items()}

    async def judge(self) -> None:
        """Wait until everything is exact, and look again a little later."""
        verdicts = self._stage.verdicts
        exact = await self._stage.wait(self._exact)
        for name in ACCOUNTS:
            wrong = [text for text in self._wrong if text.startswith(name)]
            verdicts.check(QUIET, holds=exact or not wrong, expected=f"{name} exact", seen=wrong)
        booked = await self._stage.wait(self._booked)
        await asyncio.sleep(1.0)
        booked = booked and await self._stage.wait(self._booked, PATIENCE / 10)
        verdicts.check(LEDGER, holds=booked, expected="what happened", seen=self._wrong, times=4 * len(ACCOUNTS))
        await self._judge_highs()
        verdicts.tell("quiet point: all exact" if exact and booked else f"quiet point: {self._wrong}")

    async def _judge_highs(self) -> None:
        """A high-water mark, without the money that came and went, never falls."""
        page = await self._stage.watched.metrics()
        for name in ACCOUNTS:
            money = self._trading.money[name]
            shown = _sum(page, "binance_account_drawdown_reference_usd", account=name, rule=TOP)
            high, known = shown - float(money["in"] - money["out"]), self._highs[name]
            expected = f"the high of {name} at least {known}"
            self._stage.verdicts.check(LEDGER, holds=high >= known - SHOWN, expected=expected, seen=high)
            self._highs[name] = max(high, known)

    async def _exact(self) -> bool:
        accounts = await self._stage.watched.accounts()
        self._wrong = [text for shown in accounts for text in differences(self._stage.chaotic.world, shown)]
        return not self._wrong and len(accounts) == len(ACCOUNTS)

    async def _booked(self) -> bool:
        page = await self._stage.watched.metrics()
        self._wrong = [
            f"{name}: {what} is {seen}, was {true}"
            for name in ACCOUNTS
            for what, seen, true in self._ledger(page, name)
            if abs(seen - true) >= SHOWN
        ]
        return not self._wrong

    def _ledger(self, page: Metrics, name: str) -> list[tuple[str, float, float]]:
        money = self._trading.money[name]
        fixed = ACCOUNTS[name] + money["in"] - money["out"]
        flow, reference = "binance_account_external_flow_usd_total", "binance_account_drawdown_reference_usd"
        return [
            ("money in", _sum(page, flow, account=name, direction="in"), float(money["in"])),
            ("money out", _sum(page, flow, account=name, direction="out"), float(money["out"])),
            ("the fixed reference", _sum(page, reference, account=name, rule=FIXED), float(fixed)),
            (
                "refused orders",
                _sum(page, "binance_order_rejections_total", account=name, reason=REASON),
                float(self._trading.refused[name]),
            ),
        ]


def _sum(page: Metrics, metric: str, **labels: str) -> float:
    wanted = frozenset(labels.items())
    return sum(value for (name, found), value in page.items() if name == metric and wanted <= found)
