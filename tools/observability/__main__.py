"""``python -m tools.observability``: fill ``.cache/tools`` (or the folder named) and print the versions."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from tools.observability.cache import provide, versions
from tools.observability.packages import unpack_packages
from tools.observability.programs import ToolError
from tools.observability.sources import current_suite, release_in

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "tools"
_RELEASE = Path("/etc/os-release")
_APT = Path("/etc/apt")


def main(arguments: list[str] | None = None) -> int:
    """Provide the programs; 1 with a sentence where that is not possible."""
    parser = argparse.ArgumentParser(description="Prometheus, promtool, Alertmanager and amtool for tests and demo.")
    parser.add_argument("folder", nargs="?", type=Path, default=CACHE)
    folder = parser.parse_args(arguments).folder
    try:
        provide(folder, os.environ.get("PATH", ""), _fetch)
    except ToolError as error:
        print(f"tools: {error}", file=sys.stderr)
        return 1
    print("tools: " + ", ".join(f"{name} {version}" for name, version in versions(folder).items()))
    return 0


def _fetch(names: Iterable[str], target: Path) -> None:
    print("tools: unpacking packages of the distribution's current suite, once", file=sys.stderr)
    unpack_packages(current_suite(_machine_release(), _machine_lists()), names, target)


def _machine_release() -> dict[str, str]:
    return release_in(_RELEASE.read_text(encoding="utf-8")) if _RELEASE.exists() else {}


def _machine_lists() -> Iterable[str]:
    parts = _APT / "sources.list.d"
    for path in (_APT / "sources.list", *sorted(parts.glob("*.list")), *sorted(parts.glob("*.sources"))):
        if path.exists():
            yield path.read_text(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
