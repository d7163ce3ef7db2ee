"""Margin of an account: the numbers that the exchange reports, from wallets, positions, orders and marks alone.

This is the independent witness that the product's own risk numbers are tested against: it shares no code with them.
Money is in the margin asset of the position or wallet; the totals are in USDT or, in multi-assets mode, USD.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll_simulator.account import Account, Position
from plimsoll_simulator.digits import ONE, ZERO
from plimsoll_simulator.liquidation import Leg, Surroundings, liquidation_price
from plimsoll_simulator.market import Market


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


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountFigures:
    """Everything the account endpoints report, computed for one moment."""

    total: WalletFigures
    wallets: dict[str, WalletFigures]
    positions: dict[tuple[str, str], PositionFigures]
    liquidations: dict[tuple[str, str], Decimal | None]


def account_figures(account: Account, market: Market) -> AccountFigures:
    """Compute every margin number of the account at the marks of now."""
    keys = {key for key, position in account.positions.items() if position.amount}
    keys |= {(order.symbol, side) for order in account.open_orders() for side in account.sides}
    positions = {key: position_figures(account, market, *key) for key in sorted(keys)}
    wallets = {asset: _wallet(account, asset, positions.values()) for asset in market.assets}
    total = wallets["USDT"]
    if account.multi_assets:
        total = _in_usd(wallets.values(), market)
        wallets = {asset: _shared(each, total, market) for asset, each in wallets.items()}
    liquidations = {key: _liquidation(account, market, figures, positions, total) for key, figures in positions.items()}
    return AccountFigures(total=total, wallets=wallets, positions=positions, liquidations=liquidations)


def position_figures(account: Account, market: Market, symbol: str, side: str) -> PositionFigures:
    """The numbers of one position side; a flat one is all zero."""
    position = account.positions.get((symbol, side)) or Position(symbol=symbol, side=side)
    spec, mark, setting = market.symbols[symbol], market.quotes[symbol].mark, account.setting(symbol)
    notional = position.amount * mark
    bracket = spec.bracket_for(abs(notional))
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
        maintenance=abs(notional) * bracket.ratio - bracket.cum if notional else ZERO,
        bids=bids,
        asks=asks,
    )


def _resting(account: Account, symbol: str, side: str) -> tuple[Decimal, Decimal]:
    """Notional of the resting orders that could increase exposure, buys and sells."""
    bids = asks = ZERO
    for order in account.open_orders(symbol):
        if order.position_side != side or order.reduce_only or order.close_position or order.stop_price:
            continue
        if order.side == "BUY":
            bids += order.rest * order.price
        else:
            asks += order.rest * order.price
    # In hedge mode only the opening side of a leg binds margin.
    return (bids if side != "SHORT" else ZERO, asks if side != "LONG" else ZERO)


def _wallet(account: Account, asset: str, positions: Iterable[PositionFigures]) -> WalletFigures:
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


def _in_usd(wallets: Iterable[WalletFigures], market: Market) -> WalletFigures:
    rows = [(each, rate_of(each, market)) for each in wallets]
    cross_wallet = sum((each.cross_wallet * rate for each, rate in rows), ZERO)
    cross_unrealised = sum((each.cross_unrealised * rate for each, rate in rows), ZERO)
    position_margin = sum((each.position_margin * rate for each, rate in rows), ZERO)
    order_margin = sum((each.order_margin * rate for each, rate in rows), ZERO)
    return WalletFigures(
        asset="USD",
        wallet=sum((each.wallet * rate for each, rate in rows), ZERO),
        cross_wallet=cross_wallet,
        unrealised=sum((each.unrealised * rate for each, rate in rows), ZERO),
        cross_unrealised=cross_unrealised,
        maintenance=sum((each.maintenance * rate for each, rate in rows), ZERO),
        position_margin=position_margin,
        order_margin=order_margin,
        available=max(ZERO, cross_wallet + cross_unrealised - position_margin - order_margin),
    )


def _shared(figures: WalletFigures, total: WalletFigures, market: Market) -> WalletFigures:
    """In multi-assets mode every asset may draw on all collateral, expressed in that asset."""
    return replace(figures, available=total.available / rate_of(figures, market))


def _liquidation(
    account: Account,
    market: Market,
    figures: PositionFigures,
    positions: dict[tuple[str, str], PositionFigures],
    total: WalletFigures,
) -> Decimal | None:
    symbol = figures.position.symbol
    if not figures.position.amount:
        return None
    if figures.isolated:
        legs, surroundings = [figures], Surroundings(wallet=figures.position.isolated_wallet)
    else:
        legs = [each for each in positions.values() if each.position.symbol == symbol and each.position.amount]
        surroundings = _surroundings(account, market, figures, positions, total)
    return liquidation_price(
        tuple(Leg(amount=each.position.amount, entry=each.position.entry) for each in legs),
        surroundings,
        market.symbols[symbol],
        market.quotes[symbol].mark,
    )


def _surroundings(
    account: Account,
    market: Market,
    figures: PositionFigures,
    positions: dict[tuple[str, str], PositionFigures],
    total: WalletFigures,
) -> Surroundings:
    """The rest of the cross account, as the position's liquidation sees it, in the position's margin asset."""
    others = [
        each
        for each in positions.values()
        if each.position.symbol != figures.position.symbol
        and not each.isolated
        and (account.multi_assets or each.asset == figures.asset)
    ]
    rates = {each.asset: _relative(account, market, each.asset, figures.asset) for each in others}
    return Surroundings(
        wallet=_cross_wallet(account, market, figures.asset, positions, total),
        maintenance=sum((each.maintenance * rates[each.asset] for each in others), ZERO),
        unrealised=sum((each.unrealised * rates[each.asset] for each in others), ZERO),
    )


def _relative(account: Account, market: Market, asset: str, unit: str) -> Decimal:
    return market.bid_rate(asset) / market.bid_rate(unit) if account.multi_assets else ONE


def _cross_wallet(
    account: Account,
    market: Market,
    asset: str,
    positions: dict[tuple[str, str], PositionFigures],
    total: WalletFigures,
) -> Decimal:
    if account.multi_assets:
        return total.cross_wallet / market.bid_rate(asset)
    set_aside = sum((each.position.isolated_wallet for each in positions.values() if each.asset == asset), ZERO)
    return account.wallets.get(asset, ZERO) - set_aside
