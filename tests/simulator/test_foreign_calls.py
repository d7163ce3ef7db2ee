"""python-binance, ccxt and the official SDK run one list of calls; every answer means the same in all three."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, getcontext

import pytest

from foreign_absent import ABSENT
from foreign_client import Ask, Outcome
from foreign_list import CALLS
from foreign_neutral import Neutral, differences, neutral, without_absent
from foreign_scene import CLIENTS, run_list

ASKS = {step.name: step for step in CALLS if isinstance(step, Ask)}
REFUSED = [name for name, ask in ASKS.items() if ask.refused is not None]
ANSWERED = [name for name, ask in ASKS.items() if ask.refused is None]

Outcomes = Mapping[str, Mapping[str, Outcome]]


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    """What every call of the list came to in every client."""
    return run_list(CALLS)


def comparable(name: str, found: Mapping[str, Outcome]) -> dict[str, Neutral]:
    """The answers of all clients to a call, the official SDK's without the fields that may be absent."""
    answers = {client: outcome.answer for client, outcome in found.items()}
    answers["sdk"], absent = without_absent(answers["sdk"], answers["python-binance"])
    assert absent <= ABSENT.get(ASKS[name].word, {}).keys(), "the official SDK waits for these in vain"
    return answers


@pytest.mark.parametrize("name", ANSWERED)
def test_a_call_is_answered_alike(outcomes: Outcomes, name: str):
    """The answer has every field that the strict models know and no other, and means the same in all clients."""
    found = outcomes[name]
    assert {client: (each.raised, each.code) for client, each in found.items()} == dict.fromkeys(CLIENTS, (None, None))
    assert found["sdk"].unknown == ()
    answers = comparable(name, found)
    assert differences(answers["python-binance"], answers["ccxt"]) == []
    assert differences(answers["python-binance"], answers["sdk"]) == []
    assert differences(answers["ccxt"], answers["sdk"]) == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_told_alike(outcomes: Outcomes, name: str):
    """Every client raises an exception of its own that carries the exchange's code."""
    found = outcomes[name]
    assert {client: each.code for client, each in found.items()} == dict.fromkeys(CLIENTS, ASKS[name].refused)
    assert all(each.raised for each in found.values())


def test_every_refused_code_stands_for_an_exception_of_its_own():
    """The list asks for many refusals, not for one again and again."""
    assert len({ASKS[name].refused for name in REFUSED}) >= 40


def test_the_list_is_long_enough():
    """At least 120 calls are answered, of at least sixty kinds."""
    assert len(ANSWERED) >= 120
    assert len({ASKS[name].word for name in ANSWERED}) >= 60


@pytest.mark.usefixtures("outcomes")
def test_the_clients_leave_the_process_as_it_was():
    """How ccxt changes the rounding of decimals is seen by nobody but itself."""
    assert getcontext().rounding == ROUND_HALF_EVEN


def test_a_difference_is_told():
    """Neither a missing field, a wrong number, a missing row nor a truth value written as text passes for equal."""
    plain = neutral({"a": "1.50", "b": [{"c": 1}], "d": True})
    assert differences(plain, neutral({"a": 1.5, "b": [{"c": "1"}], "d": True})) == []
    assert differences(plain, neutral({"a": "1.51", "b": [{}], "d": "true"})) == [
        ".a: Decimal('1.50') against Decimal('1.51')",
        ".b[0].c: only on one side",
        ".d: True against 'true'",
    ]
    assert differences(plain, neutral({"a": "1.5", "b": [], "d": True})) == [".b: 1 against 0 rows"]
