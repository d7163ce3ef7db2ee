"""The variants of ``november-stops``: one change each, five seconds in, to the table that all of them begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from plimsoll_simulator import outside
from plimsoll_simulator.account import Account, AlgoOrder, Order
from plimsoll_simulator.algo.faults import Rejection, Scope
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.faults import RestFault
from plimsoll_simulator.scenarios.scenario import Scenario
from plimsoll_simulator.world import World

CHANGE_AT = 5
ALGO_READ = "GET /fapi/v1/openAlgoOrders"
_FOR_GOOD = 10**9


def variants(base: Scenario) -> Scenario:
    """The base scenario with its options."""
    found = {name: replace(base, step=_once(change)) for name, change in _CHANGES.items()}
    return replace(base, variants={**found, "source-down": replace(base, disturb=_source_down)})


def _once(change: Callable[[World, Account], None]) -> Callable[[World, int], None]:
    def step(world: World, second: int) -> None:
        if second == CHANGE_AT:
            change(world, world.accounts["live"])

    return step


def _stop(account: Account, symbol: str) -> AlgoOrder:
    return account.open_algo_orders(symbol)[0]


def _overrun_mark(world: World, live: Account) -> None:
    """BTC's stop watches the last price, which stays below its trigger while the mark price passes it."""
    order = _stop(live, "BTCUSDT")
    outside.cancel(world, live, order)
    again = replace(order, status="NEW", client_id="", working_type="CONTRACT_PRICE")
    outside.rest_algo_order(world, live, again)
    world.market.set_price("BTCUSDT", Decimal(93400), Decimal(93300))


def _overrun_watched(world: World, _live: Account) -> None:
    """The watched price passes BTC's trigger, and the exchange does not trigger."""
    world.trigger_faults.held.add(Scope(account="live", symbol="BTCUSDT"))
    world.market.set_price("BTCUSDT", Decimal(93400))


def _gap(world: World, _live: Account) -> None:
    """BNB jumps over its trigger to 921.00, where the book sells: one tick below is the last trade."""
    tick = world.market.symbols["BNBUSDT"].tick
    world.market.set_price("BNBUSDT", Decimal(921), Decimal(921) - tick)


def _rejected(world: World, _live: Account) -> None:
    """BNB's stop triggers, and the matching engine rejects it."""
    scope = Scope(account="live", symbol="BNBUSDT")
    world.trigger_faults.rejections.append(Rejection(scope=scope, reason="Margin is insufficient."))
    world.market.set_price("BNBUSDT", Decimal(915))


def _partial(world: World, live: Account) -> None:
    """A second entry doubles BNB's position; the stop keeps its quantity."""
    outside.trade(world, live, "BNBUSDT", "SELL", Decimal("2.17"))


def _plain_stop(world: World, live: Account) -> None:
    """BNB's stop moves to the old order list, as a plain order of a stop type."""
    order = _stop(live, "BNBUSDT")
    outside.cancel(world, live, order)
    plain = Order(
        order_id=0,
        client_id="",
        symbol=order.symbol,
        side=order.side,
        type=order.type,
        quantity=order.quantity,
        stop_price=order.trigger_price,
        reduce_only=True,
        working_type=order.working_type,
    )
    outside.rest_order(world, live, plain)


def _source_down(exchange: Exchange, second: int) -> None:
    """The list of conditional orders cannot be read any more."""
    if second == CHANGE_AT:
        body = '{"code":-1001,"msg":"Internal error; unable to process your request. Please try again."}'
        exchange.rest_faults.add(RestFault(endpoint=ALGO_READ, status=500, body=body, times=_FOR_GOOD))


_CHANGES: Mapping[str, Callable[[World, Account], None]] = {
    "overrun-mark": _overrun_mark,
    "overrun-watched": _overrun_watched,
    "gap": _gap,
    "rejected": _rejected,
    "partial": _partial,
    "plain-stop": _plain_stop,
}
