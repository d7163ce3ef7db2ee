"""A report's folder: made whole beside its place, then put there at once, so that nobody ever sees half of one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from plimsoll.errors import ReportNotWritten
from plimsoll.report.document.blocks import Document
from plimsoll.report.drawing.artist import Drawn
from plimsoll.report.drawing.markup import standalone
from plimsoll.report.model import Report
from plimsoll.report.render.csv_files import csv_files, write
from plimsoll.report.render.html import html
from plimsoll.report.render.markdown import PICTURES, markdown

TABLES = "csv"
"""The folder of CSV files in a report's folder."""


class Form(StrEnum):
    """What people read."""

    HTML = "html"
    MARKDOWN = "md"


def folder_name(report: Report) -> str:
    """``report-eon-20261011T120000Z-20261011T121000Z``."""
    return f"report-{report.account}-{_compact(report.period.since)}-{_compact(report.period.until)}"


def write_folder(
    report: Report, document: Document, drawn: Mapping[str, Drawn], *, out: Path, form: Form, overwrite: bool
) -> Path:
    """Write everything into a new folder in ``out``, which is made where it is missing.

    Args:
        report: Whose name and series are written.
        document: The same, in order.
        drawn: Its pictures.
        out: Where the folder is put.
        form: What people read.
        overwrite: Whether a report of the same name may be replaced.

    Returns:
        The folder.

    Raises:
        ReportNotWritten: There is such a report already, or the place cannot be written.
    """
    place = out / folder_name(report)
    try:
        if place.exists() and not overwrite:
            raise ReportNotWritten(f"{place} exists: give --overwrite to replace it, or another --out")
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".report-", dir=out) as scratch:
            made = Path(scratch) / "made"
            made.mkdir()
            _fill(made, report, document, drawn, form)
            _put(made, place, Path(scratch) / "old")
    except OSError as error:
        raise ReportNotWritten(f"{place}: {error.strerror or error}") from error
    return place


def _fill(place: Path, report: Report, document: Document, drawn: Mapping[str, Drawn], form: Form) -> None:
    render = html if form is Form.HTML else markdown
    _write_lines(place / f"report.{form.value}", render(document, drawn))
    if form is Form.MARKDOWN and drawn:
        (place / PICTURES).mkdir()
        for name, picture in drawn.items():
            (place / PICTURES / f"{name}.svg").write_text(standalone(picture.svg), encoding="utf-8")
            (place / PICTURES / f"{name}.png").write_bytes(picture.png)
    (place / TABLES).mkdir()
    for name, rows in csv_files(document, report.pictures):
        with (place / TABLES / f"{name}.csv").open("w", encoding="utf-8", newline="", errors="replace") as file:
            write(rows, file)


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n", errors="replace") as file:
        file.writelines(lines)


def _put(made: Path, place: Path, old: Path) -> None:
    """Put the new folder in its place; what stood there goes with the scratch folder."""
    if place.exists():
        place.rename(old)
    try:
        made.rename(place)
    except OSError:
        if old.exists():
            shutil.move(old, place)
        raise


def _compact(time: float) -> str:
    return f"{datetime.fromtimestamp(int(time), UTC):%Y%m%dT%H%M%SZ}"
