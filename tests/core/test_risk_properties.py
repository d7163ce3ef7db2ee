"""What must hold for any account: laws of the risk figures, tried on made-up ones."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from builders import balance, book, bracket, market, order, position, rate, settings
from plimsoll.model.account import Position
from plimsoll.model.terms import Direction, MarginMode, PositionSide
from plimsoll.risk.assess import assess, ready
from plimsoll.risk.figures import AccountFigures
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState
from risk_examples import account_values

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDC")
TABLE = (
    bracket("0", "5000", maintenance_ratio="0.004"),
    bracket("5000", "20000", maintenance_ratio="0.01", deduction="30"),
    bracket("20000", "1000000", maintenance_ratio="0.05", deduction="830"),
)


def decimals(low: str, high: str, places: int = 2) -> st.SearchStrategy[Decimal]:
    """Numbers as the exchange writes them."""
    return st.decimals(Decimal(low), Decimal(high), places=places, allow_nan=False, allow_infinity=False)


prices = decimals("0.5", "500")
quantities = decimals("0.01", "100")
wallets = decimals("-2000", "50000")


@st.composite
def positions(draw: st.DrawFn, symbol: str) -> Position:
    """One cross or isolated position."""
    amount = draw(quantities) * draw(st.sampled_from([1, -1]))
    isolated = draw(st.one_of(st.none(), decimals("0", "1000").map(str)))
    return position(symbol, str(amount), str(draw(prices)), isolated_wallet=isolated)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Book, MarketState]:
    """One-way single-asset account of up to four positions, everything known."""
    symbols = draw(st.lists(st.sampled_from(SYMBOLS), unique=True, min_size=1))
    held = [draw(positions(symbol)) for symbol in symbols]
    rows = [balance("USDT", str(draw(wallets))), balance("USDC", str(draw(wallets)))]
    account = book(held, rows, brackets=dict.fromkeys(SYMBOLS, TABLE), leverage=dict.fromkeys(SYMBOLS, 7))
    return account, market({symbol: str(draw(prices)) for symbol in SYMBOLS})


@given(world=worlds(), price=prices)
def test_equity_moves_by_quantity_times_price_change(world: tuple[Book, MarketState], price: Decimal) -> None:
    """When one mark moves, equity moves by signed amount x change of price, exactly."""
    account, before = world
    moved = next(iter(account.positions.values()))
    mark = before.marks[moved.symbol]
    after = replace(before, marks={**before.marks, moved.symbol: replace(mark, price=price)})
    old, new = assess(account, before).equity, assess(account, after).equity
    assert old is not None
    assert new is not None
    assert new - old == moved.amount * (price - mark.price)


@given(world=worlds(), seed=st.randoms(use_true_random=False))
def test_order_of_positions_does_not_matter(world: tuple[Book, MarketState], seed: Random) -> None:
    """The same rows in another order give the same figures."""
    account, now = world
    rows = list(account.positions.items())
    seed.shuffle(rows)
    assert assess(replace(account, positions=dict(rows)), now) == assess(account, now)


@given(quantity=quantities, entries=st.tuples(prices, prices), price=prices)
def test_equal_hedge_has_no_net_and_its_equity_stands_still(
    quantity: Decimal, entries: tuple[Decimal, Decimal], price: Decimal
) -> None:
    """Long and short of the same size cancel: net 0, and no price moves equity."""
    sides = [
        position(amount=str(quantity), entry=str(entries[0]), position_side=PositionSide.LONG),
        position(amount=str(-quantity), entry=str(entries[1]), position_side=PositionSide.SHORT),
    ]
    account = assess(book(sides, hedge=True), market({"BTCUSDT": str(price)}))
    assert account.net_exposure == 0
    assert account.gross_exposure == 2 * quantity * price
    assert account.equity == 1000 + quantity * (entries[1] - entries[0])


@given(world=worlds())
def test_at_the_liquidation_price_margin_uses_up_the_balance(world: tuple[Book, MarketState]) -> None:
    """With the mark there, the margin ratio of what backs the position is 1, whatever bracket that is."""
    account, now = world
    for row in assess(account, now).positions:
        price = row.liquidation_price
        if price is None:
            continue
        symbol = row.position.symbol
        there = replace(now, marks={**now.marks, symbol: replace(now.marks[symbol], price=price)})
        alone = {key: held for key, held in account.positions.items() if _stands_with(held, row.position)}
        ratio = assess(replace(account, positions=alone), there).margin_ratio
        assert ratio is not None
        assert abs(ratio - 1) < Decimal("1e-9")


@given(sizes=st.tuples(quantities, quantities), entries=st.tuples(prices, prices), wallet=wallets, price=prices)
def test_hedge_liquidation_price_uses_up_the_balance(
    sizes: tuple[Decimal, Decimal], entries: tuple[Decimal, Decimal], wallet: Decimal, price: Decimal
) -> None:
    """Both sides of a hedge, each in its own bracket, share the price at which the margin ratio is 1."""
    sides = [
        position(amount=str(sizes[0]), entry=str(entries[0]), position_side=PositionSide.LONG),
        position(amount=str(-sizes[1]), entry=str(entries[1]), position_side=PositionSide.SHORT),
    ]
    account = book(sides, [balance(wallet=str(wallet))], hedge=True, brackets={"BTCUSDT": TABLE})
    long, short = assess(account, market({"BTCUSDT": str(price)})).positions
    assert long.liquidation_price == short.liquidation_price
    if long.liquidation_price is not None:
        ratio = assess(account, market({"BTCUSDT": str(long.liquidation_price)})).margin_ratio
        assert ratio is not None
        assert abs(ratio - 1) < Decimal("1e-9")


@given(world=worlds(), rates=st.tuples(decimals("0.5", "1"), decimals("1", "2")))
def test_multi_assets_liquidation_price_uses_up_the_accounts_equity(
    world: tuple[Book, MarketState], rates: tuple[Decimal, Decimal]
) -> None:
    """One pool for all assets, with different rates for what is owned and owed: the ratio there is 1 again."""
    single, now = world
    rows = [replace(row, margin_mode=MarginMode.CROSS, isolated_wallet=Decimal(0)) for row in single.positions.values()]
    account = replace(single, settings=settings(multi=True), positions={row.key: row for row in rows})
    now = replace(now, rates={asset: rate(asset, str(rates[0]), str(rates[1])) for asset in ("USDT", "USDC")})
    for row in assess(account, now).positions:
        price = row.liquidation_price
        if price is None:
            continue
        symbol = row.position.symbol
        there = replace(now, marks={**now.marks, symbol: replace(now.marks[symbol], price=price)})
        ratio = assess(account, there).margin_ratio
        assert ratio is not None
        assert abs(ratio - 1) < Decimal("1e-9")


def _stands_with(other: Position, held: Position) -> bool:
    if held.margin_mode is MarginMode.ISOLATED:
        return other.key == held.key
    return other.margin_mode is MarginMode.CROSS and other.margin_asset == held.margin_asset


@given(world=worlds(), quantity=quantities, price=prices)
def test_reduce_only_order_changes_nothing(world: tuple[Book, MarketState], quantity: Decimal, price: Decimal) -> None:
    """An order that can only make a position smaller binds no margin and moves no figure."""
    account, now = world
    row = order(SYMBOLS[0], Direction.SELL, str(quantity), str(price), reduce_only=True)
    assert assess(replace(account, orders={row.key: row}), now) == assess(account, now)


@given(world=worlds(), quantity=quantities, price=prices, direction=st.sampled_from(Direction))
def test_order_never_frees_margin(
    world: tuple[Book, MarketState], quantity: Decimal, price: Decimal, direction: Direction
) -> None:
    """One more resting order never lowers initial margin nor raises what is available, and touches nothing else."""
    account, now = world
    row = order(SYMBOLS[0], direction, str(quantity), str(price))
    before, after = assess(account, now), assess(replace(account, orders={row.key: row}), now)
    assert before.initial_margin is not None
    assert after.initial_margin is not None
    assert before.available is not None
    assert after.available is not None
    assert after.initial_margin >= before.initial_margin
    assert 0 <= after.available <= before.available
    assert after.positions == before.positions


@given(world=worlds())
def test_unknown_mark_spreads_and_never_becomes_zero(world: tuple[Book, MarketState]) -> None:
    """Without one mark every sum over that position is unknown, and no figure of any other position changes value."""
    account, now = world
    lost = next(iter(account.positions.values()))
    before = assess(account, now)
    after = assess(account, replace(now, marks={key: mark for key, mark in now.marks.items() if key != lost.symbol}))
    known = account_values(after)
    assert {known.pop("wallet"), known.pop("other_assets")} == {before.wallet, before.other_assets}
    assert set(known.values()) == {None}
    _agree_where_known(before, after)


def _agree_where_known(before: AccountFigures, after: AccountFigures) -> None:
    for was, now in zip(before.positions, after.positions, strict=True):
        assert now.notional in {was.notional, None}
        assert now.unrealized_pnl in {was.unrealized_pnl, None}
        assert now.liquidation_price in {was.liquidation_price, None}


@given(world=worlds())
def test_parts_add_up(world: tuple[Book, MarketState]) -> None:
    """Equity is wallet + PnL, the account's sums are those of its positions, and the net never exceeds the gross."""
    account = assess(*world)
    assert account.gross_exposure == sum(row.notional or 0 for row in account.positions)
    assert account.unrealized_pnl == sum(row.unrealized_pnl or 0 for row in account.positions)
    assert account.maintenance_margin == sum(row.maintenance_margin or 0 for row in account.positions)
    assert account.wallet is not None
    assert account.net_exposure is not None
    assert account.equity == account.wallet + account.unrealized_pnl
    assert abs(account.net_exposure) <= account.gross_exposure


@given(world=worlds())
def test_leverage_times_equity_is_exposure(world: tuple[Book, MarketState]) -> None:
    """For an account with money, its positions' and symbols' leverages add up to its own."""
    account = assess(*world)
    assume(account.equity is not None and account.equity > 0)
    assert account.leverage is not None
    for rows in (account.positions, account.symbols):
        assert abs(sum(row.leverage or 0 for row in rows) - account.leverage) <= account.leverage * Decimal("1e-20")


@given(world=worlds(), others=st.lists(prices, min_size=1, max_size=3))
def test_an_account_made_ready_is_assessed_as_anew(world: tuple[Book, MarketState], others: list[Decimal]) -> None:
    """Figures depend on the book and the market alone, however often the book was assessed before."""
    account, before = world
    kept = ready(account)
    for price in others:
        now = market({**{symbol: str(mark.price) for symbol, mark in before.marks.items()}, "BTCUSDT": str(price)})
        assert kept(now) == assess(account, now)
    assert kept(before) == assess(account, before)
