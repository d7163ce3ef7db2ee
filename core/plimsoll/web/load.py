"""``load_web_config``: the one way from a file in exporter-toolkit's format to a ``WebConfig``."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from plimsoll.config.faults import Faults, Faulty
from plimsoll.config.files import read_text
from plimsoll.config.reading import Reading
from plimsoll.config.yaml_tree import read_tree
from plimsoll.text import one_line
from plimsoll.web.declaration import ROOT
from plimsoll.web.model import WebConfig

INSTEAD = "the web configuration there, or another name at web_config_file"
USUAL = "sections such as tls_server_config: and basic_auth_users:"


def load_web_config(path: Path) -> WebConfig:
    """Read a web configuration; the files it names are not opened.

    Args:
        path: The YAML file; relative file names in it start from its folder.

    Raises:
        ConfigError: Anything is wrong; the message has one line for every fault.
    """
    faults = Faults()
    try:
        tree = read_tree(
            read_text(path, faults, instead=INSTEAD), one_line(str(path)), faults, least=USUAL, usual=USUAL
        )
        config = ROOT.parse(tree, (), Reading(folder=path.absolute().parent, faults=faults))
    except Faulty:
        config = None
    faults.raise_if_any()
    return cast("WebConfig", config)  # with no fault noted, ``parse`` came to its end
