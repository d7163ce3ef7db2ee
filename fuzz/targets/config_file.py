"""The configuration file, as any bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fuzz.faults import placed
from fuzz.folders import folder
from fuzz.target import Target
from fuzz.values import sound
from plimsoll.config.load import load
from plimsoll.errors import ConfigError


def run(data: bytes) -> None:
    """Load a file.

    Raises:
        Broken: A fault does not name its place, or what was read is not sound.
    """
    with folder() as place:
        path = place / "plimsoll.yml"
        path.write_bytes(data)
        try:
            config = load(path, environ={})
        except ConfigError as error:
            placed(error, f"{path}:")
            return
        sound(replace(config, path=Path("plimsoll.yml")), seconds=True)


TARGET = Target(
    name="config-file",
    about="plimsoll.yml: only ConfigError, each fault one line with its place; bounded time for bombs and nesting",
    run=run,
)
