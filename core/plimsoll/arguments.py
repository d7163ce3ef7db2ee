"""The command-line arguments that every program has in common."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from plimsoll import __version__

LEVELS = ("debug", "info", "warning", "error")


def common_parser(prog: str, description: str, *, environ: Mapping[str, str] = os.environ) -> argparse.ArgumentParser:
    """A parser with ``--config``, ``--log-level``, ``--log-format`` and ``--version``; unusable arguments exit with 2.

    The result has ``config`` (a ``Path``; PLIMSOLL_CONFIG where it is not given), ``log_level`` and ``log_format``.
    """
    parser = argparse.ArgumentParser(prog=prog, description=description, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"{prog} {__version__}")
    add_common(parser, config=Path(environ.get("PLIMSOLL_CONFIG") or "plimsoll.yml"), level="info", form="text")
    return parser


def add_common(parser: argparse.ArgumentParser, *, config: Path | str, level: str, form: str) -> None:
    """Add the common options with these defaults (``argparse.SUPPRESS`` for a subcommand that repeats them)."""
    parser.add_argument(
        "--config", type=Path, default=config, metavar="FILE", help="configuration (PLIMSOLL_CONFIG, or plimsoll.yml)"
    )
    parser.add_argument("--log-level", choices=LEVELS, default=level, help="least level that is logged (info)")
    parser.add_argument("--log-format", choices=("text", "json"), default=form, help="form of the log (text)")
