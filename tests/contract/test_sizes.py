"""The budgets of CONTRIBUTING.md hold for the whole tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("core", "exporter", "enforcer", "simulator", "tools", "benchmarks", "chaos", "fuzz", "soak")
MOST_LINES = 400
MOST_FUNCTION_LINES = 60
SHORT_FUNCTION_LINES = 35
SHARE_OF_SHORT = 0.9


def sources(*roots: str) -> Iterator[Path]:
    """Every Python file below the given top-level folders."""
    for root in roots:
        yield from sorted((ROOT / root).rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first to the last."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_source_file_is_too_long():
    """A file of more than 400 lines has to be split."""
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources(*SOURCES)}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_function_is_too_long():
    """A function of more than 60 lines has to be split, and nine in ten stay below 36."""
    lengths = {f"{path}:{node.name}": length(node) for path in sources(*SOURCES) for node in functions(path)}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_FUNCTION_LINES} == {}
    short = sum(lines <= SHORT_FUNCTION_LINES for lines in lengths.values())
    assert short >= SHARE_OF_SHORT * len(lengths)


def test_every_test_says_its_behaviour():
    """A test without a sentence is a test that nobody understands when it fails."""
    silent = [
        f"{path}:{node.name}"
        for path in sources("tests")
        for node in functions(path)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_test_files_have_names_of_their_own():
    """Two test files of one name would shadow each other under import mode importlib."""
    names = [path.name for path in sources("tests") if path.name != "conftest.py"]
    assert len(names) == len(set(names))
