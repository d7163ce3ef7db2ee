"""An exporter's ledger for the tests of sudden death: takes reports, follows a log, hears a stream, all at once.

``python rejection_child.py FOLDER``. It goes through the whole play from the beginning each time, as sources do that
repeat what was not acknowledged; the log grows beside it, and is rotated now and then. Says each number on stdout after
its report was taken, and ``done`` at the end.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import builders
from plimsoll.clock import SystemClock
from plimsoll.config.model import RejectionLog
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.model.events import OrderUpdate
from plimsoll.risk.rejections import Intent, Reason
from plimsoll_exporter.rejections.follow import LogFollower
from plimsoll_exporter.rejections.ledger import Ledger
from plimsoll_exporter.rejections.streams import OrderEnds
from plimsoll_exporter.rejections.told import Source, Told

REPORTS = 400


async def main(folder: Path) -> None:
    """Play to the end, or until killed."""
    clock = SystemClock()
    with Database.open(folder / FILE_NAME, clock=clock) as database:
        ledger = Ledger(database, ("eon",), clock=clock)
        follower = LogFollower(RejectionLog(path=folder / "bot.log", account="eon"), ledger, clock=clock, hold=0.0)
        ends = OrderEnds("eon", ledger)
        for number in range(REPORTS):
            ledger.report(_report(number))
            order = builders.order(order_id=number, status="FILLED")
            ends.event(OrderUpdate(time_ms=5, event_ms=6, order=order, execution="TRADE", fill=None), None)
            await follower.step()
            print(number, flush=True)  # noqa: T201 - what the test reads
        await follower.step()
        print("done", flush=True)  # noqa: T201 - as above


def _report(number: int) -> Told:
    return Told(
        account="eon",
        source=Source.REPORT,
        key=f"r{number}",
        time=1_795_164_000.0 + number,
        reason=Reason.INSUFFICIENT_MARGIN,
        intent=Intent.CLOSE,
        code=-2019,
    )


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
