"""Margin ratio: how near the account is to forced closing, 1 being there.

Cross positions are measured pool by pool (one pool for each margin asset, or one for all in multi-assets mode), every
isolated position by itself; the account's figure is the worst of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from plimsoll.model.terms import AssetMode
from plimsoll.risk.holding import Holding
from plimsoll.risk.pool import Pool
from plimsoll.risk.unknown import ZERO, share, total
from plimsoll.risk.valuation import worth
from plimsoll.state.market import MarketState


def cross_margin_ratio(pool: Pool) -> Decimal | None:
    """Sum of maintenance margin of the pool's cross positions / (cross wallet + cross unrealised PnL).

    0 without positions; Infinity where a balance at or below zero has to carry any.
    """
    return share(pool.maintenance, pool.balance)


def isolated_margin_ratio(holding: Holding, mode: AssetMode, market: MarketState) -> Decimal | None:
    """Maintenance margin / (isolated wallet + unrealised PnL) of one isolated position."""
    position = holding.held.position
    balance = total((position.isolated_wallet, holding.pnl))
    return share(holding.maintenance_usd, worth(balance, position.margin_asset, mode, market))


def margin_ratio(
    pools: Iterable[Pool], holdings: Iterable[Holding], mode: AssetMode, market: MarketState
) -> Decimal | None:
    """The worst of all pools and all isolated positions; unknown as soon as one of them is, 0 where there is none."""
    ratios = [cross_margin_ratio(pool) for pool in pools]
    ratios += [isolated_margin_ratio(holding, mode, market) for holding in holdings if not holding.held.cross]
    known = [ratio for ratio in ratios if ratio is not None]
    return max(known, default=ZERO) if len(known) == len(ratios) else None
