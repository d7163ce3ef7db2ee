"""Compares everything that an exporter shows of live accounts with what was true within the age that it promises.

Elementary facts must have been true at some moment of that time; figures made of several facts must be what the
simulator's own arithmetic makes of the facts shown; the metrics must be the JSON's figures.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

import aiohttp

from plimsoll_simulator.world import World
from stack_harness import Labels, Stack
from truth_history import Facts, History, Key, close, facts_of
from truth_witness import Rates, Witness, witness

MARK_SECONDS = 3.0
RATE_SECONDS = 10.0
SLACK_SECONDS = 1.5
"""Exchange seconds that an answer may be on its way, on a busy machine and with a fast clock."""

ZERO = Decimal(0)
POSITION_METRICS = {
    "quantity": "quantity",
    "notional_usd": "notional",
    "entry_price_usd": "entry_price",
    "mark_price_usd": "mark_price",
    "liquidation_price_usd": "liquidation_price",
    "liquidation_distance_ratio": "liquidation_distance",
    "unrealized_pnl_usd": "unrealized_pnl",
    "leverage_ratio": "leverage",
}
ACCOUNT_METRICS = {
    "equity_usd": "equity",
    "wallet_balance_usd": "wallet",
    "available_balance_usd": "available",
    "unrealized_pnl_usd": "unrealized_pnl",
    "initial_margin_usd": "initial_margin",
    "maintenance_margin_usd": "maintenance_margin",
    "margin_ratio": "margin_ratio",
    "available_margin_ratio": "available_ratio",
    "gross_exposure_usd": "gross_exposure",
    "net_exposure_usd": "net_exposure",
    "leverage_ratio": "leverage",
}

Shown = Mapping[str, Any]  # one account of the exporter's JSON
Metrics = Mapping[tuple[str, Labels], float]


class TruthWatch:
    """Scrapes a running stack and remembers every violation.

    Attributes:
        violations: What was shown and never true, in words.
        compared: How many answers were compared, by account, and ``metrics`` for pages of metrics.
    """

    def __init__(self, running: Stack, history: History, *, pause: float = 0.05) -> None:
        self._running, self._history, self._pause = running, history, pause
        self.violations: list[str] = []
        self.compared: Counter[str] = Counter()

    async def run(self) -> None:
        """Scrape and compare until cancelled."""
        while True:
            with suppress(aiohttp.ClientConnectionError):  # a program that is down shows nothing
                await self.look()
            await asyncio.sleep(self._pause)

    async def look(self) -> None:
        """Scrape once: JSON, metrics, JSON again; the metrics count where both JSONs are equal.

        The times of the sources belong to that: an account may be stale between the two and as before again, but not
        without news.
        """
        began = self._world.clock.now()
        first = await self._running.accounts()
        metrics = await self._running.metrics()
        again = await self._running.accounts()
        self._history.record()
        for shown, same in zip(first, again, strict=True):
            if shown["figures"] is not None:
                self.compared[shown["account"]] += 1
                self.violations += [
                    f"{self._world.clock.now():.3f} {t}" for t in self.judge(shown, began, self._world.clock.now())
                ]
            if _of_one_state(shown) == _of_one_state(same):
                self.compared["metrics"] += 1
                self.violations += judge_metrics(shown, metrics)

    def judge(self, shown: Shown, began: float, ended: float) -> list[str]:
        """What is wrong with one live account of an answer that was asked for and had between two Unix times."""
        name = shown["account"]
        facts = shown_facts(shown)
        wrong = [*self._judge_facts(shown, facts, began, ended)]
        rates = self._history.rates(began - RATE_SECONDS - SLACK_SECONDS, ended)
        multi = shown["settings"]["asset_mode"] == "multi"
        tries = [self._witness(name, facts, each) for each in (rates if multi else [None])]
        wrong += min((list(judge_figures(shown, each)) for each in tries), key=len)
        return [f"{name}: {text}" for text in wrong]

    @property
    def _world(self) -> World:
        return self._running.simulator.world

    def _witness(self, name: str, facts: Facts, rates: Rates | None) -> Witness:
        return witness(facts, self._world.market, self._world.accounts[name].settings, rates)

    def _judge_facts(self, shown: Shown, facts: Facts, began: float, ended: float) -> Iterator[str]:
        name, silent = shown["account"], {"mark", "setting"} | ({"order"} if shown["orders"] is None else set())
        expected = {key for key in self._history.keys(name) if key[0] not in silent}
        for key in expected | facts.keys():
            age = (MARK_SECONDS if key[0] == "mark" else shown["allowed_age_seconds"]) + SLACK_SECONDS
            value = facts.get(key)
            true = self._history.values(name, key, began - age, ended + SLACK_SECONDS)
            if any(close(value, each) for each in true):
                continue
            if key[0] == "order" and self._was_sent(name, key, began - age):
                continue
            yield f"{key} is shown as {value}, within {age:.0f} s it was {', '.join(map(str, true[:5]))}"

    def _was_sent(self, name: str, key: Key, start: float) -> bool:
        """Whether a market order was sent that late: it is open for an instant that no history holds."""
        order = self._world.accounts[name].orders.get(int(str(key[2])))
        return order is not None and order.type == "MARKET" and order.created / 1000 >= start


def shown_facts(shown: Shown) -> dict[Key, object]:
    """The elementary facts that an account's JSON tells."""
    settings = shown["settings"]
    facts: dict[Key, object] = {
        ("mode",): (settings["asset_mode"] == "multi", settings["position_mode"] == "hedge"),
    }
    for row in shown["balances"]:
        pair = (Decimal(row["wallet"]), Decimal(row["cross_wallet"]))
        if any(pair):
            facts["wallet", row["asset"]] = pair
    for row in shown["positions"]:
        place = ("position", row["symbol"], _side(row))
        isolated = row["margin_mode"] == "isolated"
        wallet = Decimal(row["isolated_wallet"]) if isolated else ZERO
        facts[place] = (Decimal(row["quantity"]), Decimal(row["entry_price"]), isolated, wallet)
        facts.setdefault(("mark", row["symbol"]), Decimal(row["mark_price"]))
    for row in shown["symbols"]:
        facts["setting", row["symbol"]] = row["leverage_setting"]
    for row in shown["orders"] or ():
        shared = (row["symbol"], row["direction"], row["position_side"], row["type"], row["reduce_only"])
        sizes = tuple(Decimal(row[name] or 0) for name in ("quantity", "executed", "price", "trigger_price"))
        facts["order", row["book"], row["order_id"]] = (*shared, *sizes)
    return facts


