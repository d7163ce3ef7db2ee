"""The listen key comes out of its answer, and into no message."""

from __future__ import annotations

import pytest

from payload_files import MISSING, changed, payload
from plimsoll.errors import Malformed
from plimsoll.exchange.payload.keys import listen_key


def test_the_listen_key():
    """The answer holds the key and nothing else."""
    assert listen_key(payload("rest_listen_key")) == "invented0listen0key0of0no0account"


@pytest.mark.parametrize("value", [MISSING, None, "", 7])
def test_an_answer_without_a_key_is_refused(value: object):
    """No key, no stream."""
    with pytest.raises(Malformed, match="POST /fapi/v1/listenKey: listenKey "):
        listen_key(changed(payload("rest_listen_key"), ("listenKey",), value))


def test_a_bare_key_is_refused_without_showing_it():
    """An answer of an unexpected shape may be the key itself, so the error does not repeat it."""
    with pytest.raises(Malformed, match="expected an object, found text") as error:
        listen_key("invented0listen0key0of0no0account")
    assert "invented" not in str(error.value)
