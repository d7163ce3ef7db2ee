"""Writing what was rendered: whole or not at all, for this user and group only, and only where it differs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from plimsoll.errors import RenderFailed
from plimsoll.text import one_line

FOLDER_MODE = 0o750
FILE_MODE = 0o640
"""What others may not read: hashes and passwords lie among it."""

IGNORE = "# Rendered by `plimsoll render`; passwords lie here. Nothing of it belongs into a repository.\n*\n"


def make_folder(folder: Path) -> None:
    """Make a folder that Git ignores whole.

    Raises:
        RenderFailed: It cannot be made.
    """
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        raise _failed(folder, error) from error
    write(folder / ".gitignore", IGNORE)


def write(path: Path, text: str) -> bool:
    """Write a file so that readers see the old or the new text, never a part; the same text is left alone.

    Returns:
        Whether its text changed.

    Raises:
        RenderFailed: It cannot be written; the old file is as it was.
    """
    try:
        if _is(path, text):
            path.chmod(FILE_MODE)
            return False
        path.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
        _replace(path, text)
    except OSError as error:
        raise _failed(path, error) from error
    return True


def _is(path: Path, text: str) -> bool:
    """Whether the file holds this text already."""
    return path.is_file() and not path.is_symlink() and path.read_bytes() == text.encode("utf-8")


def _replace(path: Path, text: str) -> None:
    """Write beside it, flush to the disk, rename over it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), FILE_MODE)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _failed(path: Path, error: OSError) -> RenderFailed:
    reason = error.strerror or type(error).__name__
    return RenderFailed(
        f"{one_line(str(path))}: cannot be written ({reason}); name a folder of your own with --out, or mend this one"
    )
