"""The ways from a breach to a page that are measured, and what Prometheus and Alertmanager are started with for each.

What ``plimsoll render`` writes and what ``prometheus/`` holds is used as it is; only for the comparison with the usual
settings the times in it are replaced.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import yaml
from measuring import NotMeasured, Size, free_port

from plimsoll.config.load import load
from plimsoll.render.command import ALERTMANAGER, render

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".cache" / "tools" / "bin"
USER, PASSWORD = "plimsoll", "made-up-password-of-a-benchmark"
LIMIT = "0.03"
"""The drawdown that is a breach."""

Tree = dict[str, object]


class Lane(Enum):
    """Which way is measured, alone."""

    FAST = "fast lane alone"
    RULES = "rule lane alone"
    USUAL = "rule lane alone, default settings"


@dataclass(frozen=True, kw_only=True, slots=True)
class Usual:
    """The times of the comparison, in seconds: what Prometheus and Alertmanager do unless told otherwise."""

    scrape: int = 15
    evaluation: int = 15
    group_wait: int = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """Where everything listens."""

    simulator: int
    exporter: int
    prometheus: int
    alertmanager: int

    @classmethod
    def free(cls) -> Ports:
        """Ports that nobody has."""
        return cls(simulator=free_port(), exporter=free_port(), prometheus=free_port(), alertmanager=free_port())

    def url(self, name: str) -> str:
        """The address of one of them."""
        return f"http://127.0.0.1:{getattr(self, name)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """One lane's files.

    Attributes:
        lane: Which one.
        folder: Where they lie.
        ports: Where everything listens.
    """

    lane: Lane
    folder: Path
    ports: Ports

    @property
    def exporter(self) -> Path:
        """The exporter's configuration: that with Alertmanager in it only where the fast lane is measured."""
        return self.folder / ("plimsoll.yml" if self.lane is Lane.FAST else "silent.yml")

    def prepare(self, size: Size, hook: str, usual: Usual) -> None:
        """Write everything."""
        for name, text in (("web.password", PASSWORD), ("webhook.url", hook)):
            (self.folder / name).touch(mode=0o600)
            (self.folder / name).write_text(text, encoding="utf-8")
        alone = self.configuration(size)
        (self.folder / "silent.yml").write_text(alone, encoding="utf-8")
        (self.folder / "plimsoll.yml").write_text(alone + self._alerting(), encoding="utf-8")
        config = load(self.folder / "plimsoll.yml", environ={})
        render(config, self.folder, prometheus=f"127.0.0.1:{self.ports.prometheus}")
        kept = shutil.ignore_patterns("rendered")
        shutil.copytree(ROOT / "prometheus", self.folder / "prometheus", ignore=kept, dirs_exist_ok=True)
        if self.lane is Lane.USUAL:
            self._make_usual(usual)

    def configuration(self, size: Size) -> str:
        """The accounts of the simulator's ``crowd``, each with one limit."""
        rule = f"{{from: high-water, ratio: {LIMIT}, on_breach: flatten}}"
        names = "\n".join(f"  {name}: {{limits: {{drawdown: {{total: {rule}}}}}}}" for name in size.names)
        simulator = f"http://127.0.0.1:{self.ports.simulator}"
        return (
            f"exchange: {{environment: simulator, rest_url: '{simulator}'}}\naccounts:\n{names}\n"
            f"exporter: {{listen: '127.0.0.1:{self.ports.exporter}'}}\n"
        )

    def _alerting(self) -> str:
        url = f"http://127.0.0.1:{self.ports.alertmanager}"
        return (
            f"alertmanager: [{{url: '{url}', username: {USER}, password_file: web.password}}]\n"
            "notifications: {webhook: {url_file: webhook.url}}\n"
        )

    def _make_usual(self, usual: Usual) -> None:
        """Put the usual times into the rendered files; a group of its own for each account, or one would wait for all.

        A second alert of a group would come after ``group_interval``, five minutes, whatever else is measured.
        """

        def slow_scrapes(tree: Tree) -> None:
            tree["global"] = {"scrape_interval": f"{usual.scrape}s", "evaluation_interval": f"{usual.evaluation}s"}
            jobs = _list(tree, "scrape_configs")
            tree["scrape_configs"] = [_without(job, "scrape_interval", "scrape_timeout") for job in jobs]

        def slow_rules(tree: Tree) -> None:
            tree["groups"] = [_without(group, "interval") for group in _list(tree, "groups")]

        def slow_pages(tree: Tree) -> None:
            by = {"group_by": ["alertname", "account"], "group_wait": f"{usual.group_wait}s"}
            tree["route"] = {"receiver": "page", **by}
            tree["inhibit_rules"] = []

        _rewrite(self.folder / "prometheus" / "prometheus.yml", slow_scrapes)
        for path in (self.folder / "prometheus" / "rules").glob("*.yml"):
            _rewrite(path, slow_rules)
        _rewrite(self.folder / ALERTMANAGER / "alertmanager.yml", slow_pages)

    def alertmanager_command(self) -> Sequence[str]:
        """Alertmanager as docs/operating.md has it started."""
        rendered = self.folder / ALERTMANAGER
        return [
            program("alertmanager"),
            f"--config.file={rendered / 'alertmanager.yml'}",
            f"--web.config.file={rendered / 'web.yml'}",
            f"--web.listen-address=127.0.0.1:{self.ports.alertmanager}",
            f"--storage.path={self.folder / 'alertmanager-data'}",
            "--cluster.listen-address=",
            "--enable-feature=utf8-strict-mode,receiver-name-in-metrics",
        ]

    def prometheus_command(self) -> Sequence[str]:
        """Prometheus with the flags that ``prometheus.yml`` asks for; without them for the comparison."""
        flags = () if self.lane is Lane.USUAL else ("--rules.alert.resend-delay=15s", "--web.cors.origin=^$")
        return [
            program("prometheus"),
            f"--config.file={self.folder / 'prometheus' / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'prometheus-data'}",
            f"--web.listen-address=127.0.0.1:{self.ports.prometheus}",
            *flags,
        ]


def program(name: str) -> str:
    """A program of ``make tools``.

    Raises:
        NotMeasured: It is not there.
    """
    path = TOOLS / name
    if not path.exists():
        raise NotMeasured(f"{path} is not there: run `make tools`")
    return str(path)


def _rewrite(path: Path, change: Callable[[Tree], None]) -> None:
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(tree)
    path.write_text(yaml.safe_dump(tree, sort_keys=False, width=1000), encoding="utf-8")


def _list(tree: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    found = tree[key]
    return found if isinstance(found, list) else []


def _without(tree: Mapping[str, object], *keys: str) -> Tree:
    return {key: value for key, value in tree.items() if key not in keys}
