"""What a run found, as text for the terminal and as the section of docs/chaos.md between its markers."""

from __future__ import annotations

import os
import platform
import statistics
from datetime import UTC, datetime
from pathlib import Path

from chaos.verdicts import INVARIANTS, Verdicts


def told(verdicts: Verdicts, *, seed: int, seconds: float) -> str:
    """The report in Markdown."""
    faults, checks = sum(verdicts.faults.values()), sum(verdicts.checked.values())
    head = (
        f"Run of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, seed {seed}, {seconds:.0f} s planned, "
        f"{verdicts.elapsed:.0f} s until all was judged; {os.cpu_count()} cores, "
        f"Python {platform.python_version()}.\n\n"
        f"**{faults} faults, {checks} checks, {len(verdicts.violations)} violations.**\n"
    )
    rows = [f"| {name} | {count} |" for name, count in sorted(verdicts.faults.items())]
    acts = ", ".join(f"{name} {count}" for name, count in sorted(verdicts.acts.items()))
    broken = [one.invariant for one in verdicts.violations]
    kept = [f"| {name} | {verdicts.checked[name]} | {broken.count(name)} |" for name in INVARIANTS]
    wrong = [f"    {one}" for one in verdicts.violations] or ["None."]
    return "\n".join(
        [
            head,
            "| fault | times |\n| --- | ---: |",
            *rows,
            "\n| invariant | checked | violations |\n| --- | ---: | ---: |",
            *kept,
            f"\nMeanwhile in the accounts: {acts}.{_flat(verdicts)}\n\nViolations:\n",
            *wrong,
            "",
        ]
    )


def _flat(verdicts: Verdicts) -> str:
    if not verdicts.seconds_to_flat:
        return ""
    times = sorted(verdicts.seconds_to_flat)
    return (
        f" From breach to flat, through whatever was broken then: {times[0]:.1f} to {times[-1]:.1f} s, "
        f"median {statistics.median(times):.1f} s."
    )


def write(document: Path, text: str, *, marker: str) -> None:
    """Replace what stands between the markers of a document.

    Raises:
        ValueError: The markers are not there.
    """
    start, end = f"<!-- {marker} -->\n", f"<!-- {marker} end -->"
    before, found, rest = document.read_text(encoding="utf-8").partition(start)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ValueError(f"{document} has no markers {start.strip()} and {end}")
    document.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")
