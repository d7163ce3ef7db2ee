"""Shapes of JSON, field names and types alone, and the example payloads that lie beside a developer's tree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads"


def example(path: str) -> object:
    """An example payload; the test is skipped where they are not at hand."""
    file = PAYLOADS / f"{path}.json"
    if not PAYLOADS.exists():
        pytest.skip("the example payloads lie beside a developer's tree only")
    return json.loads(file.read_text())


def differences(found: object, wanted: object, where: str = "") -> list[str]:
    """Field names and JSON types in which an answer differs from an example; of lists the first rows are compared."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        names = [f"{where}.{name}: only on one side" for name in sorted(found.keys() ^ wanted.keys())]
        common = sorted(found.keys() & wanted.keys())
        return names + [line for name in common for line in differences(found[name], wanted[name], f"{where}.{name}")]
    if isinstance(wanted, list) and isinstance(found, list):
        return differences(found[0], wanted[0], f"{where}[]") if wanted and found else []
    numbers = (int, float)
    both_numbers = type(found) in numbers and type(wanted) in numbers
    same = both_numbers or type(found) is type(wanted)
    return [] if same else [f"{where}: {type(found).__name__} instead of {type(wanted).__name__}"]
