"""Liquidation price: the mark price of a symbol at which maintenance margin uses up the margin balance.

All else stands still meanwhile: the other positions keep their marks. Inside one bracket of the maintenance table the
price has the closed form of ``_solve``; which bracket holds at that price is found by repeating it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from plimsoll.model.market import AssetRate, Bracket
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

Legs = Sequence[Holding]
"""One symbol's cross position, or both sides of its hedge; or one isolated position."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Purse:
    """What a pool has for its positions that settle in one asset.

    Attributes:
        fixed: USD that no price of theirs moves: cross wallet and the PnL settled in other assets.
        settled: Their PnL, in that asset.
        maintenance: USD that all positions of the pool ask for, these included.
        rate: USD rate of that asset.
    """

    fixed: Decimal
    settled: Decimal
    maintenance: Decimal
    rate: AssetRate


class Body(NamedTuple):
    """One symbol's legs together, and what carries them.

    Attributes:
        amount: Base units, signed.
        cost: Amount x entry price.
        fixed: USD that the symbol's price does not move: wallet, PnL settled in other assets, less the maintenance
            margin of the other positions.
        settled: PnL of the other positions that settle in the same asset, in that asset.
        rate: USD rate of that asset.
        quote_usd: USD a unit of the symbol's quote asset.
    """

    legs: Legs
    amount: Decimal
    cost: Decimal
    fixed: Decimal
    settled: Decimal
    rate: AssetRate
    quote_usd: Decimal


class Piece(NamedTuple):
    """What holds around a price: the bracket of each leg and the rate of the PnL. One piece has one closed form."""

    brackets: Sequence[Bracket]
    rate: Decimal


def liquidation_prices(
    holdings: Sequence[Holding], pools: Mapping[str, Pool], mode: AssetMode, market: MarketState
) -> list[Decimal | None]:
    """One price a holding, in the same order; both sides of a cross hedge are solved for once."""
    legs: defaultdict[str, list[Holding]] = defaultdict(list)
    for holding in holdings:
        if holding.held.cross:
            legs[holding.held.position.symbol].append(holding)
    assets = {held[0].held.position.margin_asset for held in legs.values()}
    purses = {asset: purse_of(asset, pools[pool_name(asset, mode)], mode, market) for asset in assets}
    cross = {
        symbol: cross_liquidation_price(held, purses[held[0].held.position.margin_asset])
        for symbol, held in legs.items()
    }
    return [
        cross[holding.held.position.symbol] if holding.held.cross else isolated_liquidation_price(holding, mode, market)
        for holding in holdings
    ]


def purse_of(asset: str, pool: Pool, mode: AssetMode, market: MarketState) -> Purse | None:
    """What a pool has for its positions that settle in an asset; ``None`` where any of it is unknown."""
    rate, pnl = usd_rate(asset, mode, market), pool.pnls[asset]
    if rate is None or pnl is None or pool.wallet is None or pool.pnl is None or pool.maintenance is None:
        return None
    fixed = pool.wallet + pool.pnl - rate.value(pnl)
    return Purse(fixed=fixed, settled=pnl, maintenance=pool.maintenance, rate=rate)


def cross_liquidation_price(legs: Legs, purse: Purse | None) -> Decimal | None:
    """Of one symbol's cross position, or of both sides of its hedge, which share one value; in quote units.

    LP = (WB - TMM + UPNL + sum(cum) - sum(q x E)) / (sum(|q| x mmr) - sum(q)), q signed, the sums over the legs; WB is
    the pool's cross wallet, TMM and UPNL the maintenance margin and PnL of its other positions. Multi-assets mode takes
    the whole account's cross wallet in USD, and the settling asset's ask where its PnL is a loss (bid where a profit).

    ``None`` where the price would be at or below zero (no price liquidates it), and where anything is unknown.
    """
    first = legs[0]
    pnl, maintenance, amount, cost = first.pnl, first.maintenance_usd, first.held.position.amount, first.held.cost
    if len(legs) > 1:
        pnl, maintenance = total([leg.pnl for leg in legs]), total([leg.maintenance_usd for leg in legs])
        amount = sum([leg.held.position.amount for leg in legs], ZERO)
        cost = sum([leg.held.cost for leg in legs], ZERO)
    if purse is None or first.quote_usd is None or pnl is None or maintenance is None:
        return None
    fixed = purse.fixed - (purse.maintenance - maintenance)
    return _root(Body(legs, amount, cost, fixed, purse.settled - pnl, purse.rate, first.quote_usd))


def isolated_liquidation_price(holding: Holding, mode: AssetMode, market: MarketState) -> Decimal | None:
    """Of one isolated position: the formula of cross with WB = isolated wallet and no other positions."""
    position = holding.held.position
    rate = usd_rate(position.margin_asset, mode, market)
    if rate is None or holding.quote_usd is None:
        return None
    fixed = rate.value(position.isolated_wallet)
    return _root(Body((holding,), position.amount, holding.held.cost, fixed, ZERO, rate, holding.quote_usd))


def liquidation_distance(mark: Decimal | None, price: Decimal | None) -> Decimal | None:
    """|mark - liquidation price| / mark."""
    return None if mark is None or price is None else abs(mark - price) / mark


def _root(body: Body) -> Decimal | None:
    """Newton's method on margin balance less maintenance margin.

    That difference is made of straight pieces and is concave, so the tangents reach the right piece in finitely many
    steps, from the mark towards where the difference falls. A price that lies on the piece whose root it is, is the
    root of all.
    """
    price = body.legs[0].mark
    if price is None:
        return None
    piece = _piece(body, price)
    for _ in range(MAX_STEPS):
        following = None if piece is None else _solve(body, piece)
        if following is None:
            return None
        there = _piece(body, following)
        if there == piece or abs(following - price) <= abs(price) * TOLERANCE:
            return following if following > 0 else None
        price, piece = following, there
    return None


def _piece(body: Body, at: Decimal) -> Piece | None:
    """The brackets and the rate that hold at a price; ``None`` without a table."""
    brackets: list[Bracket] = []
    for leg in body.legs:
        bracket = bracket_at(leg.held.brackets, leg.held.quantity * at)
        if bracket is None:
            return None
        brackets.append(bracket)
    bid, ask = body.rate.bid, body.rate.ask
    won = bid is ask or body.settled + body.amount * at - body.cost >= 0
    return Piece(brackets, bid if won else ask)


def _solve(body: Body, piece: Piece) -> Decimal | None:
    """The closed form on one piece; ``None`` where no price solves it."""
    rate = piece.rate
    ratio = deduction = ZERO
    for leg, bracket in zip(body.legs, piece.brackets, strict=True):
        ratio += leg.held.quantity * bracket.maintenance_ratio
        deduction += bracket.deduction
    slope = body.quote_usd * ratio - rate * body.amount
    if slope == 0:
        return None
    return (body.fixed + rate * (body.settled - body.cost) + body.quote_usd * deduction) / slope
