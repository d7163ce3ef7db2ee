"""What a rejected order means: reasons by code and by text, intents by every rule of the contract."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from plimsoll.model.terms import Direction, PositionSide
from plimsoll.risk.rejections import BY_CODE, NO_REJECTION, Intent, Reason, intent_of, reason_of

BUY, SELL = Direction.BUY, Direction.SELL
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
CODES = Path(__file__).parents[1] / "simulator" / "error_codes.txt"

REASONS = {
    Reason.INSUFFICIENT_MARGIN: "-2018 -2019",
    Reason.REDUCE_ONLY: "-2022 -2024 -2026 -4062 -4087 -4105 -4106 -4107 -4118 -4129 -4138 -4140 -4189 -4400 -4401"
    " -4509 -5047",
    Reason.WOULD_TRIGGER: "-2021 -4142",
    Reason.FILTER: "-1013 -1111 -4001 -4002 -4003 -4004 -4005 -4006 -4007 -4013 -4014 -4023 -4135 -4164 -5029",
    Reason.RATE_LIMIT: "-1003 -1008 -1015 -2025 -4045 -5026",
    Reason.LEVERAGE: "-2027 -2028 -4028 -4161 -4202 -4203 -4204 -4205 -4206 -4207 -4208 -4209 -4403",
    Reason.PRICE_BAND: "-4016 -4024 -4131 -4183 -4184 -4210 -4211",
}
NAMED = {int(code): reason for reason, codes in REASONS.items() for code in codes.split()}


@pytest.mark.parametrize(("code", "reason"), NAMED.items())
def test_a_code_tells_the_reason_whatever_the_text_says(code: int, reason: Reason):
    """Codes are stable and texts vary: the code decides."""
    assert reason_of(code, "Too many leverage margin is insufficient") is reason


def test_every_code_of_the_exchange_has_its_place():
    """No code beyond the list has a reason of its own, and every documented one has a reason, ``other`` among them."""
    lines = (line for line in CODES.read_text().splitlines() if not line.startswith("#"))
    documented = {int(code) for line in lines for code in line.split()}
    assert set(BY_CODE) == set(NAMED)
    assert set(BY_CODE) <= documented
    assert all(reason_of(code) is NAMED.get(code, Reason.OTHER) for code in documented)
    assert not NO_REJECTION & set(BY_CODE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Margin is insufficient.", Reason.INSUFFICIENT_MARGIN),
        ("Account has insufficient balance for requested action.", Reason.INSUFFICIENT_MARGIN),
        ("Reduce Only reject", Reason.REDUCE_ONLY),
        ("ReduceOnly Order Failed. margin is insufficient", Reason.REDUCE_ONLY),
        ("Order would immediately trigger.", Reason.WOULD_TRIGGER),
        ("Too many new orders.", Reason.RATE_LIMIT),
        ("Exceeded the maximum allowable position at current leverage.", Reason.LEVERAGE),
        ("The counterparty's best price does not meet the PERCENT_PRICE filter limit.", Reason.PRICE_BAND),
        ("Precision is over the maximum defined for this asset.", Reason.FILTER),
        ("Filter failure: LOT_SIZE", Reason.FILTER),
        ("Unable to fill.", Reason.OTHER),
        ("", Reason.OTHER),
    ],
)
def test_without_a_code_that_tells_the_text_is_asked(text: str, reason: Reason):
    """A conditional order rejected at its trigger brings words only, and -2010 means nothing by itself."""
    assert reason_of(None, text) is reason
    assert reason_of(-2010, text) is reason


@pytest.mark.parametrize("told", [Intent.OPEN, Intent.CLOSE])
def test_the_senders_word_comes_first(told: Intent):
    """Whoever sent the order knows best, even against every sign."""
    assert intent_of(told=told, closes=True, direction=BUY, position=Decimal(-1)) is told


def test_an_order_that_can_only_reduce_is_a_close():
    """Reduce-only and closePosition say it all, with no position known."""
    assert intent_of(closes=True) is Intent.CLOSE


@pytest.mark.parametrize(
    ("direction", "side", "intent"),
    [
        (BUY, LONG, Intent.OPEN),
        (SELL, LONG, Intent.CLOSE),
        (SELL, SHORT, Intent.OPEN),
        (BUY, SHORT, Intent.CLOSE),
    ],
)
def test_the_side_of_a_hedge_tells(direction: Direction, side: PositionSide, intent: Intent):
    """In hedge mode direction and side say what an order does, whatever is held."""
    assert intent_of(direction=direction, position_side=side, position=Decimal(7)) is intent


@pytest.mark.parametrize(
    ("direction", "position", "intent"),
    [
        (SELL, "4.2", Intent.CLOSE),
        (BUY, "-0.001", Intent.CLOSE),
        (BUY, "4.2", Intent.OPEN),
        (SELL, "-1", Intent.OPEN),
        (BUY, "0", Intent.OPEN),
        (SELL, "0", Intent.OPEN),
    ],
)
def test_one_way_an_order_against_the_position_is_a_close(direction: Direction, position: str, intent: Intent):
    """Opposite to the position of then is a close whatever its size; all else opens."""
    assert intent_of(direction=direction, position=Decimal(position)) is intent


def test_without_direction_or_position_nobody_knows():
    """What cannot be known is said to be unknown, never guessed."""
    assert intent_of(position=Decimal(1)) is Intent.UNKNOWN
    assert intent_of(direction=BUY) is Intent.UNKNOWN
