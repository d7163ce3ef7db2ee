"""Where ``make tools`` has Chromium from, what is unpacked with it, and how it is started."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from tools.programs.chromium import FONTS, NODE, fetch_chromium, is_needed, write_starters
from tools.programs.packages import CommandFailed
from tools.programs.sources import own_suites, release_in
from tools.programs.wanted import BROWSER, ToolError

DEBIAN = release_in("ID=debian\nVERSION_CODENAME=bookworm\n")
LISTS = """\
deb [signed-by=/keys/debian.gpg] http://mirror.example/debian bookworm main contrib
deb http://mirror.example/debian bookworm-updates main
deb http://mirror.example/debian bookworm-backports main
deb http://mirror.example/debian sid main
deb http://security.example/debian-security bookworm-security main
deb http://other.example/apt cloud main
"""
SIMULATED = """\
Inst libc6 (2.36-9 Debian:12.11/stable [amd64])
Inst libnss3 (2:3.87 Debian:12.11/stable [amd64])
Inst perl (5.36.0-7 Debian:12.11/stable [amd64])
Inst chromium (150.0 Debian:12.11/stable [amd64])
Conf libc6 (2.36-9 Debian:12.11/stable [amd64])
"""
CHROMIUM, NODE_PROGRAM = BROWSER.programs


class Machine:
    """A package manager that has what is named, and a Playwright that may download."""

    def __init__(self, *, packages: bool = True, playwright: bool = True) -> None:
        """Hold packages with a Chromium, or none; let Playwright have one, or none."""
        self.packages, self.playwright, self.asked = packages, playwright, []

    def __call__(self, command: Sequence[str | Path], folder: Path) -> str:
        """Carry out a command, or not."""
        words = [str(each) for each in command]
        if "--simulate" in words:
            return SIMULATED if "chromium" in words else ""
        if "download" in words:
            self.asked = words[words.index("download") + 1 :]
            for each in self.asked:
                (folder / f"{each}_1_amd64.deb").touch()
        elif "--extract" in words and self.packages:
            _unpacked(Path(words[-1]))
        elif words[0] == "env":
            return self._playwright(words)
        return ""

    def _playwright(self, words: Sequence[str]) -> str:
        browsers = Path(words[1].partition("=")[2])
        if not self.playwright:
            raise CommandFailed("'cdn.example' } Error: no such host cdn.example at GetAddrInfo { errno: -3008 }")
        program = browsers / "a folder" / "chrome"
        _program(program, "echo Chromium 150.0 of Playwright")
        return f"{program}\n"


def _unpacked(target: Path) -> None:
    """What the packages of a Chromium leave behind."""
    _program(
        target / "usr" / "lib" / "chromium" / "chromium", 'echo "Chromium 150.0; $LD_LIBRARY_PATH; $FONTCONFIG_FILE"'
    )
    for library in ("lib/x86_64-linux-gnu/libz.so.1", "usr/lib/x86_64-linux-gnu/pulseaudio/libpulsecommon.so"):
        (target / library).parent.mkdir(parents=True, exist_ok=True)
        (target / library).touch()


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def _says(target: Path) -> str:
    command = [target / "usr" / "bin" / "chromium", "--version"]
    env = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout  # noqa: S603 - our own


def test_own_suites_are_what_fits_the_machines_c_library():
    """The machine's own suite with updates and security updates, at their own places; neither newer ones nor others."""
    assert own_suites(DEBIAN, [LISTS]) == (
        "deb [signed-by=/keys/debian.gpg] http://mirror.example/debian bookworm main",
        "deb http://mirror.example/debian bookworm-updates main",
        "deb http://security.example/debian-security bookworm-security main",
    )


def test_rolling_suites_are_taken_where_the_list_knows_no_codename():
    """A machine of testing or sid is served by that name."""
    assert own_suites({"ID": "debian", "VERSION_CODENAME": "forky"}, ["deb http://a.example/debian testing main"]) == (
        "deb http://a.example/debian testing main",
    )


@pytest.mark.parametrize(
    "name", ["libnss3", "libasound2", "zlib1g", "chromium-common", "fonts-dejavu-core", "libcups2"]
)
def test_libraries_and_fonts_are_needed(name: str):
    """What a browser without a window loads is unpacked with it."""
    assert is_needed(name)


@pytest.mark.parametrize(
    "name", ["libc6", "libllvm15", "libgl1-mesa-dri", "perl-base", "systemd", "adwaita-icon-theme"]
)
def test_the_rest_is_not(name: str):
    """Neither the C library, which must be the machine's, nor drivers, icons and services."""
    assert not is_needed(name)


def test_packages_come_with_what_they_need_and_start_with_it(tmp_path: Path):
    """Needed dependencies are downloaded too; the script gives Chromium their libraries and fonts, wherever it lies."""
    machine = Machine()

    fetch_chromium((CHROMIUM,), tmp_path / "new place", DEBIAN, [LISTS], run=machine)
    moved = (tmp_path / "new place").rename(tmp_path / "its place")

    assert machine.asked == ["chromium", *FONTS, "libnss3"]
    libraries = [moved / "lib" / "x86_64-linux-gnu", moved / "usr" / "lib" / "x86_64-linux-gnu" / "pulseaudio"]
    assert _says(moved) == f"Chromium 150.0; {':'.join(map(str, libraries))}; {moved / 'fonts.conf'}\n"


def test_node_alone_needs_its_library_alone(tmp_path: Path):
    """Where only Playwright's Node does not run, no browser is fetched; the script runs that Node with the library."""
    machine = Machine()

    fetch_chromium((NODE_PROGRAM,), tmp_path, DEBIAN, [LISTS], run=machine)

    assert machine.asked == ["libatomic1"]
    assert f'exec {NODE} "$@"' in (tmp_path / "usr" / "bin" / "node").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("release", "machine"), [({"ID": "ubuntu"}, Machine()), ({}, Machine()), (DEBIAN, Machine(packages=False))]
)
def test_playwright_downloads_where_packages_hold_none(tmp_path: Path, release: dict[str, str], machine: Machine):
    """Without Debian's packages, or with ones that only point elsewhere, Playwright's download is used."""
    fetch_chromium((CHROMIUM,), tmp_path, release, [LISTS], run=machine)

    assert _says(tmp_path) == "Chromium 150.0 of Playwright\n"


def test_both_reasons_are_told(tmp_path: Path):
    """Where neither way leads to a browser, the sentence says why for both."""
    with pytest.raises(ToolError, match=r"not Debian.*; Playwright's download failed \(no such host cdn.example\)"):
        fetch_chromium((CHROMIUM,), tmp_path, {"ID": "ubuntu"}, [LISTS], run=Machine(playwright=False))


def test_a_hull_without_a_browser_is_told(tmp_path: Path):
    """Packages that hold no Chromium are no browser."""
    with pytest.raises(ToolError, match="hold no Chromium"):
        write_starters((CHROMIUM,), tmp_path)
