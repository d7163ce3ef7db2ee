"""Short words for setting a scene: positions at an entry price, stops behind them, leverage settings."""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator import outside
from plimsoll_simulator.account import Account, AlgoOrder
from plimsoll_simulator.book_keeping import taker_fee
from plimsoll_simulator.world import World


def hold(world: World, account: Account, symbol: str, amount: str, entry: str) -> None:
    """Let the account hold a position that a taker opened long ago; a negative amount is short."""
    position = account.position(symbol)
    position.entry_fees = taker_fee(abs(Decimal(amount)) * Decimal(entry))
    position.amount, position.entry, position.updated = Decimal(amount), Decimal(entry), world.time_ms()


def protect(
    world: World,
    account: Account,
    symbol: str,
    trigger: str,
    *,
    kind: str = "STOP_MARKET",
    working_type: str = "MARK_PRICE",
    reduce_only: bool = True,
) -> AlgoOrder:
    """Place a conditional order that closes the whole position."""
    amount = account.position(symbol).amount
    order = AlgoOrder(
        algo_id=0,
        client_id="",
        symbol=symbol,
        side="SELL" if amount > 0 else "BUY",
        type=kind,
        quantity=abs(amount),
        trigger_price=Decimal(trigger),
        working_type=working_type,
        reduce_only=reduce_only,
    )
    return outside.rest_algo_order(world, account, order)


def set_leverage(world: World, account: Account, leverage: int) -> None:
    """Give every symbol the same leverage setting."""
    for symbol in world.market.symbols:
        account.setting(symbol).leverage = leverage
