"""Packages of the distribution's current suite, downloaded and unpacked into a folder; nothing is installed.

The machine's own ``apt-get`` does it with lists of its own, so that its proxies, keys and mirrors hold: it verifies the
signature of the index and the checksum of every package, and it needs no rights.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tools.observability.programs import ToolError
from tools.observability.sources import INSTEAD

Run = Callable[[Sequence[str | Path], Path], str]
"""Runs a command in a folder and gives what it printed; raises ``CommandFailed``."""

ATTEMPTS = 4
_PAUSE = 3.0
_SECONDS = 300
_NEEDED = ("apt-get", "dpkg-deb")

_NO_HOOKS = (
    "#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n"
)
"""What the machine does around its own updates, such as emptying its cache, is not done around ours."""


class CommandFailed(Exception):
    """A command did not succeed; the text is the last line of what it complained of."""


def run_command(command: Sequence[str | Path], folder: Path) -> str:
    """Run a command in the language of programs, within five minutes.

    Raises:
        CommandFailed: It failed, took too long, or is not there.
    """
    env = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(  # noqa: S603 - apt-get and dpkg-deb with arguments of our own
            command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandFailed(str(error)) from error
    if done.returncode:
        raise CommandFailed(" ".join((done.stderr.strip() or done.stdout.strip() or "no reason given").split()[-40:]))
    return done.stdout


def unpack_packages(
    line: str,
    names: Iterable[str],
    target: Path,
    *,
    run: Run = run_command,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Download packages of a source line and unpack them into ``target``.

    An index and its packages can change between two calls, and networks fail: the whole is tried again, from the index.

    Raises:
        ToolError: It did not succeed in several attempts, or the tools of the package manager are not there.
    """
    missing = [name for name in _NEEDED if run is run_command and shutil.which(name) is None]
    if missing:
        raise ToolError(f"{missing[0]} is not there: {INSTEAD}")
    wanted = tuple(names)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with tempfile.TemporaryDirectory(prefix="plimsoll-packages-") as work:
                _unpack(line, wanted, target, Path(work), run)
                return
        except CommandFailed as failed:
            reason = str(failed)
        if attempt < ATTEMPTS:
            pause(_PAUSE * attempt)
    raise ToolError(f"{', '.join(wanted)} cannot be had from the package source ({reason}): {INSTEAD}")


def _unpack(line: str, names: Sequence[str], target: Path, work: Path, run: Run) -> None:
    (work / "lists" / "partial").mkdir(parents=True)
    (work / "cache" / "archives" / "partial").mkdir(parents=True)
    (work / "status").touch()
    (work / "sources.list").write_text(f"{line}\n", encoding="utf-8")
    (work / "apt.conf").write_text(_NO_HOOKS, encoding="utf-8")
    options = ["-c", str(work / "apt.conf"), *(part for option in _options(work) for part in ("-o", option))]
    run(["apt-get", *options, "-q", "update"], work)
    run(["apt-get", *options, "-q", "download", *names], work)
    packages = sorted(work.glob("*.deb"))
    if len(packages) < len(names):
        raise CommandFailed("a package is not there after its download")
    for package in packages:
        run(["dpkg-deb", "--extract", package, target], work)


def _options(work: Path) -> Iterable[str]:
    """What keeps the state ours alone: the machine's own lists, packages and locks are not touched."""
    return (
        f"Dir::Etc::sourcelist={work / 'sources.list'}",
        "Dir::Etc::sourceparts=/dev/null",
        f"Dir::State::lists={work / 'lists'}",
        f"Dir::State::status={work / 'status'}",
        f"Dir::Cache={work / 'cache'}",
        # Whoever runs this owns the folder; root need not become another user for it.
        "APT::Sandbox::User=root",
        "APT::Update::Error-Mode=any",
        "Acquire::Languages=none",
        "Acquire::Retries=3",
    )
