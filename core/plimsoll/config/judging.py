"""Secret files that are no API keys: whether each can be used, told with the place of its key.

A program judges those that it uses, so that all faults come at once; ``plimsoll check`` judges those of alerting too.
What a single secret file must be is in ``secrets``; what it must hold beyond that, by its key, here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from plimsoll.config.faults import Faults
from plimsoll.config.reading import SecretFile
from plimsoll.config.secrets import read_secret
from plimsoll.config.tree import At
from plimsoll.errors import SecretError
from plimsoll.secret import Secret
from plimsoll.text import one_line

EXPORTER = ("rejections", "alertmanager")
"""The sections whose secrets the exporter uses: the token of the bots' reports, the password of the fast lane."""

ALERTING = ("enforcement_webhook", "notifications")
"""The sections whose secrets Alertmanager alone uses."""

_FORMS = {
    "chat_id_file": (re.compile(r"-?[0-9]{1,18}"), "holds no chat id; write the number of the chat into it"),
    "url_file": (re.compile(r"https?://[^/\s]+.*"), "holds no URL; write one that starts with https:// into it"),
}


def judge_secrets(files: Mapping[At, SecretFile], sections: Collection[str], faults: Faults) -> None:
    """Note what is wrong with every secret file of some sections.

    Args:
        files: The secret files that the configuration names.
        sections: Names of top-level sections; files of others are not opened.
        faults: Receives what is wrong; that a file is missing too.
    """
    for at, file in files.items():
        if at[0] in sections:
            judged_secret(file, at, faults)


def judged_secret(file: SecretFile, at: At, faults: Faults) -> Secret | None:
    """A secret in the form that its key demands; ``None`` where a fault was noted.

    Args:
        file: Where it is, and where its name stands.
        at: The path of its key.
        faults: Receives what is wrong.
    """
    try:
        secret = read_secret(file.path)
        _judge_form(secret, file, at[-1])
    except SecretError as error:
        faults.unusable(file.place, at, error)
        return None
    return secret


def _judge_form(secret: Secret, file: SecretFile, key: str) -> None:
    """Refuse what cannot be meant; what was found is not told."""
    form = _FORMS.get(key)
    if form is not None and not form[0].fullmatch(secret.reveal()):
        raise SecretError(f"{one_line(str(file.path))}: {form[1]}")
