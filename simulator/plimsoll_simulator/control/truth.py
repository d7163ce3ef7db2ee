"""``GET /sim/truth`` and ``GET /sim/requests``: what is so, for tests to compare with. Decimals are texts."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

from plimsoll_simulator.account import Account
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.figures import AccountFigures, account_figures
from plimsoll_simulator.margin import PositionFigures, WalletFigures
from plimsoll_simulator.world import World


def truth(world: World) -> dict[str, object]:
    """The whole world: time, prices and every account with its margin numbers."""
    return {
        "time": world.time_ms(),
        "prices": {name: _texts(asdict(quote)) for name, quote in world.market.quotes.items()},
        "asset_rates": {name: _rates(world, name) for name in world.market.assets},
        "accounts": {name: account_truth(world, account) for name, account in world.accounts.items()},
    }


def _rates(world: World, asset: str) -> dict[str, object]:
    market = world.market
    return _texts({"index": market.index_of(asset), "bid": market.bid_rate(asset), "ask": market.ask_rate(asset)})


def account_truth(world: World, account: Account) -> dict[str, object]:
    """One account: totals, assets, positions, orders."""
    figures = account_figures(account, world.market)
    notionals = [each.notional for each in figures.positions.values()]
    return {
        **_wallet(figures.total),
        "gross_exposure": _text(sum(map(abs, notionals), ZERO)),
        "net_exposure": _text(sum(notionals, ZERO)),
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
        "wallet": _text(figures.wallet),
        "equity": _text(figures.margin_balance),
        "unrealized_pnl": _text(figures.unrealised),
        "cross_wallet": _text(figures.cross_wallet),
        "available": _text(figures.available),
        "initial_margin": _text(figures.initial_margin),
        "position_margin": _text(figures.position_margin),
        "order_margin": _text(figures.order_margin),
        "maintenance_margin": _text(figures.maintenance),
    }


def _position(
    world: World, account: Account, figures: PositionFigures, everything: AccountFigures
) -> dict[str, object]:
    position = figures.position
    liquidation = everything.liquidations[(position.symbol, position.side)]
    return {
        "symbol": position.symbol,
        "side": position.side,
        "amount": _text(position.amount),
        "entry": _text(position.entry),
        "mark": _text(world.market.quotes[position.symbol].mark),
        "notional": _text(figures.notional),
        "unrealized_pnl": _text(figures.unrealised),
        "initial_margin": _text(figures.initial_margin),
        "maintenance_margin": _text(figures.maintenance),
        "liquidation": None if liquidation is None else _text(liquidation),
        "isolated_wallet": _text(position.isolated_wallet),
        "isolated": figures.isolated,
        "leverage": account.setting(position.symbol).leverage,
    }


def _text(value: Decimal) -> str:
    return f"{value:f}"


def _texts(row: dict[str, object]) -> dict[str, object]:
    return {name: _text(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def requests(exchange: Exchange) -> dict[str, object]:
    """What clients asked for: calls and weight per endpoint, weight of this minute per address."""
    return {
        "calls": dict(exchange.requests.calls),
        "weights": dict(exchange.requests.weights),
        "used_weight": exchange.limits.everyone(),
        "connections": exchange.hub.subscribers,
    }
