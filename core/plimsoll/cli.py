"""The command ``plimsoll``: what needs no program running and holds no key of its own.

Exit codes: 0 fine, 1 something is wrong, 2 unusable arguments.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from plimsoll.arguments import add_common, common_parser
from plimsoll.check import MISSING_EXTRA, check_live, describe_config, describe_findings
from plimsoll.clock import SystemClock
from plimsoll.config.load import Examined, examine, load
from plimsoll.config.model import Config
from plimsoll.credentials import Credentials
from plimsoll.drill.page import PATIENCE, drill_page
from plimsoll.drill.result import describe_results
from plimsoll.errors import ConfigError, PlimsollError, SecretError
from plimsoll.live_check import Verdict
from plimsoll.logs import configure_logging
from plimsoll.render.channels import CHANNELS
from plimsoll.render.command import USUAL_PROMETHEUS, describe_outlets, render, warnings_about
from plimsoll.report import command as report_command
from plimsoll.token import describe_operator
from plimsoll.web.load import load_web_config
from plimsoll.web.protection import check_web_files

_MOST_SECONDS = 3600.0


def main(argv: Sequence[str] | None = None, *, environ: Mapping[str, str] = os.environ) -> int:
    """Run the command; the result is the exit code."""
    arguments = _parser(environ).parse_args(report_command.attached(sys.argv[1:] if argv is None else argv))
    configure_logging(arguments.log_level, arguments.log_format)
    try:
        if arguments.command == "render":
            return _render(load(arguments.config, environ=environ), arguments.out, arguments.prometheus)
        if arguments.command == "drill":
            return _drill_page(load(arguments.config, environ=environ), arguments.channel, arguments.wait)
        if arguments.command == "report":
            return _report(load(arguments.config, environ=environ), arguments)
        if arguments.command == "token":
            return _show_operator(load(arguments.config, environ=environ))
    except PlimsollError as error:
        _complain(str(error))
        return 1
    return _check(examine(arguments.config, environ=environ), live=arguments.live)


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    """The command's arguments; the common ones may stand before or after the subcommand."""
    parser = common_parser("plimsoll", "Check, render and try what Plimsoll is configured to do.", environ=environ)
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    check = _command(commands, "check", "validate the configuration and show it")
    check.add_argument("--live", action="store_true", help="also ask the exchange: keys, clock, modes, streams")
    files = _command(commands, "render", "write what Alertmanager and Prometheus read, from the secrets that exist")
    files.add_argument("--out", type=Path, metavar="DIR", help="where to write (the folder of the configuration)")
    files.add_argument(
        "--prometheus", default=USUAL_PROMETHEUS, metavar="HOST:PORT", help=f"Prometheus itself ({USUAL_PROMETHEUS})"
    )
    drill = _command(commands, "drill", "try what is there for the emergency")
    page = _command(drill.add_subparsers(metavar="DRILL", required=True), "page", "send a test through every channel")
    page.add_argument("--channel", choices=CHANNELS, metavar="NAME", help=f"one of {', '.join(CHANNELS)} (all)")
    page.add_argument("--wait", type=_seconds, default=PATIENCE, metavar="S", help=f"seconds to wait ({PATIENCE:g})")
    report_command.add_arguments(_command(commands, "report", "write the incident report of an account"))
    tokens = _command(commands, "token", "tell about tokens of people").add_subparsers(metavar="VERB", required=True)
    show = _command(tokens, "show", "tell where a token is and where it opens").add_subparsers(
        metavar="WHOSE", required=True
    )
    _command(show, "operator", "tell where to sign in at the enforcer, and where the token file is")
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, purpose: str
) -> argparse.ArgumentParser:
    """A subcommand that takes the common arguments too."""
    parser = commands.add_parser(name, help=purpose, description=f"{purpose.capitalize()}.", allow_abbrev=False)
    add_common(parser, config=argparse.SUPPRESS, level=argparse.SUPPRESS, form=argparse.SUPPRESS)
    return parser


def _seconds(text: str) -> float:
    """A time to wait: a positive number, an hour at most."""
    seconds = float(text)
    if not 0 < seconds <= _MOST_SECONDS:
        raise ValueError(text)
    return seconds


def _render(config: Config, out: Path | None, prometheus: str) -> int:
    """Write everything and say which channels are on."""
    folder = config.path.parent if out is None else out
    outlets, changed = render(config, folder, prometheus=prometheus)
    print(describe_outlets(outlets))  # noqa: T201 - the command's output
    print()  # noqa: T201 - as above
    for path in changed:
        print(f"wrote {path}")  # noqa: T201 - as above
    if not changed:
        print("nothing changed")  # noqa: T201 - as above
    for warning in warnings_about(config, outlets):
        _complain(warning)
    return 0


def _drill_page(config: Config, channel: str | None, wait: float) -> int:
    """Send a test and say what was delivered; 1 where anything was not."""
    results = drill_page(config, CHANNELS if channel is None else (channel,), wait=wait)
    print(describe_results(results))  # noqa: T201 - the command's output
    wanted = [one for one in results if one.on or channel is not None]
    return int(not wanted or not all(one.delivered for one in wanted))


def _report(config: Config, arguments: argparse.Namespace) -> int:
    """Write an incident report; 2 where its times make no sense."""
    now = SystemClock().now()
    try:
        want = report_command.wanted(arguments, now=now)
    except ValueError as error:
        _complain(f"plimsoll report: {error}")
        return 2
    return report_command.run(config, want, now=now, quiet=arguments.quiet)


def _show_operator(config: Config) -> int:
    """Say where an operator signs in; the token itself is not shown."""
    print(describe_operator(config))  # noqa: T201 - the command's output
    return 0


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
