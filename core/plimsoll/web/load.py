"""From a file in exporter-toolkit's format to a ``WebConfig``, and to the files it names where it is faulty."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from plimsoll.config.faults import Faults, Faulty
from plimsoll.config.files import read_text
from plimsoll.config.reading import Reading
from plimsoll.config.yaml_tree import read_tree
from plimsoll.errors import ConfigError, SecretError
from plimsoll.text import one_line
from plimsoll.web.declaration import ROOT
from plimsoll.web.model import TlsConfig, WebConfig

INSTEAD = "the web configuration there, or another name at web_config_file"
USUAL = "sections such as tls_server_config: and basic_auth_users:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """What a file declares.

    Attributes:
        config: ``None`` where anything is wrong.
        tls: The files for TLS that were named soundly, whatever else is wrong; none without the section.
        fault: Everything that is wrong.
    """

    config: WebConfig | None
    tls: TlsConfig
    fault: ConfigError | SecretError | None


def declared(path: Path) -> Declared:
    """Read a web configuration, faulty or not; the files it names are not opened.

    Args:
        path: The YAML file; relative file names in it start from its folder.
    """
    faults = Faults()
    reading = Reading(folder=path.absolute().parent, faults=faults)
    try:
        tree = read_tree(
            read_text(path, faults, instead=INSTEAD), one_line(str(path)), faults, least=USUAL, usual=USUAL
        )
        config = cast("WebConfig", ROOT.parse(tree, (), reading))
    except Faulty:
        config = None
    files = {at[-1]: file for at, file in reading.files.items()}
    tls = TlsConfig(
        cert_file=files.get("cert_file"), key_file=files.get("key_file"), client_ca_file=files.get("client_ca_file")
    )
    fault = _told(faults)
    return Declared(config=config if fault is None else None, tls=tls, fault=fault)


def _told(faults: Faults) -> ConfigError | SecretError | None:
    try:
        faults.raise_if_any()
    except (ConfigError, SecretError) as error:
        return error
    return None


def load_web_config(path: Path) -> WebConfig:
    """Read a web configuration; the files it names are not opened.

    Args:
        path: The YAML file; relative file names in it start from its folder.

    Raises:
        ConfigError: Anything is wrong; the message has one line for every fault.
    """
    found = declared(path)
    if found.fault is not None:
        raise found.fault
    return cast("WebConfig", found.config)  # with no fault noted, ``parse`` came to its end
