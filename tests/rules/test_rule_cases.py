"""Prometheus' own checker over its configuration, the alert rules and their tests; lint is fatal."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from alert_rules import RULES, case_files

LINT = ("--lint=all", "--lint-fatal")
TARGETS = ("alertmanagers", "enforcers", "exporters", "prometheus")


def run(promtool: Path, *arguments: str) -> tuple[int, str]:
    """Exit status and all that it said."""
    done = subprocess.run([promtool, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    return done.returncode, done.stdout + done.stderr


def test_configuration_is_clean(promtool: Path, tmp_path: Path):
    """prometheus.yml with rendered target files passes promtool without a warning."""
    folder = tmp_path / "prometheus"
    shutil.copytree(RULES.parent, folder, ignore=shutil.ignore_patterns("rendered"))
    (folder / "rendered").mkdir()
    for name in TARGETS:
        group = [{"targets": ["127.0.0.1:9"]}]
        (folder / "rendered" / f"{name}.json").write_text(json.dumps(group), encoding="utf-8")

    code, said = run(promtool, "check", "config", *LINT, str(folder / "prometheus.yml"))

    assert code == 0, said
    assert "WARNING" not in said


def test_rules_are_clean(promtool: Path):
    """Every rule file passes promtool with all its lint."""
    code, said = run(promtool, "check", "rules", *LINT, *map(str, sorted(RULES.glob("*.yml"))))
    assert code == 0, said


@pytest.mark.parametrize("path", case_files(), ids=lambda path: path.stem)
def test_alerts_fire_and_stay_silent(promtool: Path, path: Path):
    """Every alert fires when it should, with these labels and words, and stays silent else."""
    code, said = run(promtool, "test", "rules", str(path))
    assert code == 0, said
