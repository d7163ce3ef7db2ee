"""Whether the enforcer may close what an account holds: the rule (pure), and the names given at the start.

Two must agree before anything is closed: who writes ``mode: armed`` into the file, and who starts
the enforcer with ``--arm NAME``. What is missing makes it less than configured, never more, and with a reason.
What the key may do is looked after in ``keycheck``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from plimsoll.config.model import Environment, Mode
from plimsoll.errors import ConfigError
from plimsoll.model.account import KeyPermissions

VARIABLE = "PLIMSOLL_ARM"
"""Environment variable that arms as ``--arm`` does: names with commas between them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyState:
    """What is known of an account's trading key.

    Attributes:
        present: Whether one is configured.
        permissions: As last told by the exchange; ``None`` while it never did.
        refused: In words why the exchange refuses the key, again and again; empty where it does not.
    """

    present: bool = True
    permissions: KeyPermissions | None = None
    refused: str = ""


def mode_in_force(
    *, account: str, configured: Mode, environment: Environment, named: bool, key: KeyState
) -> tuple[Mode, str]:
    """What the enforcer may really do for an account, and in words why that is less than configured; empty where not.

    Args:
        account: Its name, for the words.
        configured: ``enforcement.mode``.
        environment: A production account is not armed before the exchange has told what its key may do.
        named: Whether ``--arm`` or ``PLIMSOLL_ARM`` names the account.
        key: Its trading key.
    """
    if configured is Mode.OFF:
        return Mode.OFF, ""
    forbidden = why_refused(key)
    if forbidden:
        return Mode.OFF, forbidden
    if configured is Mode.DRY_RUN:
        return Mode.DRY_RUN, ""
    missing = _missing(account, environment, key, named=named)
    return (Mode.DRY_RUN, missing) if missing else (Mode.ARMED, "")


def why_refused(key: KeyState) -> str:
    """Why a key is not used at all, not even to read; empty where it may be."""
    if not key.present:
        return "no trade_key is configured, so nothing can be read or closed"
    may = key.permissions
    if may is None:
        return ""
    too_much = [word for word, held in (("withdraw", may.withdraw), ("transfer", may.transfer)) if held]
    if too_much:
        return f"the trade key may {' and '.join(too_much)}: refused; take that permission away, nothing here needs it"
    if may.portfolio_margin:
        return "the trade key is for portfolio margin: refused, the risk of such an account is computed in another way"
    return ""


def _missing(account: str, environment: Environment, key: KeyState, *, named: bool) -> str:
    """What an account that is configured armed lacks to be so."""
    if not named:
        return f"not named at the start: it also needs --arm {account} or {VARIABLE}={account}"
    if key.refused:
        return f"the exchange refuses the trade key ({key.refused})"
    if key.permissions is None:
        if environment is Environment.PRODUCTION:
            return "the exchange has not told what the trade key may do, and production does not arm without"
        return ""
    if not key.permissions.trade:
        return "the trade key may not trade futures, so nothing could be closed"
    return ""


def armed_names(given: Iterable[str], environ: Mapping[str, str], accounts: Collection[str]) -> frozenset[str]:
    """The accounts named by ``--arm`` (each may hold several, with commas) and by ``PLIMSOLL_ARM``.

    Args:
        given: What ``--arm`` was given, each time.
        environ: The environment.
        accounts: The names of the configuration.

    Raises:
        ConfigError: A name is none of them: somebody believes that account to be armed.
    """
    named: set[str] = set()
    faults = []
    for source, text in [*(("--arm", text) for text in given), (VARIABLE, environ.get(VARIABLE, ""))]:
        names = {name.strip() for name in text.split(",")} - {""}
        unknown = sorted(names - set(accounts))
        faults += [f'{source}: the unknown account "{name}"; known: {", ".join(accounts)}' for name in unknown]
        named |= names
    if faults:
        raise ConfigError("\n".join(faults))
    return frozenset(named)
