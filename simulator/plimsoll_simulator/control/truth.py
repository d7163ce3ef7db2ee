"""``GET /sim/truth`` and ``GET /sim/requests``: what is so, for tests to compare with. Decimals are texts."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

from plimsoll_simulator.account import Account
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.margin import AccountFigures, PositionFigures, WalletFigures, account_figures
from plimsoll_simulator.world import World


def truth(world: World) -> dict[str, object]:
    """The whole world: time, prices and every account with its margin numbers."""
    return {
        "time": world.time_ms(),
        "prices": {name: _texts(asdict(quote)) for name, quote in world.market.quotes.items()},
        "asset_rates": {
            name: _texts(
                {
                    "index": world.market.index_of(name),
                    "bid": world.market.bid_rate(name),
                    "ask": world.market.ask_rate(name),
                }
            )
            for name in world.market.assets
        },
        "accounts": {name: account_truth(world, account) for name, account in world.accounts.items()},
    }


def account_truth(world: World, account: Account) -> dict[str, object]:
    """One account: totals, assets, positions, orders."""
    figures = account_figures(account, world.market)
    notionals = [each.notional for each in figures.positions.values()]
    return {
        **_wallet(figures.total),
        "gross_exposure": str(sum(map(abs, notionals), ZERO)),
        "net_exposure": str(sum(notionals, ZERO)),
        "multi_assets": account.multi_assets,
        "hedge": account.hedge,
        "assets": {name: _wallet(each) for name, each in figures.wallets.items()},
        "positions": [_position(world, account, each, figures) for each in figures.positions.values()],
        "orders": [_texts(asdict(order)) for order in account.open_orders()],
        "algo_orders": [_texts(asdict(order)) for order in account.open_algo_orders()],
        "income": [_texts(asdict(row)) for row in account.income],
        "trades": len(account.trades),
    }


def _wallet(figures: WalletFigures) -> dict[str, object]:
    return {
        "wallet": str(figures.wallet),
        "equity": str(figures.margin_balance),
        "unrealized_pnl": str(figures.unrealised),
        "cross_wallet": str(figures.cross_wallet),
        "available": str(figures.available),
        "initial_margin": str(figures.initial_margin),
        "position_margin": str(figures.position_margin),
        "order_margin": str(figures.order_margin),
        "maintenance_margin": str(figures.maintenance),
    }


def _position(
    world: World, account: Account, figures: PositionFigures, everything: AccountFigures
) -> dict[str, object]:
    position = figures.position
    liquidation = everything.liquidations[(position.symbol, position.side)]
    return {
        "symbol": position.symbol,
        "side": position.side,
        "amount": str(position.amount),
        "entry": str(position.entry),
        "mark": str(world.market.quotes[position.symbol].mark),
        "notional": str(figures.notional),
        "unrealized_pnl": str(figures.unrealised),
        "initial_margin": str(figures.initial_margin),
        "maintenance_margin": str(figures.maintenance),
        "liquidation": None if liquidation is None else str(liquidation),
        "isolated_wallet": str(position.isolated_wallet),
        "isolated": figures.isolated,
        "leverage": account.setting(position.symbol).leverage,
    }


def _texts(row: dict[str, object]) -> dict[str, object]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def requests(exchange: Exchange) -> dict[str, object]:
    """What clients asked for: calls and weight per endpoint, weight of this minute per address."""
    return {
        "calls": dict(exchange.requests.calls),
        "weights": dict(exchange.requests.weights),
        "used_weight": exchange.limits.everyone(),
        "connections": exchange.hub.subscribers,
    }
