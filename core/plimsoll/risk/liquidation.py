"""Liquidation price: the mark price of a symbol at which maintenance margin uses up the margin balance.

All else stands still meanwhile: the other positions keep their marks. Inside one bracket of the maintenance table the
price has the closed form of ``_solve``; which bracket holds at that price is found by repeating it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.market import AssetRate
from plimsoll.model.terms import AssetMode
from plimsoll.risk.brackets import bracket_at
from plimsoll.risk.holding import Holding
from plimsoll.risk.pool import Pool, pool_name
from plimsoll.risk.unknown import ZERO, total
from plimsoll.risk.valuation import usd_rate
from plimsoll.state.market import MarketState

MAX_STEPS = 50
"""More than any real table needs (about ten brackets a side); a table that contradicts itself ends here as unknown."""

TOLERANCE = Decimal("1e-20")
"""Relative: where a root sits exactly on a bracket's edge, rounding may swing between both of its sides."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Backing:
    """What carries one symbol's position, apart from that position itself.

    Attributes:
        fixed: USD that the symbol's price does not move: wallet, PnL settled in other assets, less the maintenance
            margin of the other positions.
        settled: PnL of the other positions that settle in the same asset, in that asset.
        rate: USD rate of that asset.
        quote_usd: USD a unit of the symbol's quote asset.
    """

    fixed: Decimal
    settled: Decimal
    rate: AssetRate
    quote_usd: Decimal


def liquidation_prices(
    holdings: Sequence[Holding], pools: Mapping[str, Pool], mode: AssetMode, market: MarketState
) -> list[Decimal | None]:
    """One price a holding, in the same order; both sides of a cross hedge are solved for once."""
    legs: defaultdict[str, list[Holding]] = defaultdict(list)
    for holding in holdings:
        if holding.cross:
            legs[holding.position.symbol].append(holding)
    cross = {
        symbol: cross_liquidation_price(held, pools[pool_name(held[0].position.margin_asset, mode)], mode, market)
        for symbol, held in legs.items()
    }
    return [
        cross[holding.position.symbol] if holding.cross else isolated_liquidation_price(holding, mode, market)
        for holding in holdings
    ]


def cross_liquidation_price(
    legs: Sequence[Holding], pool: Pool, mode: AssetMode, market: MarketState
) -> Decimal | None:
    """Of one symbol's cross position, or of both sides of its hedge, which share one value; in quote units.

    LP = (WB - TMM + UPNL + sum(cum) - sum(q x E)) / (sum(|q| x mmr) - sum(q)), q signed, the sums over the legs; WB is
    the pool's cross wallet, TMM and UPNL the maintenance margin and PnL of its other positions. Multi-assets mode takes
    the whole account's cross wallet in USD, and the settling asset's ask where its PnL is a loss (bid where a profit).

    ``None`` where the price would be at or below zero (no price liquidates it), and where anything is unknown.
    """
    backing = _pool_backing(legs, pool, mode, market)
    return None if backing is None else _root(legs, backing)


def isolated_liquidation_price(holding: Holding, mode: AssetMode, market: MarketState) -> Decimal | None:
    """Of one isolated position: the formula of cross with WB = isolated wallet and no other positions."""
    rate = usd_rate(holding.position.margin_asset, mode, market)
    if rate is None or holding.quote_usd is None:
        return None
    fixed = rate.value(holding.position.isolated_wallet)
    return _root([holding], Backing(fixed=fixed, settled=ZERO, rate=rate, quote_usd=holding.quote_usd))


def liquidation_distance(mark: Decimal | None, price: Decimal | None) -> Decimal | None:
    """|mark - liquidation price| / mark."""
    return None if mark is None or price is None else abs(mark - price) / mark


def _pool_backing(legs: Sequence[Holding], pool: Pool, mode: AssetMode, market: MarketState) -> Backing | None:
    asset = legs[0].position.margin_asset
    rate, quote_usd = usd_rate(asset, mode, market), legs[0].quote_usd
    pnl, own_pnl = pool.pnls[asset], total(leg.pnl for leg in legs)
    own_maintenance = total(leg.maintenance_usd for leg in legs)
    if rate is None or quote_usd is None or pnl is None or own_pnl is None:
        return None
    if pool.wallet is None or pool.pnl is None or pool.maintenance is None or own_maintenance is None:
        return None
    return Backing(
        fixed=pool.wallet + pool.pnl - rate.value(pnl) - (pool.maintenance - own_maintenance),
        settled=pnl - own_pnl,
        rate=rate,
        quote_usd=quote_usd,
    )


def _root(legs: Sequence[Holding], backing: Backing) -> Decimal | None:
    """Newton's method on margin balance less maintenance margin.

    That difference is made of straight pieces and is concave, so the tangents reach the right piece in finitely many
    steps, from the mark towards where the difference falls.
    """
    price = legs[0].mark
    for _ in range(MAX_STEPS):
        following = None if price is None else _solve(legs, backing, at=price)
        if price is None or following is None:
            return None
        if abs(following - price) <= abs(price) * TOLERANCE:
            return following if following > 0 else None
        price = following
    return None


def _solve(legs: Sequence[Holding], backing: Backing, at: Decimal) -> Decimal | None:
    """The closed form with the brackets and the rate that hold at a price; ``None`` where no price solves it."""
    amount = cost = ratio = deduction = ZERO
    for leg in legs:
        quantity = leg.position.quantity
        bracket = bracket_at(leg.brackets, quantity * at)
        if bracket is None:
            return None
        amount += leg.position.amount
        cost += leg.position.amount * leg.position.entry_price
        ratio += quantity * bracket.maintenance_ratio
        deduction += bracket.deduction
    rate = backing.rate.bid if backing.settled + amount * at - cost >= 0 else backing.rate.ask
    slope = backing.quote_usd * ratio - rate * amount
    if slope == 0:
        return None
    return (backing.fixed + rate * (backing.settled - cost) + backing.quote_usd * deduction) / slope
