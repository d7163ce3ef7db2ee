"""Lines of bots' logs, among them ones as long as any line is looked at.

The first byte says how the rest is repeated, so that a pattern that goes back and forth shows by its time.
"""

from __future__ import annotations

from fuzz.target import Target, demand
from fuzz.values import sound
from plimsoll.risk.rejections import reason_of
from plimsoll_exporter.rejections.log_file import LONGEST_LINE
from plimsoll_exporter.rejections.log_lines import LONGEST, LogReader

TRACEBACK = "Traceback (most recent call last):"


def run(data: bytes) -> None:
    """Read lines: as they are, or each repeated until it is as long as one may be.

    Raises:
        Broken: A refusal that is found is not sound.
    """
    text = data[1:].decode("utf-8", "replace")
    lines = [text[:LONGEST_LINE].rstrip("\r") for text in text.split("\n")]
    if data[:1] >= b"\x80":
        # Repeated where it stands, and with an end that is not like the rest: where greedy patterns turn back.
        lines = [TRACEBACK, *((line * (LONGEST_LINE // max(1, len(line))) + "!") for line in lines[:2] if line)]
    for found in LogReader().read(lines):
        sound(found, seconds=True)
        demand(len(found.text) <= LONGEST, "endless words")
        sound(reason_of(found.code, found.text))


TARGET = Target(
    name="log-lines",
    about="log lines: no error at all; bounded time for lines of 64 KiB of anything repeated",
    run=run,
    longest=1024,
)
