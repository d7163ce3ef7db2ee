"""``load``: the one way from ``plimsoll.yml`` and the environment to a ``Config``, and to the secrets that it names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

from plimsoll.config.cross import check_across
from plimsoll.config.faults import Faults, Faulty
from plimsoll.config.files import read_text
from plimsoll.config.judging import ALERTING, EXPORTER, judge_secrets
from plimsoll.config.keys import READ_KEY, read_credentials, read_key_files
from plimsoll.config.model import Config
from plimsoll.config.overrides import apply_overrides
from plimsoll.config.reading import Reading, SecretFile
from plimsoll.config.services import ROOT
from plimsoll.config.tree import At
from plimsoll.config.yaml_tree import read_tree
from plimsoll.credentials import Credentials
from plimsoll.errors import ConfigError, SecretError
from plimsoll.text import one_line

INSTEAD = "the configuration there; name another with --config or PLIMSOLL_CONFIG"
"""What would be right where there is no file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """A configuration with the read keys, and all that is wrong with it or with secret files.

    Attributes:
        config: ``None`` where it has a fault of its own; those of secret files do not count here.
        credentials: Each account's read key, by the account's name; ``None`` where anything at all is wrong.
        error: The faults, one a line; ``None`` where there is none.
    """

    config: Config | None
    credentials: Mapping[str, Credentials] | None
    error: ConfigError | SecretError | None


def load(path: Path, *, environ: Mapping[str, str]) -> Config:
    """Read the configuration.

    Args:
        path: The YAML file; relative file names in it start from its folder.
        environ: The environment, of which the ``PLIMSOLL_`` variables count.

    Raises:
        ConfigError: Anything is wrong; the message has one line for every fault.
    """
    faults = Faults()
    config, _ = _read(path, environ, faults)
    faults.raise_if_any()
    return cast("Config", config)  # with no fault noted, ``parse`` came to its end


def load_with_secrets(path: Path, *, environ: Mapping[str, str]) -> tuple[Config, Mapping[str, Credentials]]:
    """Read the configuration together with the secrets that the exporter uses: every account's read key.

    The token of the bots' reports and Alertmanager's password are judged with them, and read by whoever uses them.

    Raises:
        ConfigError: The configuration is wrong; faults of secret files are told beside its own, one a line.
        SecretError: The configuration is sound, secret files are not; one line for each of them.
    """
    found = _examine(path, environ, EXPORTER)
    if found.error is not None:
        raise found.error
    return cast("tuple[Config, Mapping[str, Credentials]]", (found.config, found.credentials))  # no error: both there


def examine(path: Path, *, environ: Mapping[str, str]) -> Examined:
    """As ``load_with_secrets``, with whatever could be read where something is wrong; raises nothing.

    What Alertmanager alone uses is judged too: the secrets of channels to people and of the enforcer's webhook.
    """
    return _examine(path, environ, (*EXPORTER, *ALERTING))


def _examine(path: Path, environ: Mapping[str, str], sections: Collection[str]) -> Examined:
    """Read the configuration and the read keys, and judge the secrets of some sections."""
    faults = Faults()
    config, secret_files = _read(path, environ, faults)
    secrets = read_key_files(secret_files, READ_KEY, faults)
    judge_secrets(secret_files, sections, faults)
    try:
        faults.raise_if_any()
    except (ConfigError, SecretError) as error:
        return Examined(config=config if isinstance(error, SecretError) else None, credentials=None, error=error)
    sound = cast("Config", config)  # with no fault noted
    return Examined(config=sound, credentials=read_credentials(sound, secrets), error=None)


def _read(path: Path, environ: Mapping[str, str], faults: Faults) -> tuple[Config | None, Mapping[At, SecretFile]]:
    """The configuration where it is sound, and in any case the secret files that it names."""
    reading = Reading(folder=path.absolute().parent, faults=faults)
    make = partial(Config, path=path.absolute(), secret_files=reading.secret_files)
    try:
        tree = read_tree(read_text(path, faults, instead=INSTEAD), one_line(str(path)), faults)
        tree = apply_overrides(tree, ROOT, environ, faults)
        check_across(tree, faults)
        config = cast("Config", replace(ROOT, make=make).parse(tree, (), reading))
    except Faulty:
        config = None
    return config, reading.secret_files
