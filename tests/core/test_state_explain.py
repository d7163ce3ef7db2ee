"""Every wallet change is explained by fills, fees, funding or flows, told in any order; what is lost stays, exactly."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

import builders
from fake_exchange import FakeAccount
from fake_market import FakeMarket
from manual_clock import ManualClock
from plimsoll.model.events import AccountEvent, AccountUpdate, IgnoredEvent
from plimsoll.state import explain
from plimsoll.state.apply import apply
from plimsoll.state.book import Book
from plimsoll.state.explain import Unexplained
from plimsoll.state.explain_history import after_income

INSTRUMENTS = {symbol: builders.instrument(symbol) for symbol in ("BTCUSDT", "ETHUSDT")}
MARKET = builders.market({"BTCUSDT": "100", "BNBUSDT": "600"})
TOLERANCE = Decimal("0.01")


class Follower:
    """A book and what is unexplained of it, following a made-up account."""

    def __init__(self) -> None:
        clock = ManualClock()
        self.account = FakeAccount(clock, FakeMarket(clock))
        self.told: list[AccountEvent] = []
        self.account.tell = lambda *events: self.told.extend(events)
        self.account.transfer("10", "BNB")
        self.told.clear()
        self.book = self.account.book()
        self.known = explain.start(self.book)

    def take(self, *events: AccountEvent) -> None:
        """Apply events."""
        for event in events:
            after = apply(self.book, event, INSTRUMENTS)
            self.known = explain.after_event(self.known, self.book, after, event, INSTRUMENTS)
            self.book = after

    def read(self, *, gap: bool) -> None:
        """Take over a reading of now."""
        fresh = self.account.book()
        self.known = explain.after_reading(self.known, self.book, fresh, gap=gap)
        self.book = fresh_stamped(fresh)

    def ask(self) -> None:
        """Ask the income history."""
        self.known = after_income(self.known, self.account.rows, MARKET, TOLERANCE)


def fresh_stamped(book: Book) -> Book:
    """A reading with the stamps it has."""
    stamps = {balance.asset: (balance.updated_ms, float("inf")) for balance in book.balances.values()}
    stamps |= {key: (item.updated_ms, float("inf")) for key, item in book.positions.items()}
    return Book(
        settings=book.settings,
        balances=book.balances,
        positions=book.positions,
        orders={},
        leverage={},
        brackets={},
        stamps=stamps,
    )


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["trade", "fee in BNB", "funding", "transfer"]),
        st.sampled_from(["BTCUSDT", "ETHUSDT"]),
        st.integers(-4, 4),
    ),
    min_size=1,
    max_size=5,
)


def act(account: FakeAccount, step: tuple[str, str, int]) -> None:
    """Do one thing of a random plan; no two amounts cancel out, since then nobody could tell that anything was lost."""
    what, symbol, size = step
    if what in {"trade", "fee in BNB"}:
        asset = "BNB" if what == "fee in BNB" else "USDT"
        paid = sum(row.kind == "COMMISSION" for row in account.rows)
        fee = Decimal(2) ** -(1 + paid % 16)
        account.trade(symbol, str(size or 1), str(100 + 3 * size + fee / 8), fee=str(fee), fee_asset=asset)
    elif what == "funding":
        account.transfer(str(size or 1), kind="FUNDING_FEE")
    else:
        account.transfer(str(size or 1))


@given(steps=STEPS, data=st.data())
def test_everything_told_in_any_interleaving_is_explained(steps: list[tuple[str, str, int]], data: st.DataObject):
    """Whatever the order of the two types, at the end nothing is left and no window is open."""
    follower = Follower()
    for step in steps:
        act(follower.account, step)
    updates = [event for event in follower.told if isinstance(event, AccountUpdate)]
    fills = [event for event in follower.told if not isinstance(event, AccountUpdate)]
    while updates or fills:
        queue = data.draw(st.sampled_from([queue for queue in (updates, fills) if queue]))
        follower.take(queue.pop(0))
    assert follower.known.rest == {}
    assert follower.known.windows == {}
    assert explain.value_usd(follower.known, MARKET) == 0


@given(steps=STEPS, data=st.data())
def test_a_lost_fill_leaves_exactly_its_amount_until_the_income_tells_it(
    steps: list[tuple[str, str, int]], data: st.DataObject
):
    """Without one fill's event its amount is left to the cent; the income history takes it away, once."""
    follower = Follower()
    for step in [("trade", "BTCUSDT", 1), *steps]:
        act(follower.account, step)
    fills = [event for event in follower.told if not isinstance(event, AccountUpdate)]
    lost = data.draw(st.sampled_from(fills))
    follower.take(*(event for event in follower.told if event is not lost))
    parts = {lost.fill.commission_asset: -lost.fill.commission}
    parts["USDT"] = parts.get("USDT", Decimal(0)) + lost.fill.realized_pnl
    assert follower.known.rest == {asset: amount for asset, amount in parts.items() if amount != 0}
    follower.ask()
    assert follower.known.rest == {}
    follower.ask()
    assert follower.known.rest == {}


