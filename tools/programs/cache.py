"""``.cache/tools``: a folder ``bin`` with every program, from the PATH where new enough, else fetched.

Whatever happens in between, ``bin`` holds programs that ran here or is not there: all is made beside it and renamed.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.programs.wanted import PROGRAMS, Part, Program, ToolError, dotted, new_enough, on_path, version_of

Fetch = Callable[[Sequence[Program], Path], None]
"""Puts programs into a folder, below ``usr/bin``; raises ``ToolError``."""

MAKE = "run `make tools`"


def tool(folder: Path, name: str) -> Path:
    """A program of the cache.

    Raises:
        ToolError: It is not there, or too old.
    """
    program = next(each for each in PROGRAMS if each.name == name)
    path = folder / "bin" / name
    if not new_enough(program, path):
        raise ToolError(f"{name} is not in {folder}: {MAKE}")
    return path


def versions(folder: Path, programs: Iterable[Program] = PROGRAMS) -> Mapping[str, str]:
    """What each program of the cache says its version is."""
    found = {each.name: version_of(folder / "bin" / each.name) for each in programs}
    return {name: dotted(version) if version else "missing" for name, version in found.items()}


def provide(folder: Path, search: str, part: Part, fetch: Fetch) -> None:
    """See to it that ``folder/bin`` holds every program of a part, without the network where nothing is missing.

    Args:
        folder: The cache; made if it is not there.
        search: The search path of this machine.
        part: What is wanted; parts do not wait for one another.
        fetch: Called only for what neither path nor cache has.

    Raises:
        ToolError: A program is missing and cannot be had.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / f"{part.folder}.lock"):
        ours = {each.name: on_path(each, search) for each in part.programs}
        missing = [each for each in part.programs if ours[each.name] is None]
        unpacked = folder / part.folder
        if any(not new_enough(each, _below(unpacked, each)) for each in missing):
            _fetch(part, missing, unpacked, fetch)
        _link(folder, {each.name: ours[each.name] or _below(unpacked, each) for each in part.programs})


def _below(unpacked: Path, program: Program) -> Path:
    return unpacked / "usr" / "bin" / program.name


def _fetch(part: Part, missing: Sequence[Program], unpacked: Path, fetch: Fetch) -> None:
    """Fetch beside the cache, try what is there, and only then put it in place."""
    with tempfile.TemporaryDirectory(prefix="new-", dir=unpacked.parent) as fresh:
        target = Path(fresh) / part.folder
        target.mkdir()
        try:
            fetch(missing, target)
        except ToolError as error:
            raise ToolError(f"{error}: {part.instead}") from error
        for each in missing:
            _check(each, _below(target, each))
        shutil.rmtree(unpacked, ignore_errors=True)
        target.rename(unpacked)


def _check(program: Program, path: Path) -> None:
    if not path.exists():
        raise ToolError(f"the package {program.package} of this distribution holds no {program.name}")
    if not new_enough(program, path):
        raise ToolError(
            f"{program.name} of the package {program.package} does not run here or is older than "
            f"{dotted(program.least)}: put a newer {program.name} on the PATH"
        )


def _link(folder: Path, programs: Mapping[str, Path]) -> None:
    (folder / "bin").mkdir(exist_ok=True)
    for name, path in programs.items():
        fresh = folder / "bin" / f".{name}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(path.absolute())
        fresh.replace(folder / "bin" / name)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time; the lock ends with the process, however that ends."""
    with path.open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
