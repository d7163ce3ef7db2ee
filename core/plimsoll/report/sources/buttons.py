"""What the red button's records tell: one file a press, one JSON object a line, in the enforcer's ``data_dir``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from plimsoll.report.material import ButtonRun, Step
from plimsoll.report.model import Period, Source
from plimsoll.report.words import SourceName

FOLDER = "red-button"
_NAME = re.compile(r"red-button-\d{8}T\d{6}Z-(?P<account>.+)-(?P<run>[a-z0-9]{8})\.jsonl")
MOST_BYTES = 20_000_000
"""A record that is larger is not read: nobody presses a button so often."""


def read_buttons(data_dir: Path, account: str, period: Period) -> tuple[Source, tuple[ButtonRun, ...]]:
    """Read the records of the account; a folder that is not there means that nobody pressed the button there."""
    folder = data_dir / FOLDER
    source = Source(name=SourceName.RED_BUTTON, present=True, detail="", place=str(folder))
    if not data_dir.exists():
        return _said(source, f"there is no folder {data_dir}", present=False), ()
    try:
        runs, broken = _read(folder, account, period)
    except OSError as error:
        return _said(source, f"{error.filename}: {error.strerror}", present=False), ()
    detail = f"the button was pressed {len(runs)} times" if runs else "nobody pressed the button from this machine"
    return _said(source, detail + (f"; {broken} lines could not be read" if broken else "")), runs


def _said(source: Source, detail: str, *, present: bool = True) -> Source:
    return Source(name=source.name, present=present, detail=detail, place=source.place)


def _read(folder: Path, account: str, period: Period) -> tuple[tuple[ButtonRun, ...], int]:
    runs, broken = [], 0
    for path in sorted(folder.iterdir()) if folder.exists() else ():
        named = _NAME.fullmatch(path.name)
        if named is None or named["account"] != account or path.stat().st_size > MOST_BYTES:
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        steps = tuple(_steps(lines))
        broken += len(lines) - len(steps)
        if steps and steps[0].time <= period.until and steps[-1].time >= period.since:
            runs.append(ButtonRun(run_id=named["run"], steps=steps))
    return tuple(runs), broken


def _steps(lines: list[str]) -> Iterator[Step]:
    """The lines that can be read: the last one may have been cut off."""
    for line in lines:
        try:
            found = json.loads(line)
            yield Step(time=float(found["time"]), kind=str(found["kind"]), text=str(found["text"]))
        except (ValueError, KeyError, TypeError):
            continue
