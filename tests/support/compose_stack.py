"""A copy of the checkout whose stack is run by Docker Compose, as a project of its own on ports of its own.

Where there is no engine, or no base images and no way to get them, tests are skipped with the reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import yaml

from programs import free_port

ROOT = Path(__file__).parents[2]
ORDINARY = 120.0
"""Seconds that a command of Compose may take; building an image takes longer."""

BUILD = 900.0
AWAITED = 180.0
"""Seconds of real time after which something that should happen is given up."""

COPIED = (
    *("docker-compose.yml", "Dockerfile", ".dockerignore", ".env", "plimsoll.yml", "prometheus", "alertmanager"),
    *("grafana", "secrets", "pyproject.toml", "README.md", "LICENSE", "requirements.lock", "requirements-build.lock"),
    *("core", "exporter", "enforcer", "simulator"),
)
"""Of a checkout, what Compose uses."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ComposeStack:
    """A stack that Compose runs.

    Attributes:
        folder: The copy of the checkout.
        variables: What is set in the environment of Compose.
    """

    folder: Path
    variables: Mapping[str, str]

    def run(self, *arguments: str, check: bool = True, seconds: float = ORDINARY) -> str:
        """What ``docker compose`` printed; a failure shows it too."""
        done = self.attempt(*arguments, seconds=seconds)
        assert done.returncode == 0 or not check, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def attempt(self, *arguments: str, seconds: float = ORDINARY) -> subprocess.CompletedProcess[str]:
        """Run ``docker compose`` and give whatever came of it."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PLIMSOLL_", "COMPOSE_"))}
        return subprocess.run(  # noqa: S603 - Docker's own program
            ["docker", "compose", *arguments],  # noqa: S607 - wherever it is installed
            cwd=self.folder,
            env=kept | self.variables,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def up(self, *options: str) -> None:
        """Start what is not running and wait until everything is healthy."""
        self.run("up", *options, "--detach", "--wait", "--wait-timeout", str(int(AWAITED)), seconds=BUILD)

    def alerts(self) -> str:
        """The names of the alerts that Alertmanager has."""
        return self.amtool("alert", "query", "--output=json")

    def amtool(self, *arguments: str) -> str:
        """What amtool says, logged in."""
        login = ("--alertmanager.url=http://127.0.0.1:9093", "--http.config.file=/plimsoll/amtool/http.yml")
        return self.run("exec", "-T", "alertmanager", "amtool", *login, *arguments)

    def get(self, service: str, path: str) -> requests.Response:
        """Ask a published port."""
        port = {"exporter": "STATUS_PORT", "enforcer": "BUTTON_PORT", "grafana": "GRAFANA_PORT"}[service]
        return requests.get(f"http://127.0.0.1:{self.variables[port]}{path}", timeout=10)


@contextmanager
def compose_stack(folder: Path, **variables: str) -> Iterator[ComposeStack]:
    """A stack that is not started yet; at the end it is removed with all its volumes."""
    skip_without_engine()
    _copy(folder)
    ports = {name: str(free_port()) for name in ("GRAFANA_PORT", "STATUS_PORT", "BUTTON_PORT")}
    project = {
        "COMPOSE_PROJECT_NAME": f"plimsoll-test-{os.getpid()}-{folder.name}".lower(),
        "SECRETS_GID": str(os.getgid()),
    }
    stack = ComposeStack(folder=folder, variables=project | ports | variables)
    try:
        yield stack
    finally:
        stack.run("--profile", "*", "down", "--volumes", "--remove-orphans", check=False)


def wait_until(holds: Callable[[], bool], what: str, *, seconds: float = AWAITED) -> None:
    """Wait for something that is seen from outside."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        time.sleep(1.0)


def skip_without_engine() -> None:
    """Skip, with the reason, where no stack can be started."""
    if _fails("docker", "compose", "version"):
        pytest.skip("no Docker with Compose here: `docker compose version` fails")
    if _fails("docker", "info"):
        pytest.skip("no Docker engine answers here: `docker info` fails")
    for image in _foreign_images():
        if _fails("docker", "image", "inspect", image) and _fails("docker", "pull", "--quiet", image, seconds=BUILD):
            pytest.skip(f"the image {image} is not here and cannot be pulled")


def _foreign_images() -> Sequence[str]:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"].values()
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    bases = {line.split()[1] for line in lines if line.startswith("FROM ")}
    return sorted(bases | {one["image"] for one in services if not one["image"].startswith("plimsoll:")})


def _fails(*command: str, seconds: float = 30.0) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=False)  # noqa: S603 - Docker's program
    except (OSError, subprocess.TimeoutExpired):
        return True
    return done.returncode != 0


def _copy(folder: Path) -> None:
    """What a clone has, without what lies about in this one."""
    untracked = shutil.ignore_patterns("__pycache__", "rendered", "*.key", "*.secret", "*.token", "*.password", "*.url")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=untracked)
        else:
            shutil.copy(source, folder / name)
