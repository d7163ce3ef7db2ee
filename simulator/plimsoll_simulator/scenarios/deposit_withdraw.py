"""``deposit-withdraw``: money comes and goes, half the equity at a time, while prices merely wander.

``eon`` is in multi-assets mode. Two transfers of ``live`` are equal in everything but their numbers, and one comes
without its event, so that only the income history and the balance tell of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from plimsoll_simulator.account import Account
from plimsoll_simulator.acts.transfers import move, reject_withdrawal
from plimsoll_simulator.digits import SMALLEST
from plimsoll_simulator.figures import account_figures
from plimsoll_simulator.scenarios import calm
from plimsoll_simulator.scenarios.prices import wander
from plimsoll_simulator.scenarios.scenario import Scenario
from plimsoll_simulator.world import World


def _set_up(world: World, option: str) -> None:
    calm.set_up(world, option)
    world.accounts["eon"].multi_assets = True


def _half(world: World, account: Account) -> Decimal:
    return (account_figures(account, world.market).total.margin_balance / 2).quantize(SMALLEST)


def _deposit_half(world: World) -> None:
    source = world.accounts["source"]
    move(world, source, "USDT", _half(world, source))


def _withdraw_half(world: World) -> None:
    source = world.accounts["source"]
    move(world, source, "USDT", -_half(world, source))


def _deposit_bitcoin(world: World) -> None:
    """Half the equity, in BTC at its collateral value."""
    eon = world.accounts["eon"]
    move(world, eon, "BTC", (_half(world, eon) / world.market.bid_rate("BTC")).quantize(SMALLEST))


def _withdraw_dollars(world: World) -> None:
    eon = world.accounts["eon"]
    move(world, eon, "USDT", -_half(world, eon))


def _deposit_twice(world: World) -> None:
    for _ in range(2):
        move(world, world.accounts["live"], "USDT", Decimal(250))


def _deposit_unheard(world: World) -> None:
    move(world, world.accounts["live"], "USDT", Decimal(1000), event=False)


def _fail_to_withdraw(world: World) -> None:
    reject_withdrawal(world, world.accounts["live"], "USDT", Decimal(500))


def _receive_gifts(world: World) -> None:
    """Money by other ways than the wallet: from a colleague, a swap of coins, a bonus, a rebate."""
    for kind, amount in (
        ("INTERNAL_TRANSFER", 300),
        ("COIN_SWAP_DEPOSIT", 120),
        ("COIN_SWAP_WITHDRAW", -120),
        ("WELCOME_BONUS", 10),
        ("COMMISSION_REBATE", 1),
    ):
        move(world, world.accounts["live"], "USDT", Decimal(amount), kind=kind)


ACTS: Mapping[int, Callable[[World], None]] = {
    5: _deposit_half,
    15: _withdraw_half,
    25: _deposit_bitcoin,
    35: _withdraw_dollars,
    45: _deposit_twice,
    55: _deposit_unheard,
    65: _fail_to_withdraw,
    75: _receive_gifts,
}


def _step(world: World, second: int) -> None:
    wander(world)
    if second in ACTS:
        ACTS[second](world)


SCENARIO = Scenario(
    name="deposit-withdraw",
    summary="half the equity comes and goes, with several assets, twice in one second, and once without its event",
    set_up=_set_up,
    step=_step,
)
