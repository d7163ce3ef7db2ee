"""The command ``plimsoll``: what needs no program running and holds no key of its own.

Exit codes: 0 fine, 1 something is wrong, 2 unusable arguments.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from plimsoll.arguments import add_common, common_parser
from plimsoll.check import MISSING_EXTRA, check_live, describe_config, describe_findings
from plimsoll.config.load import Examined, examine
from plimsoll.config.model import Config
from plimsoll.credentials import Credentials
from plimsoll.errors import ConfigError, SecretError
from plimsoll.live_check import Verdict
from plimsoll.logs import configure_logging
from plimsoll.web.load import load_web_config
from plimsoll.web.protection import check_web_files


def main(argv: Sequence[str] | None = None, *, environ: Mapping[str, str] = os.environ) -> int:
    """Run the command; the result is the exit code."""
    arguments = _parser(environ).parse_args(argv)
    configure_logging(arguments.log_level, arguments.log_format)
    return _check(examine(arguments.config, environ=environ), live=arguments.live)


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    """The command's arguments; the common ones may stand before or after ``check``."""
    parser = common_parser("plimsoll", "Check what Plimsoll is configured to do.", environ=environ)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    check = commands.add_parser(
        "check", help="validate the configuration and show it", description="Validate the configuration and show it."
    )
    add_common(check, config=argparse.SUPPRESS, level=argparse.SUPPRESS, form=argparse.SUPPRESS)
    check.add_argument("--live", action="store_true", help="also ask the exchange: keys, clock, modes, streams")
    return parser


def _check(found: Examined, *, live: bool) -> int:
    """Show the configuration, all that is wrong with it and its files and, if wanted, what the exchange says."""
    wrong = [] if found.error is None else [str(found.error)]
    if found.config is not None:
        _show(found.config)
        wrong += _web_faults(found.config)
    if wrong:
        _complain("\n".join(wrong))
    elif live and found.config is not None and found.credentials is not None:
        return int(_show_live(found.config, found.credentials))
    return int(bool(wrong))


def _show(config: Config) -> None:
    """Print what is configured."""
    print(f"{config.path}: environment {config.exchange.environment}, {config.exchange.rest_url}\n")  # noqa: T201 - output
    print(describe_config(config))  # noqa: T201 - the command's output


def _web_faults(config: Config) -> list[str]:
    """What is wrong with the web configurations: the exporter's with all it names, of the enforcer's the file alone."""
    faults: list[str] = []
    for path, judge in (
        (config.exporter.web_config_file, check_web_files),
        (config.enforcer.web_config_file, load_web_config),
    ):
        try:
            if path is not None:
                judge(path)
        except (ConfigError, SecretError) as error:
            faults.append(str(error))
    return faults


def _show_live(config: Config, read_keys: Mapping[str, Credentials]) -> bool:
    """Show what the exchange says; whether anything of it is wrong."""
    try:
        findings = check_live(config, read_keys)
    except ModuleNotFoundError:
        _complain(MISSING_EXTRA)
        return True
    print(f"\n{describe_findings(findings)}")  # noqa: T201 - the command's output
    return any(one.verdict is Verdict.WRONG for one in findings)


def _complain(text: str) -> None:
    """Tell what is wrong, beside the output."""
    print(text, file=sys.stderr)  # noqa: T201 - the command's output
