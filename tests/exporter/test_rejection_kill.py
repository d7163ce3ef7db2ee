"""An exporter that is killed at any moment loses no count and doubles none, whatever told of an order."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from plimsoll_exporter.rejections.counts import ORDERS
from rejection_child import REPORTS
from rejection_scene import ledger_in, sources

CHILD = Path(__file__).parents[1] / "support" / "rejection_child.py"
ROUNDS = 12
LINES = 30
"""Lines that the bot logs in each round."""


class Bot:
    """Writes a log beside the exporter, and rotates it now and then."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "bot.log"
        self.written = 0
        self._line("2026-11-20 07:00:00,000 INFO here we go, with a beginning that is long enough")

    def logs(self) -> None:
        """One more refused order, of another code than those that are reported."""
        self.written += 1
        self._line(f"2026-11-20 08:00:00,000 ERROR APIError(code=-2022): ReduceOnly Order is rejected. {self.written}")
        if self.written % 70 == 0:
            self.path.rename(self.path.with_name(f"bot.log.{self.written}"))
            self._line(f"2026-11-20 09:00:00,000 INFO a new file after {self.written}")

    def _line(self, text: str) -> None:
        with self.path.open("a") as log:
            log.write(text + "\n")


def exporter(folder: Path) -> subprocess.Popen[str]:
    """An exporter's ledger as a program."""
    environ = {**os.environ, "PYTHONPATH": str(CHILD.parent)}
    command = [sys.executable, str(CHILD), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)  # noqa: S603 - our own program


def killed(folder: Path, bot: Bot, after: float) -> int:
    """How many reports were acknowledged before the blow, which falls so many seconds after the first one."""
    child = exporter(folder)
    assert child.stdout is not None
    acknowledged = len(child.stdout.readline().split())
    for _ in range(LINES):
        bot.logs()
        time.sleep(after / LINES)
    child.kill()
    rest = child.stdout.read().split()
    child.stdout.close()
    child.wait()
    return acknowledged + sum(word.isdecimal() for word in rest)


def test_kill_minus_nine_loses_no_count_and_doubles_none(tmp_path: Path):
    """Reports repeated from the beginning, a log that goes on, a stream that tells again: each event is one."""
    chance = random.Random(7)  # noqa: S311 - moments, not secrets
    bot = Bot(tmp_path)
    with ledger_in(tmp_path) as ledger:
        assert sources(ledger.shown("eon")) == {}
    followed = exporter(tmp_path)
    assert followed.stdout is not None
    followed.stdout.readline()
    followed.kill()
    followed.stdout.close()
    followed.wait()
    most = 0
    for _ in range(ROUNDS):
        most = max(most, killed(tmp_path, bot, chance.uniform(0.0, 0.2)))
        with ledger_in(tmp_path) as ledger:
            assert most <= sources(ledger.shown("eon"))["report"] <= REPORTS
            assert sources(ledger.shown("eon")).get("log", 0) <= bot.written
    last = exporter(tmp_path)
    assert "done" in last.communicate()[0]
    with ledger_in(tmp_path) as ledger:
        shown = ledger.shown("eon")
        assert sources(shown) == {"report": REPORTS, "log": bot.written}
        assert shown.of(ORDERS)[("filled", "unknown")].value == REPORTS
        assert shown.of(ORDERS)[("rejected", "close")].value == REPORTS
        assert shown.of(ORDERS)[("rejected", "unknown")].value == bot.written
