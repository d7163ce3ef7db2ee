"""Secret files: what is read, what is refused with which remedy, and that nothing of them is ever shown.

Judged are mode bits, not what this process may open, so that these tests say the same when root runs them.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from plimsoll.config.secrets import (
    MAX_BYTES,
    on_read_only_mount,
    read_private_key,
    read_secret,
)
from plimsoll.errors import SecretError
from plimsoll.logs import masked
from plimsoll.secret import Secret

PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIMadeUpMadeUpMadeUp\n-----END PRIVATE KEY-----\n"


def secret_file(folder: Path, content: bytes | str, mode: int = 0o640, name: str = "eon.secret") -> Path:
    """A file with this content and mode."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"])
def test_line_breaks_at_the_end_do_not_count(tmp_path: Path, ending: str):
    """However an editor ends the file, the secret is the same."""
    assert read_secret(secret_file(tmp_path, f"made-up-secret{ending}")) == Secret("made-up-secret")


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o440, 0o400, 0o660])
def test_a_file_closed_to_the_world_is_fine(tmp_path: Path, mode: int, caplog: pytest.LogCaptureFixture):
    """Owner and group may read; nothing is said about it."""
    assert read_secret(secret_file(tmp_path, "made-up-secret", mode)).reveal() == "made-up-secret"
    assert caplog.records == []


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o666, 0o444])
def test_a_file_open_to_the_world_is_refused(tmp_path: Path, mode: int):
    """Where the mode can be mended the file is refused, with the command that mends it."""
    path = secret_file(tmp_path, "made-up-secret", mode)
    with pytest.raises(
        SecretError, match=rf"readable by everybody \(mode {mode:04o}\); run: chmod 640 {path}"
    ) as caught:
        read_secret(path)
    assert "made-up" not in str(caught.value)


def test_a_file_open_to_the_world_under_a_read_only_mount_is_warned_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """Where nobody here can mend the mode the secret is read, and the log says what is wrong."""
    path = secret_file(tmp_path, "made-up-secret", 0o644)
    with caplog.at_level(logging.WARNING):
        assert read_secret(path, read_only=lambda _descriptor: True).reveal() == "made-up-secret"
    assert caplog.messages == [
        f"{path}: readable by everybody (mode 0644) under a read-only mount; make it 0640 at its source"
    ]


def test_a_folder_that_tests_write_to_is_no_read_only_mount(tmp_path: Path):
    """The judgement about the mount comes from the system."""
    with secret_file(tmp_path, "x").open("rb") as file:
        assert on_read_only_mount(file.fileno()) is False


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty; write the secret into it"),
        (b"\r\n\n", "empty; write the secret into it"),
        (b"made up", "has a space or line break inside; it must hold the secret alone, on one line"),
        (b"made\r\nup", "has a space or line break inside; it must hold the secret alone, on one line"),
        (b" made-up", "has a space or line break inside; it must hold the secret alone, on one line"),
        (b"made-up \n", "has a space or line break inside; it must hold the secret alone, on one line"),
        (b"\xef\xbb\xbfmade-up", "has invisible characters; write the secret into it as plain text"),
        (b"made\x00up", "has invisible characters; write the secret into it as plain text"),
        (b"made\xffup", "not text; write the secret into it as plain text"),
        (b"m" * (MAX_BYTES + 1), "far too large for a secret"),
    ],
)
def test_a_file_that_is_no_secret_is_refused(tmp_path: Path, content: bytes, told: str):
    """What a secret cannot be is refused with the path and the remedy, and nothing of it is shown."""
    path = secret_file(tmp_path, content)
    with pytest.raises(SecretError) as caught:
        read_secret(path)
    assert str(caught.value) == f"{path}: {told}"


def test_a_missing_file_is_told(tmp_path: Path):
    """A missing file is told with its path and what to do."""
    with pytest.raises(SecretError, match=r"absent.key: no such file; create it with mode 640"):
        read_secret(tmp_path / "absent.key")


def test_a_path_through_a_file_is_told(tmp_path: Path):
    """What the system refuses to open is told in the system's words."""
    with pytest.raises(SecretError, match=r"cannot be read \(Not a directory\)"):
        read_secret(secret_file(tmp_path, "x") / "eon.key")


def test_a_folder_or_a_pipe_is_no_secret(tmp_path: Path):
    """A folder is refused, and a pipe that nobody writes to is refused without waiting for it."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(SecretError, match="not a file; it must be a file that holds the secret"):
            read_secret(path)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that opens and cannot be read")
def test_a_file_that_fails_while_it_is_read_is_told():
    """An error of the medium is told in the system's words."""
    with pytest.raises(SecretError, match=r"/proc/self/mem: cannot be read \("):
        read_secret(Path("/proc/self/mem"))


def test_a_private_key_is_read_with_its_lines(tmp_path: Path):
    """A PEM file keeps its line breaks, whatever system wrote them."""
    assert read_private_key(secret_file(tmp_path, PEM.replace("\n", "\r\n"))).reveal() == PEM


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("\n", "empty; write the private key into it"),
        ("made-up-secret", "not a private key in PEM form (-----BEGIN PRIVATE KEY-----)"),
        (PEM.replace("PRIVATE", "PUBLIC"), "not a private key in PEM form (-----BEGIN PRIVATE KEY-----)"),
        (
            PEM.replace("PRIVATE", "ENCRYPTED PRIVATE"),
            "has a pass phrase; write the key without one, the file's mode protects it",
        ),
    ],
)
def test_what_is_no_private_key_is_refused(tmp_path: Path, content: str, told: str):
    """A public key, a key with a pass phrase or a plain secret is refused where a private key belongs."""
    path = secret_file(tmp_path, content)
    with pytest.raises(SecretError) as caught:
        read_private_key(path)
    assert str(caught.value) == f"{path}: {told}"


def test_what_was_read_is_masked_in_logs(tmp_path: Path):
    """From the moment a secret is read no log line shows it, a private key's lines included."""
    read_secret(secret_file(tmp_path, "a-secret-of-this-test"))
    read_private_key(secret_file(tmp_path, PEM, name="eon.pem"))
    line = masked(f"told a-secret-of-this-test and {PEM.splitlines()[1]}")
    assert line == "told *** and ***"
