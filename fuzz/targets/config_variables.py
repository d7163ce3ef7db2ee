"""Environment variables that override the configuration: ``NAME=value`` lines beside a valid file."""

from __future__ import annotations

from fuzz.faults import placed
from fuzz.folders import folder
from fuzz.target import Target
from fuzz.values import sound
from plimsoll.config.load import load
from plimsoll.errors import ConfigError

FILE = """\
exchange: {environment: simulator}
accounts:
  source: {}
  eon: {limits: {leverage: 3, near: [0.6, 0.8], drawdown: {tmad: {from: high-water, ratio: 0.1}}}}
mirrors: [{source: source, destination: eon, scale: 0.125}]
"""


def run(data: bytes) -> None:
    """Load the file with up to four variables.

    Raises:
        Broken: A fault names neither file nor variable, or what was read is not sound.
    """
    pairs = (line.partition("=") for line in data.decode("utf-8", "surrogateescape").split("\n")[:4])
    environ = {f"PLIMSOLL_{name}": value for name, _, value in pairs}
    with folder() as place:
        path = place / "plimsoll.yml"
        path.write_text(FILE, encoding="utf-8")
        try:
            config = load(path, environ=environ)
        except ConfigError as error:
            placed(error, f"{path}:", "PLIMSOLL_")
            return
        sound((config.accounts, config.mirrors, config.exporter, config.enforcer), seconds=True)


TARGET = Target(
    name="config-variables",
    about="PLIMSOLL_ variables: only ConfigError, each fault with file or variable; nothing unsound gets in",
    run=run,
    longest=1024,
)
