"""Runs benchmarks and prints their tables, or writes them into ``docs/performance.md``.

A row is ``exporter:20x10``, ``weight:40x5``, ``simulator:200x10``, ``fast-lane:12x10``, ``rule-lane:6x10`` or
``default-rules:15x10``: ACCOUNTSxPOSITIONS; or ``flatten:5x250``,
``enforcing:5x250`` or ``chain:5x20``: POSITIONSxMILLISECONDS of round trip. Without any,
all of the document are measured, in about an hour.
Figures that miss their target are bold.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import breaches
import chain
import exporter
import flatten
import simulator
import weights
from lanes import Lane, Usual
from measuring import Size
from rows import Efforts, Tables, run_breaches, run_exporter, run_flat, run_simulator, run_weights

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
ALL = (
    "exporter:1x10",
    "exporter:5x10",
    "exporter:20x10",
    "exporter:50x10",
    "exporter:100x10",
    "exporter:200x10",
    "weight:1x5",
    "weight:20x5",
    "weight:40x5",
    "simulator:200x10",
    "fast-lane:12x10",
    "rule-lane:6x10",
    "default-rules:15x10",
    "flatten:1x20",
    "flatten:5x20",
    "flatten:20x20",
    "flatten:1x250",
    "flatten:5x250",
    "flatten:20x250",
    "enforcing:1x20",
    "enforcing:5x20",
    "enforcing:20x20",
    "enforcing:1x250",
    "enforcing:5x250",
    "enforcing:20x250",
    "chain:5x20",
)
LANES = {"fast-lane": Lane.FAST, "rule-lane": Lane.RULES, "default-rules": Lane.USUAL}
LOADS = {"flatten", "enforcing", "chain"}
KINDS = {"exporter", "weight", "simulator", *LOADS, *LANES}

WHOLE = Efforts(
    exporter=exporter.Effort(),
    weight=weights.Effort(),
    simulator=simulator.Effort(),
    breach=breaches.Effort(),
    flatten=flatten.Effort(),
    chain=chain.Effort(),
)

QUICK = Efforts(
    exporter=exporter.Effort(repeats=1, quiet_seconds=2.0, samples=10),
    weight=weights.Effort(parts=1, part_seconds=150.0, settle=0.6, speed=50.0),
    simulator=simulator.Effort(repeats=1, seconds=2.0),
    breach=breaches.Effort(
        fast_repeats=1, rule_repeats=1, usual_repeats=1, usual=Usual(scrape=1, evaluation=1, group_wait=1)
    ),
    flatten=flatten.Effort(repeats=1, trials=2),
    chain=chain.Effort(repeats=1, accounts=2),
)
"""A few seconds a row: enough to see that everything still works, and the orders of magnitude."""


def main(argv: Sequence[str] | None = None) -> None:
    """Measure what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", type=_row, help=f"{' '.join(ALL)} if none is given")
    parser.add_argument("--quick", action="store_true", help="a few seconds a row: orders of magnitude only")
    parser.add_argument("--write", nargs="?", type=Path, const=DOCUMENT, help="write the tables (docs/performance.md)")
    arguments = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # so that the children are ended too
    rows = arguments.rows or [_row(each) for each in ALL]
    efforts, tables = QUICK if arguments.quick else WHOLE, Tables(arguments.write)
    for number, (kind, size) in enumerate(rows, 1):
        print(f"\n{time.strftime('%H:%M:%S')} {number} of {len(rows)}: {kind}:{size}", file=sys.stderr, flush=True)
        if isinstance(size, flatten.Load):
            run_flat(kind, size, efforts, tables)
        elif kind == "exporter":
            run_exporter(size, efforts, tables)
        elif kind == "simulator":
            run_simulator(size, efforts, tables)
        elif kind in LANES:
            run_breaches(LANES[kind], size, efforts, tables)
    if weighed := [size for kind, size in rows if kind == "weight" and isinstance(size, Size)]:
        run_weights(weighed, efforts, tables)


def _row(text: str) -> tuple[str, Size | flatten.Load]:
    kind, _, size = text.partition(":")
    try:
        found = flatten.Load.parse(size) if kind in LOADS else Size.parse(size)
    except ValueError:
        found = None
    if kind not in KINDS or found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a row such as exporter:20x10")
    return kind, found


if __name__ == "__main__":
    main()
