"""Runs benchmarks and prints their tables, or writes them into ``docs/performance.md``.

A row is ``exporter:20x10``, ``weight:40x5``, ``simulator:200x10``, ``fast-lane:12x10``, ``rule-lane:6x10`` or
``default-rules:15x10``: ACCOUNTSxPOSITIONS; or ``flatten:5x250``,
``enforcing:5x250`` or ``chain:5x20``: POSITIONSxMILLISECONDS of round trip. Without any,
all of the document are measured, in about three quarters of an hour.
Figures that miss their target are bold.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import breaches
import chain
import enforcing
import exporter
import flatten
import report
import simulator
import weights
from lanes import Lane, Usual
from measuring import Size

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
ALL = (
    "exporter:1x10",
    "exporter:20x10",
    "exporter:100x10",
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

Columns = tuple[str, ...]

SPEED: Columns = (
    "accounts x positions",
    "price to state, ms",
    "account event to state, ms",
    "price to /metrics, ms",
    "account event to /metrics, ms",
    "scrape, ms",
    "second scrape / first",
    "measured (UTC)",
)
COST: Columns = (
    "accounts x positions",
    "event to state when quiet, ms",
    "CPU, cores",
    "memory, MiB",
    "page (gzip), KiB",
    "simulator CPU, cores",
    "measured (UTC)",
)
WEIGHT: Columns = (
    "accounts x positions",
    "weight per account and minute",
    "live at the end of each part",
    "measured (UTC)",
)
SIMULATOR: Columns = (
    "accounts x positions",
    "CPU, cores",
    "memory, MiB",
    "messages a second",
    "price heard late, ms",
    "user event heard late, ms",
    "signed read, ms",
    "measured (UTC)",
)

BREACH: Columns = (
    "way",
    "accounts x positions",
    "mark to webhook, s",
    "`startsAt` to webhook, s",
    "breaches",
    "measured (UTC)",
)

FLAT: Columns = ("positions at round trip", "beginning to flat, s", "flattens", "measured (UTC)")
ENFORCED: Columns = ("positions at round trip", "webhook to flat, s", "alerts", "measured (UTC)")
CHAIN: Columns = ("positions at round trip", "mark to flat, s", "breaches", "measured (UTC)")

TO_STATE, TO_PAGE, SCRAPE, SECOND, WEIGHT_LIMIT, CORES = 20.0, 100.0, 60.0, 0.25, 30.0, 0.5
"""The targets of docs/performance.md, in milliseconds, shares, weight and cores."""

BREACH_LIMITS = {Lane.FAST: (1.4, 0.25), Lane.RULES: (4.5, float("inf")), Lane.USUAL: (float("inf"), float("inf"))}
"""The targets of a breach's way, seconds at p95: from its first mark; from `startsAt`, which is the second sample."""

FLAT_LIMITS = {(5, 20): 0.6, (5, 250): 2.5}
"""The targets of a flatten, and of an alert's way to it, seconds at p95, by positions and milliseconds."""

CHAIN_LIMITS = {(5, 20): 2.0}
"""The targets of the whole way, seconds at p95, of which one is the wait for the second mark."""

TARGET_SIZE = Size(accounts=20, positions=10)

