"""A bot for the tests of sudden death: reports refused orders, one after the other, and says so on stdout.

``python reporting_child.py SPOOL``. Nothing is ever delivered; who is told of a report finds it on disk.
"""

from __future__ import annotations

import sys
import time
from itertools import count

from plimsoll.reporting import RejectionReporter
from plimsoll.reporting.delivery import Answer, Fate


def main() -> None:
    """Report until killed."""
    reporter = RejectionReporter(
        "http://127.0.0.1:1", "none", "eon", spool=sys.argv[1], deliver=lambda _: Answer(Fate.LATER, "away")
    )
    for number in count():
        reporter.report(code=-2019, client_order_id=str(number))
        reporter.flush(5)
        print(number, flush=True)  # noqa: T201 - what the test reads
        time.sleep(0.001)


if __name__ == "__main__":
    main()
