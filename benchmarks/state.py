"""What a change of the state database costs: standings of many accounts in one transaction, and single small changes.

``python benchmarks/state.py --folder DIR`` measures on the disk of that folder. Prints milliseconds: median, 99th
percentile and the longest, checkpoints included, for they run inside a commit.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from pathlib import Path

from measuring import percentile

from plimsoll.clock import SystemClock
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.database.values import Seen
from plimsoll.risk.standing import RuleStanding, Standing

TRIALS = 500
ACCOUNTS = 300


def standing(number: int) -> Standing:
    """A standing with three rules."""
    rule = RuleStanding(
        definition="high-water|ratio", reference=Decimal("1.0123456789"), reference_at=1.0, start=Decimal(1)
    )
    rules = dict.fromkeys(("total", "daily", "start"), rule)
    return Standing(units=Decimal(number), unit_value=Decimal("1.01"), sampled_at=float(number), rules=rules)


def many(state: Database, number: int) -> None:
    """Every account's standing in one change."""
    with state.change() as change:
        for account in range(ACCOUNTS):
            change.save_standing(f"a{account:03d}", standing(number))


def single(state: Database, number: int) -> None:
    """One account's standing."""
    with state.change() as change:
        change.save_standing("eon", standing(number))


def once(state: Database, number: int) -> None:
    """An event that counts once."""
    with state.change() as change:
        if change.mark_seen(Seen(account="eon", kind="rejection", key=str(number), time_ms=number)):
            change.count("eon", "rejections", {"reason": "filter", "intent": "open"}, at=float(number))


def measured(state: Database, write: Callable[[Database, int], None], numbers: count[int]) -> str:
    """Milliseconds of many changes."""
    took: list[float] = []
    for _ in range(TRIALS):
        began = time.perf_counter()
        write(state, next(numbers))
        took.append((time.perf_counter() - began) * 1000)
    return f"median {percentile(took, 0.5):7.3f}  p99 {percentile(took, 0.99):7.3f}  longest {max(took):7.3f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure (a temporary one)")
    with (
        tempfile.TemporaryDirectory(dir=parser.parse_args().folder) as folder,
        Database.open(Path(folder) / FILE_NAME, clock=SystemClock()) as state,
    ):
        numbers = count(1)
        for text, write in (
            (f"{ACCOUNTS} standings of 3 rules", many),
            ("1 standing of 3 rules", single),
            ("1 event counted once", once),
        ):
            print(f"{text:28} {measured(state, write, numbers)} ms")


if __name__ == "__main__":
    main()
