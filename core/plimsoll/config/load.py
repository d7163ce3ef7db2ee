"""``load``: the one way from ``plimsoll.yml`` and the environment to a ``Config``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

from plimsoll.config.cross import check_across
from plimsoll.config.faults import Faults, Faulty
from plimsoll.config.files import read_text
from plimsoll.config.model import Config
from plimsoll.config.overrides import apply_overrides
from plimsoll.config.reading import Reading
from plimsoll.config.services import ROOT
from plimsoll.config.yaml_tree import read_tree
from plimsoll.text import one_line

INSTEAD = "the configuration there; name another with --config or PLIMSOLL_CONFIG"
"""What would be right where there is no file."""


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
        tree = read_tree(read_text(path, faults, instead=INSTEAD), one_line(str(path)), faults)
        tree = apply_overrides(tree, ROOT, environ, faults)
        check_across(tree, faults)
        reading = Reading(folder=absolute.parent, faults=faults)
        config = replace(ROOT, make=partial(Config, path=absolute)).parse(tree, (), reading)
    except Faulty:
        config = None
    faults.raise_if_any()
    return cast("Config", config)  # with no fault noted, ``parse`` came to its end
