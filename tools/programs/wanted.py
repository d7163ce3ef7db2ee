"""Which programs are needed, how new they must be, and what a program says its version is.

Nothing here fetches anything.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

Version = tuple[int, ...]

_SECONDS = 30


class ToolError(Exception):
    """A program is missing and cannot be had; the message is one sentence that says what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A program: its name, other names it goes by, the least version, and the package that holds it."""

    name: str
    least: Version
    package: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Programs that are had together.

    Attributes:
        name: What the command line calls it.
        folder: Where in the cache it is unpacked.
        programs: What belongs to it.
        instead: What to do where it cannot be had.
    """

    name: str
    folder: str
    programs: tuple[Program, ...]
    instead: str


MONITORING = Part(
    name="monitoring",
    folder="packages",
    programs=(
        Program(name="prometheus", least=(3, 5), package="prometheus"),
        Program(name="promtool", least=(3, 5), package="promtool"),
        Program(
            name="alertmanager",
            least=(0, 33),
            package="prometheus-alertmanager",
            aliases=("prometheus-alertmanager",),
        ),
        Program(name="amtool", least=(0, 33), package="prometheus-alertmanager"),
    ),
    instead="install Prometheus 3.5, promtool, Alertmanager 0.33 and amtool (or newer) and put them on the PATH",
)
BROWSER = Part(
    name="browser",
    folder="browser",
    programs=(
        Program(
            name="chromium",
            least=(140,),
            package="chromium",
            aliases=("chromium-browser", "google-chrome-stable", "google-chrome"),
        ),
        # Playwright's own comes with it, but not the one library that it needs.
        Program(name="node", least=(20,), package="libatomic1"),
    ),
    instead="install Chromium 140 and Node 20 (or newer) and put them on the PATH as `chromium` and `node`",
)
PARTS = (MONITORING, BROWSER)
PROGRAMS = tuple(program for part in PARTS for program in part.programs)


def dotted(version: Version) -> str:
    """A version as one writes it."""
    return ".".join(map(str, version))


def version_in(text: str) -> Version | None:
    """The version in what ``--version`` prints (``promtool, version 3.5.3+ds1 (branch: ...``), if it is there."""
    found = re.search(r"(?:^|(?:version|Chromium|Chrome|for Testing) )v?(\d+(?:\.\d+)+)", text)
    return tuple(map(int, found[1].split("."))) if found else None


def version_of(path: Path) -> Version | None:
    """The version of a program; ``None`` where it cannot be run or says none."""
    try:
        done = subprocess.run(  # noqa: S603 - a program of the path or of our own cache
            [path, "--version"], capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return version_in(done.stdout + done.stderr) if done.returncode == 0 else None


def new_enough(program: Program, path: Path) -> bool:
    """Whether the program there runs and is at least as new as needed."""
    version = version_of(path)
    return version is not None and version >= program.least


def on_path(program: Program, search: str) -> Path | None:
    """The program on a search path, under any of its names, where it is new enough."""
    for name in (program.name, *program.aliases):
        found = shutil.which(name, path=search)
        if found and new_enough(program, Path(found).resolve()):
            return Path(found).resolve()
    return None
