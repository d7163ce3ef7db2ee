"""Changes of an account's settings, with the conditions that the exchange sets for them and the events it sends."""

from __future__ import annotations

from plimsoll_simulator import events
from plimsoll_simulator.account import Account
from plimsoll_simulator.market import Market
from plimsoll_simulator.world import World


class NotAllowed(ValueError):
    """A change that the account's state does not allow; ``setting`` names it."""

    def __init__(self, setting: str, reason: str) -> None:
        """Say which setting and why not."""
        super().__init__(reason)
        self.setting = setting


def set_leverage(world: World, account: Account, symbol: str, leverage: int) -> None:
    """Change a symbol's leverage setting and tell the account.

    Raises:
        NotAllowed: The symbol's brackets do not offer it.
    """
    change_leverage(world.market, account, symbol, leverage)
    world.emit(account, events.leverage_update(world, symbol, leverage))


def change_leverage(market: Market, account: Account, symbol: str, leverage: int) -> None:
    """Change a symbol's leverage setting and tell nobody.

    Raises:
        NotAllowed: The symbol's brackets do not offer it.
    """
    largest = market.symbols[symbol].brackets[0].leverage
    if not 1 <= leverage <= largest:
        raise NotAllowed("leverage", f"must be 1 to {largest} for {symbol}")
    account.setting(symbol).leverage = leverage


def set_margin_type(account: Account, symbol: str, margin_type: str) -> None:
    """Change between CROSSED and ISOLATED; the exchange sends no event for a flat symbol.

    Raises:
        NotAllowed: There is a position or an order, or multi-assets mode knows no isolated margin.
    """
    if account.multi_assets and margin_type == "ISOLATED":
        raise NotAllowed("margin_type", "multi-assets mode knows no isolated margin")
    held = any(position.symbol == symbol for position in account.open_positions())
    if held or account.open_orders(symbol):
        raise NotAllowed("margin_type", f"{symbol} has a position or an open order")
    account.setting(symbol).margin_type = margin_type


def set_multi_assets(world: World, account: Account, *, on: bool) -> None:
    """Switch multi-assets mode and tell the account.

    Raises:
        NotAllowed: A symbol is isolated.
    """
    change_multi_assets(account, on=on)
    world.emit(account, events.asset_mode_update(world, multi_assets=on))


def change_multi_assets(account: Account, *, on: bool) -> None:
    """Switch multi-assets mode and tell nobody.

    Raises:
        NotAllowed: A symbol is isolated.
    """
    if on and any(setting.isolated for setting in account.settings.values()):
        raise NotAllowed("multi_assets", "a symbol is set to isolated margin")
    account.multi_assets = on


def set_hedge(account: Account, *, on: bool) -> None:
    """Switch hedge mode; the exchange sends no event.

    Raises:
        NotAllowed: There are positions or open orders.
    """
    if account.hedge != on and (account.open_positions() or account.open_orders() or account.open_algo_orders()):
        raise NotAllowed("hedge", "the account has positions or open orders")
    account.hedge = on
