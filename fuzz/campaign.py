"""Targets one after the other, each in a process of its own, and the table at the end."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(".cache/fuzz-work")
GROWN = CACHE / "corpus"
"""What this machine has found so far, target by target; not kept in the repository."""

SPARE_SECONDS = 120
"""Beyond its time, after which a target that does not end is ended."""

_STATISTIC = re.compile(r"^stat::(\w+):\s+(\d+)$", re.MULTILINE)


def findings_of(target: str) -> Path:
    """Where inputs that broke a target are put."""
    return CACHE / "findings" / target


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What became of one target."""

    target: str
    runs: int
    new: int
    findings: int
    ended: bool


def campaign(targets: Iterable[str], *, seconds: int) -> int:
    """Fuzz targets and print the table; 1 where anything was found.

    Args:
        targets: Their names.
        seconds: For each of them.
    """
    rows = []
    for target in targets:
        row = _one(target, seconds)
        rows.append(row)
        print(f"{row.target}: {row.runs} runs, {row.findings} findings", flush=True)
    _print(rows)
    return 1 if any(row.findings or not row.ended for row in rows) else 0


def _one(target: str, seconds: int) -> Row:
    command = [sys.executable, "-m", "fuzz", target, "--fuzzed-by-libfuzzer", "--seconds", str(seconds)]
    log = CACHE / f"{target}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    before = _files(findings_of(target))
    with log.open("wb") as out:
        try:
            done = subprocess.run(command, stdout=out, stderr=out, timeout=seconds + SPARE_SECONDS, check=False)  # noqa: S603 - ourselves
            ended = done.returncode == 0
        except subprocess.TimeoutExpired:
            ended = False
    told = dict(_STATISTIC.findall(log.read_text(encoding="utf-8", errors="replace")))
    return Row(
        target=target,
        runs=int(told.get("number_of_executed_units", 0)),
        new=int(told.get("new_units_added", 0)),
        findings=len(_files(findings_of(target)) - before),
        ended=ended,
    )


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _print(rows: list[Row]) -> None:
    print(f"\n{'target':<20}{'runs':>10}{'new inputs':>12}{'findings':>10}")
    for row in rows:
        unwell = "" if row.ended else f"  ended early: see {CACHE / row.target}.log"
        print(f"{row.target:<20}{row.runs:>10}{row.new:>12}{row.findings:>10}{unwell}")
    if any(row.findings for row in rows):
        print(f"\nWhat was found stands in {CACHE / 'findings'}, the errors in {CACHE}/TARGET.log.")
