"""The real Alertmanager as a process of its own, on loopback, without gossip, ended by its process id.

It runs with the flags that docs/operating.md tells users to start it with.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from alerting_files import PASSWORD, USER
from programs import Running, running

FLAGS = (
    "--cluster.listen-address=",
    "--data.maintenance-interval=1m",
    "--enable-feature=utf8-strict-mode,receiver-name-in-metrics",
)


@dataclass(frozen=True)
class Alertmanager:
    """A running Alertmanager.

    Attributes:
        running: Its process and what it says.
        url: Base of its API.
        auth: What it asks for.
    """

    running: Running
    url: str
    auth: tuple[str, str]

    def post(self, *alerts: Mapping[str, Any]) -> None:
        """Hand over alerts, as Prometheus and the fast lane do."""
        requests.post(f"{self.url}/api/v2/alerts", json=list(alerts), auth=self.auth, timeout=30).raise_for_status()

    def alerts(self) -> list[dict[str, Any]]:
        """What it holds: active, silenced and inhibited alerts."""
        answer = requests.get(f"{self.url}/api/v2/alerts", auth=self.auth, timeout=30)
        answer.raise_for_status()
        return list(answer.json())

    def reload(self) -> None:
        """Let it read its configuration again."""
        self.running.process.send_signal(signal.SIGHUP)

    def status(self, auth: tuple[str, str] | None = None) -> int | None:
        """What its readiness page answers with; ``None`` while nobody answers."""
        try:
            return requests.get(f"{self.url}/-/ready", auth=auth or self.auth, timeout=30).status_code
        except requests.RequestException:
            return None


@contextmanager
def real_alertmanager(
    program: Path,
    rendered: Path,
    folder: Path,
    port: int,
    *,
    auth: tuple[str, str] = (USER, PASSWORD),
    flags: Sequence[str] = FLAGS,
) -> Iterator[Alertmanager]:
    """Run Alertmanager until the block ends.

    Args:
        program: The fixture ``alertmanager``.
        rendered: The folder that ``plimsoll render`` wrote for it.
        folder: Where its data and its log go; run again with the same one it goes on where it was.
        port: Where it listens; see ``programs.free_port``.
        auth: User and password of its web configuration.
        flags: Further flags.
    """
    command: Sequence[str | Path] = [
        program,
        f"--config.file={rendered / 'alertmanager.yml'}",
        f"--web.config.file={rendered / 'web.yml'}",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--web.external-url=http://127.0.0.1:{port}",
        f"--storage.path={folder / 'alertmanager-data'}",
        *flags,
    ]
    with running(list(command), folder / "alertmanager.log") as process:
        made = Alertmanager(running=process, url=f"http://127.0.0.1:{port}", auth=auth)
        process.until(lambda: made.status() == 200, "Alertmanager is ready")
        yield made


def an_alert(
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    *,
    started: datetime | None = None,
    lasts: timedelta = timedelta(minutes=1),
) -> dict[str, Any]:
    """An alert as Alertmanager takes it; a negative ``lasts`` makes it one that is over."""
    now = datetime.now(UTC)
    return {
        "labels": dict(labels),
        "annotations": dict(annotations),
        "startsAt": (started or now - timedelta(seconds=1)).isoformat(),
        "endsAt": (now + lasts).isoformat(),
    }
