"""The reporter's promises: nothing lost, nothing raised, nothing that waits, over outages, full disks and forks."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from patience import PATIENCE
from plimsoll.reporting import RejectionReporter
from plimsoll.reporting.body import Body
from plimsoll.reporting.delivery import Answer, Fate
from plimsoll.reporting.reporter import default_spool
from plimsoll.reporting.spool import Spool

DELIVERED = Answer(Fate.DELIVERED)
URL = "http://127.0.0.1:9713"


class Refused(Exception):
    """A refusal as python-binance words it."""

    code = -2019
    message = "Margin is insufficient."


class Post:
    """The way to the exporter, which a test opens and closes."""

    def __init__(self) -> None:
        self.answer = DELIVERED
        self.got: list[Body] = []

    def __call__(self, report: Body) -> Answer:
        """Take a report, or say why not."""
        if self.answer.fate is Fate.DELIVERED:
            self.got.append(report)
        return self.answer


@contextmanager
def reporting(folder: Path, deliver: Callable[[Body], Answer]) -> Iterator[RejectionReporter]:
    """A reporter with a spool of its own."""
    reporter = RejectionReporter(URL, "no-token", "eon", spool=folder, deliver=deliver)
    try:
        yield reporter
    finally:
        reporter.close()


def files(folder: Path, ending: str = ".json") -> list[str]:
    """What waits on disk."""
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(ending)) if folder.exists() else []


def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_refusal_is_delivered_with_its_order(tmp_path: Path):
    """Code, words and order arrive under an id of their own, and nothing stays on disk."""
    post = Post()
    with reporting(tmp_path / "spool", post) as reporter:
        assert reporter.report(Refused(), symbol="BTCUSDT", side="SELL", intent="close")
        assert reporter.report(code=-2022, message="ReduceOnly Order is rejected.")
        assert reporter.flush()
    first, second = post.got
    assert first.items() >= {"account": "eon", "code": -2019, "symbol": "BTCUSDT", "intent": "close"}.items()
    assert (second["code"], second["message"]) == (-2022, "ReduceOnly Order is rejected.")
    assert first["report_id"] != second["report_id"]
    assert files(tmp_path / "spool") == []


def test_what_is_no_refusal_is_not_reported(tmp_path: Path):
    """A time-out, an unknown outcome and nothing at all are no refusals; nothing is raised either."""
    post = Post()
    with reporting(tmp_path / "spool", post) as reporter:
        assert [reporter.report(TimeoutError()), reporter.report(code=-1007), reporter.report()] == [False] * 3
        assert reporter.flush()
    assert post.got == []


def test_an_argument_that_cannot_be_read_does_not_break_the_bot(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """Whatever is handed over, report returns; the fault is in the log."""

    class Hostile:
        def __str__(self) -> str:
            raise RuntimeError("no text")

    with reporting(tmp_path / "spool", Post()) as reporter:
        assert not reporter.report(Refused(), symbol=Hostile())
    assert "could not be reported" in caplog.text


def test_reports_outlive_an_outage_in_their_order(tmp_path: Path):
    """While the exporter is away reports wait on disk; then all arrive, oldest first, once."""
    post = Post()
    post.answer = Answer(Fate.LATER, "no answer")
    with reporting(tmp_path / "spool", post) as reporter:
        for number in range(50):
            reporter.report(code=-2019, client_order_id=str(number))
        assert not reporter.flush()
        assert len(files(tmp_path / "spool")) == 50
        post.answer = DELIVERED
        assert reporter.flush(10)
    assert [report["client_order_id"] for report in post.got] == [str(number) for number in range(50)]
    assert files(tmp_path / "spool") == []


def test_an_hour_without_exporter_loses_no_refusal(tmp_path: Path):
    """A refusal a second for an hour waits on disk; when the exporter is back each arrives once, in its order."""
    post = Post()
    post.answer = Answer(Fate.LATER)
    with reporting(tmp_path / "spool", post) as reporter:
        for number in range(3600):
            assert reporter.report(Refused(), client_order_id=f"order-{number}")
        until(lambda: len(files(tmp_path / "spool")) == 3600)
        post.answer = DELIVERED
        assert reporter.flush(60)
    assert [body["client_order_id"] for body in post.got] == [f"order-{number}" for number in range(3600)]
    assert len({body["report_id"] for body in post.got}) == 3600
    assert files(tmp_path / "spool") == []


def test_a_delivery_that_hangs_holds_nothing_up(tmp_path: Path):
    """A report returns while another one hangs on its way, and is on disk soon after."""
    hanging, let_go = threading.Event(), threading.Event()

    def hang(_: Body) -> Answer:
        hanging.set()
        let_go.wait(10)
        return DELIVERED

    with reporting(tmp_path / "spool", hang) as reporter:
        reporter.report(code=-2019)
        assert hanging.wait(10)
        reporter.report(code=-2019)
        reporter.close(0.05)
        assert files(tmp_path / "spool")
        let_go.set()


def test_the_next_start_sends_what_was_left(tmp_path: Path):
    """What a bot could not deliver before its end is delivered by its next start."""
    post = Post()
    post.answer = Answer(Fate.LATER, "HTTP 503")
    with reporting(tmp_path / "spool", post) as reporter:
        reporter.report(code=-2019, client_order_id="left")
    assert len(files(tmp_path / "spool")) == 1
    post.answer = DELIVERED
    with reporting(tmp_path / "spool", post):
        until(lambda: bool(post.got))
    assert [report["client_order_id"] for report in post.got] == ["left"]


def test_a_report_that_the_exporter_cannot_use_is_set_aside(tmp_path: Path):
    """It is kept for a person to read, and does not hold the others up."""
    post = Post()
    post.answer = Answer(Fate.UNFIT, "HTTP 400: code")
    with reporting(tmp_path / "spool", post) as reporter:
        reporter.report(code=-2019)
        assert reporter.flush()
    assert files(tmp_path / "spool") == []
    assert len(files(tmp_path / "spool", ".refused")) == 1


def test_without_a_disk_reports_wait_in_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """A spool that cannot be written is told, and costs no report while the bot lives."""
    (tmp_path / "file").write_text("")
    post = Post()
    with reporting(tmp_path / "file" / "spool", post) as reporter:
        reporter.report(code=-2019)
        assert reporter.flush()
    assert len(post.got) == 1
    assert "wait in memory only" in caplog.text


def test_a_full_spool_keeps_the_oldest_and_says_how_many_it_lost(tmp_path: Path):
    """There is a bound, and what is beyond it is counted, never passed over in silence."""
    spool = Spool(tmp_path, limit=2)
    assert [spool.add({"report_id": str(number)}) for number in range(4)] == [True, True, False, False]
    assert (len(spool), spool.lost) == (2, 2)
    assert spool.first() == {"report_id": "0"}


def test_a_damaged_file_in_the_spool_is_passed_over(tmp_path: Path):
    """What cannot be read is left where it is, and the next report is taken."""
    (tmp_path / "00000000000000000001-1999999999-a.json").write_text("{")
    (tmp_path / "00000000000000000002-1999999999-b.json").write_text('{"report_id": "b"}')
    (tmp_path / "foreign.json").write_text("{}")
    spool = Spool(tmp_path)
    assert spool.adopt() == 2
    assert spool.first() == {"report_id": "b"}
    spool.delivered()
    assert spool.first() is None


def test_reports_of_a_running_program_are_left_to_it(tmp_path: Path):
    """A folder may be shared: only what an ended program left, or an earlier one of the same number, is taken."""
    (tmp_path / f"{time.time_ns() * 2:020d}-{os.getppid()}-a.json").write_text("{}")
    (tmp_path / f"{time.time_ns() * 2:020d}-{os.getpid()}-b.json").write_text("{}")
    (tmp_path / f"{1:020d}-{os.getpid()}-c.json").write_text("{}")
    assert Spool(tmp_path).adopt() == 1


def test_a_fork_reports_by_a_thread_of_its_own(tmp_path: Path):
    """A child process has no thread of its parent's; its first report starts one."""
    with reporting(tmp_path / "spool", lambda _: Answer(Fate.LATER, "away")) as reporter:
        reporter.report(code=-2019, client_order_id="parent")
        reporter.flush()
        child = os.fork()
        if child == 0:
            reporter.report(code=-2019, client_order_id="child")
            reporter.flush(5)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert len(files(tmp_path / "spool")) == 2


def test_a_closed_reporter_still_reports(tmp_path: Path):
    """A bot that reports after its own clearing up loses nothing."""
    post = Post()
    with reporting(tmp_path / "spool", post) as reporter:
        reporter.close()
        reporter.report(code=-2019)
        assert reporter.flush()
    assert len(post.got) == 1


@pytest.mark.parametrize(("url", "account"), [("127.0.0.1:9713", "eon"), ("ftp://host", "eon"), (URL, "../eon")])
def test_an_address_or_account_that_is_none_is_told_at_once(url: str, account: str, tmp_path: Path):
    """A mistake in the one line of setup shows at the start of the bot, not at its first refusal."""
    with pytest.raises(ValueError, match="must be"):
        RejectionReporter(url, "token", account, spool=tmp_path)


def test_where_reports_wait_by_default():
    """Each account has a folder of its own, below the user's state."""
    assert default_spool("eon", {"XDG_STATE_HOME": "/var/state"}) == Path("/var/state/plimsoll/reports/eon")
    assert default_spool("eon", {"HOME": "/home/bot"}) == Path("/home/bot/.local/state/plimsoll/reports/eon")
