"""Things that happen to an account from outside: fills, resting orders, transfers, funding.

They take effect as given, without margin checks or matching, for scenarios and tests say what happens. Each writes
the history that the exchange would write and, unless the event is to be lost, sends the events.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator import events
from plimsoll_simulator.account import Account, AlgoOrder, Order, Position, Trade
from plimsoll_simulator.book_keeping import taker_fee
from plimsoll_simulator.digits import SMALLEST
from plimsoll_simulator.fees import Fee, converted
from plimsoll_simulator.ledger import book
from plimsoll_simulator.tape import Funding
from plimsoll_simulator.trading.fills import fill
from plimsoll_simulator.world import Event, World

ALGO_TYPES = ("STOP_MARKET", "STOP", "TAKE_PROFIT_MARKET", "TAKE_PROFIT", "TRAILING_STOP_MARKET")


def trade(
    world: World,
    account: Account,
    symbol: str,
    side: str,
    quantity: Decimal,
    *,
    position_side: str = "BOTH",
    price: Decimal | None = None,
    fee_asset: str | None = None,
    event: bool = True,
) -> Trade:
    """Fill a market order at ``price`` (default: the last price), as taker; ``fee_asset`` pays the fee, e.g. BNB."""
    order = _market_order(world, account, symbol, side, quantity=quantity, position_side=position_side)
    paid = price or world.market.quotes[symbol].last
    if event:
        world.foretell(account, order, quantity)
        world.emit(account, events.order_update(world, account, order, "NEW"))
    charged = _fee(world, order, paid, fee_asset) if fee_asset else None
    return fill(world, account, order, quantity, paid, fee=charged, event=event)


def _market_order(
    world: World, account: Account, symbol: str, side: str, *, quantity: Decimal, position_side: str
) -> Order:
    number, now = world.counters.next("order"), world.time_ms()
    order = Order(
        order_id=number,
        client_id=f"outside-{number}",
        symbol=symbol,
        side=side,
        type="MARKET",
        quantity=quantity,
        position_side=position_side,
        created=now,
        updated=now,
    )
    account.orders[number] = order
    return order


def _fee(world: World, order: Order, price: Decimal, asset: str) -> Fee:
    """The taker's fee paid by the asset named, without discount and whether or not it suffices."""
    quote, due = world.market.symbols[order.symbol].quote, taker_fee(order.quantity * price)
    return Fee(asset=asset, amount=due if asset == quote else converted(world.market, due, quote, asset))


def transfer(world: World, account: Account, asset: str, amount: Decimal, *, event: bool = True) -> None:
    """Move money between spot and futures wallet; a negative amount leaves the futures wallet."""
    book(world, account, "TRANSFER", asset, amount)
    if event:
        reason = "DEPOSIT" if amount > 0 else "WITHDRAW"
        world.emit(account, events.account_update(world, account, reason, assets={asset: amount}))


def funding(world: World, symbol: str, *, event: bool = True) -> None:
    """Settle funding of a symbol for every account: longs pay a positive rate, shorts receive it."""
    quote = world.market.quotes[symbol]
    now = world.time_ms()
    world.tape.fundings.append(Funding(symbol=symbol, rate=quote.funding_rate, mark=quote.mark, time=now))
    for account in world.accounts.values():
        for position in account.open_positions():
            amount = (-position.amount * quote.mark * quote.funding_rate).quantize(SMALLEST)
            if position.symbol == symbol and amount:
                _settle(world, account, position, amount, event=event)


def _settle(world: World, account: Account, position: Position, amount: Decimal, *, event: bool) -> None:
    asset = world.market.symbols[position.symbol].quote
    isolated = account.setting(position.symbol).isolated
    if isolated:
        position.isolated_wallet += amount
    book(world, account, "FUNDING_FEE", asset, amount, symbol=position.symbol)
    if event:
        world.emit(account, _funding_event(world, account, position, asset, amount, isolated=isolated))


def _funding_event(
    world: World, account: Account, position: Position, asset: str, amount: Decimal, *, isolated: bool
) -> Event:
    return events.account_update(
        world,
        account,
        "FUNDING_FEE",
        assets={asset: amount},
        positions=[position] if isolated else [],
        symbol=position.symbol,
    )


def rest_order(world: World, account: Account, order: Order, *, event: bool = True) -> Order:
    """Put a plain order on the book; its number and times are given here."""
    order.order_id, order.created = world.counters.next("order"), world.time_ms()
    order.updated = order.created
    order.client_id = order.client_id or f"outside-{order.order_id}"
    account.orders[order.order_id] = order
    if event:
        world.emit(account, events.order_update(world, account, order, "NEW"))
    return order


def rest_algo_order(world: World, account: Account, order: AlgoOrder, *, event: bool = True) -> AlgoOrder:
    """Give a conditional order to the algo service; its number and times are given here."""
    order.algo_id, order.created = world.counters.next("algo"), world.time_ms()
    order.updated = order.created
    order.client_id = order.client_id or f"outside-{order.algo_id}"
    account.algo_orders[order.algo_id] = order
    if event:
        world.emit(account, events.algo_update(world, order))
    return order


def cancel(world: World, account: Account, order: Order | AlgoOrder, *, event: bool = True) -> None:
    """Cancel a working order of either kind."""
    order.status, order.updated = "CANCELED", world.time_ms()
    if not event:
        return
    if isinstance(order, AlgoOrder):
        world.emit(account, events.algo_update(world, order))
    else:
        world.emit(account, events.order_update(world, account, order, "CANCELED"))
