"""Who is let in by password: once judged and kept, never kept when wrong, and the same work for whoever is refused."""

from __future__ import annotations

import asyncio
import threading
from base64 import b64encode

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.secret import Secret
from plimsoll.web.authorization import Login, read_login
from plimsoll.web.passwords import MOST_BYTES, MOST_WAITING, Busy, Passwords, decoy
from web_files import COST, PASSWORD, hashed, login

PATIENCE = 20.0
"""Seconds after which a test gives up; never reached when all is well."""


class Counted:
    """bcrypt that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, bytes]] = []
        self.threads: set[int] = set()

    def __call__(self, password: bytes, stored: bytes) -> bool:
        """The real comparison."""
        self.asked.append((password, stored))
        self.threads.add(threading.get_ident())
        return bcrypt.checkpw(password, stored)

    @property
    def costs(self) -> list[int]:
        """The cost of each comparison."""
        return [int(stored[4:6]) for _, stored in self.asked]


def some(**passwords: str) -> dict[str, Secret]:
    """Users by name."""
    return {name: Secret(hashed(password)) for name, password in passwords.items()}


def sent(name: str, password: str = PASSWORD) -> Login:
    """A login as a client sends it."""
    return Login(name=name, password=Secret(password))


async def test_right_password_is_judged_once():
    """The slow comparison is made once for a login that is right, in a thread."""
    counted, users = Counted(), some(prometheus=PASSWORD)
    passwords = Passwords(verify=counted)

    assert [await passwords.accept(users, sent("prometheus")) for _ in range(5)] == [True] * 5
    assert len(counted.asked) == 1
    assert threading.get_ident() not in counted.threads


async def test_many_at_once_are_judged_once():
    """Clients that come together with the same login wait for the one comparison."""
    counted, users = Counted(), some(prometheus=PASSWORD)
    passwords = Passwords(verify=counted)

    assert all(await asyncio.gather(*(passwords.accept(users, sent("prometheus")) for _ in range(20))))
    assert len(counted.asked) == 1


async def test_comparisons_run_one_at_a_time():
    """However many clients guess, one thread works on it."""
    running, most = 0, 0

    def slow(_: bytes, __: bytes) -> bool:
        nonlocal running, most
        running += 1
        most = max(most, running)
        threading.Event().wait(0.002)
        running -= 1
        return False

    passwords, users = Passwords(verify=slow), some(prometheus=PASSWORD)
    await asyncio.gather(*(passwords.accept(users, sent("prometheus", f"guess {n}")) for n in range(10)))

    assert most == 1


async def test_few_may_wait_and_those_known_need_not():
    """Beyond a few that wait, a login is turned away unjudged; one that was accepted before is not held up."""
    judge = threading.Event()

    def slow(password: bytes, _: bytes) -> bool:
        return password == PASSWORD.encode() or not judge.wait(PATIENCE)

    passwords, users = Passwords(verify=slow), some(prometheus=PASSWORD)
    assert await passwords.accept(users, sent("prometheus"))
    guesses = [asyncio.create_task(passwords.accept(users, sent("x", str(n)))) for n in range(MOST_WAITING)]
    await asyncio.sleep(0)

    with pytest.raises(Busy):
        await passwords.accept(users, sent("x", "one more"))
    assert await passwords.accept(users, sent("prometheus"))
    judge.set()
    assert await asyncio.gather(*guesses) == [False] * MOST_WAITING
    assert not await passwords.accept(users, sent("x", "one more"))


async def test_wrong_password_and_unknown_user_cost_the_same():
    """Whoever is refused has caused one comparison of the same cost, each time: nothing tells which names exist."""
    counted, users = Counted(), some(prometheus=PASSWORD, alice="another")
    passwords = Passwords(verify=counted)

    for _ in range(3):
        assert not await passwords.accept(users, sent("prometheus", "wrong"))
        assert not await passwords.accept(users, sent("nobody", PASSWORD))
        assert not await passwords.accept(users, sent("", ""))
        assert not await passwords.accept(users, sent("alice", PASSWORD))

    assert counted.costs == [COST] * 12
    assert passwords.kept == 0


async def test_guesses_do_not_fill_the_memory():
    """What is kept is bounded by the number of users, whatever was tried."""
    users = some(a="1", b="2", c="3")
    passwords = Passwords(verify=Counted())

    for name in [*users, *(f"guess{n}" for n in range(20))]:
        for password in "123":
            await passwords.accept(users, sent(name, password))

    assert passwords.kept == 3


async def test_removed_user_is_out_at_once():
    """An accepted login ends with its user, and is forgotten at the next one accepted."""
    users = some(alice="1", bob="2")
    passwords = Passwords(verify=Counted())
    assert await passwords.accept(users, sent("alice", "1"))

    left = {"bob": users["bob"]}

    assert not await passwords.accept(left, sent("alice", "1"))
    assert await passwords.accept(left, sent("bob", "2"))
    assert passwords.kept == 1


async def test_changed_password_is_judged_anew():
    """With another hash the old password is wrong and the new one right."""
    passwords = Passwords(verify=Counted())
    assert await passwords.accept(some(alice="old"), sent("alice", "old"))

    users = some(alice="new")

    assert not await passwords.accept(users, sent("alice", "old"))
    assert await passwords.accept(users, sent("alice", "new"))


async def test_long_password_counts_to_its_72nd_byte():
    """As with the toolkit, the rest does not matter and does no harm."""
    password = "x" * MOST_BYTES
    users = some(alice=password)
    passwords = Passwords()

    assert await passwords.accept(users, sent("alice", password + " and more"))
    assert not await passwords.accept(users, sent("alice", password[:-1]))


@pytest.mark.parametrize("password", ["a\0b", "", "ü" * 80, "\U0001f511"])
async def test_odd_password_is_only_wrong(password: str):
    """A NUL, nothing, and characters cut in the middle are refused without an error."""
    assert not await Passwords().accept(some(alice=PASSWORD), sent("alice", password))


async def test_hash_that_bcrypt_cannot_read_fits_nothing():
    """An error of the comparison refuses."""

    def broken(_: bytes, __: bytes) -> bool:
        raise ValueError("Invalid salt")

    assert not await Passwords(verify=broken).accept(some(alice="1"), sent("alice", "1"))


def test_decoy_costs_what_the_dearest_user_costs():
    """The decoy is a real hash for bcrypt, of the highest cost among the users, and nothing fits it."""
    users = {"a": Secret("$2y$04$" + "a" * 53), "b": Secret("$2b$05$" + "a" * 53)}

    assert decoy(users)[:7] == b"$2b$05$"
    assert decoy({})[:7] == b"$2b$10$"
    assert not bcrypt.checkpw(b"anything", decoy(users))


@pytest.mark.parametrize(
    ("header", "name", "password"),
    [
        (login("alice", "secret"), "alice", "secret"),
        ("bASIC " + b64encode(b"alice:secret").decode(), "alice", "secret"),
        (login("alice", "with:colons:"), "alice", "with:colons:"),
        (login("", ""), "", ""),
        (login("älice", "pässword"), "älice", "pässword"),
    ],
)
def test_login_is_read(header: str, name: str, password: str):
    """Name and password are parted at the first colon; the scheme has no case."""
    assert read_login([header]) == Login(name=name, password=Secret(password))


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [""],
        ["Basic"],
        ["Basic "],
        ["Bearer abc"],
        ["Basic !!!!"],
        ["Basic YWxpY2U6c2VjcmV0="],
        ["Basic YWxpY2U6c2VjcmV"],
        ["Basic  YWxpY2U6c2VjcmV0"],
        ["Basic YWxpY2U6c2VjcmV0 "],
        ["Basic " + b64encode(b"no colon").decode()],
        ["Basic " + b64encode(b"\xff:\xfe").decode()],
        ["Basic é"],
        ["Basic \udcff"],
        [login("alice"), login("alice")],
    ],
)
def test_odd_header_is_no_login(headers: list[str]):
    """Anything but one sound header is no login, and no error."""
    assert read_login(headers) is None


@given(st.text())
def test_no_header_breaks_the_reader(text: str):
    """Whatever follows the scheme is read or refused."""
    read_login([f"Basic {text}"])


def test_password_hides():
    """What a client sent shows in no representation."""
    assert PASSWORD not in repr(sent("alice"))
