"""``plimsoll report``: its arguments, its exit codes, what it says, and that it comes with whatever is there."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from plimsoll.cli import main
from plimsoll.config.load import load
from plimsoll.errors import ConfigError
from plimsoll.report.command import Wanted, make
from plimsoll.report.drawing.artist import MISSING
from plimsoll.report.folder import Form
from plimsoll.report.progress import ProgressBar
from plimsoll.report.times import moment, period

ROOT = Path(__file__).resolve().parents[2]
NOW = 1_791_720_000.0
BERLIN = ZoneInfo("Europe/Berlin")
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    """Programs that never ran: every source is missing."""
    return {
        "PLIMSOLL_EXPORTER__DATA_DIR": str(tmp_path / "exporter"),
        "PLIMSOLL_ENFORCER__DATA_DIR": str(tmp_path / "enforcer"),
        "PLIMSOLL_LINKS__PROMETHEUS": NOBODY,
    }


def called(environ: Mapping[str, str], *arguments: str) -> int:
    """The exit code of the command over the shipped configuration."""
    return main(["report", "--config", str(ROOT / "plimsoll.yml"), *arguments], environ=environ)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("now", NOW),
        ("-30s", NOW - 30),
        ("-1.5h", NOW - 5400),
        ("-2d", NOW - 172_800),
        ("2026-10-11T12:00:00Z", NOW),
        ("2026-10-11T14:00+02:00", NOW),
        ("2026-10-11T14:00", NOW),
    ],
)
def test_moments_are_given_as_people_give_them(text: str, seconds: float):
    """ISO 8601 with an offset, or in the chosen zone; ``now``; so long before now."""
    assert moment(text, now=NOW, zone=BERLIN) == seconds


@pytest.mark.parametrize("text", ["", "yesterday", "2h", "-2y", "--", "2026-13-01", "99999-01-01", "-1e9d"])
def test_what_is_no_moment_is_told_with_examples(text: str):
    """The message names what was given and what would be right."""
    with pytest.raises(ValueError, match=re.escape("e.g. 2026-10-11T12:00:00Z")):
        moment(text, now=NOW, zone=BERLIN)


def test_a_period_ends_by_now_and_begins_before_it_ends():
    """What lies ahead is cut off; reversed, future and endless periods and unknown zones are refused."""
    assert period("-1h", "2027-01-01T00:00Z", "UTC", now=NOW).until == NOW
    for since, until, zone in (
        ("now", "-1h", "UTC"),
        ("-1h", "-1h", "UTC"),
        ("2027-01-01T00:00Z", "2027-01-02T00:00Z", "UTC"),
        ("-53w", "now", "UTC"),
        ("-1h", "now", "Europe/Atlantis"),
        ("-1h", "now", "../../etc/passwd"),
    ):
        with pytest.raises(ValueError, match=r"period|no time zone"):
            period(since, until, zone, now=NOW)


def test_a_report_comes_with_every_source_missing(
    environ: Mapping[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """It is written, exits with 0, and each source that is missing is named there and in the page."""
    assert called(environ, "--account", "eon", "--from", "-2h", "--to", "now", "--out", str(tmp_path)) == 0
    said = capsys.readouterr()
    folder = Path(said.out.removeprefix("wrote ").strip())
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert folder.parent == tmp_path
    for name in ("state database", "enforcer journal", "red-button records", "Prometheus"):
        assert f"missing: {name}: " in said.err
        assert f"<strong>Missing source:</strong> {name}" in page
    assert "0%" in said.err


def test_a_masked_and_quiet_report_in_markdown(
    environ: Mapping[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Neither the name of the folder nor the text names the account; nothing is said of the progress."""
    arguments = ("--account", "eon", "--from", "-2h", "--out", str(tmp_path), "--format", "md", "--mask", "--quiet")
    assert called(environ, *arguments, "--zone", "Europe/Berlin") == 0
    said = capsys.readouterr()
    folder = Path(said.out.removeprefix("wrote ").strip())
    assert folder.name.startswith("report-account-A-")
    assert not re.search(r"\beon\b", (folder / "report.md").read_text(encoding="utf-8"))
    assert "%" not in said.err


