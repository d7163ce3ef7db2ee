"""The tables of ``docs/performance.md``: each lives between two markers, and each of its rows can be replaced alone."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

Rows = Mapping[str, Sequence[str]]

LIBRARIES = ("aiohttp", "prometheus-client")


def machine() -> str:
    """The machine in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB of memory, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}, {libraries}; "
        "everything on this one machine, over loopback"
    )


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.machine()


def when() -> str:
    """Date, time (UTC) and the load average of the last minute: what the machine did beside."""
    return f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime())}, load {os.getloadavg()[0]:.1f}"


def replaced(document: str, name: str, columns: Sequence[str], rows: Rows) -> str:
    """The document with these rows in the table called ``name``; other rows stay if the columns are still the same.

    Raises:
        ValueError: The document has no such markers.
    """
    begin, end = f"<!-- bench {name} -->\n", f"<!-- bench {name} end -->"
    if begin not in document or end not in document:
        raise ValueError(f"no markers for the table {name}")
    head, _, rest = document.partition(begin)
    old, _, tail = rest.partition(end)
    header = _line(columns)
    kept = _rows(old) if header in old else {}
    lines = {**kept, **{first: _line([first, *cells]) for first, cells in rows.items()}}
    table = "\n".join([header, "|" + " --- |" * len(columns), *(lines[first] for first in sorted(lines, key=_numbers))])
    return f"{head}{begin}{table}\n{end}{tail}"


def with_machine(document: str) -> str:
    """The document with the machine of now in its place."""
    return re.sub(
        r"(<!-- bench machine -->\n).*?(<!-- bench machine end -->)",
        lambda found: f"{found[1]}{machine()}.\n{found[2]}",
        document,
        flags=re.DOTALL,
    )


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rows(table: str) -> dict[str, str]:
    lines = table.strip().splitlines()[2:]
    return {line.split("|")[1].strip(): line for line in lines}


def _numbers(first: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", first))
