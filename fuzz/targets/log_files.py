"""Log files that grow in any pieces, are cut, removed and rotated while they are followed."""

from __future__ import annotations

from pathlib import Path

from fuzz.folders import folder
from fuzz.target import Target, demand
from fuzz.values import sound
from plimsoll_exporter.rejections.log_file import LogFile
from plimsoll_exporter.rejections.log_lines import Found, LogReader

PIECES = b"\x1e"
TRUNCATE, ROTATE, REMOVE, RESTART = b"\x1c", b"\x1d", b"\x1f", b"\x19"


def run(data: bytes) -> None:
    """Follow a file through its pieces; what begins with a sign is done to the file instead of written.

    Raises:
        Broken: A file that only grew gives other refusals than its lines read at once.
    """
    pieces = data.split(PIECES)
    with folder() as place:
        path = place / "bot.log"
        path.touch()
        log = LogFile(path, None)
        found: list[Found] = []
        for piece in pieces:
            if piece[:1] == RESTART:
                log = LogFile(path, log.position)
            else:
                _happen(path, piece)
            found += _read(log)
    sound(found, seconds=True)
    if not any(piece[:1] in {TRUNCATE, ROTATE, REMOVE, RESTART} for piece in pieces):
        whole = b"".join(pieces)
        whole = whole[: whole.rfind(b"\n") + 1]
        lines = (line.decode("utf-8", "replace").rstrip("\r") for line in whole.split(b"\n"))
        demand(found == list(LogReader().read(lines)), "the pieces in which it came changed what was found")


def _happen(path: Path, piece: bytes) -> None:
    """Let something happen to the log."""
    if piece[:1] == TRUNCATE:
        path.write_bytes(piece[1:])
    elif piece[:1] == ROTATE and path.exists():
        path.replace(path.with_suffix(".log.1"))
        path.write_bytes(piece[1:])
    elif piece[:1] == REMOVE:
        path.unlink(missing_ok=True)
    else:
        with path.open("ab") as file:
            file.write(piece)


def _read(log: LogFile) -> list[Found]:
    """Everything that is to be read now; it must come to an end."""
    found: list[Found] = []
    for _ in range(10):
        read = log.read()
        if read is None:
            return found
        found += read.found
    demand(held=False, what="a file of a few bytes is read without end")
    return found


TARGET = Target(
    name="log-files",
    about="log files in any pieces, cut, rotated, removed: no error; the pieces do not change what is found",
    run=run,
    longest=2048,
)
