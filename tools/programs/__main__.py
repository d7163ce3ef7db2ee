"""``python -m tools.programs [PART ...]``: fill ``.cache/tools`` (or the folder named) and print the versions."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tools.programs.cache import provide, versions
from tools.programs.chromium import NODE, fetch_chromium
from tools.programs.monitoring import fetch_monitoring
from tools.programs.sources import release_in
from tools.programs.wanted import BROWSER, PARTS, Part, Program, ToolError

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "tools"
_RELEASE = Path("/etc/os-release")
_APT = Path("/etc/apt")


def main(arguments: list[str] | None = None) -> int:
    """Provide the programs; 1 with a sentence where that is not possible."""
    parser = argparse.ArgumentParser(description="Prometheus, Alertmanager, their checkers; a browser.")
    names = [part.name for part in PARTS]
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{' or '.join(names)}; all where none is named")
    parser.add_argument("--folder", type=Path, default=CACHE)
    asked = parser.parse_args(arguments)
    if set(asked.parts) - set(names):
        parser.error(f"there are the parts {', '.join(names)}")
    wanted = [part for part in PARTS if not asked.parts or part.name in asked.parts]
    try:
        for part in wanted:
            _provide(asked.folder, part)
    except ToolError as error:
        print(f"tools: {error}", file=sys.stderr)
        return 1
    found = versions(asked.folder, [program for part in wanted for program in part.programs])
    print("tools: " + ", ".join(f"{name} {version}" for name, version in found.items()))
    return 0


def _provide(folder: Path, part: Part) -> None:
    fetch = fetch_chromium if part is BROWSER else fetch_monitoring

    def from_this_machine(programs: Sequence[Program], target: Path) -> None:
        print(f"tools: fetching the {part.name} programs, once", file=sys.stderr, flush=True)
        fetch(programs, target, _machine_release(), _machine_lists())

    # Playwright is tried with the Node that it brings; the PATH's is as good where that one does not run.
    search = os.pathsep.join((str(NODE.parent), os.environ.get("PATH", "")))
    provide(folder, search, part, from_this_machine)


def _machine_release() -> dict[str, str]:
    return release_in(_RELEASE.read_text(encoding="utf-8")) if _RELEASE.exists() else {}


def _machine_lists() -> Iterable[str]:
    parts = _APT / "sources.list.d"
    for path in (_APT / "sources.list", *sorted(parts.glob("*.list")), *sorted(parts.glob("*.sources"))):
        if path.exists():
            yield path.read_text(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
