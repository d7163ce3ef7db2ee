"""A folder for one input, in memory where the machine has such a place: a million inputs must not wear a disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - a private folder is made in it


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder, gone at the end."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as name:
        yield Path(name)
