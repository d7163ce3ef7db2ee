"""What exceptions of real client libraries say of an order, and how a report is written."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import ccxt
import pytest
from binance.exceptions import BinanceAPIException, BinanceOrderMinAmountException
from binance_common.errors import BadRequestError, NetworkError, ServerError

from plimsoll.model.terms import Direction
from plimsoll.reporting.body import body, plain
from plimsoll.reporting.refusals import UNKNOWN_OUTCOME, Refusal, in_answer, in_text, refusal_of
from plimsoll.risk.rejections import NO_REJECTION

MARGIN = '{"code":-2019,"msg":"Margin is insufficient."}'
SHORT = Refusal(-2019, "Margin is insufficient.")


def python_binance(text: str, status: int = 400) -> BinanceAPIException:
    """What python-binance raises for an answer."""
    return BinanceAPIException(SimpleNamespace(text=text, request=None), status, text)


@pytest.mark.parametrize(
    "error",
    [
        python_binance(MARGIN),
        ccxt.InsufficientFunds("binanceusdm " + MARGIN),
        ccxt.InvalidOrder("binance " + MARGIN),
        BadRequestError(error_message="Margin is insufficient.", status_code=-2019),
        RuntimeError("APIError(code=-2019): Margin is insufficient."),
    ],
    ids=lambda error: type(error).__module__,
)
def test_every_librarys_refusal_is_read(error: Exception):
    """python-binance, ccxt, the official SDK, and a text that only quotes one of them."""
    assert refusal_of(error) == SHORT


def test_a_refusal_inside_a_bots_own_exception_is_found():
    """Bots wrap what libraries raise, with ``from`` or without."""
    wrapped, blurred = ValueError("order failed"), ValueError("order failed")
    wrapped.__cause__ = python_binance(MARGIN)
    blurred.__context__ = python_binance(MARGIN)
    assert [refusal_of(wrapped), refusal_of(blurred)] == [SHORT, SHORT]


def test_a_check_of_the_library_itself_counts():
    """python-binance refuses some orders before they are sent; the order does not exist all the same."""
    assert refusal_of(BinanceOrderMinAmountException("0.001")) == Refusal(-1013, "Amount must be a multiple of 0.001")


@pytest.mark.parametrize(
    "error",
    [
        python_binance("<html>", 503),
        python_binance('{"code":-1007,"msg":"Timeout waiting for response from backend server."}', 408),
        ccxt.RequestTimeout("binanceusdm POST https://fapi.binance.com/fapi/v1/order request timed out (10000 ms)"),
        NetworkError("Network error: reset"),
        ServerError("Server error: 503", status_code=503),
        KeyError("orderId"),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_answer_is_no_refusal(error: Exception):
    """A time-out, a failure of the exchange's own and a bot's fault do not say that the order was refused."""
    assert refusal_of(error) is None


def test_unknown_outcomes_are_the_exporters_too():
    """Reporter and exporter agree on the codes that leave the outcome open."""
    assert UNKNOWN_OUTCOME == NO_REJECTION


def test_exceptions_that_go_round_end():
    """Chains are followed so far and no further."""
    error = ValueError("round")
    error.__context__ = error
    assert refusal_of(error) is None


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ({"code": -2019, "msg": "Margin is insufficient."}, SHORT),
        ({"code": -2019}, Refusal(-2019, "")),
        ({"orderId": 1, "code": -2019}, None),
        ({"code": 200, "msg": "ok"}, None),
        ({"code": "-2019"}, None),
        ({"code": True}, None),
        ([], None),
    ],
)
def test_an_element_of_a_batch(answer: object, refusal: Refusal | None):
    """In a batch a refused order is an answer with a negative code and no order."""
    assert in_answer(answer) == refusal


def test_broken_json_is_passed_over():
    """A text may quote half an answer before a whole one."""
    assert in_text('{"code":-20 x} then ' + MARGIN) == SHORT
    assert in_text("nothing of the kind") is None


def test_a_report_takes_the_parameters_of_python_binance():
    """The very parameters that were sent may be handed over; what is not an order's is left out."""
    made = body(
        report_id="r1",
        account="eon",
        code=-2019,
        message="m" * 600,
        time=1795164000.1234,
        order={
            "symbol": "btcusdt",
            "side": Direction.BUY,
            "positionSide": "BOTH",
            "reduceOnly": "true",
            "closePosition": False,
            "newClientOrderId": "x-1",
            "quantity": Decimal("0.00001"),
            "intent": "Close",
            "timestamp": 1,
            "type": None,
        },
    )
    assert made == {
        "report_id": "r1",
        "account": "eon",
        "code": -2019,
        "message": "m" * 500,
        "time": 1795164000.123,
        "symbol": "BTCUSDT",
        "side": "BUY",
        "position_side": "BOTH",
        "reduce_only": True,
        "close_position": False,
        "client_order_id": "x-1",
        "quantity": "0.00001",
        "intent": "close",
    }


def test_ccxts_words_become_the_exchanges():
    """Symbols and amounts are spelled ccxt's own way; a number never has an exponent."""
    made = body(
        report_id="r", account="eon", code=-1, message="", time=1.0, order={"symbol": "BTC/USDT:USDT", "amount": 1e-05}
    )
    assert (made["symbol"], made["quantity"]) == ("BTCUSDT", "0.00001")
    assert plain(2.0) == "2"
