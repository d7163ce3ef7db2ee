"""``make tools``: where it finds programs, what it asks the package manager, and that its cache is whole or absent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from tools.programs.__main__ import main
from tools.programs.cache import provide, tool, versions
from tools.programs.packages import ATTEMPTS, CommandFailed, run_command, unpack_packages
from tools.programs.sources import current_suite, release_in, sources_in
from tools.programs.wanted import MONITORING, PROGRAMS, Program, ToolError, dotted, version_in

DEBIAN = 'ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
PARAGRAPHS = """\
Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

# Ours:
Types: deb
URIs: http://mirror.example/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
LINES = """\
# deb http://off.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb [arch=amd64 signed-by=/keys/other.gpg] https://other.example/apt cloud main
deb [arch=amd64 signed-by=/keys/debian.gpg] https://mirror.example/debian bookworm main contrib
"""
NAMES = [each.name for each in PROGRAMS]
SID = "deb http://a.example/debian sid main"
WATCHING = MONITORING.programs
LEAST = {each.name: dotted(each.least) for each in WATCHING}


def program(path: Path, version: str) -> None:
    """A program that says its version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{path.name}, version {version} (branch: x)'\n", encoding="utf-8")
    path.chmod(0o755)


class Packages:
    """Packages with the programs named; ``asked`` is what was asked for."""

    def __init__(self, **found: str) -> None:
        """Hold programs of these versions."""
        self.found, self.asked = found, []

    def __call__(self, programs: Iterable[Program], target: Path) -> None:
        """Unpack them all."""
        self.asked += [each.package for each in programs]
        for name, version in self.found.items():
            program(target / "usr" / "bin" / name.replace("_", "-"), version)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache that is not there yet."""
    return tmp_path / "cache"


def no_packages(_programs: Iterable[Program], _target: Path) -> None:
    """Nothing may be fetched."""
    raise AssertionError("fetched")


def test_the_path_is_enough(tmp_path: Path, cache: Path):
    """Programs of the PATH that are new enough are used as they are, under Debian's name for Alertmanager too."""
    for name, version in LEAST.items():
        program(tmp_path / "path" / name.replace("alertmanager", "prometheus-alertmanager"), version)

    provide(cache, str(tmp_path / "path"), MONITORING, no_packages)

    assert versions(cache, WATCHING) == LEAST
    assert tool(cache, "promtool").resolve() == tmp_path / "path" / "promtool"


@pytest.fixture
def search(tmp_path: Path) -> str:
    """A PATH with everything but promtool, of which it has an old one."""
    for name, version in {**LEAST, "promtool": "2.42.0"}.items():
        program(tmp_path / "path" / name, version)
    return str(tmp_path / "path")


def test_what_is_too_old_comes_from_packages(search: str, cache: Path):
    """Only what is missing or too old is fetched, once: later there is no need of a network."""
    packages = Packages(promtool="3.5.3")

    provide(cache, search, MONITORING, packages)
    provide(cache, search, MONITORING, no_packages)

    assert packages.asked == ["promtool"]
    assert versions(cache, WATCHING) == {**LEAST, "promtool": "3.5.3"}


@pytest.mark.parametrize("spoilt", ["remove", "empty"])
def test_a_spoilt_cache_is_made_anew(search: str, cache: Path, spoilt: str):
    """A program that is gone from the cache, or does not run, is fetched again."""
    provide(cache, search, MONITORING, Packages(promtool="3.5.3"))
    found = tool(cache, "promtool").resolve()
    found.unlink() if spoilt == "remove" else found.write_text("")

    provide(cache, search, MONITORING, Packages(promtool="3.6.0"))

    assert versions(cache, WATCHING)["promtool"] == "3.6.0"


@pytest.mark.parametrize(
    ("packages", "sentence"),
    [
        (Packages(promtool="3.4.9"), "older than 3.5: put a newer promtool on the PATH"),
        (Packages(), "the package promtool of this distribution holds no promtool"),
    ],
)
def test_packages_that_do_not_do_leave_nothing(search: str, cache: Path, packages: Packages, sentence: str):
    """What is too old or not there is told in a sentence, and the cache stays as it was."""
    with pytest.raises(ToolError, match=sentence):
        provide(cache, search, MONITORING, packages)

    assert [path.name for path in cache.iterdir()] == ["packages.lock"]


def test_a_missing_program_is_an_error(cache: Path):
    """A test that needs a program fails and says what to do; nothing is skipped."""
    with pytest.raises(ToolError, match=r"promtool is not in .*: run `make tools`"):
        tool(cache, "promtool")


@pytest.mark.parametrize(
    ("release", "lists", "line"),
    [
        (
            DEBIAN,
            [PARAGRAPHS],
            "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian sid main",
        ),
        (DEBIAN, [LINES], "deb [signed-by=/keys/debian.gpg] https://mirror.example/debian sid main"),
        (
            "ID=linuxmint\nID_LIKE='ubuntu debian'\nVERSION_CODENAME=zena\nUBUNTU_CODENAME=noble\n",
            ["deb mirror+file:/etc/apt/mirrors.txt noble main universe\n"],
            "deb mirror+file:/etc/apt/mirrors.txt devel main universe",
        ),
        (
            "ID=debian\n",
            ["deb http://mirror.example/debian unstable main"],
            "deb http://mirror.example/debian sid main",
        ),
    ],
)
def test_the_current_suite_is_where_the_machine_gets_its_own(release: str, lists: list[str], line: str):
    """Address and key are those of the machine's own suite, in either form of list; other sources are passed over."""
    assert current_suite(release_in(release), lists) == line


