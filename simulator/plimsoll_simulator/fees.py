"""What a fill costs and in which asset: the quote asset or, where the account burns BNB and has enough, BNB.

The account's ``fee_burn`` switch is that of ``/fapi/v1/feeBurn``; the discount is the exchange's usual one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll_simulator.account import Account
from plimsoll_simulator.book_keeping import MAKER_RATE, TAKER_RATE
from plimsoll_simulator.digits import SMALLEST, ZERO
from plimsoll_simulator.market import Market, Symbol

BURN_ASSET = "BNB"
BURN_DISCOUNT = Decimal("0.1")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fee:
    """A commission: the asset that pays it, and how much of it."""

    asset: str
    amount: Decimal


def commission(account: Account, market: Market, symbol: Symbol, notional: Decimal, *, maker: bool = False) -> Fee:
    """The fee for a fill of ``notional`` (quantity times price, in the symbol's quote asset)."""
    due = (abs(notional) * (MAKER_RATE if maker else TAKER_RATE)).quantize(SMALLEST)
    if account.fee_burn and BURN_ASSET in market.assets:
        burnt = converted(market, due * (1 - BURN_DISCOUNT), symbol.quote, BURN_ASSET)
        if burnt <= account.wallets.get(BURN_ASSET, ZERO):
            return Fee(asset=BURN_ASSET, amount=burnt)
    return Fee(asset=symbol.quote, amount=due)


def converted(market: Market, amount: Decimal, asset: str, into: str) -> Decimal:
    """What ``amount`` of an asset is worth in another one, at the index prices of now."""
    return (amount * market.index_of(asset) / market.index_of(into)).quantize(SMALLEST)
