"""``load``: the one way from ``plimsoll.yml`` and the environment to a ``Config``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

from plimsoll.config.cross import check_across
from plimsoll.config.faults import Faults, Faulty
from plimsoll.config.model import Config
from plimsoll.config.overrides import apply_overrides
from plimsoll.config.reading import Reading
from plimsoll.config.services import ROOT
from plimsoll.config.tree import Place
from plimsoll.config.yaml_tree import read_tree
from plimsoll.text import one_line

MAX_BYTES = 1_000_000


def load(path: Path, *, environ: Mapping[str, str]) -> Config:
    """Read the configuration.

    Args:
        path: The YAML file; relative file names in it start from its folder.
        environ: The environment, of which the ``PLIMSOLL_`` variables count.

    Raises:
        ConfigError: Anything is wrong; the message has one line for every fault.
    """
    faults = Faults()
    try:
        absolute = path.absolute()
        tree = read_tree(_read(path, faults), one_line(str(path)), faults)
        tree = apply_overrides(tree, ROOT, environ, faults)
        check_across(tree, faults)
        reading = Reading(folder=absolute.parent, faults=faults)
        config = replace(ROOT, make=partial(Config, path=absolute)).parse(tree, (), reading)
    except Faulty:
        config = None
    faults.raise_if_any()
    return cast("Config", config)  # with no fault noted, ``parse`` came to its end


def _read(path: Path, faults: Faults) -> str:
    """The file's text."""
    place = Place(source=one_line(str(path)))
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        expected = "the configuration there; name another with --config or PLIMSOLL_CONFIG"
        raise faults.note(place, (), found="no such file", expected=expected) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "an impossible name"
        raise faults.note(place, (), found=f"that it cannot be read ({reason})", expected="a readable file") from error
    if len(data) > MAX_BYTES:
        raise faults.note(place, (), found="an endless file", expected=f"at most {MAX_BYTES} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = Place(source=place.source, line=data.count(b"\n", 0, error.start) + 1)
        raise faults.note(line, (), found=f"the byte {data[error.start]:#04x}", expected="text in UTF-8") from error
