"""Packages of the distribution, downloaded and unpacked into a folder; nothing is installed.

The machine's own ``apt-get`` does it with lists of its own, so that its proxies, keys and mirrors hold: it verifies the
signature of the index and the checksum of every package, and it needs no rights.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tools.programs.wanted import ToolError

Run = Callable[[Sequence[str | Path], Path], str]
"""Runs a command in a folder and gives what it printed; raises ``CommandFailed``."""

ATTEMPTS = 4
_PAUSE = 3.0
_SECONDS = 1200
_NEEDED = ("apt-get", "dpkg-deb")

_SIMULATED = ("--simulate", "--no-install-recommends", "install")

_NO_HOOKS = (
    "#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n"
)
"""What the machine does around its own updates, such as emptying its cache, is not done around ours."""


class CommandFailed(Exception):
    """A command did not succeed; the text is the last line of what it complained of."""


def run_command(command: Sequence[str | Path], folder: Path) -> str:
    """Run a command in the language of programs, within twenty minutes.

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
    lines: Iterable[str],
    names: Iterable[str],
    target: Path,
    *,
    needed: Callable[[str], bool] | None = None,
    run: Run = run_command,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Download packages of these source lines and unpack them into ``target``.

    An index and its packages can change between two calls, and networks fail: the whole is tried again, from the index.

    Args:
        lines: The sources, as a source list writes them.
        names: The packages.
        target: Where to.
        needed: Which of the packages that those depend on, to the last, are unpacked as well; none where not told.
        run: Runs a command.
        pause: Waits between two attempts.

    Raises:
        ToolError: It did not succeed in several attempts, or the tools of the package manager are not there.
    """
    missing = [name for name in _NEEDED if run is run_command and shutil.which(name) is None]
    if missing:
        raise ToolError(f"{missing[0]} is not there")
    wanted, sources = tuple(names), tuple(lines)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with tempfile.TemporaryDirectory(prefix="plimsoll-packages-") as work:
                apt = _private_apt(sources, Path(work))
                run([*apt, "update"], Path(work))
                chosen = wanted if needed is None else _closure(run([*apt, *_SIMULATED, *wanted], Path(work)), needed)
                _unpack(apt, tuple(dict.fromkeys((*wanted, *chosen))), target, Path(work), run)
                return
        except CommandFailed as failed:
            reason = str(failed)
        if attempt < ATTEMPTS:
            pause(_PAUSE * attempt)
    raise ToolError(f"{', '.join(wanted)} cannot be had from the package source ({reason})")


def _private_apt(lines: Iterable[str], work: Path) -> tuple[str, ...]:
    """The package manager with these sources and a state of its own, as the beginning of a command."""
    (work / "lists" / "partial").mkdir(parents=True)
    (work / "cache" / "archives" / "partial").mkdir(parents=True)
    (work / "status").touch()
    (work / "sources.list").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (work / "apt.conf").write_text(_NO_HOOKS, encoding="utf-8")
    options = (part for option in _options(work) for part in ("-o", option))
    return ("apt-get", "-c", str(work / "apt.conf"), *options, "-q")


def _closure(simulated: str, needed: Callable[[str], bool]) -> Iterable[str]:
    """Of what an installation would bring to an empty machine, what is needed."""
    return filter(needed, re.findall(r"^Inst (\S+)", simulated, re.MULTILINE))


def _unpack(apt: Sequence[str], names: Sequence[str], target: Path, work: Path, run: Run) -> None:
    run([*apt, "download", *names], work)
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
        f"Dir::State::extended_states={work / 'extended_states'}",
        f"Dir::Cache={work / 'cache'}",
        # Whoever runs this owns the folder; root need not become another user for it.
        "APT::Sandbox::User=root",
        "APT::Update::Error-Mode=any",
        "Acquire::Languages=none",
        "Acquire::Retries=3",
    )
