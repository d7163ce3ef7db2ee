"""``python -m plimsoll.first_secrets``: the first thing that Compose runs; makes the secrets between containers.

One folder for each program, so that each container is given its own and no other. What is there is never changed;
a copy that is missing is made from the one that is there. Shows where they are and never what they are.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

from plimsoll.errors import SecretError
from plimsoll.text import one_line

FILE_MODE = 0o640
BYTES = 32

PASSWORD = "alertmanager/alertmanager.password"  # noqa: S105 - the name of a file
AMTOOL = "alertmanager/config.yml"
AMTOOL_TEXT = """\
# Made by init for amtool in Alertmanager's container; made anew when the password is another one.
alertmanager.url: "http://plimsoll:{password}@127.0.0.1:9093"
"""

SECRETS: Mapping[str, tuple[str, ...]] = {
    "Alertmanager's password": (
        PASSWORD,
        "exporter/alertmanager.password",
        "enforcer/alertmanager.password",
    ),
    "the token by which Alertmanager tells the enforcer of breaches": (
        "enforcer/webhook.token",
        "alertmanager/webhook.token",
    ),
    "the operator's token": ("enforcer/operator.token",),
    "the token of the bots' reports": ("exporter/report.token", "simulator/report.token"),
    "Grafana's first password": ("grafana/admin.password",),
    "the key of Grafana's database": ("grafana/secret.key",),
}
"""Every secret with the files that hold it, below the folder of all."""

TOLD = """
Plimsoll is starting. Where to look, and how to sign in:

  http://127.0.0.1:{grafana}   Grafana, user admin; its password:
      docker compose exec grafana cat /plimsoll/tokens/admin.password
  http://127.0.0.1:{status}   the status page
  http://127.0.0.1:{button}   the red button; the operator's token:
      docker compose exec enforcer cat /plimsoll/tokens/operator.token

Alertmanager: docker compose exec alertmanager amtool alert
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make what is missing and say how to sign in; 0 fine, 1 something is wrong, 2 unusable arguments."""
    options = _parser().parse_args(arguments)
    try:
        made = make_missing(options.folder)
    except SecretError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for path in made:
        sys.stdout.write(f"made {one_line(str(path))}\n")
    if not made:
        sys.stdout.write("every token and password was there already; nothing was changed\n")
    sys.stdout.write(TOLD.format(grafana=options.grafana_port, status=options.status_port, button=options.button_port))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="plimsoll.first_secrets", description=__doc__, allow_abbrev=False)
    parser.add_argument("--folder", type=Path, required=True, metavar="DIR", help="with one folder for each program")
    for name, usual in (("grafana", 3000), ("status", 9713), ("button", 9714)):
        parser.add_argument(f"--{name}-port", type=int, default=usual, metavar="PORT", help=f"to be told ({usual})")
    return parser


def make_missing(folder: Path, *, new: Callable[[], str] = lambda: token_hex(BYTES)) -> tuple[Path, ...]:
    """Make every secret, or copy of one, that is not there.

    Args:
        folder: Has one folder for each program already.
        new: Makes a secret.

    Returns:
        The files that were made.

    Raises:
        SecretError: A file cannot be read or written, is empty, or two copies differ; nothing that is there is changed.
    """
    made: list[Path] = []
    for what, names in SECRETS.items():
        files = [folder / name for name in names]
        there = {path: _read(path) for path in files if path.exists()}
        if len(set(there.values())) > 1:
            raise SecretError(
                f"{what} differs between {' and '.join(map(_name, there))}; remove the wrong one and start again"
            )
        secret = next(iter(there.values())) if there else new()
        for path in files:
            if path not in there:
                _write(path, secret)
                made.append(path)
    return (*made, *_tell_amtool(folder))


def _tell_amtool(folder: Path) -> tuple[Path, ...]:
    """Where amtool finds Alertmanager and how it logs in; it takes a password from a URL only.

    Raises:
        SecretError: A file cannot be read or written.
    """
    path = folder / AMTOOL
    text = AMTOOL_TEXT.format(password=quote(_read(folder / PASSWORD), safe="")).rstrip()
    if path.exists() and _read(path) == text:
        return ()
    _write(path, text)
    return (path,)


def _read(path: Path) -> str:
    """What is there.

    Raises:
        SecretError: It cannot be read, or is empty.
    """
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"{_name(path)}: cannot be read ({_reason(error)}); init must be able to") from error
    if not text:
        raise SecretError(f"{_name(path)}: empty; remove it and start again, a new one is made then")
    return text


def _write(path: Path, secret: str) -> None:
    """Write a file whole, or not at all: one that is cut off would never be made again.

    Raises:
        SecretError: It cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), FILE_MODE)
            file.write(f"{secret}\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise SecretError(f"{_name(path)}: cannot be written ({_reason(error)})") from error


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


def _name(path: Path) -> str:
    return one_line(str(path))


if __name__ == "__main__":
    sys.exit(main())
