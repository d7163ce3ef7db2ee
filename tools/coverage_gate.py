"""The coverage that CONTRIBUTING.md promises, held: a pytest plugin that ``make test`` loads and nothing else does.

It reads coverage's JSON report when all tests are over. What falls short is told above pytest's summary line, which
stays the last one, and the run fails. ``python -m pytest --cov --cov-report=json:FILE -p tools.coverage_gate
--coverage-gate=FILE``
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

import pytest

COMPLETE = ("core/plimsoll/risk", "core/plimsoll/model", "core/plimsoll/state", "core/plimsoll/exchange/payload")
"""Folders in which every line and every branch is tested."""

LEAST = 90.0
"""Percent of all lines and branches together."""

SHOWN = 10
"""Places of one file that are named at most."""


class Totals(TypedDict):
    """The part of the report's totals that is read."""

    percent_covered: float


class FileReport(TypedDict):
    """The part of the report about one file that is read; a branch leads from a line to a line, or (below 0) out."""

    missing_lines: list[int]
    missing_branches: list[tuple[int, int]]


class Report(TypedDict):
    """The part of coverage's JSON report that is read; files by their path from the root of the tree."""

    totals: Totals
    files: dict[str, FileReport]


def shortcomings(report: Report) -> list[str]:
    """What falls short of the promise, a sentence each; empty where it is kept."""
    faults: list[str] = []
    for folder in COMPLETE:
        inside = {name: file for name, file in sorted(report["files"].items()) if name.startswith(f"{folder}/")}
        if not inside:
            faults.append(f"{folder}: the report knows no file of it, and all of it must be tested.")
        faults += [_sentence(name, file) for name, file in inside.items() if _missing(file)]
    total = report["totals"]["percent_covered"]
    if total < LEAST:
        faults.append(f"All code together is tested to {total:.2f} %, and {LEAST:g} % is the least.")
    return faults


def _missing(file: FileReport) -> list[str]:
    """Lines and branches that no test runs; branches from or to such a line say nothing more."""
    lines = file["missing_lines"]
    branches = [(start, end) for start, end in file["missing_branches"] if start not in lines and end not in lines]
    return [*map(str, lines), *(f"{start}->{end if end > 0 else 'exit'}" for start, end in branches)]


def _sentence(name: str, file: FileReport) -> str:
    """What is not tested in a file where everything must be."""
    missing = _missing(file)
    more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
    return f"{name}: not tested are {', '.join(missing[:SHOWN])}{more}, and every line and branch must be."


def read_report(path: Path) -> list[str]:
    """The shortcomings by the report in a file; that there is none is one."""
    try:
        report: Report = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return [f"{path}: there is no coverage report to judge; was pytest run with --cov --cov-report=json:{path}?"]
    return shortcomings(report)


class Gate:
    """Judges once the tests are over and the report is written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._faults: list[str] = []

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Let a run that passed fail where coverage falls short; a run that broke off is not judged."""
        if exitstatus not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
            return
        self._faults = read_report(self._path)
        if self._faults:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell what falls short, below coverage's own report; pytest's summary line follows."""
        if self._faults:
            terminalreporter.section("COVERAGE GATE FAILED: this run fails", red=True, bold=True)
            for fault in self._faults:
                terminalreporter.line(fault, red=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the report is."""
    parser.addoption("--coverage-gate", type=Path, metavar="JSON", help="coverage's JSON report, to be judged")


def pytest_configure(config: pytest.Config) -> None:
    """Stand ready; a report of an earlier run must not be judged, and a worker of pytest-xdist judges nothing."""
    path: Path | None = config.getoption("--coverage-gate")
    if path is not None and not hasattr(config, "workerinput"):
        path.unlink(missing_ok=True)
        config.pluginmanager.register(Gate(path), "coverage-gate")
