"""A fill takes effect: position, wallet, order, trade and income rows. Whether it may happen is decided before.

Events are not sent here, for several fills may be told together.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll_simulator.account import Account, Order, Trade
from plimsoll_simulator.book_keeping import entry_fees_after, fill, isolated_wallet_after
from plimsoll_simulator.digits import SMALLEST
from plimsoll_simulator.fees import Fee, converted
from plimsoll_simulator.ledger import book
from plimsoll_simulator.world import World


@dataclass(frozen=True, kw_only=True, slots=True)
class Fill:
    """Part or all of an order that is executed at one price; ``profit`` is the income type of what it realises."""

    price: Decimal
    quantity: Decimal
    fee: Fee
    profit: str = "REALIZED_PNL"
    maker: bool = False


def execute(world: World, account: Account, order: Order, part: Fill) -> Trade:
    """Book a fill; the order is FILLED when nothing is left of it, else PARTIALLY_FILLED."""
    realised = _move_position(world, account, order, part)
    _fill_order(world, order, part)
    done = Trade(
        trade_id=world.counters.next("trade"),
        order_id=order.order_id,
        symbol=order.symbol,
        side=order.side,
        position_side=order.position_side,
        price=part.price,
        quantity=part.quantity,
        realised=realised,
        commission=part.fee.amount,
        commission_asset=part.fee.asset,
        time=world.time_ms(),
        maker=part.maker,
    )
    account.trades.append(done)
    _pay(world, account, done, part.profit)
    return done


def _move_position(world: World, account: Account, order: Order, part: Fill) -> Decimal:
    """Change the position and give the profit that this realises."""
    position, setting = account.position(order.symbol, order.position_side), account.setting(order.symbol)
    change = part.quantity if order.side == "BUY" else -part.quantity
    filled = fill(position.amount, position.entry, change, part.price)
    if setting.isolated:
        position.isolated_wallet = isolated_wallet_after(
            position.isolated_wallet, position.amount, filled, part.price, setting.leverage
        ).quantize(SMALLEST)
    paid = converted(world.market, part.fee.amount, part.fee.asset, world.market.symbols[order.symbol].quote)
    position.entry_fees = entry_fees_after(position.entry_fees, position.amount, filled.amount, paid)
    position.amount, position.entry, position.updated = filled.amount, filled.entry, world.time_ms()
    position.realised += filled.realised
    return filled.realised


def _fill_order(world: World, order: Order, part: Fill) -> None:
    executed = order.executed + part.quantity
    spent = order.executed * order.average + part.quantity * part.price
    order.executed, order.average = executed, (spent / executed).quantize(SMALLEST)
    order.status = "FILLED" if executed >= order.quantity else "PARTIALLY_FILLED"
    order.updated = world.time_ms()


def _pay(world: World, account: Account, done: Trade, profit: str) -> None:
    number = str(done.trade_id)
    if done.realised:
        quote = world.market.symbols[done.symbol].quote
        book(world, account, profit, quote, done.realised, symbol=done.symbol, trade_id=number)
    if done.commission:
        book(world, account, "COMMISSION", done.commission_asset, -done.commission, symbol=done.symbol, trade_id=number)
