"""Chromium with everything it needs: from the distribution's own packages, else by Playwright's own download; and Node.

The packages are unpacked with the libraries and fonts that they depend on, so that nothing need be installed; a small
script beside them starts it so that it finds both, and no fonts of the machine: pictures are the same anywhere.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import playwright
from tools.programs.packages import CommandFailed, Run, run_command, unpack_packages
from tools.programs.sources import own_suites
from tools.programs.wanted import Program, ToolError

CHROMIUM = "chromium"
FONTS = ("fonts-inter", "fonts-liberation", "fonts-dejavu-core")
"""One for screens, sans and mono of Arial's and Courier's widths, and one that has nearly every sign."""
_NEEDED = re.compile(r"chromium|fonts-|zlib1g|lib(?!c6$|c-bin$|llvm|z3-|perl|gl1-mesa-dri|systemd-shared)")
"""Of what it depends on: libraries and fonts. Not the C library, which must be the one that the machine's linker is of,
nor drivers of graphic cards, which are large and which a browser without a window does not load."""

FONT_FILE = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="xdg">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>sans-serif</family><prefer><family>Liberation Sans</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
  <alias><family>serif</family><prefer><family>Liberation Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>Liberation Mono</family></prefer></alias>
  <alias><family>Arial</family><accept><family>Liberation Sans</family></accept></alias>
  <alias><family>Helvetica</family><accept><family>Liberation Sans</family></accept></alias>
  <match target="pattern"><edit name="family" mode="append_last"><string>Inter</string></edit></match>
</fontconfig>
"""
_HEAD = """\
#!/bin/sh
# A program as `make tools` unpacked it, with the libraries and fonts beside it.
here=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
export XDG_CONFIG_HOME="$here/config"
"""
_LIBRARIES = """\
libraries=
for each in {folders}; do libraries="${{libraries:+$libraries:}}$here/$each"; done
export LD_LIBRARY_PATH="$libraries${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
"""
_FONTS = """\
export FONTCONFIG_FILE="$here/fonts.conf" XDG_DATA_HOME="$here/usr/share" XDG_CACHE_HOME="$here/cache"
"""
NODE = Path(playwright.__file__).parent / "driver" / "node"
"""Playwright's own."""
_CHROMIUM = Path("usr", "lib", "chromium", "chromium")
_WHERE = "from playwright.sync_api import sync_playwright as p\nwith p() as q: print(q.chromium.executable_path)"


def fetch_chromium(
    programs: Sequence[Program],
    target: Path,
    release: Mapping[str, str],
    lists: Iterable[str],
    *,
    run: Run = run_command,
) -> None:
    """Put Chromium and a script that starts it into a folder.

    Raises:
        ToolError: Neither packages nor Playwright have it for this machine; with both reasons.
    """
    try:
        unpack_packages(own_suites(release, lists), _packages(programs), target, needed=is_needed, run=run)
        write_starters(programs, target)
    except ToolError as packages:
        if CHROMIUM not in {each.name for each in programs}:
            raise
        try:
            _by_playwright(target, run)
        except CommandFailed as failed:
            reason = re.sub(r"(?s)^.*?Error: (.*?) at .*$", r"\1", str(failed))
            raise ToolError(f"{packages}; Playwright's download failed ({reason})") from packages


def _packages(programs: Iterable[Program]) -> Iterable[str]:
    for each in programs:
        yield each.package
        if each.name == CHROMIUM:
            yield from FONTS


def is_needed(name: str) -> bool:
    """Whether a package that Chromium depends on is unpacked with it."""
    return bool(_NEEDED.match(name))


def write_starters(programs: Iterable[Program], target: Path) -> None:
    """Write the scripts that start what was unpacked, and the configuration of the fonts.

    Raises:
        ToolError: The packages hold no browser.
    """
    found = {
        path.parent.relative_to(target) for top in ("lib", "usr/lib") for path in target.glob(f"{top}/**/lib*.so*")
    }
    libraries = _LIBRARIES.format(folders=shlex.join(sorted(map(str, found - {_CHROMIUM.parent}))))
    for each in programs:
        if each.name != CHROMIUM:
            _write(target, each.name, libraries, NODE)
        elif (target / _CHROMIUM).exists():
            (target / "fonts.conf").write_text(FONT_FILE, encoding="utf-8")
            _write(target, CHROMIUM, libraries + _FONTS, _CHROMIUM)
        else:
            raise ToolError("the packages of this distribution hold no Chromium")


def _by_playwright(target: Path, run: Run) -> None:
    """What Playwright would download for itself, into our folder."""
    browsers = target / "playwright"
    python = ("env", f"PLAYWRIGHT_BROWSERS_PATH={browsers}", sys.executable)
    run([*python, "-m", "playwright", "install", "--no-shell", "chromium"], target)
    program = Path(run([*python, "-c", _WHERE], target).strip())
    _write(target, CHROMIUM, "", program.relative_to(target))


def _write(target: Path, name: str, middle: str, program: Path) -> None:
    script = target / "usr" / "bin" / name
    script.parent.mkdir(parents=True, exist_ok=True)
    script.unlink(missing_ok=True)
    start = shlex.quote(str(program)) if program.is_absolute() else f'"$here"/{shlex.quote(str(program))}'
    script.write_text(f'{_HEAD}{middle}exec {start} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
