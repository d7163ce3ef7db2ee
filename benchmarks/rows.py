"""One row of each kind: how it is measured, which columns it fills, and which targets it is held against."""

from __future__ import annotations

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
from lanes import Lane
from measuring import Size

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
    "REST weight a minute, all accounts",
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
"""The targets of docs/performance.md, in milliseconds, shares, weight and cores; the first four for 20 accounts."""

LARGE_TO_STATE, LARGE_SCRAPE, LARGE_CORES, LARGE_MIB = 100.0, 300.0, 1.0, 400.0
"""Those for 200 accounts: milliseconds, cores, MiB."""

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
    """Two rows: how fast, and at what cost; the targets are those of 20 accounts, above that those of 200."""
    large = size.accounts > TARGET_SIZE.accounts
    effort = efforts.exporter
    effort = replace(effort, samples=min(effort.samples, LARGE_SAMPLES)) if large else effort
    when, row = report.when(), exporter.measure(size, effort)
    inf = float("inf")
    to_state, to_page, scrape = (LARGE_TO_STATE, inf, LARGE_SCRAPE) if large else (TO_STATE, TO_PAGE, SCRAPE)
    speed = (
        row.to_state("prices").tail(limit=to_state),
        row.to_state("account").tail(limit=to_state),
        row.taken(lambda each: each.found.prices).tail(0, to_page),
        row.taken(lambda each: each.found.fills).tail(0, to_page),
        row.taken(lambda each: each.found.first).tail(0, scrape),
        row.second_share().middle(2, SECOND if size == TARGET_SIZE else inf),
        when,
    )
    tables.add("speed", SPEED, size, speed)
    cost = (
        row.quiet_to_state().tail(),
        row.taken(lambda each: [each.exporter_cores]).middle(3, LARGE_CORES),
        f"{row.memory:.0f}" if row.memory <= LARGE_MIB else f"**{row.memory:.0f}**",
        f"{row.page:.0f} ({row.packed:.0f})",
        row.taken(lambda each: [each.weight]).middle(0),
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
