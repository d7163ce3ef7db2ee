"""Provisional flows against the income history: a multiset, each row booked once."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.model.account import Income
from plimsoll.model.flows import Flow, FlowSource
from plimsoll.risk.matching import Matching, match
from plimsoll.state.income_rows import row_keys

KINDS = ("TRANSFER", "INTERNAL_TRANSFER")


def told(amount: str, time_ms: int, kind: str = "DEPOSIT", asset: str = "USDT") -> Flow:
    """A flow that an event told."""
    return Flow(
        asset=asset,
        amount=Decimal(amount),
        usd=Decimal(amount),
        time_ms=time_ms,
        kind=kind,
        source=FlowSource.EVENT,
        booked_at=0.0,
    )


def income(amount: str, time_ms: int, kind: str = "TRANSFER", asset: str = "USDT", transaction: str = "0") -> Income:
    """An income row."""
    return Income(
        kind=kind,
        asset=asset,
        amount=Decimal(amount),
        symbol="",
        time_ms=time_ms,
        transaction_id=transaction,
        trade_id="",
    )


def pairs(matching: Matching) -> set[tuple[int, int]]:
    """Times of the confirmed pairs."""
    return {(pair.flow.time_ms, pair.row.income.time_ms) for pair in matching.confirmed}


def test_two_equal_transfers_in_one_second_are_two() -> None:
    """One was told by an event, so the other is new; read again, neither is."""
    rows = [income("5", 1000), income("5.00", 1000)]
    matching = match([told("5", 1200)], rows)
    assert (len(matching.confirmed), len(matching.new)) == (1, 1)
    keys = {matching.confirmed[0].row.key, matching.new[0].key}
    assert keys == set(row_keys(rows))
    again = match([], rows, booked=keys)
    assert (again.confirmed, again.new, again.contradicted) == ((), (), ())
    assert match([], rows, booked={matching.confirmed[0].row.key}).new == matching.new


def test_asset_amount_and_time_must_agree() -> None:
    """Another asset, the other direction, or eleven seconds make another flow; ten seconds do not."""
    for row in (income("5", 1, asset="USDC"), income("-5", 1), income("5", 10_002)):
        matching = match([told("5", 1)], [row])
        assert (matching.confirmed, len(matching.new), matching.contradicted) == ((), 1, ())
    assert len(match([told("5", 1)], [income("5", 10_001)]).confirmed) == 1


def test_as_many_pairs_as_can_be_then_the_nearest_times() -> None:
    """The nearest pair is not taken where it would leave another flow alone."""
    assert pairs(match([told("5", 0), told("5", 8000)], [income("5", 7000), income("5", 17000)])) == {
        (0, 7000),
        (8000, 17000),
    }
    assert pairs(match([told("5", 5000)], [income("5", 1000), income("5", 6000), income("5", 9500)])) == {(5000, 6000)}


def test_transactions_make_other_keys() -> None:
    """Rows that differ in anything have other keys; the trailing zeros of an amount are no difference."""
    rows = [income("5", 1), income("5", 2), income("6", 1), income("5", 1, transaction="7"), income("5", 1, "X")]
    assert len(set(row_keys(rows))) == len(rows)
    assert row_keys([income("100", 1)]) == row_keys([income("1E+2", 1)]) == ("0|TRANSFER|USDT||1|100|0",)


def test_deposit_by_the_exchange_that_was_a_rebate_is_contradicted() -> None:
    """A rebate row makes it performance, a transfer row a flow, and nothing leaves it as it is."""
    provisional = [told("5", 1000, "ADMIN_DEPOSIT")]
    for kind in ("REFERRAL_KICKBACK", "NEVER_HEARD_OF"):
        matching = match(provisional, [income("5", 2000, kind)])
        assert (matching.confirmed, matching.new, matching.contradicted) == ((), (), tuple(provisional))
    assert len(match(provisional, [income("5", 2000)]).confirmed) == 1
    assert match(provisional, []) == Matching(confirmed=(), new=(), contradicted=(), unknown=frozenset())


def test_rebates_come_in_bundles() -> None:
    """One deposit of the sum of several rebates is contradicted; a sum that differs says nothing."""
    rows = [income("2", 1000, "API_REBATE"), income("3", 1500, "REFERRAL_KICKBACK"), income("9", 1500, asset="USDC")]
    bundle = told("5", 1200, "ADMIN_DEPOSIT")
    assert match([bundle], rows).contradicted == (bundle,)
    assert match([bundle, bundle], rows).contradicted == (bundle,)
    assert match([told("4", 1200, "ADMIN_DEPOSIT")], rows).contradicted == ()


def test_rebate_and_transfer_of_one_amount_are_told_apart() -> None:
    """The deposit takes the transfer and the exchange's deposit the rebate, however near the times are."""
    deposit, rebate = told("5", 0), told("5", 1000, "ADMIN_DEPOSIT")
    matching = match([rebate, deposit], [income("5", 1000), income("5", 1500, "API_REBATE")])
    assert pairs(matching) == {(0, 1000)}
    assert matching.contradicted == (rebate,)


def test_unknown_type_is_told_and_confirms_a_sure_flow() -> None:
    """A row of a new type beside a deposit is that deposit; alone it is performance."""
    matching = match([told("5", 0)], [income("5", 0, "NEW_TRANSFER"), income("7", 0, "NEW_FEE")])
    assert (len(matching.confirmed), matching.new, matching.unknown) == (1, (), {"NEW_TRANSFER", "NEW_FEE"})


def test_performance_and_assets_outside_equity_are_no_flows() -> None:
    """Funding is not new money, nor is a transfer of what does not count."""
    rows = [income("5", 0, "FUNDING_FEE"), income("5", 0, asset="BNB")]
    assert match([], rows, counted={"USDT"}).new == ()
    assert len(match([], rows).new) == 1


@given(
    flows=st.lists(st.tuples(st.sampled_from(["5", "-5", "7"]), st.integers(0, 40)), max_size=12),
    lost=st.sets(st.integers(0, 11)),
    delay=st.lists(st.integers(-10_000, 10_000), min_size=12, max_size=12),
    seed=st.randoms(use_true_random=False),
)
def test_matching_is_perfect_whatever_the_order(
    flows: list[tuple[str, int]], lost: set[int], delay: list[int], seed: Random
) -> None:
    """Every event finds a row, every lost event's row is new, none is used twice, and order decides nothing."""
    rows = [income(amount, second * 1000) for amount, second in flows]
    events = [
        told(amount, second * 1000 + delay[index]) for index, (amount, second) in enumerate(flows) if index not in lost
    ]
    matching = match(events, rows)
    assert len(matching.confirmed) == len(events)
    assert sorted([pair.row.key for pair in matching.confirmed] + [row.key for row in matching.new]) == sorted(
        row_keys(rows)
    )
    assert all(abs(pair.flow.time_ms - pair.row.income.time_ms) <= 10_000 for pair in matching.confirmed)
    seed.shuffle(rows)
    seed.shuffle(events)
    again = match(events, rows)
    assert (again.new == matching.new) or _apart(again) == _apart(matching)
    assert sorted(_amounts(again)) == sorted(_amounts(matching))


def _apart(matching: Matching) -> int:
    return sum(abs(pair.flow.time_ms - pair.row.income.time_ms) for pair in matching.confirmed)


def _amounts(matching: Matching) -> list[Decimal]:
    return [row.income.amount for row in matching.new]
