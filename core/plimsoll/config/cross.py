"""What sections demand of one another; judged on what was written, so that it is told beside every other fault."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.config.faults import Faults, one_of
from plimsoll.config.model import Environment
from plimsoll.config.tree import At, Entry, Listing, Node, Scalar, Table, describe


def check_across(tree: Table, faults: Faults) -> None:
    """Note what contradicts across sections."""
    accounts = tree.get("accounts")
    if not isinstance(accounts, Table):
        return
    _check_names(tree, accounts, faults)
    _check_mirrors(tree, faults)
    _check_read_keys(tree, accounts, faults)
    _check_shared_keys(accounts, faults)


def _check_names(tree: Table, accounts: Table, faults: Faults) -> None:
    """Every account named elsewhere is one of ``accounts``."""
    named = [
        *_scalars(tree, ("mirrors",), "source"),
        *_scalars(tree, ("mirrors",), "destination"),
        *_scalars(tree, ("rejections", "logs"), "account"),
    ]
    for at, node in named:
        if node.text not in accounts.entries:
            found = f"the unknown account {describe(node)}"
            faults.note(node.place, at, found=found, expected=one_of(node.text, accounts.entries))


def _scalars(tree: Table, path: At, key: str) -> Iterator[tuple[At, Scalar]]:
    """The scalars under ``key`` in every item of a list of tables."""
    listing = tree.get(*path)
    for index, item in enumerate(listing.items if isinstance(listing, Listing) else ()):
        value = item.get(key) if isinstance(item, Table) else None
        if isinstance(value, Scalar):
            yield (*path, f"[{index}]", key), value


def _check_mirrors(tree: Table, faults: Faults) -> None:
    """A mirror joins two accounts, and each pair once."""
    sources = [(at[:2], node) for at, node in _scalars(tree, ("mirrors",), "source")]
    destinations = {at[:2]: node for at, node in _scalars(tree, ("mirrors",), "destination")}
    seen: set[tuple[str, str]] = set()
    for at, source in sources:
        destination = destinations.get(at)
        if destination is None:
            continue
        pair = (source.text, destination.text)
        if pair[0] == pair[1]:
            faults.note(destination.place, at, found="an account that mirrors itself", expected="two accounts")
        elif pair in seen:
            faults.note(source.place, at, found="the same pair a second time", expected="each pair once")
        seen.add(pair)


def _check_read_keys(tree: Table, accounts: Table, faults: Faults) -> None:
    """A real exchange shows an account to a key only."""
    environment = tree.get("exchange", "environment")
    real = {item.value for item in Environment} - {Environment.SIMULATOR.value}
    if not isinstance(environment, Scalar) or environment.text not in real:
        return
    for name, entry in accounts.entries.items():
        if isinstance(entry.value, Table) and "read_key" not in entry.value.entries:
            expected = f"a key_file with a secret_file or a private_key_file, for environment {environment.text}"
            faults.missing(entry.place, ("accounts", name, "read_key"), expected=expected)


def _check_shared_keys(accounts: Table, faults: Faults) -> None:
    """Two accounts with one key are one account seen twice."""
    owners: dict[tuple[str, str], str] = {}
    for name, entry in accounts.entries.items():
        for key in ("read_key", "trade_key"):
            file = _key_file(entry, key)
            if file is None:
                continue
            owner = owners.setdefault((key, file.text), name)
            if owner != name:
                at = ("accounts", name, key, "key_file")
                faults.note(file.place, at, found=f"the file of account {owner} too", expected="a key of its own")


def _key_file(entry: Entry, key: str) -> Scalar | None:
    """The ``key_file`` of one of an account's keys."""
    node: Node | None = entry.value.get(key, "key_file") if isinstance(entry.value, Table) else None
    return node if isinstance(node, Scalar) and node.text else None
