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


def keep(target: str, found: Path) -> int:
    """Keep the smallest of the inputs that a minimised corpus holds, as far as there is room; gives how many are new.

    Seeds and findings have names in words and stay; others are replaced.
    """
    folder = ROOT / target
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if _by_content(path.name):
            path.unlink()
    left = MOST_BYTES - sum(path.stat().st_size for path in folder.iterdir())
    new = 0
    for path in sorted(found.iterdir(), key=lambda path: (path.stat().st_size, path.name)):
        content = path.read_bytes()
        left -= len(content)
        if left < 0:
            break
        (folder / hashlib.sha256(content).hexdigest()[:12]).write_bytes(content)
        new += 1
    return new


def _by_content(name: str) -> bool:
    return len(name) == 12 and not set(name) - set("0123456789abcdef")  # noqa: PLR2004 - as ``keep`` names them