@given(before=STEPS, missed=STEPS, behind=STEPS)
def test_a_gap_is_explained_by_the_income(
    before: list[tuple[str, str, int]], missed: list[tuple[str, str, int]], behind: list[tuple[str, str, int]]
):
    """What happened unseen is explained by the income rows, though trades and funding told later are in them too."""
    follower = Follower()
    for step in before:
        act(follower.account, step)
    follower.take(*follower.told)
    follower.told.clear()
    for step in missed:
        act(follower.account, step)
    buffered = list(follower.told[len(follower.told) // 2 :])
    follower.read(gap=True)
    follower.told.clear()
    for step in behind:
        act(follower.account, step)
    follower.take(*buffered, *follower.told)
    follower.ask()
    assert follower.known.rest == {}


@given(missed=STEPS)
def test_late_events_explain_a_correction(missed: list[tuple[str, str, int]]):
    """When a reconcile was quicker than the events, the events still explain what it found."""
    follower = Follower()
    for step in missed:
        act(follower.account, step)
    follower.read(gap=False)
    follower.take(*follower.told)
    assert follower.known.rest == {}


def test_income_that_is_not_there_yet_explains_nothing():
    """As long as the rows do not add up the rest stays as it is, and can be explained later."""
    follower = Follower()
    follower.account.transfer("500")
    follower.read(gap=True)
    rows, follower.account.rows = follower.account.rows, []
    follower.ask()
    assert follower.known.rest == {"USDT": Decimal(500)}
    follower.account.rows = rows
    follower.ask()
    assert follower.known.whole
    assert follower.known.windows == {}


def test_a_remainder_within_the_tolerance_is_explained_by_rows_that_come_later():
    """What the first answer explains is taken away at once; a late row explains the remainder, no row counts twice."""
    follower = Follower()
    follower.account.transfer("500")
    follower.account.transfer("0.004")
    follower.read(gap=True)
    late = follower.account.rows.pop()
    follower.ask()
    follower.ask()
    assert follower.known.rest == {"USDT": Decimal("0.004")}
    follower.account.transfer("3")
    follower.take(*follower.told[-1:])
    follower.account.rows.append(late)
    follower.ask()
    assert (follower.known.rest, follower.known.windows) == ({}, {})


def test_an_event_that_the_income_explained_explains_nothing_again():
    """An event that comes after the income rows of its time is not counted a second time."""
    follower = Follower()
    follower.account.transfer("500")
    follower.read(gap=False)
    follower.ask()
    follower.take(*follower.told)
    assert follower.known.rest == {}


def test_an_asset_without_a_price_is_not_explained_by_income():
    """Where nobody can say what the rest is worth it stays, and its value is unknown."""
    follower = Follower()
    follower.account.balances["XYZ"] = builders.balance("XYZ", "5", updated_ms=follower.account.stamp())
    follower.read(gap=True)
    follower.ask()
    assert follower.known.rest == {"XYZ": Decimal(5)}
    assert explain.value_usd(follower.known, MARKET) is None
    assert explain.size_usd(follower.known.rest, MARKET) is None


def test_assets_do_not_cancel_out_in_the_size():
    """The signed value adds up, the size that limits are compared with does not."""
    known = Unexplained(rest={"USDT": Decimal(600), "BNB": Decimal(-1)})
    assert explain.value_usd(known, MARKET) == 0
    assert explain.size_usd(known.rest, MARKET) == 1200
    assert explain.size_usd({"XYZ": Decimal(0)}, MARKET) == 0


def test_an_asset_that_never_changed_is_looked_for_from_the_last_known_change():
    """The window of an asset without a time begins where the book was last known to be whole, not in 1970."""
    follower = Follower()
    follower.account.balances["USDC"] = builders.balance("USDC", "5", updated_ms=follower.account.stamp())
    start = max(balance.updated_ms for balance in follower.book.balances.values())
    follower.read(gap=True)
    assert follower.known.windows["USDC"].start_ms == start


def test_a_window_reaches_from_the_first_to_the_last_unseen_change():
    """A second unseen change widens the window of the first."""
    follower = Follower()
    start = follower.book.balances["USDT"].updated_ms
    follower.account.transfer("5")
    follower.read(gap=False)
    follower.account.transfer("5")
    follower.read(gap=False)
    window = follower.known.windows["USDT"]
    assert (window.start_ms, window.end_ms) == (start, follower.account.last_ms)


def test_profit_of_an_unknown_symbol_waits_for_the_income():
    """A fill of a symbol that nothing is known of is not subtracted from anything; a held one is known by its row."""
    follower = Follower()
    follower.account.market.prices["NEWUSDT"] = Decimal(100)
    follower.account.trade("NEWUSDT", "1", "100", fee="0")
    follower.account.trade("NEWUSDT", "-1", "90", fee="0")
    follower.take(*follower.told)
    assert follower.known.rest == {"USDT": Decimal(-10)}
    follower.ask()
    assert follower.known.rest == {}
    held = Follower()
    held.book = builders.book([builders.position("NEWUSDT", "2")], [builders.balance("USDT", "10000")])
    fill, _ = held.account.trade("BTCUSDT", "1", "100", fee="1")
    held.take(IgnoredEvent(time_ms=1, event_ms=1, name="TRADE_LITE"))
    assert explain.settled_in(held.book, "NEWUSDT", {}) == "USDT"
    held.take(fill, fill)
    assert held.known.rest == {"USDT": Decimal(1)}


def test_forgiving_leaves_nothing():
    """What is forgiven counts as performance."""
    follower = Follower()
    follower.account.transfer("500")
    follower.read(gap=True)
    known = explain.forgive(follower.known, follower.known.rest)
    assert (known.rest, known.windows) == ({}, {})
