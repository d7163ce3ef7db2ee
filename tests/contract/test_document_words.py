"""What documents name without a link is there too: files, make's targets, decisions, and documents named in code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (
    *("alertmanager", "benchmarks", "chaos", "core", "docs", "enforcer", "exporter", "fuzz", "grafana", "prometheus"),
    *("simulator", "soak", "tests", "tools"),
)
CODE = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
MADE = re.compile(r"/rendered/|[A-Z]{3,}")
"""Files that a command writes, and places that a reader fills in."""

PATH = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./*-]+)`")
MAKE = re.compile(r"(?:`|\$ |^|&& )make ([a-z][a-z-]*)(?=[`\s;])", re.MULTILINE)
DECISION = re.compile(r"\bdecisions? (\d{4})\b")
NAMED = re.compile(r"\bdocs/[\w/-]+\.md\b(?:#([\w-]+))?")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_is_there(path: Path):
    """Files and folders of the tree in code letters, targets of make, decisions by their number."""
    text = path.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    files = {name for name in PATH.findall(text) if not MADE.search(name)}
    missing = [f"no {name}" for name in files if not any(ROOT.glob(name.rstrip("/")))]
    missing += [f"no make {name}" for name in MAKE.findall(text) if name not in targets]
    missing += [f"no decision {number}" for number in DECISION.findall(text) if not decided(number)]
    assert missing == []


def test_documents_and_decisions_that_code_names_are_there():
    """A message or docstring that sends somebody to a document sends him to one that is there."""
    missing = []
    for path in CODE:
        text = path.read_text(encoding="utf-8")
        names = {found[0].partition("#")[0] for found in NAMED.finditer(text)}
        missing += [f"{path.name}: {name}" for name in names if not (ROOT / name).exists()]
        missing += [f"{path.name}: decision {number}" for number in DECISION.findall(text) if not decided(number)]
    assert missing == []


def decided(number: str) -> bool:
    """Whether there is a decision record of this number."""
    return any((ROOT / "docs" / "decisions").glob(f"{number}-*.md"))
