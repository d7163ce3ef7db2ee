"""Margin of one position and of one asset, from wallets, positions, orders and marks alone.

This is the independent witness that the product's own risk numbers are tested against: it shares no code with them.
Money is in the margin asset of the position or wallet. ``figures`` puts the account together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from plimsoll_simulator.account import Account, Position
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.market import Market, Symbol


@dataclass(frozen=True, kw_only=True, slots=True)
class PositionFigures:
    """The numbers of one position, before its liquidation price; ``bids``/``asks``: notional of resting orders."""

    position: Position
    asset: str
    isolated: bool
    notional: Decimal
    unrealised: Decimal
    position_margin: Decimal
    order_margin: Decimal
    maintenance: Decimal
    bids: Decimal
    asks: Decimal

    @property
    def initial_margin(self) -> Decimal:
        """Margin bound by the position and its resting orders."""
        return self.position_margin + self.order_margin


@dataclass(frozen=True, kw_only=True, slots=True)
class WalletFigures:
    """The numbers of one margin asset, or of the whole account."""

    asset: str
    wallet: Decimal
    cross_wallet: Decimal
    unrealised: Decimal
    cross_unrealised: Decimal
    maintenance: Decimal
    position_margin: Decimal
    order_margin: Decimal
    available: Decimal

    @property
    def margin_balance(self) -> Decimal:
        """Equity: wallet and unrealised profit."""
        return self.wallet + self.unrealised

    @property
    def initial_margin(self) -> Decimal:
        """Margin bound by positions and resting orders."""
        return self.position_margin + self.order_margin

    @property
    def max_withdraw(self) -> Decimal:
        """What may be taken out: unrealised profit stays."""
        return max(ZERO, self.available - max(ZERO, self.cross_unrealised))


def position_figures(account: Account, market: Market, symbol: str, side: str) -> PositionFigures:
    """The numbers of one position side; a flat one is all zero."""
    position = account.positions.get((symbol, side)) or Position(symbol=symbol, side=side)
    spec, mark, setting = market.symbols[symbol], market.quotes[symbol].mark, account.setting(symbol)
    notional = position.amount * mark
    bids, asks = _resting(account, symbol, side)
    exposed = max(abs(notional + bids), abs(notional - asks))
    return PositionFigures(
        position=position,
        asset=spec.quote,
        isolated=setting.isolated,
        notional=notional,
        unrealised=position.amount * (mark - position.entry),
        position_margin=abs(notional) / setting.leverage,
        order_margin=(exposed - abs(notional)) / setting.leverage,
        maintenance=maintenance_margin(spec, abs(notional)),
        bids=bids,
        asks=asks,
    )


def maintenance_margin(symbol: Symbol, notional: Decimal) -> Decimal:
    """What a position of an absolute notional must keep, by the symbol's brackets."""
    bracket = symbol.bracket_for(notional)
    return notional * bracket.ratio - bracket.cum if notional else ZERO


def _resting(account: Account, symbol: str, side: str) -> tuple[Decimal, Decimal]:
    """Notional of the resting orders that could increase exposure, buys and sells."""
    bids = asks = ZERO
    for order in account.open_orders(symbol):
        # A conditional type in the old order list has not triggered; one that has is a limit order with its stop price.
        if order.position_side != side or order.reduce_only or order.close_position or order.type != "LIMIT":
            continue
        if order.side == "BUY":
            bids += order.rest * order.price
        else:
            asks += order.rest * order.price
    # In hedge mode only the opening side of a leg binds margin.
    return (bids if side != "SHORT" else ZERO, asks if side != "LONG" else ZERO)


def wallet_figures(account: Account, asset: str, positions: Iterable[PositionFigures]) -> WalletFigures:
    """The numbers of one margin asset, from the positions that it margins."""
    mine = [each for each in positions if each.asset == asset]
    cross = [each for each in mine if not each.isolated]
    wallet = account.wallets.get(asset, ZERO)
    cross_wallet = wallet - sum((each.position.isolated_wallet for each in mine), ZERO)
    cross_unrealised = sum((each.unrealised for each in cross), ZERO)
    bound = sum((each.initial_margin for each in cross), ZERO)
    bound += sum((each.order_margin for each in mine if each.isolated), ZERO)
    return WalletFigures(
        asset=asset,
        wallet=wallet,
        cross_wallet=cross_wallet,
        unrealised=sum((each.unrealised for each in mine), ZERO),
        cross_unrealised=cross_unrealised,
        maintenance=sum((each.maintenance for each in mine), ZERO),
        position_margin=sum((each.position_margin for each in mine), ZERO),
        order_margin=sum((each.order_margin for each in mine), ZERO),
        available=max(ZERO, cross_wallet + cross_unrealised - bound),
    )


def rate_of(figures: WalletFigures, market: Market) -> Decimal:
    """USD per unit of an asset: the bid rate values what is owned, the ask rate what is owed."""
    return market.bid_rate(figures.asset) if figures.margin_balance >= 0 else market.ask_rate(figures.asset)
