"""Asking that a drawdown rule begins anew, and telling what came of it: ``plimsoll-exporter rebase`` and a release.

Only the request is written; the exporter, which alone knows the equity of now, does it. While none runs the request
waits in the database.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable
from pathlib import Path

from plimsoll.clock import Clock
from plimsoll.config.model import Config
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.database.values import RebaseRequest
from plimsoll.errors import ConfigError, RebaseRefused, StateInUse
from plimsoll.text import one_line

PATIENCE = 10.0
"""Seconds to wait for a running exporter."""

STEP = 0.1
"""Seconds between two looks."""


async def rebase(
    config: Config, *, account: str, rule: str, reason: str, clock: Clock, requested_by: str | None = None
) -> str:
    """Ask for a rebase, wait for a running exporter, and give the sentence that tells the result.

    Args:
        config: Which accounts and rules there are, and where the state is kept.
        account: Name of the account.
        rule: Name of its drawdown rule.
        reason: Why, for the audit trail; not empty.
        clock: Time.
        requested_by: Who asks; ``None`` for the user of this process.

    Raises:
        ConfigError: No such account or rule (the known ones are named), or no reason.
        StateError: The state database cannot be read or written.
        RebaseRefused: The exporter refused it.
    """
    _check(config, account=account, rule=rule, reason=reason)
    path = config.exporter.data_dir / FILE_NAME
    database, runs = _open(path, clock)
    with database:
        number = database.request_rebase(
            account=account, rule=rule, reason=one_line(reason.strip()), requested_by=requested_by or user_name()
        )
        if not runs:
            return (
                f"{account}, rule {rule}: no exporter runs on {config.exporter.data_dir}; "
                f"request {number} takes effect at the first trusted sample after its start."
            )
        request = await _finished(database, number, clock)
    return _result(request, account=account, rule=rule, number=number)


def user_name() -> str:
    """Who asks: the login name, or the number of a user without one (as in containers)."""
    try:
        return one_line(getpass.getuser())
    except (KeyError, OSError):  # KeyError up to Python 3.12, OSError from 3.13 on
        return f"uid {os.getuid()}"


def _check(config: Config, *, account: str, rule: str, reason: str) -> None:
    found = config.accounts.get(account)
    if found is None:
        raise ConfigError(f"no account {_quoted(account)}; known: {_named(config.accounts)}")
    if rule not in found.limits.drawdown:
        known = _named(found.limits.drawdown)
        raise ConfigError(f"account {account} has no drawdown rule {_quoted(rule)}; known: {known}")
    if not reason.strip():
        raise ConfigError("a rebase needs a reason that is not empty: it goes into the audit trail")


def _quoted(name: str) -> str:
    return f'"{one_line(name)}"'


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _open(path: Path, clock: Clock) -> tuple[Database, bool]:
    """The database, and whether an exporter runs on it."""
    try:
        return Database.open(path, clock=clock, lock_patience=0.0), False
    except StateInUse:
        return Database.join(path, clock=clock), True


async def _finished(database: Database, number: int, clock: Clock) -> RebaseRequest | None:
    """The request once it is finished; ``None`` where that takes longer than ``PATIENCE``."""
    deadline = clock.monotonic() + PATIENCE
    while True:
        request = database.rebase_request(number)
        if request is not None and request.done_at is not None:
            return request
        if clock.monotonic() >= deadline:
            return None
        await clock.sleep(STEP)


def _result(request: RebaseRequest | None, *, account: str, rule: str, number: int) -> str:
    if request is None:
        return (
            f"{account}, rule {rule}: not done after {PATIENCE:g} s, for the account has no trusted sample yet; "
            f"request {number} takes effect at the next one."
        )
    if request.refused:
        raise RebaseRefused(f"{account}, rule {rule}: refused: {request.refused}")
    before = "none" if request.before is None else str(request.before)
    return f"{account}, rule {rule}: before: {before}; now: {request.after}."
