"""The demo's way from a breach to a person: what Prometheus and Alertmanager need, and a receiver that prints alerts.

Password and address of the receiver are made for one demo alone, so that no page in a browser can send or read alerts.
"""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_urlsafe
from typing import ClassVar

from plimsoll.config.load import load
from plimsoll.render.command import ALERTMANAGER, render
from plimsoll.text import one_line

ROOT = Path(__file__).resolve().parent.parent
USER = "plimsoll"
PASSWORD = "web.password"  # noqa: S105 - the name of the file that it is written into
WEBHOOK = "webhook.url"
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Alerting:
    """Where Prometheus and Alertmanager run, and what they are started with.

    Attributes:
        folder: The demo's folder, with everything rendered below it.
        prometheus: Port of Prometheus.
        alertmanager: Port of Alertmanager.
    """

    folder: Path
    prometheus: int
    alertmanager: int

    @property
    def login(self) -> tuple[str, str]:
        """What Alertmanager asks for."""
        return USER, (self.folder / PASSWORD).read_text(encoding="utf-8")

    def settings(self) -> dict[str, str]:
        """What the exporter and ``plimsoll render`` are told about it."""
        place = {
            "url": f"http://127.0.0.1:{self.alertmanager}",
            "username": USER,
            "password_file": str(self.folder / PASSWORD),
        }
        return {
            "PLIMSOLL_ALERTMANAGER": json.dumps([place]),
            "PLIMSOLL_LINKS__PROMETHEUS": f"http://127.0.0.1:{self.prometheus}",
            "PLIMSOLL_NOTIFICATIONS__WEBHOOK__URL_FILE": str(self.folder / WEBHOOK),
        }

    def prepare(self, receiver: str, settings: Mapping[str, str], configuration: Path) -> None:
        """Write secrets, Prometheus's own files, and everything that is rendered.

        Args:
            receiver: The URL that alerts are posted to.
            settings: All settings of the demo, as variables.
            configuration: The demo's plimsoll.yml.
        """
        for name, text in ((PASSWORD, token_urlsafe(24)), (WEBHOOK, receiver)):
            (self.folder / name).touch(mode=0o600)
            (self.folder / name).write_text(text, encoding="utf-8")
        shutil.copytree(ROOT / "prometheus", self.folder / "prometheus", ignore=shutil.ignore_patterns("rendered"))
        config = load(configuration, environ=settings)
        render(config, self.folder, prometheus=f"127.0.0.1:{self.prometheus}")

    def alertmanager_command(self, program: Path) -> Sequence[str]:
        """Alertmanager on loopback, without gossip."""
        rendered = self.folder / ALERTMANAGER
        return [
            str(program),
            f"--config.file={rendered / 'alertmanager.yml'}",
            f"--web.config.file={rendered / 'web.yml'}",
            f"--web.listen-address=127.0.0.1:{self.alertmanager}",
            f"--storage.path={self.folder / 'alertmanager-data'}",
            "--cluster.listen-address=",
            "--enable-feature=utf8-strict-mode,receiver-name-in-metrics",
        ]

    def prometheus_command(self, program: Path) -> Sequence[str]:
        """Prometheus on loopback, with the flags that ``prometheus.yml`` asks for."""
        return [
            str(program),
            f"--config.file={self.folder / 'prometheus' / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'prometheus-data'}",
            f"--web.listen-address=127.0.0.1:{self.prometheus}",
            "--web.cors.origin=^$",
            "--rules.alert.resend-delay=15s",
        ]


@contextmanager
def printing_receiver() -> Iterator[str]:
    """A webhook that prints what it gets, until the block ends; gives its URL."""
    path = f"/{token_urlsafe(24)}"

    class Handler(_Printer):
        """The printer at this demo's own path."""

        own_path = path

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{path}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Printer(BaseHTTPRequestHandler):
    """Prints Alertmanager's webhooks."""

    own_path: ClassVar[str] = ""

    def do_POST(self) -> None:
        """Print the alerts of one message."""
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != self.own_path or length > _MOST_BYTES:
            self.send_error(404)
            return
        for alert in json.loads(self.rfile.read(length))["alerts"]:
            # One call, since messages may come side by side and their lines must not run into one another.
            sys.stdout.write(f"{told(alert, datetime.now(UTC))}\n")
        sys.stdout.flush()
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing of calls: what they bring is printed."""


def told(alert: Mapping[str, Mapping[str, str]], now: datetime) -> str:
    """An alert on one line, as somebody at the terminal reads it."""
    labels, annotations = alert["labels"], alert["annotations"]
    where = " ".join(labels[name] for name in ("account", "rule", "symbol", "side", "source") if name in labels)
    kind = labels.get("severity", "alert").upper() if str(alert["status"]) == "firing" else "no longer reported"
    text = " ".join((annotations.get("description") or annotations.get("summary", "")).split())
    return one_line(f"{now:%H:%M:%S} {kind} {labels['alertname']} {where}".rstrip() + f": {text}")
