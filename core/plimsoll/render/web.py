"""Alertmanager's web configuration: whoever can post alerts can trigger the enforcer, so it wants a password.

The password is stored as a bcrypt hash, which the base install cannot make. A hash has a random part: the one that is
there is kept as long as the password fits it, so that rendering again changes nothing.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import yaml

from plimsoll.errors import RenderFailed
from plimsoll.secret import Secret

MISSING_EXTRA = (
    "render stores Alertmanager's password as a bcrypt hash and needs one more package: "
    "pip install 'plimsoll-risk[exporter]'"
)
COST = 10
MOST_BYTES = 72
"""What bcrypt looks at of a password."""

HEADER = "# Rendered by `plimsoll render`; the next rendering overwrites it. Format: exporter-toolkit.\n"
_HEADERS = {"X-Frame-Options": "deny", "X-Content-Type-Options": "nosniff"}


def web_config(user: str, password: Secret, old: Path) -> str:
    """The web configuration as YAML.

    Args:
        user: The name that Prometheus, the exporter and the enforcer log in with.
        password: Their password.
        old: The file of the last rendering, whose hash is kept where it fits.

    Raises:
        RenderFailed: The package that makes the hash is not installed.
    """
    bcrypt = _bcrypt()
    plain = password.reveal().encode("utf-8")[:MOST_BYTES]
    hashed = _kept(old, user)
    if hashed is None or not _fits(bcrypt, plain, hashed):
        hashed = bcrypt.hashpw(plain, bcrypt.gensalt(COST)).decode("ascii")
    tree = {"basic_auth_users": {user: hashed}, "http_server_config": {"headers": _HEADERS}}
    return HEADER + yaml.safe_dump(tree, sort_keys=False)


def _bcrypt() -> ModuleType:
    """The package, or a sentence that says what to install."""
    try:
        import bcrypt  # noqa: PLC0415 - the base install has no bcrypt
    except ModuleNotFoundError as error:
        raise RenderFailed(MISSING_EXTRA) from error
    return bcrypt


def _kept(old: Path, user: str) -> str | None:
    """The user's hash in the last rendering, if there is one that can be read."""
    try:
        users = yaml.safe_load(old.read_text(encoding="utf-8"))["basic_auth_users"]
        return users[user] if isinstance(users[user], str) else None
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return None


def _fits(bcrypt: ModuleType, plain: bytes, hashed: str) -> bool:
    """Whether a hash is that of the password; nothing fits what is no hash."""
    try:
        return bool(bcrypt.checkpw(plain, hashed.encode("utf-8")))
    except ValueError:
        return False
