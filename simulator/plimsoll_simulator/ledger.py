"""The one place where money enters or leaves a wallet: every change has its row in the income history.

What a fill, a transfer or a liquidation is worth is decided elsewhere.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator.account import Account, Income
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.world import World


def book(
    world: World, account: Account, kind: str, asset: str, amount: Decimal, *, symbol: str = "", trade_id: str = ""
) -> None:
    """Change a wallet by ``amount`` and write the income row of type ``kind`` that says why."""
    account.wallets[asset] = account.wallets.get(asset, ZERO) + amount
    account.wallet_updated[asset] = world.time_ms()
    account.income.append(
        Income(
            type=kind,
            asset=asset,
            amount=amount,
            time=world.time_ms(),
            transaction_id=world.counters.next("transaction"),
            symbol=symbol,
            trade_id=trade_id,
        ),
    )