LARGE_SAMPLES = 40
"""Prices, and as many fills, that each repeat measures where there are more accounts: every page takes its time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Efforts:
    """How much is measured of each kind."""

    exporter: exporter.Effort
    weight: weights.Effort
    simulator: simulator.Effort
    breach: breaches.Effort
    flatten: flatten.Effort
    chain: chain.Effort


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


class Tables:
    """The rows measured so far, printed as they come, and the document that they are written into."""

    def __init__(self, document: Path | None) -> None:
        self._document = document
        if document is not None:
            document.write_text(report.with_machine(document.read_text(encoding="utf-8")), encoding="utf-8")

    def add(self, name: str, columns: Sequence[str], row: object, cells: Sequence[str]) -> None:
        """Print one row, whose first cell is its name, and write it."""
        print(f"\n{name} {row}")
        for column, cell in zip(columns[1:], cells, strict=True):
            print(f"  {column}: {cell}", flush=True)
        if self._document is not None:
            text = self._document.read_text(encoding="utf-8")
            self._document.write_text(report.replaced(text, name, columns, {str(row): cells}), encoding="utf-8")


def run_exporter(size: Size, efforts: Efforts, tables: Tables) -> None:
    """Two rows: how fast, and at what cost; the targets are those of 20 accounts with 10 positions."""
    large = size.accounts > TARGET_SIZE.accounts
    effort = efforts.exporter
    effort = replace(effort, samples=min(effort.samples, LARGE_SAMPLES)) if large else effort
    when, row = report.when(), exporter.measure(size, effort)
    ask = float("inf") if large else 1.0
    speed = (
        row.to_state("prices").tail(limit=TO_STATE * ask),
        row.to_state("account").tail(limit=TO_STATE * ask),
        row.taken(lambda each: each.found.prices).tail(0, TO_PAGE * ask),
        row.taken(lambda each: each.found.fills).tail(0, TO_PAGE * ask),
        row.taken(lambda each: each.found.first).tail(0, SCRAPE * ask),
        row.second_share().middle(2, SECOND if size == TARGET_SIZE else float("inf")),
        when,
    )
    tables.add("speed", SPEED, size, speed)
    cost = (
        row.quiet_to_state().tail(),
        row.taken(lambda each: [each.exporter_cores]).middle(3),
        f"{row.memory:.0f}",
        f"{row.page:.0f} ({row.packed:.0f})",
        row.taken(lambda each: [each.simulator_cores]).middle(3),
        when,
    )
    tables.add("cost", COST, size, cost)


def run_weights(sizes: Sequence[Size], efforts: Efforts, tables: Tables) -> None:
    """All sizes at once: nothing here depends on how fast the machine is."""
    when = report.when()
    children = [weights.start(size, efforts.weight) for size in sizes]
    for size, child in zip(sizes, children, strict=True):
        row = weights.finish(child)
        low, high = row.parts.spread(0.5)
        shown = f"{row.weight:.1f}" if row.weight <= WEIGHT_LIMIT else f"**{row.weight:.1f}**"
        tables.add(
            "weight", WEIGHT, size, (f"{shown} ({low:.1f} to {high:.1f})", f"{row.live} of {size.accounts}", when)
        )


def run_simulator(size: Size, efforts: Efforts, tables: Tables) -> None:
    """One row of the simulator."""
    when, row = report.when(), simulator.measure(size, efforts.simulator)
    cells = (
        row.cores.middle(3, CORES),
        f"{row.memory:.0f}",
        f"{row.messages:.0f}",
        row.marks.tail(),
        row.events.tail(),
        row.calls.tail(),
        when,
    )
    tables.add("simulator", SIMULATOR, size, cells)


def run_breaches(lane: Lane, size: Size, efforts: Efforts, tables: Tables) -> None:
    """One row of the ways from a breach to a page."""
    when, row = report.when(), breaches.measure(lane, size, efforts.breach)
    from_mark, from_start = BREACH_LIMITS[lane]
    cells = (
        str(size),
        row.from_mark.tail(2, from_mark, share=0.95),
        row.from_start.tail(2, from_start, share=0.95),
        str(row.from_mark.count),
        when,
    )
    tables.add("breach", BREACH, lane.value, cells)


def run_flat(kind: str, load: flatten.Load, efforts: Efforts, tables: Tables) -> None:
    """One row of the ways to a flat account."""
    size, inf = (load.positions, load.milliseconds), float("inf")
    when = report.when()
    if kind == "flatten":
        columns, row, limit = FLAT, flatten.measure(load, efforts.flatten), FLAT_LIMITS.get(size, inf)
    elif kind == "enforcing":
        columns, row, limit = ENFORCED, enforcing.measure(load, efforts.flatten), FLAT_LIMITS.get(size, inf)
    else:
        columns, row, limit = CHAIN, chain.measure(load, efforts.chain), CHAIN_LIMITS.get(size, inf)
    tables.add(kind, columns, load, (row.tail(2, limit, share=0.95), str(row.count), when))


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
    for kind, size in rows:
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
