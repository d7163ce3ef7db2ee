"""A report over HTTP: the token travels as a header and nowhere else; each answer has its meaning."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from plimsoll.reporting.delivery import Fate, HttpDelivery, proxies_to

TOKEN = "a-token-of-the-tests"
REPORT = {"report_id": "r1", "account": "eon", "code": -2019, "time": 1.0}


class Exporter(HTTPServer):
    """Answers every post with one status and keeps what it was sent."""

    status = 202
    faults: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[str, str | None, object]] = []


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Exporter)
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, self.headers["Authorization"], json.loads(content)))
        fault = next((name for name in self.server.faults if name in content.decode()), None)
        text = b"text" if fault is None else json.dumps({"error": "is wrong", "field": fault}).encode()
        self.send_response(self.server.status if fault is None else 400)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def exporting(status: int = 202) -> Iterator[Exporter]:
    """An exporter on a port of its own."""
    server = Exporter()
    server.status = status
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def token_file(folder: Path) -> Path:
    """A file with the token."""
    path = folder / "report.token"
    path.write_text(TOKEN + "\n")
    path.chmod(0o640)
    return path


def test_a_report_is_posted_with_its_token(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """The body is the report, the token a bearer header; no log line holds it."""
    caplog.set_level(logging.DEBUG)
    with exporting() as server:
        answer = HttpDelivery(f"http://127.0.0.1:{server.server_port}/", token_file(tmp_path))(REPORT)
    assert answer.fate is Fate.DELIVERED
    assert server.got == [("/api/v1/rejections", f"Bearer {TOKEN}", REPORT)]
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (400, Fate.UNFIT),
        (413, Fate.UNFIT),
        (302, Fate.LATER),
        (401, Fate.LATER),
        (403, Fate.LATER),
        (404, Fate.LATER),
        (429, Fate.LATER),
        (500, Fate.LATER),
        (503, Fate.LATER),
    ],
)
def test_what_an_answer_means(tmp_path: Path, status: int, fate: Fate):
    """Only a report that can never be right is given up; a wrong token or account may be mended."""
    with exporting(status) as server:
        answer = HttpDelivery(f"http://127.0.0.1:{server.server_port}", token_file(tmp_path))(REPORT)
    assert answer.fate is fate
    assert str(status) in answer.why
    assert len(server.got) == 1


def test_a_wrong_word_about_the_order_costs_that_word_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """Fields that the exporter refuses are left out one by one, and told; without a needed one it is no report."""
    order = {"side": "LONG", "type": "stop-market", "intent": "close"}
    with exporting() as server:
        server.faults = ("side", "type")
        deliver = HttpDelivery(f"http://127.0.0.1:{server.server_port}", token_file(tmp_path))
        assert deliver({**REPORT, **order}).fate is Fate.DELIVERED
        assert server.got[-1][2] == {**REPORT, "intent": "close"}
        assert len(server.got) == 3
        assert len(caplog.records) == 2
        server.faults = ("code",)
        assert deliver(REPORT).fate is Fate.UNFIT
        assert len(server.got) == 4


def test_without_exporter_or_token_a_report_waits(tmp_path: Path):
    """No answer and no token are told without the token, and the report is tried again."""
    with exporting() as server:
        port = server.server_port
    gone = HttpDelivery(f"http://127.0.0.1:{port}", token_file(tmp_path))(REPORT)
    assert (gone.fate, gone.why) == (Fate.LATER, "no answer (ConnectionError)")
    tokenless = HttpDelivery(f"http://127.0.0.1:{port}", tmp_path / "none")(REPORT)
    assert tokenless.fate is Fate.LATER
    assert "no such file" in tokenless.why


def test_a_proxy_of_the_environment_gets_no_report_for_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A bot that reaches the exchange through a proxy reports to its own machine directly; to another through it."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with exporting() as server:
        answer = HttpDelivery(f"http://127.0.0.1:{server.server_port}", token_file(tmp_path))(REPORT)
    assert answer.fate is Fate.DELIVERED
    assert proxies_to("http://exporter.example:9713") is None
