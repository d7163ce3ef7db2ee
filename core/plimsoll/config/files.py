"""The text of a configuration file, with whatever keeps it from being read noted as a fault."""

from __future__ import annotations

from pathlib import Path

from plimsoll.config.faults import Faults
from plimsoll.config.tree import Place
from plimsoll.text import one_line

MAX_BYTES = 1_000_000


def read_text(path: Path, faults: Faults, *, instead: str) -> str:
    """The file's text.

    Args:
        path: The file.
        faults: Receives what is wrong.
        instead: What would be right where there is no such file.

    Raises:
        Faulty: It cannot be read, is endless or no UTF-8.
    """
    place = Place(source=one_line(str(path)))
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise faults.note(place, (), found="no such file", expected=instead) from error
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
