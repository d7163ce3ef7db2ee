"""The kept inputs: small files, one an input, named by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent / "corpus"
MOST_BYTES = 24_000
"""Kept of one target, seeds included."""


def kept(target: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of every kept input of a target."""
    folder = ROOT / target
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        yield path.name, path.read_bytes()


def named(target: str) -> list[bytes]:
    """The inputs of a target that have names in words: seeds and findings."""
    return [data for name, data in kept(target) if not _by_content(name)]


def keep(target: str, inputs: list[bytes]) -> int:
    """Keep inputs of a search, the first ones as far as there is room, in place of earlier ones; gives how many."""
    folder = ROOT / target
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if _by_content(path.name):
            path.unlink()
    left = MOST_BYTES - sum(map(len, named(target)))
    new = 0
    for content in inputs:
        left -= len(content)
        if left < 0:
            break
        (folder / hashlib.sha256(content).hexdigest()[:12]).write_bytes(content)
        new += 1
    return new


def _by_content(name: str) -> bool:
    return len(name) == 12 and not set(name) - set("0123456789abcdef")  # noqa: PLR2004 - as ``keep`` names them
