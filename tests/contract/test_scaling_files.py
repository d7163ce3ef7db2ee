"""The files of docs/scaling/: each is valid, alone and in the place that docs/scaling.md gives it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from alerting_files import write_secret
from documented_blocks import ROOT
from plimsoll.cli import main
from plimsoll.config.load import load
from plimsoll.render.alertmanager import alertmanager_config
from plimsoll.render.channels import find_outlets
from plimsoll.render.command import render

FILES = ROOT / "docs" / "scaling"
SHARDS = ("shard-a.yml", "shard-b.yml")
TOKENS = (
    "alertmanager/web.password",
    "alertmanager/webhook.token",
    "enforcer/webhook.token",
    "enforcer/operator.token",
)
RECEIVER = re.compile(r"  - name: enforcer\n.*?(?=  - name: heartbeat\n)", re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shards where a user copies them, with their secrets and with ``prometheus/`` beside them."""
    for name in SHARDS:
        shutil.copy(FILES / name, tmp_path)
    for name in TOKENS:
        (tmp_path / "secrets" / name).parent.mkdir(parents=True, exist_ok=True)
        write_secret(tmp_path / "secrets" / name, f"made-up-{name.replace('/', '-')}-0123456789")
    shutil.copytree(ROOT / "prometheus", tmp_path / "prometheus", ignore=shutil.ignore_patterns("rendered"))
    return tmp_path


def run(*command: str | Path) -> tuple[int, str]:
    """Exit status and all that a checker said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - Prometheus' own checkers
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", SHARDS)
@pytest.mark.usefixtures("logging_as_before")
def test_a_shard_passes_plimsoll_check(folder: Path, name: str):
    """Each shard is a whole configuration with no fault in it."""
    assert main(["check", "--config", str(folder / name)]) == 0


def test_shards_share_alertmanagers_and_nothing_else(folder: Path):
    """Accounts, addresses and folders differ, both tell both Alertmanagers, and a mirror is not torn."""
    one, other = (load(folder / name, environ={}) for name in SHARDS)
    assert not set(one.accounts) & set(other.accounts)
    assert [each.url for each in one.alertmanager] == [each.url for each in other.alertmanager]
    assert len(one.alertmanager) == len(SHARDS)
    places = [
        (program.listen.port, program.data_dir) for each in (one, other) for program in (each.exporter, each.enforcer)
    ]
    assert len({port for port, _ in places}) == len({data for _, data in places}) == len(places)


def test_targets_are_those_of_the_second_shard(folder: Path):
    """The target files beside the rendered ones name the second shard's exporter and enforcer."""
    other = load(folder / "shard-b.yml", environ={})
    for name, program in (("exporters", other.exporter), ("enforcers", other.enforcer)):
        (group,) = json.loads((FILES / f"{name}-b.json").read_text(encoding="utf-8"))
        assert group == {"targets": [f"127.0.0.1:{program.listen.port}"]}


def test_prometheus_takes_further_targets_and_a_store(promtool: Path, folder: Path):
    """Rendered targets, those of the second shard and remote write together pass promtool without a warning."""
    render(load(folder / "shard-a.yml", environ={}), folder)
    targets = sorted(FILES.glob("*-b.json"))
    for path in targets:
        shutil.copy(path, folder / "prometheus" / "rendered")
    path = folder / "prometheus" / "prometheus.yml"
    path.write_text(
        path.read_text(encoding="utf-8") + (FILES / "remote-write.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    code, said = run(promtool, "check", "config", "--lint=all", "--lint-fatal", path)
    assert code == 0, said
    assert "WARNING" not in said
    scrapes = {file for job in yaml.safe_load(path.read_text())["scrape_configs"] for file in _target_files(job)}
    assert {f"rendered/{path.name.replace('-b.json', '*.json')}" for path in targets} <= scrapes


def test_the_store_keeps_what_both_prometheis_send_under_one_name():
    """The label that tells two Prometheis apart goes before the store, as it does before Alertmanager."""
    (write,) = yaml.safe_load((FILES / "remote-write.yml").read_text(encoding="utf-8"))["remote_write"]
    dropped = [one["regex"] for one in write["write_relabel_configs"] if one["action"] == "labeldrop"]
    assert dropped == ["replica|grafana|runbook"]


def test_alertmanager_tells_both_enforcers(amtool: Path, folder: Path):
    """The receiver in the template's place renders to two webhooks with the same token, and amtool takes it."""
    template = (ROOT / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")
    receiver = (FILES / "second-enforcer.yml").read_text(encoding="utf-8")
    assert len(RECEIVER.findall(template)) == 1
    outlets = find_outlets(load(folder / "shard-a.yml", environ={}))
    made = alertmanager_config(RECEIVER.sub(lambda _: receiver, template), outlets)
    (enforcer,) = [one for one in yaml.safe_load(made)["receivers"] if one["name"] == "enforcer"]
    urls = [hook["url"] for hook in enforcer["webhook_configs"]]
    assert urls == ["http://127.0.0.1:9714/api/v1/alerts", "http://127.0.0.1:9724/api/v1/alerts"]
    assert len({json.dumps(hook["http_config"]) for hook in enforcer["webhook_configs"]}) == 1
    shutil.copytree(ROOT / "alertmanager" / "templates", folder / "templates")
    (folder / "alertmanager.yml").write_text(made, encoding="utf-8")
    code, said = run(amtool, "check-config", folder / "alertmanager.yml")
    assert code == 0, said


def _target_files(job: dict[str, list[dict[str, list[str]]]]) -> list[str]:
    return [file for one in job["file_sd_configs"] for file in one["files"]]
