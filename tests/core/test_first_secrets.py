"""The secrets that Compose's `init` makes: whatever is missing, and nothing else is touched or shown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from plimsoll.errors import SecretError
from plimsoll.first_secrets import AMTOOL, PASSWORD, SECRETS, main, make_missing

FILES = [name for names in SECRETS.values() for name in names]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one folder for each program, as the volumes are."""
    for name in {Path(name).parent for name in FILES}:
        (tmp_path / name).mkdir()
    return tmp_path


def contents(folder: Path) -> dict[str, str]:
    """What every file holds."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_everything_is_made_at_first(folder: Path):
    """In empty volumes every secret is made, long and each its own, for owner and group only."""
    made = make_missing(folder)
    assert {str(path.relative_to(folder)) for path in made} == {*FILES, AMTOOL}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o640}
    secrets = {contents(folder)[names[0]].strip() for names in SECRETS.values()}
    assert len(secrets) == len(SECRETS)
    assert min(map(len, secrets)) == 64


def test_programs_that_share_a_secret_hold_the_same(folder: Path):
    """The token that Alertmanager sends is the one that the enforcer knows, and so on."""
    make_missing(folder)
    found = contents(folder)
    for names in SECRETS.values():
        assert len({found[name] for name in names}) == 1


def test_a_second_start_changes_nothing(folder: Path):
    """What is there is never overwritten."""
    make_missing(folder)
    before = contents(folder)
    assert make_missing(folder) == ()
    assert contents(folder) == before


@pytest.mark.parametrize("lost", FILES)
def test_a_lost_copy_is_made_from_the_one_that_is_there(folder: Path, lost: str):
    """When one volume is lost the others keep what they have, and the lost copy fits them."""
    make_missing(folder)
    before = contents(folder)
    (folder / lost).unlink()
    made = make_missing(folder)
    assert folder / lost in made
    shared = next(names for names in SECRETS.values() if lost in names)
    after = contents(folder)
    assert len({after[name] for name in shared}) == 1
    assert {name: after[name] for name in before if name != lost} == {n: t for n, t in before.items() if n != lost}


def test_copies_that_differ_are_told_and_left_alone(folder: Path):
    """Nobody can say which of two different copies is right, so that nothing is changed and both are named."""
    make_missing(folder)
    (folder / "exporter/report.token").write_text("mine\n")
    before = contents(folder)
    with pytest.raises(SecretError, match=r"reports differs between .*exporter/report.token and .*simulator"):
        make_missing(folder)
    assert contents(folder) == before


def test_an_empty_file_is_told(folder: Path):
    """A file that was emptied by hand is no secret, and is not taken for a missing one either."""
    make_missing(folder)
    (folder / PASSWORD).write_text("\n")
    with pytest.raises(SecretError, match=r"alertmanager\.password: empty; remove it and start again"):
        make_missing(folder)


def test_what_is_no_text_is_told(folder: Path):
    """A file that holds no text at all is told by its name."""
    (folder / PASSWORD).write_bytes(b"\xff\xfe")
    with pytest.raises(SecretError, match=r"alertmanager\.password: cannot be read"):
        make_missing(folder)


def test_a_volume_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Where a folder is missing the command ends with 1 and says which."""
    assert main(["--folder", str(tmp_path)]) == 1
    assert "alertmanager.password: cannot be written (No such file or directory)" in capsys.readouterr().err


def test_half_a_file_of_a_killed_start_is_no_obstacle(folder: Path):
    """A start that was killed while it wrote leaves a part, which the next one replaces."""
    (folder / "grafana" / ".admin.password.part").write_text("half")
    make_missing(folder)
    assert (folder / "grafana" / "admin.password").read_text().strip() != "half"
    assert not list(folder.rglob("*.part"))


def test_amtool_logs_in_with_the_password_of_now(folder: Path):
    """Who changes the password by hand in all places has amtool's own file made anew, and nothing else."""
    make_missing(folder)
    for name in SECRETS["Alertmanager's password"]:
        (folder / name).write_text("new:and/odd\n")
    assert make_missing(folder) == (folder / AMTOOL,)
    assert "http://plimsoll:new%3Aand%2Fodd@127.0.0.1:9093" in (folder / AMTOOL).read_text()


def test_nothing_secret_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]):
    """The command says where everything is and how to sign in, at the chosen ports, and shows no secret."""
    assert main(["--folder", str(folder), "--grafana-port", "3300"]) == 0
    first = capsys.readouterr().out
    assert main(["--folder", str(folder), "--grafana-port", "3300"]) == 0
    again = capsys.readouterr().out
    for text in (first, again):
        assert "http://127.0.0.1:3300   Grafana, user admin" in text
        assert not any(secret.strip() in text for name, secret in contents(folder).items() if name != AMTOOL)
    assert again.startswith("every token and password was there already")
