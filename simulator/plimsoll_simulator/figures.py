"""All numbers of an account for one moment: assets, positions, liquidation prices and the totals.

The totals are those of USDT alone or, in multi-assets mode, of all assets in USD, as the exchange has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll_simulator.account import Account
from plimsoll_simulator.digits import ONE, ZERO
from plimsoll_simulator.liquidation import Leg, Surroundings, liquidation_price
from plimsoll_simulator.margin import PositionFigures, WalletFigures, position_figures, rate_of, wallet_figures
from plimsoll_simulator.market import Market


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
    wallets = {asset: wallet_figures(account, asset, positions.values()) for asset in market.assets}
    total = wallets["USDT"]
    if account.multi_assets:
        total = _in_usd(wallets.values(), market)
        wallets = {asset: _shared(each, total, market) for asset, each in wallets.items()}
    liquidations = {key: _liquidation(account, market, figures, positions, total) for key, figures in positions.items()}
    return AccountFigures(total=total, wallets=wallets, positions=positions, liquidations=liquidations)


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
