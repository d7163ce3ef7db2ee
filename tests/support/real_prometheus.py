"""The real Prometheus with the shipped configuration and rules, on loopback, ended by its process id.

``prometheus/`` is copied beside what ``plimsoll render`` wrote, as a user has it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from programs import ROOT, Running, answered, environment, running

FLAGS = ("--rules.alert.resend-delay=15s", "--web.cors.origin=^$", "--log.level=info")


@dataclass(frozen=True)
class Prometheus:
    """A running Prometheus.

    Attributes:
        running: Its process and what it says.
        url: Base of its API.
    """

    running: Running
    url: str

    def alerts(self) -> list[dict[str, Any]]:
        """The alerts that are pending or firing."""
        return list(requests.get(f"{self.url}/api/v1/alerts", timeout=30).json()["data"]["alerts"])

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What an expression gives now."""
        answer = requests.get(f"{self.url}/api/v1/query", params={"query": expression}, timeout=30)
        answer.raise_for_status()
        return list(answer.json()["data"]["result"])


@contextmanager
def real_prometheus(
    program: Path,
    folder: Path,
    port: int,
    *,
    flags: Sequence[str] = FLAGS,
    rules: Callable[[str], str] = str,
    settings: Callable[[str], str] = str,
    **environ: str,
) -> Iterator[Prometheus]:
    """Run Prometheus until the block ends.

    Args:
        program: The fixture ``prometheus``.
        folder: The output folder of ``plimsoll render``; data and log go there too.
        port: Where it listens; see ``programs.free_port``. Render with ``prometheus="127.0.0.1:PORT"``.
        flags: Further flags.
        rules: Changes the text of each file of rules; as shipped unless told otherwise.
        settings: Changes the text of ``prometheus.yml`` likewise.
        environ: Variables, of which ``prometheus.yml`` expands those of its external labels.
    """
    shutil.copytree(
        ROOT / "prometheus", folder / "prometheus", ignore=shutil.ignore_patterns("rendered"), dirs_exist_ok=True
    )
    own = folder / "prometheus" / "prometheus.yml"
    for path, change in ((own, settings), *((path, rules) for path in (own.parent / "rules").glob("*.yml"))):
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    command: list[str | Path] = [
        program,
        f"--config.file={folder / 'prometheus' / 'prometheus.yml'}",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--storage.tsdb.path={folder / 'prometheus-data'}",
        *flags,
    ]
    url = f"http://127.0.0.1:{port}"
    with running(command, folder / "prometheus.log", environ={**environment(), **environ}) as process:
        process.until(lambda: answered(f"{url}/-/ready") == 200, "Prometheus is ready")
        yield Prometheus(running=process, url=url)
