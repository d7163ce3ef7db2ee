"""One growing log file, read on from where it was left: over rotation, truncation, half lines and restarts.

A file is told from others by its inode and its beginning. Rotated away (renamed, or copied and truncated) it is looked
for beside its old place and read to its end before the new one is begun.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from plimsoll.database.values import FilePosition
from plimsoll_exporter.rejections.log_lines import Found, LogReader

CHUNK = 262_144
"""Bytes read at a time."""

LONGEST_LINE = 65_536
"""Bytes of one line that are looked at; of a longer one the rest is passed over."""

BEGINNING = 256
"""Bytes by which a file is known again."""

BEFORE = 16_384
"""Bytes before the position that are read after a restart, so that a record that was begun goes on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """What one look at a file gave.

    Attributes:
        found: Refused orders in it.
        position: How far the file is read with them.
        more: Whether there is more to be read at once.
    """

    found: tuple[Found, ...]
    position: FilePosition
    more: bool


class LogFile:
    """Follows one path.

    Args:
        path: Of the log.
        position: How far it was read; ``None`` when it is followed for the first time: then from its end.
    """

    def __init__(self, path: Path, position: FilePosition | None) -> None:
        self._path = path
        self._reader = LogReader()
        self._primed = False
        self.position = position or _end_of(path)

    def read(self) -> Read | None:
        """Read on; ``None`` where nothing is new.

        Raises:
            OSError: The file cannot be read.
        """
        here = _stat(self._path)
        if here is not None and self._is_at(self._path, here):
            return self._read_from(self._path, here.st_ino, last=False)
        rest = self._rotated()
        if rest is not None:
            read = self._read_from(rest, self.position.inode, last=True)
            if read is not None and read.found:
                return read
            if read is not None and read.more:
                return read
        if here is None:
            return None
        # Whatever was before is read to its end, or cannot be found any more.
        self._reader, self._primed = LogReader(), True
        self.position = _at(self._path, here.st_ino, 0, b"")
        return self._read_from(self._path, here.st_ino, last=False) or Read(
            found=(), position=self.position, more=False
        )

    def _is_at(self, path: Path, found: os.stat_result) -> bool:
        """Whether a file is the one the position is in, and still has what was read."""
        at = self.position
        if found.st_ino != at.inode or found.st_size < at.offset:
            return False
        return _begins_like(path, at.fingerprint)

    def _rotated(self) -> Path | None:
        """The file of the position under another name, with something left to read."""
        if not self.position.inode:
            return None
        try:
            names = sorted(self._path.parent.iterdir())
        except OSError:
            return None
        for path in names:
            if path == self._path or not path.name.startswith(self._path.stem):
                continue
            try:
                if self._is_rest(path):
                    return path
            except OSError:
                # A neighbour that may not be read is none of ours; it must not hold up the log.
                continue
        return None

    def _is_rest(self, path: Path) -> bool:
        """Whether a neighbour of the log is the file of the position, with something left to read."""
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size <= self.position.offset:
            return False
        if self.position.offset == 0:
            return found.st_ino == self.position.inode
        return _begins_like(path, self.position.fingerprint)

    def _read_from(self, path: Path, inode: int, *, last: bool) -> Read | None:
        with path.open("rb") as file:
            self._prime(file)
            file.seek(self.position.offset)
            data = file.read(CHUNK)
            used, lines = _whole_lines(data, last=last and len(data) < CHUNK)
            if not used:
                return None
            found = tuple(self._reader.read(lines))
            offset = self.position.offset + used
            file.seek(0)
            self.position = _at(self._path, inode, offset, file.read(min(BEGINNING, offset)))
        return Read(found=found, position=self.position, more=len(data) == CHUNK)

    def _prime(self, file: BinaryIO) -> None:
        """After a restart, read the lines before the position once more, only to know what record goes on."""
        if self._primed:
            return
        self._primed = True
        begin = max(0, self.position.offset - BEFORE)
        file.seek(begin)
        before = file.read(self.position.offset - begin)
        if begin:
            before = before.partition(b"\n")[2]
        for _ in self._reader.read(_decoded(before)):
            pass


def _whole_lines(data: bytes, *, last: bool) -> tuple[int, Iterator[str]]:
    """How many bytes are whole lines, and these; ``last`` where nothing more can come and a half line is whole."""
    used = len(data) if last else data.rfind(b"\n") + 1
    if not used and len(data) >= LONGEST_LINE:
        # A line without an end: what has come is looked at as one, so that it cannot hold everything up.
        used = len(data)
    return used, _decoded(data[:used])


def _decoded(data: bytes) -> Iterator[str]:
    for line in data.split(b"\n"):
        yield line[:LONGEST_LINE].decode("utf-8", "replace").rstrip("\r")


def _end_of(path: Path) -> FilePosition:
    """The end of a file's last whole line; the beginning of one that is not there yet."""
    found = _stat(path)
    if found is None:
        return FilePosition(path=str(path), inode=0, offset=0, fingerprint=_fingerprint(b""))
    with path.open("rb") as file:
        begin = max(0, found.st_size - CHUNK)
        file.seek(begin)
        offset = begin + file.read(CHUNK).rfind(b"\n") + 1
        file.seek(0)
        return _at(path, found.st_ino, offset, file.read(min(BEGINNING, offset)))


def _at(path: Path, inode: int, offset: int, beginning: bytes) -> FilePosition:
    return FilePosition(path=str(path), inode=inode, offset=offset, fingerprint=_fingerprint(beginning))


def _fingerprint(beginning: bytes) -> str:
    return f"{len(beginning)}:{hashlib.sha256(beginning).hexdigest()[:32]}"


def _begins_like(path: Path, fingerprint: str) -> bool:
    length = int(fingerprint.partition(":")[0])
    with path.open("rb") as file:
        return _fingerprint(file.read(length)) == fingerprint


def _stat(path: Path) -> os.stat_result | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found
