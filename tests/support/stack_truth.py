"""What the exporter shows of an account beside what the simulator holds true, figure by figure.

``until_true`` waits for the two to agree. ``Witness`` looks on while something breaks: every figure on the page must be
true, or have been true no longer ago than the page itself allows.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from patience import Patience
from plimsoll_simulator.control.truth import truth as world_truth
from stack_harness import Labels, Stack

Figures = Mapping[str, float]
Metrics = Mapping[tuple[str, Labels], float]

RELATIVE, ABSOLUTE = 1e-6, 1e-6
"""Tolerances where prices stand still: the page prints floats, the simulator rounds prices to 8 digits."""

SLACK = 2.0
"""Real seconds for which a busy machine may delay a scrape or an event."""

ACCOUNT = {
    "equity": "binance_account_equity_usd",
    "wallet": "binance_account_wallet_balance_usd",
    "pnl": "binance_account_unrealized_pnl_usd",
    "available": "binance_account_available_balance_usd",
    "initial margin": "binance_account_initial_margin_usd",
    "maintenance margin": "binance_account_maintenance_margin_usd",
    "margin ratio": "binance_account_margin_ratio",
    "gross exposure": "binance_account_gross_exposure_usd",
    "net exposure": "binance_account_net_exposure_usd",
    "leverage": "binance_account_leverage_ratio",
    "positions": "binance_account_positions",
}
POSITION = {
    "quantity": "binance_position_quantity",
    "notional": "binance_position_notional_usd",
    "entry": "binance_position_entry_price_usd",
    "mark": "binance_position_mark_price_usd",
    "pnl": "binance_position_unrealized_pnl_usd",
    "liquidation": "binance_position_liquidation_price_usd",
}
STOPS = {"STOP", "STOP_MARKET", "TRAILING_STOP_MARKET"}
TAKE_PROFITS = {"TAKE_PROFIT", "TAKE_PROFIT_MARKET"}
USD = ("USDT", "USDC")


def shown(metrics: Metrics, account: str) -> dict[str, float]:
    """The risk figures of an account on the page, by a plain name; empty while it shows none."""
    names = {metric: name for name, metric in ACCOUNT.items()}
    rows = {metric: name for name, metric in POSITION.items()}
    found: dict[str, float] = {}
    for (metric, labels), value in metrics.items():
        label = dict(labels)
        if label.get("account") != account:
            continue
        if metric in names:
            found[names[metric]] = value
        elif metric in rows:
            found[f"{label['symbol']} {label['side']} {rows[metric]}"] = value
        elif metric == "binance_open_orders":
            found[f"orders {label['purpose']}"] = value
        elif metric == "binance_symbol_leverage_setting_ratio":
            found[f"{label['symbol']} setting"] = value
    return found


def true_row(truth: Mapping[str, Any], account: str) -> Mapping[str, Any]:
    """An account as ``GET /sim/truth`` tells it."""
    found: Mapping[str, Any] = truth["accounts"][account]
    return found


def true(truth: Mapping[str, Any], account: str) -> dict[str, float]:
    """The same figures as the simulator holds them."""
    row = true_row(truth, account)
    held = [each for each in row["positions"] if float(each["amount"])]
    money = row if row["multi_assets"] else _summed(row["assets"])
    equity, gross = float(money["equity"]), float(row["gross_exposure"])
    found = {
        "equity": equity,
        "wallet": float(money["wallet"]),
        "pnl": float(money["unrealized_pnl"]),
        "available": float(money["available"]),
        "initial margin": float(money["initial_margin"]),
        "maintenance margin": float(money["maintenance_margin"]),
        "margin ratio": max(_margin_ratios(row, held), default=0.0),
        "gross exposure": gross,
        "net exposure": float(row["net_exposure"]),
        "leverage": _share(gross, equity),
        "positions": float(len(held)),
    }
    for each in held:
        found.update(_position(each))
    return found | _orders(row)


def _summed(assets: Mapping[str, Mapping[str, str]]) -> dict[str, float]:
    """Single-asset mode: the assets that margin a symbol, at one dollar each."""
    names = next(iter(assets.values()))
    return {name: sum(float(assets[asset][name]) for asset in USD) for name in names}


def _share(part: float, whole: float) -> float:
    """Part of a whole; infinite where a whole at or below zero bears any."""
    if not part:
        return 0.0
    return part / whole if whole > 0 else math.inf


def _margin_ratios(row: Mapping[str, Any], held: list[Mapping[str, Any]]) -> Iterator[float]:
    for each in held:
        if each["isolated"]:
            balance = float(each["isolated_wallet"]) + float(each["unrealized_pnl"])
            yield _share(float(each["maintenance_margin"]), balance)
    cross = [each for each in held if not each["isolated"]]
    if row["multi_assets"]:
        yield _share(float(row["maintenance_margin"]), float(row["equity"]))
        return
    for asset in USD:
        mine = [each for each in cross if each["symbol"].endswith(asset)]
        pnl = sum(float(each["unrealized_pnl"]) for each in mine)
        balance = float(row["assets"][asset]["cross_wallet"]) + pnl
        yield _share(sum(float(each["maintenance_margin"]) for each in mine), balance)


def _position(row: Mapping[str, Any]) -> dict[str, float]:
    amount = float(row["amount"])
    name = f"{row['symbol']} {'long' if amount > 0 else 'short'}"
    found = {
        f"{name} quantity": abs(amount),
        f"{name} notional": abs(float(row["notional"])),
        f"{name} entry": float(row["entry"]),
        f"{name} mark": float(row["mark"]),
        f"{name} pnl": float(row["unrealized_pnl"]),
        f"{row['symbol']} setting": float(row["leverage"]),
    }
    return found if row["liquidation"] is None else {**found, f"{name} liquidation": float(row["liquidation"])}


def _orders(row: Mapping[str, Any]) -> dict[str, float]:
    counts = Counter(_purpose(order) for order in [*row["orders"], *row["algo_orders"]])
    return {f"orders {purpose}": float(counts[purpose]) for purpose in ("entry", "reduce", "stop", "take_profit")}


def _purpose(order: Mapping[str, Any]) -> str:
    if order["type"] in STOPS:
        return "stop"
    if order["type"] in TAKE_PROFITS:
        return "take_profit"
    closing = (order["position_side"], order["side"]) in {("LONG", "SELL"), ("SHORT", "BUY")}
    return "reduce" if order["reduce_only"] or order["close_position"] or closing else "entry"


def same(left: float | None, right: float | None) -> bool:
    """Whether two figures agree; ``None`` is one that is not there."""
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def differences(seen: Figures, facts: Figures) -> list[str]:
    """Every figure that is shown and not so, or is so and not shown."""
    return [
        f"{name}: shown {seen.get(name)}, true {facts.get(name)}"
        for name in sorted(seen.keys() | facts.keys())
        if not same(seen.get(name), facts.get(name))
    ]


async def until_true(running: Stack, account: str) -> None:
    """Wait until every figure of the account is shown and true.

    Raises:
        AssertionError: That did not come within ``PATIENCE``.
    """
    patience = Patience()
    while True:
        found = differences(shown(await running.metrics(), account), true(await running.truth(), account))
        if not found:
            return
        assert patience.left, f"{account} is still wrong: {found}; {await running.account(account)}"
        await asyncio.sleep(0.05)


class Witness:
    """Looks at the page all the time while its block runs, and fails with every wrong figure it saw.

    Change one thing at a time: a figure made of two, of which one is already known, was never true.

    Args:
        running: The stack.
        accounts: Whom to look at.
        age: Fast seconds for which a figure may be shown after it ceased to be true; ``None`` takes
            ``binance_account_allowed_age_seconds`` from each page.
        speed: How many fast seconds a real one has.
    """

    def __init__(self, running: Stack, *accounts: str, speed: float, age: float | None = None) -> None:
        self._running, self._accounts, self._speed, self._age = running, accounts, speed, age
        self._facts: dict[str, deque[tuple[float, Figures]]] = {name: deque() for name in accounts}
        self._wrong: list[str] = []
        self.pages = 0
        self.shown: Counter[str] = Counter()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._remember()
        self._running.onlookers.append(self._remember)
        self._task = asyncio.create_task(self._look_on())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._running.onlookers.remove(self._remember)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        assert not self._wrong, f"shown beyond the allowed age: {self._wrong[:10]}"

    async def _look_on(self) -> None:
        while True:
            try:
                before = self._now()
                metrics = await self._running.metrics()
                self._remember()
                self._judge(metrics, before)
                self.pages += 1
            except Exception as fault:  # noqa: BLE001 - a page that cannot be had is a finding too
                self._wrong.append(repr(fault))
            await asyncio.sleep(0.1)

    def _now(self) -> float:
        """Fast seconds by the clock that the stack lives by."""
        return self._running.simulator.world.clock.monotonic()

    def _remember(self) -> None:
        """Keep each state of the truth with the time at which it was last seen to hold."""
        truth, now = world_truth(self._running.simulator.world), self._now()
        for name, known in self._facts.items():
            facts = true(truth, name)
            if known and not differences(known[-1][1], facts):
                known.pop()
            known.append((now, facts))

    def _judge(self, metrics: Metrics, seen_at: float) -> None:
        for name in self._accounts:
            allowed = self._age
            if allowed is None:
                allowed = metrics["binance_account_allowed_age_seconds", frozenset({("account", name)})]
            oldest = seen_at - allowed - SLACK * self._speed
            lately = [facts for last_held, facts in self._facts[name] if last_held >= oldest]
            figures = shown(metrics, name)
            self.shown[name] += bool(figures)
            self._wrong += [
                f"{name} {figure} = {value}, true is {lately[-1].get(figure)}"
                for figure, value in figures.items()
                if not any(same(value, facts.get(figure)) for facts in lately)
            ]
