"""The enforcer's two tokens, read from their files; without a file what the token opens is off."""

from __future__ import annotations

from plimsoll.config.faults import Faults
from plimsoll.config.model import Config
from plimsoll.config.secrets import read_secret
from plimsoll.errors import SecretError
from plimsoll.secret import Secret
from plimsoll_enforcer.web.server import Tokens

SECTION = "enforcer"
WEBHOOK = (SECTION, "webhook_token_file")
OPERATOR = (SECTION, "operator_token_file")


def read_tokens(config: Config) -> Tokens:
    """Read both.

    Raises:
        SecretError: A file is unusable, or both hold the same; one line for each.
    """
    faults = Faults()
    found: dict[tuple[str, str], Secret] = {}
    for at in (WEBHOOK, OPERATOR):
        file = config.secret_files.get(at)
        if file is None:
            continue
        try:
            found[at] = _other_than(found.get(WEBHOOK), read_secret(file.path))
        except SecretError as error:
            faults.unusable(file.place, at, error)
    faults.raise_if_any()
    return Tokens(webhook=found.get(WEBHOOK), operator=found.get(OPERATOR))


def _other_than(webhook: Secret | None, token: Secret) -> Secret:
    """The token, unless it opens both doors.

    Raises:
        SecretError: It does.
    """
    if token == webhook:
        raise SecretError(
            "holds the webhook's token too, so that whoever tells of breaches could release accounts; make another"
        )
    return token
