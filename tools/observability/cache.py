"""``.cache/tools``: a folder ``bin`` with all four programs, from the PATH where new enough, else from packages.

Whatever happens in between, ``bin`` holds programs that ran here or is not there: all is made beside it and renamed.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools.observability.programs import PROGRAMS, Program, ToolError, new_enough, on_path, version_of

Fetch = Callable[[Iterable[str], Path], None]
"""Unpacks packages into a folder; raises ``ToolError``."""

MAKE = "run `make tools`"
_PACKAGES = "packages"

ALERTMANAGER = """\
#!/bin/sh
# Debian's Alertmanager reads the templates that others build in from /usr/share. Where they are missing, it runs with a
# private view of the file system (user and mount namespace of its own) in which its own folder stands in that place.
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
share=$(cd "$here/../share" && pwd)
[ -e /usr/share/prometheus/alertmanager/default.tmpl ] && exec "$here/prometheus-alertmanager" "$@"
exec unshare --user --map-root-user --mount sh -c '
share=$1; program=$2; shift 2
for each in zoneinfo ca-certificates; do
    [ -d "/usr/share/$each" ] && mkdir -p "$share/$each" && mount --bind "/usr/share/$each" "$share/$each"
done
mount --rbind "$share" /usr/share && exec "$program" "$@"
' sh "$share" "$here/prometheus-alertmanager" "$@"
"""


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


def versions(folder: Path) -> Mapping[str, str]:
    """What each program of the cache says its version is."""
    found = {each.name: version_of(folder / "bin" / each.name) for each in PROGRAMS}
    return {name: ".".join(map(str, version)) if version else "missing" for name, version in found.items()}


def provide(folder: Path, search: str, fetch: Fetch) -> None:
    """See to it that ``folder/bin`` holds every program, without the network where nothing is missing.

    Args:
        folder: The cache; made if it is not there.
        search: The search path of this machine.
        fetch: Gets packages, called only for what neither path nor cache has.

    Raises:
        ToolError: A program is missing and cannot be had.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        ours = {each.name: on_path(each, search) for each in PROGRAMS}
        missing = [each for each in PROGRAMS if ours[each.name] is None]
        if any(not new_enough(each, _unpacked(folder, each)) for each in missing):
            _fetch(folder, missing, fetch)
        _link(folder, {each.name: ours[each.name] or _unpacked(folder, each) for each in PROGRAMS})


def _unpacked(folder: Path, program: Program) -> Path:
    return folder / _PACKAGES / "usr" / "bin" / program.name


def _fetch(folder: Path, missing: Iterable[Program], fetch: Fetch) -> None:
    """Unpack beside the cache, try what is there, and only then put it in place."""
    wanted = tuple(missing)
    with tempfile.TemporaryDirectory(prefix="new-", dir=folder) as fresh:
        target = Path(fresh) / _PACKAGES
        target.mkdir()
        fetch(dict.fromkeys(each.package for each in wanted), target)
        _complete(target)
        for each in wanted:
            _check(each, target / "usr" / "bin" / each.name)
        shutil.rmtree(folder / _PACKAGES, ignore_errors=True)
        target.rename(folder / _PACKAGES)


def _complete(target: Path) -> None:
    """Give the package's Alertmanager its usual name, and its templates."""
    if (target / "usr" / "bin" / "prometheus-alertmanager").exists():
        script = target / "usr" / "bin" / "alertmanager"
        script.write_text(ALERTMANAGER, encoding="utf-8")
        script.chmod(0o755)


def _check(program: Program, path: Path) -> None:
    if not path.exists():
        raise ToolError(f"the package {program.package} of this distribution holds no {program.name}")
    if not new_enough(program, path):
        least = ".".join(map(str, program.least))
        raise ToolError(
            f"{program.name} of the package {program.package} does not run here or is older than {least}: "
            f"put a newer {program.name} on the PATH"
        )


def _link(folder: Path, programs: Mapping[str, Path]) -> None:
    (folder / "bin").mkdir(exist_ok=True)
    for name, path in programs.items():
        fresh = folder / "bin" / f".{name}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(path.absolute())
        fresh.replace(folder / "bin" / name)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time; the lock ends with the process, however that ends."""
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
