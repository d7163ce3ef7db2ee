"""The type ``Secret`` and the keys made of it: they hide, and a key signs in exactly one way."""

from __future__ import annotations

import copy
import pickle

import pytest

from plimsoll.credentials import Credentials, simulator_credentials
from plimsoll.secret import Secret


def test_a_secret_hides_in_every_text():
    """No way of turning a secret into text shows it, alone or inside something."""
    secret = Secret("made-up-secret")
    texts = [str(secret), repr(secret), f"{secret}", f"{secret:>20}", f"{[secret]}", f"{secret!r}", "%s" % secret]  # noqa: UP031 - a case
    texts.append(repr(Credentials(key=secret, secret=secret)))
    assert all("made-up" not in text for text in texts)
    assert secret.reveal() == "made-up-secret"


def test_secrets_compare_by_their_text():
    """Two secrets of one text are equal, and differ from the text itself."""
    assert Secret("a") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


@pytest.mark.parametrize("leave", [pickle.dumps, copy.copy])
def test_a_secret_does_not_leave_by_serialisation(leave: object):
    """A secret is neither pickled nor copied into another form."""
    assert callable(leave)
    with pytest.raises(TypeError, match="not pickled"):
        leave(Secret("a"))


@pytest.mark.parametrize("more", [{}, {"secret": Secret("a"), "private_key": Secret("b")}])
def test_a_key_signs_in_exactly_one_way(more: dict[str, Secret]):
    """A key without secret, or with two, is refused."""
    with pytest.raises(ValueError, match="exactly one of secret and private_key"):
        Credentials(key=Secret("a"), **more)


def test_the_simulator_gives_each_account_its_own_key():
    """The simulator's keys are told by the account's name."""
    assert simulator_credentials("eon") != simulator_credentials("live")
