"""The automatic exchange of multi-assets mode: an asset that is owed beyond its limit is bought with the others.

Each purchase is two AUTO_EXCHANGE rows and one account update; the price is that of the exchange's own rates, half
the collateral haircut away from the index.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_UP, Decimal

from plimsoll_simulator import events
from plimsoll_simulator.account import Account
from plimsoll_simulator.digits import SMALLEST, ZERO
from plimsoll_simulator.ledger import book
from plimsoll_simulator.market import Market
from plimsoll_simulator.world import World


def exchange_debts(world: World, account: Account, *, whatever: bool = False) -> None:
    """Buy every asset owed beyond its limit (``whatever``: every asset owed at all, as at a liquidation)."""
    if not account.multi_assets:
        return
    for asset, owned in list(account.wallets.items()):
        limit = ZERO if whatever else world.market.assets[asset].auto_exchange
        if owned < limit:
            _buy(world, account, asset)


def _buy(world: World, account: Account, asset: str) -> None:
    """Pay with the other assets, the most valuable holding first, until nothing is owed or nothing is left."""
    for other in _by_value(account, world.market, asset):
        owed = -account.wallets[asset]
        if owed <= 0:
            return
        rate = world.market.exchange_ask(asset) / world.market.exchange_bid(other)
        paid = min((owed * rate).quantize(SMALLEST, ROUND_UP), account.wallets[other])
        _swap(world, account, {other: -paid, asset: min(owed, (paid / rate).quantize(SMALLEST))})


def _by_value(account: Account, market: Market, but: str) -> Iterable[str]:
    owned = [name for name, amount in account.wallets.items() if amount > 0 and name != but]
    return sorted(owned, key=lambda name: (-account.wallets[name] * market.index_of(name), name))


def _swap(world: World, account: Account, changes: dict[str, Decimal]) -> None:
    for asset, amount in changes.items():
        book(world, account, "AUTO_EXCHANGE", asset, amount)
    world.emit(account, events.account_update(world, account, "AUTO_EXCHANGE", assets=changes))
