"""Plain tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.text import one_line


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows under their header, in columns two spaces apart."""
    lines = [header, *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
