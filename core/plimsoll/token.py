"""``plimsoll token show operator``: where an operator signs in, and in which file the token is.

The token itself is never shown: terminals keep what they showed.
"""

from __future__ import annotations

from pathlib import Path

from plimsoll.config.model import Config
from plimsoll.errors import ConfigError
from plimsoll.render.targets import reachable
from plimsoll.table import table
from plimsoll.web.load import load_web_config

MAKE = "make one: (umask 027; openssl rand -hex 32 > {path})"


def describe_operator(config: Config) -> str:
    """Address, file and whether the file is there.

    Raises:
        ConfigError: No token file is configured, or the enforcer's web configuration is wrong.
    """
    path = config.enforcer.operator_token_file
    if path is None:
        raise ConfigError(
            f"{config.path}: enforcer.operator_token_file is not set, so no operator can sign in; "
            "set it to a file such as secrets/enforcer/operator.token"
        )
    rows = [
        ["sign in at", f"{_scheme(config)}://{reachable(config.enforcer.listen, config.enforcer.allowed_hosts)}/"],
        ["token file", str(path)],
        ["its state", _state(path)],
    ]
    return table(("OPERATOR", ""), rows)


def _scheme(config: Config) -> str:
    path = config.enforcer.web_config_file
    return "https" if path is not None and load_web_config(path).tls is not None else "http"


def _state(path: Path) -> str:
    try:
        there = path.exists()
    except OSError:
        return "out of this user's reach; ask as the user that runs the enforcer"
    return "there; show it where nobody looks over your shoulder" if there else MAKE.format(path=path)
