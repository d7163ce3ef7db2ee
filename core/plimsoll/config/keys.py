"""The API keys that a configuration names: their files read together, every fault told with the place of its key.

Each program reads the files it uses and no other. What a single secret file must be is judged in ``secrets``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from plimsoll.config.faults import Faults
from plimsoll.config.model import Config, Environment
from plimsoll.config.reading import SecretFile
from plimsoll.config.secrets import on_read_only_mount, read_private_key, read_secret
from plimsoll.config.tree import At
from plimsoll.credentials import Credentials, simulator_credentials, simulator_trade_credentials
from plimsoll.errors import SecretError
from plimsoll.secret import Secret

READ_KEY = "read_key"
TRADE_KEY = "trade_key"

_READERS = {"key_file": read_secret, "secret_file": read_secret, "private_key_file": read_private_key}


def trade_credentials(config: Config, account: str) -> Credentials | None:
    """The trade key of one account; ``None`` where none is configured.

    Raises:
        SecretError: Files of it are unusable; one line for each of them.
    """
    if config.accounts[account].trade_key is None:
        return None
    faults = Faults()
    at = ("accounts", account, TRADE_KEY)
    own = {path: file for path, file in config.secret_files.items() if path[:3] == at}
    secrets = read_key_files(own, TRADE_KEY, faults)
    faults.raise_if_any()
    return _key(secrets, at)


def enforcer_credentials(
    config: Config, accounts: Iterable[str], *, read_only: Callable[[int], bool] = on_read_only_mount
) -> Mapping[str, Credentials]:
    """The trade keys of these accounts, by the account's name, for the enforcer and the red button; no other file.

    The simulator's accounts need no files: without them the simulator's own keys are taken. Elsewhere an account
    without a trade key is absent.

    Raises:
        SecretError: Files are unusable; one line for every file of every one of these accounts.
    """
    wanted = set(accounts)
    faults = Faults()
    own = {at: file for at, file in config.secret_files.items() if at[0] == "accounts" and at[1] in wanted}
    secrets = read_key_files(own, TRADE_KEY, faults, read_only=read_only)
    faults.raise_if_any()
    simulated = config.exchange.environment is Environment.SIMULATOR
    found = {
        name: _key(secrets, ("accounts", name, TRADE_KEY))
        for name, account in config.accounts.items()
        if name in wanted and account.trade_key is not None
    }
    made_up = {name: simulator_trade_credentials(name) for name in wanted - set(found)} if simulated else {}
    return {**made_up, **found}


def read_key_files(
    files: Mapping[At, SecretFile],
    use: str,
    faults: Faults,
    *,
    read_only: Callable[[int], bool] = on_read_only_mount,
) -> Mapping[At, Secret]:
    """Read the files of every account's key.

    Args:
        files: The secret files that the configuration names.
        use: ``READ_KEY`` or ``TRADE_KEY``; files of anything else are not opened.
        faults: Receives what is wrong with a file, with the place of its key.
        read_only: Tells whether an open file lies on a read-only mount; tests pass their own.

    Returns:
        What could be read, by the path of its key.
    """
    secrets: dict[At, Secret] = {}
    for at, file in files.items():
        if at[0] != "accounts" or at[2] != use:
            continue
        try:
            secrets[at] = _READERS[at[-1]](file.path, read_only=read_only)
        except SecretError as error:
            faults.unusable(file.place, at, error)
    return secrets


def read_credentials(config: Config, secrets: Mapping[At, Secret]) -> Mapping[str, Credentials]:
    """Every account's read key made from what ``read_key_files`` read, by the account's name."""
    return {
        name: simulator_credentials(name) if account.read_key is None else _key(secrets, ("accounts", name, READ_KEY))
        for name, account in config.accounts.items()
    }


def _key(secrets: Mapping[At, Secret], at: At) -> Credentials:
    """One key; all its files were read."""
    return Credentials(
        key=secrets[(*at, "key_file")],
        secret=secrets.get((*at, "secret_file")),
        private_key=secrets.get((*at, "private_key_file")),
    )
