"""What every container of docker-compose.yml must keep to, read from the file itself: no Docker is needed.

`tests/stack/test_compose.py` starts them for real, where an engine is there.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from plimsoll.config.load import load
from plimsoll.first_secrets import AMTOOL, SECRETS

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {"init", "render"}
BY_HAND = {"drill", "check"}
RUNNING = sorted(SERVICES.keys() - ONCE - BY_HAND)
OWN_FOLDER = {
    "exporter": ["./secrets/exporter"],
    "enforcer": ["./secrets/enforcer"],
    "alertmanager": ["./secrets/alertmanager"],
    "render": ["./secrets/alertmanager"],
    "check": ["./secrets"],
}
"""What each container sees of secrets/; all others see nothing of it."""

PUBLISHED = {"grafana": "3000", "exporter": "9713", "enforcer": "9714"}
FULL_VERSION = re.compile(r":v?[0-9]+\.[0-9]+\.[0-9]+(-[a-z-]+)?(@sha256:[0-9a-f]{64})?")


def mounts(service: dict[str, Any]) -> list[list[str]]:
    """Each mount as source, target and options."""
    return [mount.split(":") for mount in service.get("volumes", [])]


def test_the_stack_is_what_it_is_meant_to_be():
    """The services that run are the known ones; what is new must be judged here."""
    assert RUNNING == ["alertmanager", "enforcer", "exporter", "grafana", "prometheus", "simulator"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_can_do_no_more_than_it_must(name: str):
    """Nothing is writable but its volumes, no capability, no new privileges, not root, all bounded."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9][0-9]*:[0-9]+", service["user"])
    assert re.fullmatch(r"[0-9]+[mg]", service["mem_limit"])
    assert service["pids_limit"] <= 200
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert not service.keys() & {"privileged", "cap_add", "devices", "pid", "ipc", "userns_mode", "container_name"}


@pytest.mark.parametrize("name", RUNNING)
def test_a_running_container_is_looked_after(name: str):
    """Each comes back by itself and says whether it is well, within its own timeout."""
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["healthcheck"].keys() >= {"interval", "timeout", "retries", "start_period"}


@pytest.mark.parametrize("name", sorted(ONCE | BY_HAND))
def test_what_runs_once_is_not_started_again(name: str):
    """A one-shot container ends, and one that is meant for hands does not start with the others."""
    assert SERVICES[name]["restart"] == "no"
    assert ("profiles" in SERVICES[name]) == (name in BY_HAND)


def test_images_are_pinned():
    """Every image that comes from elsewhere has a full version, in the Dockerfile too; ours is built by one service."""
    foreign = {one["image"] for one in SERVICES.values()} - {"plimsoll:local"}
    assert len(foreign) == 3
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    bases = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    assert len(bases) == 2
    for image in [*foreign, *bases]:
        assert FULL_VERSION.search(image), image
    assert [name for name, one in SERVICES.items() if "build" in one] == ["init"]
    assert re.search(r"^USER 10001:10001$", dockerfile, re.MULTILINE)
    assert dockerfile.count("--require-hashes") == 2


def test_ports_are_published_on_loopback_only():
    """Grafana, the status page and the button page can be reached from this machine, and nothing else from anywhere."""
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert published.keys() == PUBLISHED.keys()
    for name, (port,) in published.items():
        assert re.fullmatch(rf"127\.0\.0\.1:\$\{{[A-Z]+_PORT:-{PUBLISHED[name]}\}}:{PUBLISHED[name]}", port)
    assert not any(one.get("network_mode") == "host" for one in SERVICES.values())


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_sees_its_own_secrets_only(name: str):
    """Of secrets/ and of what init makes a container gets the one folder that is its own, read-only."""
    seen = [mount for mount in mounts(SERVICES[name]) if mount[0].startswith("./secrets")]
    assert [mount[0] for mount in seen] == OWN_FOLDER.get(name, [])
    assert all(mount[2] == "ro" for mount in seen)
    tokens = {mount[0] for mount in mounts(SERVICES[name]) if mount[0].endswith("-tokens")}
    if name != "init":
        assert tokens <= {f"{'alertmanager' if name in {'render', 'drill'} else name}-tokens"}
        assert all(mount[2] == "ro" for mount in mounts(SERVICES[name]) if mount[0].endswith("-tokens"))