@pytest.mark.parametrize(
    ("release", "sentence"),
    [
        ("ID=fedora\n", "this is no Debian-like system"),
        (DEBIAN, "no package source of this debian release is configured here"),
    ],
)
def test_other_machines_are_told_why_not(release: str, sentence: str):
    """Without a source of the distribution one sentence says what is amiss."""
    with pytest.raises(ToolError, match=sentence):
        current_suite(release_in(release), ["deb https://other.example/apt cloud main\n"])


def test_disabled_sources_are_none():
    """A paragraph that is switched off is passed over; a key written into the list leaves it to the trusted keys."""
    text = "Types: deb deb-src\nURIs: http://a.example/debian\nSuites: sid\nSigned-By:\n -----BEGIN\n .\n X\n"

    assert list(sources_in(text + "Enabled: no\n")) == []
    assert [(each.uri, each.signed_by) for each in sources_in(text)] == [("http://a.example/debian", "")]


class Apt:
    """A package manager that fails some times; ``asked`` are its commands, ``options`` their options."""

    def __init__(self, failures: int) -> None:
        """Fail that often at first."""
        self.failures, self.asked, self.options, self.settings = failures, [], [], ""

    def __call__(self, command: Sequence[str | Path], folder: Path) -> str:
        """Carry out a command, or not."""
        words = [str(each) for each in command]
        self.options += [word for before, word in pairwise(words) if before == "-o"]
        self.asked.append(next(word for word in words if word in {"update", "download", "--extract"}))
        self.settings = (folder / "apt.conf").read_text(encoding="utf-8")
        if self.failures:
            self.failures -= 1
            raise CommandFailed("503 no such host")
        if "download" in words:
            (folder / f"{words[-1]}_3.5.3_amd64.deb").touch()
        return ""


def test_a_failed_download_is_tried_again_from_the_index(tmp_path: Path):
    """Indexes and packages change between two calls: whatever fails, the next attempt begins with a fresh index."""
    apt, pauses = Apt(failures=2), []

    unpack_packages([SID], ["promtool"], tmp_path, run=apt, pause=pauses.append)

    assert apt.asked == ["update", "update", "update", "download", "--extract"]
    assert pauses == sorted(pauses)
    assert len(pauses) == 2


def test_an_unreachable_source_is_told_in_a_sentence(tmp_path: Path):
    """After several attempts the reason is told."""
    apt, pauses = Apt(failures=99), []

    with pytest.raises(ToolError, match=r"promtool cannot be had .*503 no such host"):
        unpack_packages([SID], ["promtool"], tmp_path, run=apt, pause=pauses.append)

    assert len(apt.asked) == ATTEMPTS
    assert len(pauses) == ATTEMPTS - 1


def test_the_machines_own_package_lists_are_not_touched(tmp_path: Path):
    """Lists, state and cache are private ones, and an index that fails is an error rather than a warning."""
    apt = Apt(failures=0)

    unpack_packages([SID], ["promtool"], tmp_path, run=apt)

    named = dict(option.split("=", 1) for option in apt.options)
    private = ("Dir::Etc::sourcelist", "Dir::State::lists", "Dir::State::status", "Dir::Cache")
    assert all("plimsoll-packages-" in named[name] for name in private)
    assert named["Dir::Etc::sourceparts"] == "/dev/null"
    assert named["APT::Update::Error-Mode"] == "any"
    assert "#clear APT::Update::Post-Invoke;" in apt.settings


def test_a_command_says_why_it_failed(tmp_path: Path):
    """The reason of a failed command is what it complained of; one that is not there fails like any other."""
    with pytest.raises(CommandFailed, match="no room"):
        run_command(["sh", "-c", "echo no room >&2; exit 3"], tmp_path)
    with pytest.raises(CommandFailed, match="no-such-program"):
        run_command(["no-such-program"], tmp_path)
    assert run_command(["sh", "-c", "echo $LC_ALL"], tmp_path) == "C.UTF-8\n"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("promtool, version 3.5.3+ds1 (branch: debian/sid, revision: 3.5.3+ds1-6)", (3, 5, 3)),
        ("prometheus, version 3.14.0 (branch: HEAD)", (3, 14, 0)),
        ("amtool, version v0.33.1", (0, 33, 1)),
        ("Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)", (156, 0, 8078, 79)),
        ("Google Chrome for Testing 145.0.7632.6", (145, 0, 7632, 6)),
        ("v24.1.0", (24, 1, 0)),
        ("usage: promtool", None),
    ],
)
def test_versions_are_read(text: str, version: tuple[int, ...] | None):
    """The version is read from what ``--version`` prints, whatever the packager adds."""
    assert version_in(text) == version


def test_the_command_prints_the_versions(capsys: pytest.CaptureFixture[str]):
    """``make tools`` on this tree, whose tools are there already when tests run, tells the versions of all."""
    assert main([]) == 0

    told = dict(each.split() for each in capsys.readouterr().out.removeprefix("tools: ").split(","))
    assert list(told) == NAMES
    assert "missing" not in told.values()


def test_a_part_is_had_alone(capsys: pytest.CaptureFixture[str]):
    """What the demo needs is had without a browser; a part that is none is refused."""
    assert main(["monitoring"]) == 0
    assert "chromium" not in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["telescope"])