@pytest.mark.parametrize(
    "wrong",
    [
        ("--from", "soon"),
        ("--from", "-1h", "--to", "-2h"),
        ("--from", "-1h", "--zone", "Nowhere"),
    ],
)
def test_times_that_make_no_sense_exit_with_2(
    environ: Mapping[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: tuple[str, ...]
):
    """One sentence says what is wrong, and nothing is written."""
    assert called(environ, "--account", "eon", "--out", str(tmp_path / "out"), *wrong) == 2
    assert capsys.readouterr().err.startswith("plimsoll report: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("wrong", [(), ("--account", "eon"), ("--account", "eon", "--from", "-1h", "--format", "pdf")])
def test_unusable_arguments_exit_with_2(environ: Mapping[str, str], wrong: tuple[str, ...]):
    """What is missing or unknown ends in argparse's own way."""
    with pytest.raises(SystemExit) as ended:
        called(environ, *wrong)
    assert ended.value.code == 2


def test_an_unknown_account_exits_with_1_and_names_the_known_ones(
    environ: Mapping[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The known ones are named."""
    assert called(environ, "--account", "neon", "--from", "-1h", "--out", str(tmp_path)) == 1
    assert 'no account "neon"; known: eon, live, source' in capsys.readouterr().err


def test_a_report_that_is_there_is_not_replaced_unasked(
    environ: Mapping[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The second run exits with 1 and says how to replace it; with that it does."""
    arguments = ("--account", "eon", "--from", "2026-01-01T00:00Z", "--to", "2026-01-02T00:00Z", "--out", str(tmp_path))
    assert called(environ, *arguments, "--quiet") == 0
    assert called(environ, *arguments, "--quiet") == 1
    assert "give --overwrite" in capsys.readouterr().err
    assert called(environ, *arguments, "--quiet", "--overwrite") == 0


def test_without_matplotlib_a_report_comes_and_says_how_to_get_pictures(environ: Mapping[str, str], tmp_path: Path):
    """Nobody who draws is no error; an account that is not configured is one."""
    config = load(ROOT / "plimsoll.yml", environ=environ)
    want = Wanted(account="eon", period=period("-1h", "now", "UTC", now=NOW), out=tmp_path, form=Form.HTML)
    told: list[tuple[float, str]] = []
    made = make(
        config, want, now=NOW, progress=lambda share, what: told.append((share, what)), find_artist=lambda: None
    )
    assert (made.folder / "report.html").exists()
    assert MISSING not in made.missing  # nothing is known, so nothing would be drawn
    assert told[0][0] == 0.0
    assert told[-1] == (1.0, "pictures") or told[-1][0] <= 1.0
    with pytest.raises(ConfigError, match="neon"):
        make(
            config,
            Wanted(account="neon", period=want.period, out=tmp_path),
            now=NOW,
            progress=lambda _share, _what: None,
            find_artist=lambda: None,
        )


class Terminal(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere():
    """The bar is drawn over itself and cleared away; of lines there are few; quiet says nothing."""
    terminal, pipe, silent = Terminal(), io.StringIO(), Terminal()
    for file, quiet in ((terminal, False), (pipe, False), (silent, True)):
        bar = ProgressBar(file, quiet=quiet)
        for n in range(101):
            bar(n / 100, "Prometheus")
        bar.end()
    assert "\n" not in terminal.getvalue()
    assert "] 100% Prometheus" in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")
    assert pipe.getvalue().splitlines() == [f"{share:3}% Prometheus".rjust(15) for share in (0, 25, 50, 75, 100)]
    assert silent.getvalue() == ""


def test_no_password_is_in_a_report_or_beside_it(
    environ: Mapping[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """A login in Prometheus's address is used for asking and stands in no file and no message."""
    secret = "a-password-of-this-test-only"
    address = f"http://reader:{secret}@127.0.0.1:9"
    assert called(environ, "--account", "eon", "--from", "-1h", "--out", str(tmp_path), "--prometheus", address) == 0
    said = capsys.readouterr()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path.name for path in files if secret.encode() in path.read_bytes()] == []
    assert secret not in said.out + said.err
