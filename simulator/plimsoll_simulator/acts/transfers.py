"""Money that reaches or leaves a futures wallet other than by trading, of every kind the income history knows.

Each kind has its income type and the reason that the account update gives. A withdrawal may be refused afterwards.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator import events
from plimsoll_simulator.account import Account
from plimsoll_simulator.ledger import book
from plimsoll_simulator.world import World

# Income type: the reason of the event for money that comes, and for money that goes. Section 14 of the facts has the
# income types; which reason comes with which is documented for TRANSFER and rebates only, the others are the likeliest.
REASONS: dict[str, tuple[str, str]] = {
    "TRANSFER": ("DEPOSIT", "WITHDRAW"),
    "INTERNAL_TRANSFER": ("DEPOSIT", "WITHDRAW"),
    "CROSS_COLLATERAL_TRANSFER": ("ASSET_TRANSFER", "ASSET_TRANSFER"),
    "STRATEGY_UMFUTURES_TRANSFER": ("ASSET_TRANSFER", "ASSET_TRANSFER"),
    "COIN_SWAP_DEPOSIT": ("COIN_SWAP_DEPOSIT", "COIN_SWAP_DEPOSIT"),
    "COIN_SWAP_WITHDRAW": ("COIN_SWAP_WITHDRAW", "COIN_SWAP_WITHDRAW"),
    "WELCOME_BONUS": ("ADMIN_DEPOSIT", "ADMIN_WITHDRAW"),
    "CONTEST_REWARD": ("ADMIN_DEPOSIT", "ADMIN_WITHDRAW"),
    "REFERRAL_KICKBACK": ("ADMIN_DEPOSIT", "ADMIN_WITHDRAW"),
    "COMMISSION_REBATE": ("ADMIN_DEPOSIT", "ADMIN_WITHDRAW"),
    "API_REBATE": ("ADMIN_DEPOSIT", "ADMIN_WITHDRAW"),
    "FEE_RETURN": ("ADMIN_DEPOSIT", "ADMIN_WITHDRAW"),
    "BFUSD_REWARD": ("ADMIN_DEPOSIT", "ADMIN_WITHDRAW"),
    "INSURANCE_CLEAR": ("INSURANCE_CLEAR", "INSURANCE_CLEAR"),
    "POSITION_LIMIT_INCREASE_FEE": ("ADJUSTMENT", "ADJUSTMENT"),
    "OPTIONS_PREMIUM_FEE": ("OPTIONS_PREMIUM_FEE", "OPTIONS_PREMIUM_FEE"),
    "OPTIONS_SETTLE_PROFIT": ("OPTIONS_SETTLE_PROFIT", "OPTIONS_SETTLE_PROFIT"),
}


def move(
    world: World,
    account: Account,
    asset: str,
    amount: Decimal,
    *,
    kind: str = "TRANSFER",
    event: bool = True,
) -> None:
    """Book ``amount`` (negative: it leaves the futures wallet) as income of type ``kind`` and tell the account."""
    coming, going = REASONS[kind]
    book(world, account, kind, asset, amount)
    if event:
        _tell(world, account, coming if amount > 0 else going, asset, amount)


def reject_withdrawal(world: World, account: Account, asset: str, amount: Decimal, *, event: bool = True) -> None:
    """Take ``amount`` out and give it back, as when the other wallet refuses it: WITHDRAW, then WITHDRAW_REJECT."""
    for change, reason in ((-amount, "WITHDRAW"), (amount, "WITHDRAW_REJECT")):
        book(world, account, "TRANSFER", asset, change)
        if event:
            _tell(world, account, reason, asset, change)


def _tell(world: World, account: Account, reason: str, asset: str, amount: Decimal) -> None:
    world.emit(account, events.account_update(world, account, reason, assets={asset: amount}))
