"""The gate for coverage: what it refuses, in which words, and that pytest's summary line stays the last."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
HALF = "def sign(x):\n    if x < 0:\n        return -1\n    return 1\n"
"""A module of which a test that calls ``sign(1)`` leaves one line."""


@pytest.fixture(scope="module")
def gate() -> ModuleType:
    """``tools/coverage_gate.py``, which is a script and no package."""
    spec = importlib.util.spec_from_file_location("coverage_gate_tool", ROOT / "tools" / "coverage_gate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def report(gate: ModuleType, total: float = 95.0, **files: dict[str, object]) -> dict[str, object]:
    """A report in which every watched folder has one file that is tested throughout, and those given."""
    whole = {"missing_lines": [], "missing_branches": []}
    return {
        "totals": {"percent_covered": total},
        "files": {f"{folder}/whole.py": whole for folder in gate.COMPLETE} | files,
    }


def test_a_kept_promise_is_no_fault(gate: ModuleType):
    """Elsewhere than in the watched folders lines may be left, as long as the total holds."""
    elsewhere = {"missing_lines": [1, 2], "missing_branches": []}
    assert gate.shortcomings(report(gate, 90.0, **{"core/plimsoll/cli.py": elsewhere})) == []


def test_lines_and_branches_that_are_left_are_named(gate: ModuleType):
    """Each watched file that falls short is one sentence; a branch from or to a missing line is not told again."""
    left = {"missing_lines": [7], "missing_branches": [[6, 7], [7, 8], [12, 14], [20, -18]]}
    many = {"missing_lines": list(range(1, 13)), "missing_branches": []}
    files = {"core/plimsoll/risk/margin.py": left, "core/plimsoll/exchange/payload/words.py": many}
    assert gate.shortcomings(report(gate, **files)) == [
        "core/plimsoll/risk/margin.py: not tested are 7, 12->14, 20->exit, and every line and branch must be.",
        (
            "core/plimsoll/exchange/payload/words.py: not tested are 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more, "
            "and every line and branch must be."
        ),
    ]


def test_a_low_total_is_told(gate: ModuleType):
    """Below nine tenths of everything the gate is shut."""
    assert gate.shortcomings(report(gate, 89.996)) == ["All code together is tested to 90.00 %, and 90 % is the least."]


def test_a_watched_folder_cannot_vanish(gate: ModuleType):
    """A folder that was renamed away, or that no test imports, is told and not taken for tested."""
    empty = report(gate)
    empty["files"] = {}
    assert len(gate.shortcomings(empty)) == len(gate.COMPLETE)


def test_the_watched_folders_are_there(gate: ModuleType):
    """Each watched folder exists in the tree and holds code."""
    assert [folder for folder in gate.COMPLETE if not list((ROOT / folder).glob("*.py"))] == []


def run_pytest(gate: ModuleType, folder: Path, called: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with the gate in a tree of our shape; its one test executes every module and then ``called``."""
    modules = [f"{package}/part.py" for package in gate.COMPLETE]
    for module in modules:
        (folder / module).parent.mkdir(parents=True)
        (folder / module).write_text("whole = True\n", encoding="utf-8")
    (folder / modules[0]).write_text(HALF, encoding="utf-8")
    (folder / "test_it.py").write_text(
        f"import runpy\ndef test_it():\n    sign = [runpy.run_path(m) for m in {modules}][0]['sign']\n    {called}\n",
        encoding="utf-8",
    )
    apart = ("COVERAGE_FILE", "PYTEST_ADDOPTS")
    environ = {name: value for name, value in os.environ.items() if name not in apart} | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-p", "tools.coverage_gate", "--coverage-gate=c.json", *arguments]
    return subprocess.run(  # noqa: S603 - our own arguments
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=120
    )


COVERED = ("--cov=core", "--cov-branch", "--cov-report=json:c.json")


def test_the_gate_lets_a_tested_tree_pass(gate: ModuleType, tmp_path: Path):
    """With everything tested pytest ends as it always does."""
    ended = run_pytest(gate, tmp_path, "assert (sign(1), sign(-1)) == (1, -1)", *COVERED)
    assert ended.returncode == 0, ended.stdout
    assert "COVERAGE GATE" not in ended.stdout
    assert "1 passed" in ended.stdout.splitlines()[-1]


def test_the_gate_fails_a_run_and_pytest_has_the_last_word(gate: ModuleType, tmp_path: Path):
    """Where a line is left the run fails with exit code 1, the file is named, and the summary line comes last."""
    (tmp_path / "c.json").write_text("a report of an earlier run", encoding="utf-8")
    ended = run_pytest(gate, tmp_path, "assert sign(1) == 1", *COVERED)
    assert ended.returncode == 1
    assert "core/plimsoll/risk/part.py: not tested are 3, and every line and branch must be." in ended.stdout
    assert "1 passed" in ended.stdout.splitlines()[-1]


def test_the_gate_wants_a_report(gate: ModuleType, tmp_path: Path):
    """Without coverage there is nothing to judge, and that is no pass, whatever an earlier run left behind."""
    (tmp_path / "c.json").write_text("{}", encoding="utf-8")
    ended = run_pytest(gate, tmp_path, "assert sign(1) == 1")
    assert ended.returncode == 1
    assert "c.json: there is no coverage report to judge" in ended.stdout


def test_a_run_that_broke_off_is_not_judged(gate: ModuleType, tmp_path: Path):
    """Where tests cannot even be collected that is the message."""
    ended = run_pytest(gate, tmp_path, "this is no Python", *COVERED)
    assert ended.returncode == 2
    assert "COVERAGE GATE" not in ended.stdout
