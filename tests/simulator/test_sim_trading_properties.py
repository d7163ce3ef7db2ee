"""Random orders against random prices: whatever is asked, the books stay whole."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll_simulator.account import Order, Trade
from plimsoll_simulator.figures import account_figures
from plimsoll_simulator.rest.refusal import Refused
from plimsoll_simulator.trading.reducing import closing_side
from trading_desk import Desk

ZERO = Decimal(0)
START = 20000
SYMBOLS = ("BTCUSDT", "ETHUSDT")
Step = tuple[str, Callable[[Desk], object]]


def _order(desk: Desk, step: dict) -> None:
    symbol, market = step["symbol"], desk.world.market
    mark, spec = market.quotes[symbol].mark, market.symbols[symbol]
    quantity = (Decimal(step["usd"]) / mark // spec.step) * spec.step
    price = (mark * step["distance"] // spec.tick) * spec.tick if step["type"] == "LIMIT" else None
    more = {"timeInForce": step["life"]} if price is not None else {}
    if desk.account.hedge:
        more["positionSide"] = step["leg"]
    elif step["reduce"]:
        more["reduceOnly"] = "true"
    desk.order(step["side"], quantity, price, symbol, **more)


def _price(desk: Desk, step: dict) -> None:
    mark = desk.world.market.quotes[step["symbol"]].mark
    desk.price((mark * step["distance"]).quantize(Decimal("0.01")), symbol=step["symbol"])


def _amend(desk: Desk, step: dict) -> None:
    for order in desk.account.open_orders()[:1]:
        tick = desk.world.market.symbols[order.symbol].tick
        price = (order.price * step["distance"] // tick) * tick
        desk.call(
            "PUT",
            "order",
            symbol=order.symbol,
            side=order.side,
            orderId=order.order_id,
            quantity=order.quantity,
            price=price,
        )


def _cancel(desk: Desk, step: dict) -> None:
    desk.call("DELETE", "allOpenOrders", symbol=step["symbol"])


ACTIONS = {"order": _order, "price": _price, "amend": _amend, "cancel": _cancel}
STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "action": st.sampled_from(["order"] * 6 + ["price"] * 3 + ["amend", "cancel"]),
            "symbol": st.sampled_from(SYMBOLS),
            "side": st.sampled_from(["BUY", "SELL"]),
            "type": st.sampled_from(["MARKET", "LIMIT", "LIMIT"]),
            "life": st.sampled_from(["GTC", "GTC", "IOC", "FOK", "GTX"]),
            "leg": st.sampled_from(["LONG", "SHORT"]),
            "reduce": st.sampled_from([False, False, True]),
            "usd": st.integers(200, 120_000),
            "distance": st.decimals("0.98", "1.02", places=4),
        }
    ),
    min_size=5,
    max_size=30,
)


def play(desk: Desk, steps: list[dict], after: Callable[[Desk, dict], None]) -> None:
    """Take the steps; refusals are answers like others."""
    for step in steps:
        with suppress(Refused):
            ACTIONS[step["action"]](desk, step)
        after(desk, step)


def open_desk(*, hedge: bool, isolated: bool) -> Desk:
    """A desk of which the exchange takes no notice of its own accord: prices alone act."""
    desk = Desk(str(START), hedge=hedge, leverage=10)
    desk.world.watchful = False
    if isolated:
        for symbol in SYMBOLS:
            desk.call("POST", "marginType", symbol=symbol, marginType="ISOLATED")
    return desk


def _signed(trade: Trade) -> Decimal:
    return trade.quantity if trade.side == "BUY" else -trade.quantity


def check_books(desk: Desk, _step: dict) -> None:
    """Wallet, positions, orders and trades tell one story."""
    account = desk.account
    realised = sum((trade.realised for trade in account.trades), ZERO)
    fees = sum((trade.commission for trade in account.trades), ZERO)
    assert account.wallets["USDT"] == START + realised - fees
    assert account.wallets["USDT"] == START + sum((row.amount for row in account.income), ZERO)
    for (symbol, side), position in account.positions.items():
        mine = [trade for trade in account.trades if (trade.symbol, trade.position_side) == (symbol, side)]
        assert position.amount == sum(map(_signed, mine), ZERO)
        assert position.realised == sum((trade.realised for trade in mine), ZERO)
        assert (side, position.amount > 0) != ("SHORT", True)
        assert (side, position.amount < 0) != ("LONG", True)
    for order in account.orders.values():
        mine = [trade for trade in account.trades if trade.order_id == order.order_id]
        assert order.executed == sum((trade.quantity for trade in mine), ZERO) <= order.quantity
        assert (order.status == "FILLED") == (order.rest == 0)


def check_margin(desk: Desk, _step: dict) -> None:
    """Margin numbers add up and nothing reported is below zero."""
    figures = account_figures(desk.account, desk.world.market)
    total = figures.total
    assert total.available >= 0
    rows = [each for each in figures.positions.values() if each.asset == "USDT"]
    assert total.initial_margin == sum((each.initial_margin for each in rows), ZERO)
    assert total.margin_balance == total.wallet + sum((each.unrealised for each in rows), ZERO)
    for row in rows:
        assert min(row.order_margin, row.position_margin, row.bids, row.asks) >= 0


@settings(deadline=None, max_examples=60)
@given(STEPS, st.booleans(), st.booleans())
def test_no_order_breaks_the_books(steps: list[dict], hedge: bool, isolated: bool):  # noqa: FBT001 - drawn by hypothesis
    """Wallet change is realised profit less fees, a position is the sum of its fills, an order that of its trades."""
    play(open_desk(hedge=hedge, isolated=isolated), steps, check_books)


@settings(deadline=None, max_examples=60)
@given(STEPS, st.booleans(), st.booleans())
def test_no_order_breaks_the_margin(steps: list[dict], hedge: bool, isolated: bool):  # noqa: FBT001 - drawn by hypothesis
    """The totals are the sums of their parts, and nothing is below zero."""
    play(open_desk(hedge=hedge, isolated=isolated), steps, check_margin)


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_what_only_reduces_only_reduces(steps: list[dict]):
    """A reduce-only fill never increases or turns a position, and those that rest never exceed it."""
    desk = open_desk(hedge=False, isolated=False)
    desk.order("BUY", "0.5")
    held = {"BTCUSDT": Decimal("0.5"), "ETHUSDT": ZERO}
    seen = [len(desk.account.trades)]

    def after(desk: Desk, _step: dict) -> None:
        for trade in desk.account.trades[seen[0] :]:
            before = held[trade.symbol]
            held[trade.symbol] = before + _signed(trade)
            if desk.account.orders[trade.order_id].reduce_only:
                assert abs(held[trade.symbol]) < abs(before)
                assert before * held[trade.symbol] >= 0
        seen[0] = len(desk.account.trades)
        for symbol in SYMBOLS:
            _check_resting(desk, symbol, held[symbol])

    play(desk, steps, after)


def _check_resting(desk: Desk, symbol: str, held: Decimal) -> None:
    rows: list[Order] = [each for each in desk.account.open_orders(symbol) if each.reduce_only]
    assert all(each.side == closing_side(held) for each in rows)
    assert sum((each.rest for each in rows), ZERO) <= abs(held)


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_an_accepted_order_never_overdraws_the_account(steps: list[dict]):
    """While prices stand still, what an accepted order takes is covered but for its fees."""
    desk = open_desk(hedge=False, isolated=False)
    still = [step for step in steps if step["action"] != "price"]

    def after(desk: Desk, _step: dict) -> None:
        figures = account_figures(desk.account, desk.world.market).total
        fees = sum((trade.commission for trade in desk.account.trades), ZERO)
        assert figures.cross_wallet + figures.cross_unrealised - figures.initial_margin >= -2 * fees

    play(desk, still, after)


@settings(deadline=None, max_examples=30)
@given(STEPS, st.booleans())
def test_equal_steps_make_equal_worlds(steps: list[dict], hedge: bool):  # noqa: FBT001 - drawn by hypothesis
    """Two desks that do the same hear the same, event by event."""
    first, second = (open_desk(hedge=hedge, isolated=False) for _ in range(2))
    play(first, steps, lambda *_: None)
    play(second, steps, lambda *_: None)
    assert first.heard == second.heard


@settings(deadline=None, max_examples=40)
@given(STEPS)
def test_the_events_tell_the_whole_story(steps: list[dict]):
    """Whoever adds up the events knows every order's state and every position and wallet."""
    desk = open_desk(hedge=False, isolated=False)
    play(desk, steps, lambda *_: None)
    orders, wallet, positions = {}, str(START), {}
    for event in desk.heard:
        if event["e"] == "ORDER_TRADE_UPDATE":
            orders[event["o"]["i"]] = event["o"]
        elif event["e"] == "ACCOUNT_UPDATE":
            wallet = event["a"]["B"][0]["wb"]
            positions |= {row["s"]: row for row in event["a"]["P"]}
    assert Decimal(wallet) == desk.account.wallets["USDT"]
    for symbol in SYMBOLS:
        assert Decimal(positions.get(symbol, {"pa": "0"})["pa"]) == desk.amount(symbol)
    for order in desk.account.orders.values():
        told = orders[order.order_id]
        assert (told["X"], Decimal(told["z"]), Decimal(told["q"])) == (order.status, order.executed, order.quantity)
