"""What the wheel carries besides Python: every file that the programs serve lies in it."""

from __future__ import annotations

from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]


def test_wheel_carries_the_files_of_the_pages():
    """No static file of a page is left out, whatever is ignored elsewhere."""
    carried = {Path(one.distribution_path) for one in WheelBuilder(str(ROOT)).recurse_included_files()}
    needed = {
        path.relative_to(ROOT / root)
        for root in ("core", "exporter", "enforcer")
        for path in (ROOT / root).rglob("assets/*")
    }

    assert len(needed) > 15
    assert needed <= carried