def judge_figures(shown: Shown, seen: Witness) -> Iterator[str]:
    """The figures that are not what the witness makes of the same facts."""
    unknown = {"initial_margin", "available", "available_ratio"} if shown["orders"] is None else set()
    for name, expected in seen.figures().items():
        text = shown["figures"][name]
        if (text is None) != (name in unknown) or (text is not None and not _near(Decimal(text), expected)):
            yield f"{name} is shown as {text}, the same facts make it {expected}"
    rows = {(row.position.symbol, _long(row.position.amount)): row for row in seen.rows}
    for position in shown["positions"]:
        row = rows[position["symbol"], position["side"]]
        pairs = {
            "mark_price": seen.market.quotes[position["symbol"]].mark,
            "notional": abs(row.notional),
            "unrealized_pnl": row.unrealised,
            "maintenance_margin": row.maintenance,
            "liquidation_price": seen.liquidation(row),
        }
        for name, value in pairs.items():
            text = position[name]
            if (text is None) != (value is None) or (value is not None and not _near(Decimal(text), value)):
                yield f"{name} of {position['symbol']} is shown as {text}, the same facts make it {value}"


def judge_metrics(shown: Shown, metrics: Metrics) -> list[str]:
    """Where the metrics of an account are not its JSON."""
    expected = expected_metrics(shown)
    name = shown["account"]
    there = {key: value for key, value in metrics.items() if _is_risk(key, name)}
    return [
        f"{name}: the metric {key} is {there.get(key)}, the JSON says {expected.get(key)}"
        for key in expected.keys() | there.keys()
        if not _same(there.get(key), expected.get(key))
    ]


def expected_metrics(shown: Shown) -> dict[tuple[str, Labels], float]:
    """The risk metrics that an account's JSON calls for."""
    name, found = shown["account"], {}

    def put(metric: str, text: object, **labels: str) -> None:
        if text is not None:
            found[metric, frozenset({"account": name, **labels}.items())] = float(str(text))

    put("binance_account_up", int(shown["status"] == "live"))
    for metric, figure in ACCOUNT_METRICS.items() if shown["figures"] else ():
        put(f"binance_account_{metric}", shown["figures"][figure])
    for row in shown["positions"] or ():
        for metric, figure in POSITION_METRICS.items():
            put(f"binance_position_{metric}", row[figure], symbol=row["symbol"], side=row["side"])
    for row in shown["symbols"] or ():
        put("binance_symbol_leverage_setting_ratio", row["leverage_setting"], symbol=row["symbol"])
    counts = Counter(row["purpose"] for row in shown["orders"] or ())
    for purpose in ("entry", "reduce", "stop", "take_profit") if shown.get("orders_complete") else ():
        put("binance_open_orders", counts[purpose], purpose=purpose)
    return found


def differences(world: World, shown: Shown) -> list[str]:
    """Where a shown account is not exactly what is true now; empty when it is."""
    name = shown["account"]
    if shown["figures"] is None:
        return [f"{name} is {shown['status']}: {shown['reason']}"]
    true, facts = facts_of(world, world.accounts[name]), shown_facts(shown)
    keys = {key for key in true if key[0] not in {"mark", "setting"}} | facts.keys()
    wrong = [f"{name}: {k}: {facts.get(k)} for {true.get(k)}" for k in keys if not close(facts.get(k), true.get(k))]
    return wrong + ([f"{name}: the open orders are unknown"] if shown["orders"] is None else [])


def _is_risk(key: tuple[str, Labels], account: str) -> bool:
    metric, labels = key
    known = {f"binance_account_{name}" for name in ACCOUNT_METRICS} | {"binance_account_up", "binance_open_orders"}
    known |= {f"binance_position_{name}" for name in POSITION_METRICS} | {"binance_symbol_leverage_setting_ratio"}
    return metric in known and ("account", account) in labels


def _of_one_state(shown: Shown) -> dict[str, object]:
    """What stays while nothing comes: all but the time of the last look."""
    return {name: value for name, value in shown.items() if name != "trusted_timestamp"}


def _same(one: float | None, other: float | None) -> bool:
    return one == other if one is None or other is None else math.isclose(one, other, rel_tol=1e-12)


def _near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= max(Decimal("0.000001"), abs(other) * Decimal("1e-7"))


def _side(row: Shown) -> str:
    return str(row["side"])


def _long(amount: Decimal) -> str:
    return "long" if amount > 0 else "short"
