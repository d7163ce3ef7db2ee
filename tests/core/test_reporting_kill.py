"""A bot that is killed without warning: what it reported is on disk, whole, and its next start delivers it."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from plimsoll.reporting.body import Body
from plimsoll.reporting.spool import Spool

CHILD = Path(__file__).parents[1] / "support" / "reporting_child.py"


def test_kill_minus_nine_loses_no_report(tmp_path: Path):
    """Every report that was on disk is found by the next start, in order, once, whenever the blow falls."""
    chance = random.Random(5)  # noqa: S311 - moments, not secrets
    for round_ in range(3):
        folder = tmp_path / str(round_)
        command = [sys.executable, str(CHILD), str(folder)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program
        assert child.stdout is not None
        for _ in range(chance.randrange(1, 40)):
            told = int(child.stdout.readline())
        child.kill()
        told = max([told, *(int(line) for line in child.stdout.read().split())])
        child.stdout.close()
        child.wait()
        numbers = [int(str(report["client_order_id"])) for report in _found(folder)]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) > told


def _found(folder: Path) -> list[Body]:
    """What the next start would deliver."""
    spool, found = Spool(folder), []
    spool.adopt()
    while (report := spool.first()) is not None:
        found.append(report)
        spool.delivered()
    return found
