"""A process that changes the state database as fast as it can and says so after each commit, to be killed by a test.

``python state_child.py FOLDER FROM``: change number N books flow ``tN``, marks key ``N``, counts one and moves standing
and cursor to N, all in one transaction; then it prints N. It begins with FROM.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from itertools import count
from pathlib import Path

from plimsoll.clock import SystemClock
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.database.values import FLOWS, Seen
from state_values import flow, standing


def write(state: Database, number: int) -> None:
    """One change."""
    with state.change() as change:
        change.add_flow("eon", flow(str(number), transaction=f"t{number}"))
        if change.mark_seen(Seen(account="eon", kind="k", key=str(number), time_ms=number)):
            change.count("eon", "orders", {}, Decimal(1), at=float(number))
        change.save_standing("eon", standing(str(number), "total", "daily"))
        change.save_cursor("eon", FLOWS, number)


def main(folder: Path, begin: int) -> None:
    """Change until killed."""
    with Database.open(folder / FILE_NAME, clock=SystemClock()) as state:
        for number in count(begin):
            write(state, number)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
