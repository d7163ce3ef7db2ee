"""What is an external flow: which of the exchange's words mean money from outside, and what a flow is worth.

A flow moves neither drawdown nor performance; everything else that changes the wallet is performance. Only assets whose
money is equity can flow. Events book flows provisionally, ``risk.matching`` holds them against the income history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from plimsoll.model.account import Income
from plimsoll.model.events import AccountUpdate, BalanceChange
from plimsoll.model.terms import AssetMode
from plimsoll.risk.equity import counted_assets
from plimsoll.risk.unknown import ZERO
from plimsoll.risk.valuation import worth
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState


class Nature(StrEnum):
    """What a change of the wallet is; an unknown one counts as performance and is to be told."""

    FLOW = "flow"
    PROVISIONAL = "provisional"
    CONVERSION = "conversion"
    PERFORMANCE = "performance"
    UNKNOWN = "unknown"


EVENT_NATURES = {
    "DEPOSIT": Nature.FLOW,
    "WITHDRAW": Nature.FLOW,
    "WITHDRAW_REJECT": Nature.FLOW,
    "ADMIN_WITHDRAW": Nature.FLOW,
    "ASSET_TRANSFER": Nature.FLOW,
    "COIN_SWAP_DEPOSIT": Nature.FLOW,
    "COIN_SWAP_WITHDRAW": Nature.FLOW,
    "ADMIN_DEPOSIT": Nature.PROVISIONAL,
    "AUTO_EXCHANGE": Nature.CONVERSION,
    "ORDER": Nature.PERFORMANCE,
    "FUNDING_FEE": Nature.PERFORMANCE,
    "ADJUSTMENT": Nature.PERFORMANCE,
    "INSURANCE_CLEAR": Nature.PERFORMANCE,
    "MARGIN_TRANSFER": Nature.PERFORMANCE,
    "MARGIN_TYPE_CHANGE": Nature.PERFORMANCE,
    "OPTIONS_PREMIUM_FEE": Nature.PERFORMANCE,
    "OPTIONS_SETTLE_PROFIT": Nature.PERFORMANCE,
}
"""By the reason of an ``ACCOUNT_UPDATE``; ``ADMIN_DEPOSIT`` is a flow unless the income history tells a rebate."""

INCOME_NATURES = {
    "TRANSFER": Nature.FLOW,
    "INTERNAL_TRANSFER": Nature.FLOW,
    "CROSS_COLLATERAL_TRANSFER": Nature.FLOW,
    "COIN_SWAP_DEPOSIT": Nature.FLOW,
    "COIN_SWAP_WITHDRAW": Nature.FLOW,
    "STRATEGY_UMFUTURES_TRANSFER": Nature.FLOW,
    "WELCOME_BONUS": Nature.FLOW,
    "CONTEST_REWARD": Nature.FLOW,
    "AUTO_EXCHANGE": Nature.CONVERSION,
    "REALIZED_PNL": Nature.PERFORMANCE,
    "FUNDING_FEE": Nature.PERFORMANCE,
    "SPECIAL_FUNDING_FEE": Nature.PERFORMANCE,
    "COMMISSION": Nature.PERFORMANCE,
    "INSURANCE_CLEAR": Nature.PERFORMANCE,
    "REFERRAL_KICKBACK": Nature.PERFORMANCE,
    "COMMISSION_REBATE": Nature.PERFORMANCE,
    "API_REBATE": Nature.PERFORMANCE,
    "FEE_RETURN": Nature.PERFORMANCE,
    "BFUSD_REWARD": Nature.PERFORMANCE,
    "OPTIONS_PREMIUM_FEE": Nature.PERFORMANCE,
    "OPTIONS_SETTLE_PROFIT": Nature.PERFORMANCE,
    "POSITION_LIMIT_INCREASE_FEE": Nature.PERFORMANCE,
    "DELIVERED_SETTELMENT": Nature.PERFORMANCE,
}
"""By the type of an income row, spelled as the exchange spells it."""

REBATES = frozenset({"REFERRAL_KICKBACK", "COMMISSION_REBATE", "API_REBATE", "FEE_RETURN", "BFUSD_REWARD"})
"""Income types that an ``ADMIN_DEPOSIT`` may turn out to be."""

_LEGS_APART_MS = 1000
"""Two rows of a conversion are at most so far apart."""


def event_nature(reason: str) -> Nature:
    """What the reason of an ``ACCOUNT_UPDATE`` says about its balances."""
    return EVENT_NATURES.get(reason, Nature.UNKNOWN)


def income_nature(kind: str) -> Nature:
    """What an income type says about its row."""
    return INCOME_NATURES.get(kind, Nature.UNKNOWN)


def event_flows(update: AccountUpdate, counted: Collection[str]) -> tuple[BalanceChange, ...]:
    """The balances of an event whose ``change`` is an external flow of equity.

    A conversion is one only where a leg of it lies outside equity.

    Args:
        update: The event.
        counted: The assets whose money is equity (``risk.equity.counted_assets``).
    """
    nature = event_nature(update.reason)
    changes = [change for change in update.balances if change.change != 0]
    inside = tuple(change for change in changes if change.asset in counted)
    crosses = nature is Nature.CONVERSION and len(inside) < len(changes)
    return inside if crosses or nature in {Nature.FLOW, Nature.PROVISIONAL} else ()


def income_flows(rows: Iterable[Income], counted: Collection[str]) -> tuple[Income, ...]:
    """The income rows that are external flows of equity, oldest first; of a conversion as in ``event_flows``."""
    listed = sorted((row for row in rows if row.amount != 0), key=lambda row: row.time_ms)
    flows = [row for row in listed if income_nature(row.kind) is Nature.FLOW]
    for legs in _conversions([row for row in listed if income_nature(row.kind) is Nature.CONVERSION]):
        if any(row.asset not in counted for row in legs):
            flows += legs
    return tuple(sorted((row for row in flows if row.asset in counted), key=lambda row: row.time_ms))


def flow_value(asset: str, amount: Decimal, book: Book, market: MarketState) -> Decimal | None:
    """What a flow did to equity, in USD, at exactly the rates that equity uses at this instant.

    A flow that takes the wallet across zero is worth both sides of the rate in multi-assets mode, as equity is. 0 for
    an asset outside equity; ``None`` where the asset's rate, or what counts as equity, is unknown.

    Args:
        asset: What moved.
        amount: Signed, in that asset.
        book: The account with the flow already in its wallet.
        market: Prices and rates of now.
    """
    counted = counted_assets(book, market)
    if counted is None:
        return None
    mode = book.settings.asset_mode
    if mode is AssetMode.SINGLE and asset not in counted:
        return ZERO
    balance = book.balances.get(asset)
    wallet = ZERO if balance is None else balance.wallet
    after, before = worth(wallet, asset, mode, market), worth(wallet - amount, asset, mode, market)
    return None if after is None or before is None else after - before


def _conversions(rows: Sequence[Income]) -> list[list[Income]]:
    """Rows of conversions in their order, those next to one another together."""
    groups = [[row] for row in rows[:1]]
    for before, row in pairwise(rows):
        if row.time_ms - before.time_ms <= _LEGS_APART_MS:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups
