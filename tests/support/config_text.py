"""Configurations as tests write them: a valid start, and reading from text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from plimsoll.config.load import load
from plimsoll.config.model import Config
from plimsoll.errors import ConfigError

SIMULATOR = "exchange: {environment: simulator}\n"
TWO_ACCOUNTS = SIMULATOR + "accounts: {eon: {}, source: {}}\n"


def load_text(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Config:
    """The configuration that stands in ``text``, as a file ``plimsoll.yml`` in ``folder``."""
    path = folder / "plimsoll.yml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ=environ or {})


def faults_of(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """The faults of ``text``, one an item, without the folder's name."""
    with pytest.raises(ConfigError) as caught:
        load_text(folder, text, environ)
    return str(caught.value).replace(f"{folder}/", "").splitlines()
