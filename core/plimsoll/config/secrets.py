"""Secret files: read, judged by who else can read them, and registered so that no log ever shows them.

Messages name paths and remedies, never contents. Which files a program reads is told in ``keys``.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path

from plimsoll.errors import SecretError
from plimsoll.logs import register_secret
from plimsoll.secret import Secret
from plimsoll.text import one_line

MAX_BYTES = 65_536

_log = logging.getLogger(__name__)


def on_read_only_mount(descriptor: int) -> bool:
    """Whether an open file lies on a file system that nobody here can write to, so that its mode cannot be mended."""
    return bool(os.fstatvfs(descriptor).f_flag & os.ST_RDONLY)


def read_secret(path: Path, *, read_only: Callable[[int], bool] = on_read_only_mount) -> Secret:
    """Read a secret of one line; line breaks at its end do not count.

    Args:
        path: The file.
        read_only: Tells whether an open file lies on a read-only mount; tests pass their own.

    Raises:
        SecretError: The file is missing, unreadable, too open, empty or not one line; the message names the remedy.
    """
    text = _read(path, read_only).rstrip("\r\n")
    if not text:
        raise SecretError(f"{_name(path)}: empty; write the secret into it")
    if any(char.isspace() for char in text):
        raise SecretError(
            f"{_name(path)}: has a space or line break inside; it must hold the secret alone, on one line"
        )
    if not text.isprintable():
        raise SecretError(f"{_name(path)}: has invisible characters; write the secret into it as plain text")
    return _registered(text)


def read_private_key(path: Path, *, read_only: Callable[[int], bool] = on_read_only_mount) -> Secret:
    """Read a private key in PEM form, without a pass phrase.

    Raises:
        SecretError: As ``read_secret``, or the file is not such a key.
    """
    text = _read(path, read_only).replace("\r\n", "\n").strip()
    if not text:
        raise SecretError(f"{_name(path)}: empty; write the private key into it")
    if not text.startswith("-----BEGIN ") or "PRIVATE KEY-----" not in text.partition("\n")[0]:
        raise SecretError(f"{_name(path)}: not a private key in PEM form (-----BEGIN PRIVATE KEY-----)")
    if "ENCRYPTED" in text:
        raise SecretError(f"{_name(path)}: has a pass phrase; write the key without one, the file's mode protects it")
    return _registered(text + "\n")


def read_secret_text(path: Path, *, read_only: Callable[[int], bool] = on_read_only_mount) -> Secret:
    """Read a secret of any form, such as a private key among other things; masking its part is the caller's.

    Raises:
        SecretError: The file is missing, unreadable or too open; the message names the remedy.
    """
    return Secret(_read(path, read_only))


def _registered(text: str) -> Secret:
    """The text as a secret that no log shows."""
    secret = Secret(text)
    register_secret(secret)
    return secret


def _read(path: Path, read_only: Callable[[int], bool]) -> str:
    """The text of a regular file that is not open to everybody."""
    descriptor = _open(path)
    try:
        _judge(path, descriptor, read_only)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SecretError(f"{_name(path)}: cannot be read ({error.strerror})") from error
    finally:
        os.close(descriptor)
    if len(data) > MAX_BYTES:
        raise SecretError(f"{_name(path)}: far too large for a secret")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise SecretError(f"{_name(path)}: not text; write the secret into it as plain text") from None


def _open(path: Path) -> int:
    """A descriptor of the file; a pipe that nobody writes to does not hang us."""
    try:
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise SecretError(f"{_name(path)}: no such file; create it with mode 640") from error
    except OSError as error:
        raise SecretError(f"{_name(path)}: cannot be read ({error.strerror}); let this program read it") from error


def _judge(path: Path, descriptor: int, read_only: Callable[[int], bool]) -> None:
    """Refuse what is no file, or what everybody can read; warn where its mode cannot be changed."""
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        raise SecretError(f"{_name(path)}: not a file; it must be a file that holds the secret")
    if not mode & stat.S_IROTH:
        return
    open_to_all = f"readable by everybody (mode {stat.S_IMODE(mode):04o})"
    if not read_only(descriptor):
        raise SecretError(f"{_name(path)}: {open_to_all}; run: chmod 640 {_name(path)}")
    _log.warning("%s: %s under a read-only mount; make it 0640 at its source", path, open_to_all)


def _name(path: Path) -> str:
    """The path, fit for a message."""
    return one_line(str(path))
