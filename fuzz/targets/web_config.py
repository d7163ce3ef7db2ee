"""The web configuration in exporter-toolkit's format, as any bytes."""

from __future__ import annotations

from fuzz.faults import placed
from fuzz.folders import folder
from fuzz.target import Target, demand
from plimsoll.web.load import declared


def run(data: bytes) -> None:
    """Read a file.

    Raises:
        Broken: A fault does not name its place, or there is neither a fault nor a configuration.
    """
    with folder() as place:
        path = place / "web.yml"
        path.write_bytes(data)
        found = declared(path)
        demand((found.fault is None) == (found.config is not None), "neither a fault nor a configuration, or both")
        if found.fault is not None:
            placed(found.fault, f"{path}:")


TARGET = Target(
    name="web-config",
    about="web configuration: only faults, each with its place",
    run=run,
)
