"""The health check of our containers: what counts as alive, and what is said where nothing does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from plimsoll.alive import main


@contextmanager
def answering(status: int) -> Iterator[str]:
    """A server that answers everything with one status; gives a URL of it."""

    class Handler(BaseHTTPRequestHandler):
        """Answers."""

        def do_GET(self) -> None:
            """Say the status."""
            self.send_response(status if self.path == "/-/healthy" else 404)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/-/healthy"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("status", [200, 401])
def test_an_answer_is_life(status: int):
    """A program that answers is alive, also one that asks for a password first."""
    with answering(status) as url:
        assert main([url]) == 0


def test_an_answer_of_trouble_is_told(capsys: pytest.CaptureFixture[str]):
    """A program that says that it is in trouble does not count as alive."""
    with answering(503) as url:
        assert main([url]) == 1
    assert "answers with 503" in capsys.readouterr().err


def test_nobody_there_is_told(capsys: pytest.CaptureFixture[str]):
    """Where nobody listens the reason is said."""
    with answering(200) as url:
        pass
    assert main([url]) == 1
    assert "refused" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["exporter"], ["https://127.0.0.1/"], ["http://a/", "http://b/"]])
def test_unusable_arguments_end_with_2(arguments: list[str]):
    """What is no single plain address is refused."""
    assert main(arguments) == 2
