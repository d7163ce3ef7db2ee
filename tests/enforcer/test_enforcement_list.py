"""The list of attempts in ``docs/enforcement.md``: long enough, and each held by a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "enforcement.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d+ \|", line)
]
FILES = {
    "false": "enforcer/test_desk_false_kills.py",
    "missed": "enforcer/test_desk_missed_kills.py",
    "lockout": "enforcer/test_desk_lockout.py",
    "evidence": "enforcer/test_enforcer_evidence.py",
    "journal": "enforcer/test_enforcer_journal.py",
    "disk": "enforcer/test_enforcer_journal_faults.py",
    "neighbours": "enforcer/test_desk_neighbours.py",
    "decision": "enforcer/test_enforcer_decision.py",
    "wild": "enforcer/test_desk_wild_watch.py",
    "low": "enforcer/test_desk_forged_low.py",
    "stack": "stack/test_enforcement_simulator.py",
    "chain-false": "stack/test_chain_false_kills.py",
    "chain-missed": "stack/test_chain_missed_kills.py",
    "attacks": "enforcer/test_desk_attacks.py",
    "stack-attacks": "stack/test_enforce_attacks.py",
    "chain-october": "stack/test_chain_october.py",
}


def test_the_list_is_long_enough() -> None:
    """At least thirty attempts, numbered without a gap."""
    assert [int(row[0]) for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) >= 30


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_attempt_has_its_test(row: list[str]) -> None:
    """The file is there, and has a test of that name, or a case in these words."""
    named = re.findall(r"([\w-]+): `([^`]+)`", row[3])
    whole = re.findall(r"`([\w/]+\.py)`", row[3])
    assert named or whole
    for file, words in named:
        source = (ROOT / "tests" / FILES[file]).read_text(encoding="utf-8")
        assert re.search(rf"def test_\w*{words}|\"{words}", source), words
    for path in whole:
        assert any(ROOT.glob(f"tests/**/{Path(path).name}")), path