def test_each_program_keeps_its_state_to_itself():
    """One volume of state for each; the enforcer writes into the exporter's too, for a release that needs it."""
    users = {name: {mount[0] for mount in mounts(one) if mount[0].endswith("-state")} for name, one in SERVICES.items()}
    users["enforcer"].remove("exporter-state")
    assert {name: state for name, state in users.items() if state} == {
        name: {f"{name}-state"} for name in RUNNING if name != "simulator"
    }


@pytest.mark.parametrize("name", SERVICES)
def test_what_comes_from_the_checkout_is_read_only(name: str):
    """No container writes into the user's folder, and everything that it is given from there exists in a clone."""
    for source, _, *options in (mount for mount in mounts(SERVICES[name]) if mount[0].startswith(".")):
        assert options == ["ro"]
        assert (ROOT / source).exists(), source


def test_init_makes_what_containers_look_for():
    """Every token that a variable names stands in the folder of the container that reads it."""
    made = {*(name for names in SECRETS.values() for name in names), AMTOOL}
    for name, service in SERVICES.items():
        of = "alertmanager" if name in {"render", "drill"} else name
        wanted = set(re.findall(r"/plimsoll/tokens/([a-z]+\.[a-z]+)", yaml.safe_dump(service, width=10_000)))
        assert {f"{of}/{file}" for file in wanted} <= made, name
        assert wanted or of in {"init", "check", "prometheus", "alertmanager"}, name


def test_the_simulator_and_grafana_have_no_way_out():
    """Only who speaks to the exchange or to channels is in a network that leaves the machine."""
    outside = {name for name, one in SERVICES.items() if "outside" in one.get("networks", [])}
    assert outside == {"exporter", "enforcer", "alertmanager", "check"}
    inner = [name for name, one in COMPOSE["networks"].items() if one.get("internal")]
    assert sorted(inner) == ["exchange", "graphs", "inside"]
    assert SERVICES["grafana"]["networks"] == ["graphs", "door"]
    assert SERVICES["simulator"]["networks"] == ["exchange"]


def test_the_environment_gives_no_way_to_arm_or_to_be_told_a_secret():
    """Arming takes PLIMSOLL_ARM at the enforcer beside the mode in the file; secrets are file names only."""
    armed = {name for name, one in SERVICES.items() if "PLIMSOLL_ARM" in (one.get("environment") or {})}
    assert armed == {"enforcer"}
    committed = dict(
        line.split("=", 1)
        for line in (ROOT / ".env").read_text(encoding="utf-8").splitlines()
        if re.match(r"\w+=", line)
    )
    assert committed["PLIMSOLL_ARM"] == ""
    assert committed["COMPOSE_PROFILES"] == "demo"
    assert not any(re.search("TOKEN|PASSWORD|SECRET_|KEY", name) for name in committed)


@pytest.mark.parametrize("name", ["exporter", "enforcer", "render", "drill", "check"])
def test_the_shipped_configuration_is_sound_with_the_variables_of_compose(name: str):
    """plimsoll.yml and what Compose adds to it make a valid configuration for each program that reads it."""
    variables = {key: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value) for key, value in SERVICES[name]["environment"].items()}
    config = load(ROOT / "plimsoll.yml", environ=variables)
    assert config.exchange.rest_url == "http://simulator:9715"


def test_nothing_but_its_description_is_committed_in_secrets():
    """The folders are there for Docker to mount; what users put into them stays out of the repository."""
    listed = subprocess.run(["git", "ls-files", "secrets"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607 - git, wherever it is
    if listed.returncode != 0:
        pytest.skip("this is no checkout of a repository, so that nothing says what is committed")
    kept = {f"secrets/{name}/.gitkeep" for name in ("alertmanager", "enforcer", "exporter")}
    assert set(listed.stdout.split()) == {"secrets/README.md"} | kept


def test_the_image_is_built_from_what_it_needs_alone():
    """The builder is sent a list of what it needs: no secret, state or repository can slip into the image."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    assert lines[1] == "*"
    assert not any(
        word in line for line in lines if line.startswith("!") for word in ("secrets", "data", ".git", ".env")
    )
