"""Which of the exchange's words are external flows, and what a flow is worth."""

from __future__ import annotations

from decimal import Decimal

import pytest

from builders import balance, book, market, rate
from plimsoll.model.account import Income
from plimsoll.model.events import AccountUpdate, BalanceChange
from plimsoll.risk.assess import assess
from plimsoll.risk.flows import Nature, event_flows, event_nature, flow_value, income_flows, income_nature

COUNTED = frozenset({"USDT", "USDC"})


def event(reason: str, **changes: str) -> AccountUpdate:
    """An account event with changes by asset."""
    rows = tuple(
        BalanceChange(asset=asset, wallet=Decimal(1), cross_wallet=Decimal(1), change=Decimal(change))
        for asset, change in changes.items()
    )
    return AccountUpdate(time_ms=1, event_ms=1, reason=reason, balances=rows, positions=())


def income(kind: str, asset: str, amount: str, time_ms: int = 1000) -> Income:
    """One income row."""
    return Income(
        kind=kind, asset=asset, amount=Decimal(amount), symbol="", time_ms=time_ms, transaction_id="0", trade_id=""
    )


@pytest.mark.parametrize(
    ("reason", "nature"),
    [
        ("DEPOSIT", Nature.FLOW),
        ("WITHDRAW_REJECT", Nature.FLOW),
        ("ADMIN_DEPOSIT", Nature.PROVISIONAL),
        ("AUTO_EXCHANGE", Nature.CONVERSION),
        ("FUNDING_FEE", Nature.PERFORMANCE),
        ("MARGIN_TRANSFER", Nature.PERFORMANCE),
        ("NEVER_HEARD_OF", Nature.UNKNOWN),
    ],
)
def test_reasons(reason: str, nature: Nature) -> None:
    """The reason of an event says what its balances mean; a new word is known as unknown."""
    assert event_nature(reason) is nature


@pytest.mark.parametrize(
    ("kind", "nature"),
    [
        ("TRANSFER", Nature.FLOW),
        ("INTERNAL_TRANSFER", Nature.FLOW),
        ("WELCOME_BONUS", Nature.FLOW),
        ("AUTO_EXCHANGE", Nature.CONVERSION),
        ("REFERRAL_KICKBACK", Nature.PERFORMANCE),
        ("DELIVERED_SETTELMENT", Nature.PERFORMANCE),
        ("NEVER_HEARD_OF", Nature.UNKNOWN),
    ],
)
def test_income_types(kind: str, nature: Nature) -> None:
    """The type of an income row says what it means."""
    assert income_nature(kind) is nature


def test_flows_of_events_are_of_assets_inside_equity() -> None:
    """A deposit of BNB beside one of USDT flows in USDT only; nothing flows where nothing changed or all was won."""
    assert [row.asset for row in event_flows(event("DEPOSIT", USDT="5", BNB="1", USDC="0"), COUNTED)] == ["USDT"]
    assert event_flows(event("FUNDING_FEE", USDT="5"), COUNTED) == ()
    assert [row.change for row in event_flows(event("ADMIN_DEPOSIT", USDT="5"), COUNTED)] == [5]


def test_conversion_is_a_flow_only_across_the_border_of_equity() -> None:
    """BNB turned into USDT flows in; USDT turned into USDC stays."""
    across = event_flows(event("AUTO_EXCHANGE", BNB="-1", USDT="600"), COUNTED)
    assert [(row.asset, row.change) for row in across] == [("USDT", 600)]
    assert event_flows(event("AUTO_EXCHANGE", USDC="-5", USDT="5"), COUNTED) == ()


def test_conversions_of_the_income_history_are_told_apart_by_time() -> None:
    """Two conversions an hour apart: only that across the border is a flow, of its inside leg."""
    rows = [
        income("AUTO_EXCHANGE", "USDT", "600", 3_600_000),
        income("AUTO_EXCHANGE", "BNB", "-1", 3_600_400),
        income("AUTO_EXCHANGE", "USDC", "-5"),
        income("AUTO_EXCHANGE", "USDT", "5"),
        income("TRANSFER", "BNB", "3"),
        income("TRANSFER", "USDT", "0"),
        income("TRANSFER", "USDC", "-7", 500),
        income("COMMISSION", "USDT", "-1"),
        income("NEVER_HEARD_OF", "USDT", "-1"),
    ]
    assert [(row.asset, row.amount) for row in income_flows(rows, COUNTED)] == [("USDC", -7), ("USDT", 600)]


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize(("before", "after"), [("100", "150"), ("-20", "30"), ("50", "0"), ("-20", "-50")])
def test_flow_is_worth_what_equity_moved_by(multi: bool, before: str, after: str) -> None:  # noqa: FBT001 - both modes
    """In both modes, on both sides of zero and across it: the difference of equity to the last digit."""
    rates = [rate("BTC", "60000", "61000"), rate("USDT", "0.999", "1.001")]
    now = market({"BTCUSDT": "60500"}, rates=rates, margin_assets=["USDT", "BTC"])
    then = book([], [balance("USDT", "9"), balance("BTC", before)], multi=multi)
    since = book([], [balance("USDT", "9"), balance("BTC", after)], multi=multi)
    old, new = assess(then, now).equity, assess(since, now).equity
    assert old is not None
    assert new is not None
    assert flow_value("BTC", Decimal(after) - Decimal(before), since, now) == new - old


def test_flow_outside_equity_is_worth_nothing() -> None:
    """BNB margins no symbol here: its transfer moves no equity."""
    account = book([], [balance("BNB", "3")])
    assert flow_value("BNB", Decimal(3), account, market({"BNBUSDT": "600"})) == 0


def test_flow_of_an_asset_without_a_rate_is_unknown() -> None:
    """Neither its rate nor, before the rules are read, what counts as equity may be guessed."""
    account = book([], [balance("XYZ", "3")], multi=True)
    assert flow_value("XYZ", Decimal(3), account, market()) is None
    assert flow_value("XYZ", Decimal(5), book([], [], multi=True), market()) is None
    assert flow_value("USDT", Decimal(3), book([]), market(margin_assets=())) is None
