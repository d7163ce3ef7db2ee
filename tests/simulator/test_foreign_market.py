"""Each foreign client opens the market streams by its own methods and understands the same second of the market."""

from __future__ import annotations

from decimal import Decimal

import pytest

from foreign_market import CCXT_STREAMS, MARKET_STREAMS, PUBLIC_STREAMS, UNIFIED, Second, one_second
from foreign_neutral import differences


@pytest.fixture(scope="module")
def second() -> Second:
    """One second, heard by all."""
    return one_second()


@pytest.mark.parametrize("stream", [*MARKET_STREAMS, *PUBLIC_STREAMS])
def test_a_stream_is_understood_alike(second: Second, stream: str):
    """python-binance and the SDK's strict models hold the same fields and values."""
    plain, model = second.python_binance[stream].kept, second.sdk[stream].kept
    assert second.sdk[stream].unknown == set()
    assert differences(plain, model) == []


@pytest.mark.parametrize("stream", CCXT_STREAMS)
def test_ccxt_hears_the_same(second: Second, stream: str):
    """What python-binance hears on a stream is among what ccxt hears."""
    assert second.python_binance[stream].kept[0] in second.ccxt


def test_ccxt_makes_its_own_sense_of_it(second: Second):
    """Ccxt's unified tickers and trades carry the prices of the streams."""
    mark, ticker, book = second.given["mark"], second.given["ticker"], second.given["book"][UNIFIED]
    assert Decimal(str(mark["markPrice"])) == Decimal(92000)
    assert Decimal(str(ticker["last"])) == Decimal(92000)
    assert (Decimal(str(book["bid"])), Decimal(str(book["ask"]))) == (Decimal(92000), Decimal("92000.1"))
    assert Decimal(str(second.given["trades"][0]["price"])) == Decimal(92000)
    assert second.given["marks"].keys() == second.given["tickers"].keys()
