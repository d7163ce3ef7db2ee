"""``plimsoll report``: gather, build, draw and write the report of one account, and say what was missing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from plimsoll.config.model import Config
from plimsoll.errors import ConfigError
from plimsoll.report.build import build
from plimsoll.report.document.build import document
from plimsoll.report.drawing.artist import MISSING, Draw, artist, draw_all
from plimsoll.report.folder import Form, write_folder
from plimsoll.report.gather import Progress, gather
from plimsoll.report.masking import masked
from plimsoll.report.model import Period, Report
from plimsoll.report.progress import ProgressBar
from plimsoll.report.sources.prometheus import USUAL, PrometheusAt
from plimsoll.report.times import EXAMPLES, period, relative

GATHERED = 0.7
"""Share of the time that gathering takes, for the progress bar."""

_TIMES = {"--from", "--to"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What kind of report is wanted.

    Attributes:
        prometheus: Its address, where it is not the configured one.
        masked: Whether the names of accounts are to be hidden.
        out: Where its folder is put.
        overwrite: Whether one of the same name may be replaced.
    """

    account: str
    period: Period
    out: Path
    form: Form = Form.HTML
    masked: bool = False
    overwrite: bool = False
    prometheus: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What became of it.

    Attributes:
        folder: Where it is.
        missing: What is missing in it, a sentence each.
    """

    folder: Path
    missing: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the subcommand besides the common ones."""
    parser.add_argument("--account", required=True, metavar="NAME", help="whose report")
    parser.add_argument("--from", required=True, dest="since", metavar="T", help=f"first moment; {EXAMPLES}")
    parser.add_argument("--to", default="now", dest="until", metavar="T", help="last moment (now)")
    parser.add_argument("--zone", default="UTC", metavar="ZONE", help="zone of times, beside UTC; e.g. Europe/Berlin")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where its folder is put (here)")
    parser.add_argument("--format", type=Form, default=Form.HTML, choices=tuple(Form), help="html or md (html)")
    parser.add_argument("--mask", action="store_true", help="hide the names of accounts")
    parser.add_argument("--overwrite", action="store_true", help="replace a report of the same name")
    parser.add_argument("--prometheus", metavar="URL", help=f"Prometheus (links.prometheus, or {USUAL})")
    parser.add_argument("--quiet", action="store_true", help="show no progress")


def attached(argv: Sequence[str]) -> list[str]:
    """The arguments, with a time such as ``-2h`` tied to its option: argparse would take it for one of its own."""
    found: list[str] = []
    for one in argv:
        if found and found[-1] in _TIMES and relative(one):
            found[-1] += f"={one}"
        else:
            found.append(one)
    return found


def wanted(arguments: argparse.Namespace, *, now: float) -> Wanted:
    """What the arguments ask for.

    Raises:
        ValueError: The times or the zone are unusable; the message says why.
    """
    return Wanted(
        account=arguments.account,
        period=period(arguments.since, arguments.until, arguments.zone, now=now),
        out=arguments.out,
        form=arguments.format,
        masked=arguments.mask,
        overwrite=arguments.overwrite,
        prometheus=arguments.prometheus,
    )


def run(config: Config, want: Wanted, *, now: float, quiet: bool) -> int:
    """Make the report and say where it is and what is missing; the result is the exit code.

    Raises:
        PlimsollError: There is no such account, or the report cannot be written.
    """
    bar = ProgressBar(sys.stderr, quiet=quiet)
    try:
        made = make(config, want, now=now, progress=bar, find_artist=artist)
    finally:
        bar.end()
    print(f"wrote {made.folder}")  # noqa: T201 - the command's output
    for sentence in made.missing:
        print(f"missing: {sentence}", file=sys.stderr)  # noqa: T201 - as above, beside it
    return 0


def make(
    config: Config, want: Wanted, *, now: float, progress: Progress, find_artist: Callable[[], Draw | None]
) -> Made:
    """Make the report.

    Args:
        config: Where everything is.
        want: What is asked for.
        now: Unix seconds.
        progress: Told how far it is.
        find_artist: Finds who draws the pictures.

    Raises:
        ConfigError: There is no such account.
        ReportNotWritten: The folder cannot be written.
    """
    if want.account not in config.accounts:
        raise ConfigError(f'no account "{want.account}"; known: {", ".join(sorted(config.accounts))}')
    at = PrometheusAt(url=want.prometheus or config.links.prometheus or USUAL)
    material = gather(
        config,
        want.account,
        want.period,
        prometheus=at,
        made_at=now,
        progress=lambda share, what: progress(share * GATHERED, what),
    )
    report = build(material)
    if want.masked:
        report = masked(report, config.accounts)
    return _written(report, want, progress, find_artist())


def _written(report: Report, want: Wanted, progress: Progress, draw: Draw | None) -> Made:
    told = document(report)
    drawn = draw_all(
        told,
        report.period,
        draw,
        png=want.form is Form.MARKDOWN,
        told=lambda done, of: progress(GATHERED + (1 - GATHERED) * (done / of if of else 1.0), "pictures"),
    )
    folder = write_folder(report, told, drawn, out=want.out, form=want.form, overwrite=want.overwrite)
    missing = [f"{one.name.value}: {one.detail}" for one in report.sources if not one.present]
    if draw is None and told.figures:
        missing.append(MISSING)
    return Made(folder=folder, missing=tuple(missing))
