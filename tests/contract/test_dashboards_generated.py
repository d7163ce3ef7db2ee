"""The files in ``grafana/dashboards/`` are what ``tools/dashboards`` writes, and keep the rules of their linter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tools.dashboards.board import Board, written
from tools.dashboards.boards import BOARDS

from dashboard_lint import RULES, Rule, enclosing

FOLDER = Path(__file__).parents[2] / "grafana" / "dashboards"
SLUGS = ["fleet", "account", "stops", "orders", "mirror", "enforcement", "pipeline"]


def test_all_dashboards_are_there_in_their_order():
    """The overview comes first, then one account, then what can go wrong with it, then the machinery."""
    assert [board.slug for board in BOARDS] == SLUGS
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(f"{slug}.json" for slug in SLUGS)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.slug)
def test_file_is_what_the_code_makes(board: Board):
    """Nobody has to read two dashboards: the file equals the code (`make dashboards` writes it anew)."""
    text = (FOLDER / f"{board.slug}.json").read_text(encoding="utf-8")
    assert text == written(board), f"{board.slug}.json differs from tools/dashboards/{board.slug}.py: make dashboards"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("slug", SLUGS)
def test_dashboard_keeps_the_rule(slug: str, rule: Rule):
    """A dashboard breaks no rule of the linter; each fault is told in a sentence."""
    faults = list(rule(json.loads((FOLDER / f"{slug}.json").read_text(encoding="utf-8"))))
    assert not faults, "\n".join([str(rule.__doc__), *faults])


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        ("sum by (account) (rate(COUNTER[1m]))", {"sum", "rate"}),
        ("max(a) / COUNTER", set()),
        ("sum(a) + max without (c) ((COUNTER))", {"max"}),
    ],
)
def test_linter_sees_what_encloses_a_counter(expr: str, names: set[str]):
    """The rule on counters knows functions, and aggregations with their labels in front."""
    assert enclosing(expr, expr.index("COUNTER")) == names
