"""Writes ``grafana/dashboards/*.json``: ``python -m tools.dashboards [--check]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.dashboards.board import written
from tools.dashboards.boards import BOARDS

FOLDER = Path(__file__).parents[2] / "grafana" / "dashboards"


def main() -> int:
    """Write every dashboard, or only say which differ; 1 where one does."""
    parser = argparse.ArgumentParser(prog="python -m tools.dashboards", description="Write Grafana's dashboards.")
    parser.add_argument("--check", action="store_true", help="change nothing, say what differs")
    check = parser.parse_args().check
    texts = {f"{board.slug}.json": written(board) for board in BOARDS}
    present = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    differing = sorted(name for name in texts.keys() | present.keys() if texts.get(name) != present.get(name))
    for name in differing:
        print(f"{name} differs from what tools/dashboards makes" if check else f"{name} written")
    if check:
        return 1 if differing else 0
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    for name in present.keys() - texts.keys():
        (FOLDER / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
