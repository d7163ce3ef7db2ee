"""Writing what was rendered: modes, whole files, folders that Git ignores."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from plimsoll.errors import RenderFailed
from plimsoll.render.files import make_folder, write


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_others_cannot_read_what_is_written(tmp_path: Path):
    """Files are 0640 and folders 0750, whatever they were before."""
    make_folder(tmp_path / "prometheus" / "rendered")
    path = tmp_path / "prometheus" / "rendered" / "deep" / "file"
    assert write(path, "a")
    assert (mode(path), mode(path.parent), mode(path.parent.parent)) == (0o640, 0o750, 0o750)
    path.chmod(0o644)
    assert not write(path, "a")
    assert mode(path) == 0o640


def test_the_same_text_is_left_alone(tmp_path: Path):
    """Writing what is there already changes no file, so that nobody reloads for nothing."""
    path = tmp_path / "file"
    assert write(path, "first")
    before = path.stat()
    assert not write(path, "first")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert write(path, "second")
    assert path.read_text(encoding="utf-8") == "second"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path):
    """A link in the place of a file is replaced; what it pointed to stays as it was."""
    target = tmp_path / "elsewhere"
    target.write_text("theirs", encoding="utf-8")
    (tmp_path / "file").symlink_to(target)
    assert write(tmp_path / "file", "ours")
    assert target.read_text(encoding="utf-8") == "theirs"


def test_git_ignores_the_folder(tmp_path: Path):
    """In a repository nothing of a rendered folder is ever offered to be committed."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)  # noqa: S603, S607 - our own folder
    make_folder(tmp_path / "out")
    write(tmp_path / "out" / "alertmanager.password", "made-up")
    command = ["git", "-C", tmp_path, "status", "--porcelain", "-uall"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == ""  # noqa: S603 - as above


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path):
    """A file in the way of a folder, or a folder in the way of a file, is an error with the way out; no rest stays."""
    (tmp_path / "out").write_text("", encoding="utf-8")
    with pytest.raises(RenderFailed, match=r"/out: cannot be written \(.*\); name a folder of your own with --out"):
        make_folder(tmp_path / "out")
    (tmp_path / "taken" / "inside").mkdir(parents=True)
    with pytest.raises(RenderFailed, match=r"/taken: cannot be written"):
        write(tmp_path / "taken", "text")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out", "taken"]
