"""The invariant of the product: whatever happens, a figure shown of a live account was true within the age it promises.

The exporter runs against the simulator while a seeded driver trades, transfers, cancels, loses events, cuts streams and
breaks answers; everything that is shown meanwhile is compared with what was true. ``--truth-minutes`` makes it longer.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from plimsoll_simulator.world import World
from truth_play import Drive, all_modes, drive, one_way, play
from truth_watch import judge_metrics

SHORT_SECONDS = 12.0
"""Real seconds of driving in the normal suite: as many exchange minutes, at this speed."""

KEEP = {
    "source": ["BTCUSDT", "ETHUSDT", "SOLUSDT"],
    "eon": ["BTCUSDT", "ETHUSDT"],
    "live": ["BNBUSDT", "DOTUSDT"],
}
OTHERS = {"source": ["XRPUSDT", "LINKUSDT"], "eon": ["ADAUSDT", "DOGEUSDT"], "live": ["AVAXUSDT", "SOLUSDT"]}


def check(found: Drive) -> None:
    """No figure was wrong, and enough were looked at for that to mean something."""
    report = [*found.watch.violations[:10], *found.driver.done[-60:]]
    assert not found.watch.violations, "\n".join(report)
    assert all(found.watch.compared[name] >= 5 for name in ("source", "eon", "live", "metrics")), found.watch.compared


def length(pytestconfig: pytest.Config) -> float:
    """Real seconds of driving."""
    minutes = pytestconfig.getoption("--truth-minutes", default=None)
    return SHORT_SECONDS if minutes is None else float(minutes) * 60


def seed_of(pytestconfig: pytest.Config) -> int:
    """The seed of the driver."""
    return int(pytestconfig.getoption("--truth-seed", default=None) or 20)


@pytest.mark.parametrize(
    ("prepare_world", "keep", "others"),
    [
        pytest.param(one_way, KEEP, OTHERS, id="one-way"),
        pytest.param(
            all_modes,
            {"source": ["BTCUSDT", "ETHUSDT"], "eon": KEEP["eon"], "live": ["BNBUSDT", "DOTUSDT", "ETHUSDC"]},
            OTHERS | {"live": ["AVAXUSDT", "BTCUSDC"]},
            id="hedge-multi-isolated",
        ),
    ],
)
async def test_whatever_happens_no_figure_of_a_live_account_is_wrong_beyond_its_age(
    pytestconfig: pytest.Config,
    prepare_world: Callable[[World], None],
    keep: dict[str, list[str]],
    others: dict[str, list[str]],
):
    """Under random changes and faults every figure shown was true within its promised age; at last all are exact."""
    async with drive(seed_of(pytestconfig), prepare_world, keep, others) as found:
        await play(found, length(pytestconfig))
        check(found)


async def live_account(found: Drive) -> dict[str, Any]:
    """The first account's JSON while it is live; on a busy machine it may be stale for a moment."""
    key = ("binance_account_up", frozenset({("account", "source")}))
    for _ in range(20):
        await found.running.until(lambda metrics: metrics.get(key) == 1, "the account is live")
        shown = (await found.running.accounts())[0]
        if shown["figures"] is not None:
            return shown
    raise AssertionError("the account is stale all the time")


SPOILS = {
    "wallet": lambda account: account["balances"][0].update(wallet="1"),
    "quantity": lambda account: account["positions"][0].update(quantity="7"),
    "mark": lambda account: account["positions"][0].update(mark_price="90000"),
    "position left out": lambda account: account["positions"].pop(),
    "leverage setting": lambda account: account["symbols"][0].update(leverage_setting=99),
    "assets mode": lambda account: account["settings"].update(asset_mode="multi"),
    "order made up": lambda account: account["orders"].append(_made_up_order()),
    "equity": lambda account: account["figures"].update(equity="400000"),
    "margin ratio left out": lambda account: account["figures"].update(margin_ratio=None),
    "liquidation price": lambda account: account["positions"][0].update(liquidation_price="1"),
}


async def test_the_comparison_finds_every_kind_of_wrong_figure():
    """What is shown passes; the same with one figure wrong, left out or made up is a violation, in JSON and metrics."""
    async with drive(1, all_modes, KEEP, OTHERS) as found:
        found.prices.clear()
        clock = found.running.simulator.world.clock
        began = clock.now()
        shown = await live_account(found)
        metrics = dict(await found.running.metrics())
        verdicts = {"as shown": found.watch.judge(shown, began, clock.now())}
        for name, spoil in SPOILS.items():
            wrong = copy.deepcopy(shown)
            spoil(wrong)
            verdicts[name] = found.watch.judge(wrong, began, clock.now())
        assert [name for name, wrong in verdicts.items() if not wrong] == ["as shown"]
        key = ("binance_account_equity_usd", frozenset({("account", "source")}))
        assert any("equity" in text for text in judge_metrics(shown, metrics | {key: 1.0}))
        del metrics[key]
        assert any("equity" in text for text in judge_metrics(shown, metrics))


async def test_the_comparison_finds_what_is_shown_too_long():
    """A true figure that is shown on after it changed is a violation once the promised age is over, and not before."""
    async with drive(2, one_way, KEEP, OTHERS) as found:
        clock = found.running.simulator.world.clock
        shown = await live_account(found)
        await found.running.sim("transfer", account="source", asset="USDT", amount="1000")
        later = clock.now() + shown["allowed_age_seconds"]
        assert not [text for text in found.watch.judge(shown, later - 30, later - 30) if "wallet" in text]
        assert [text for text in found.watch.judge(shown, later + 30, later + 30) if "wallet" in text]


def _made_up_order() -> dict[str, object]:
    return {
        "book": "plain",
        "order_id": "1",
        "symbol": "BTCUSDT",
        "direction": "buy",
        "position_side": "long",
        "type": "LIMIT",
        "reduce_only": False,
        "quantity": "1",
        "executed": "0",
        "price": "1",
        "trigger_price": None,
    }
