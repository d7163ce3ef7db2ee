"""Whether pictures can be drawn here, and who draws them: matplotlib is an extra and is imported no sooner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Protocol

from plimsoll.report.document.blocks import Document
from plimsoll.report.model import Period, Picture

MISSING = 'Pictures need matplotlib, which is not installed: pip install "plimsoll-risk[report]"'


class Drawn(Protocol):
    """A drawn picture."""

    @property
    def svg(self) -> str:
        """An element to stand in a page."""

    @property
    def png(self) -> bytes:
        """A file; empty where none was wanted."""


class Draw(Protocol):
    """Draws one picture."""

    def __call__(self, picture: Picture, period: Period, *, name: str, png: bool = False) -> Drawn:
        """Draw it; see ``chart.draw``."""


def artist(find: Callable[[str], ModuleType] = import_module) -> Draw | None:
    """Who draws; ``None`` where matplotlib is missing.

    Args:
        find: Imports a module by its name.
    """
    try:
        module = find("plimsoll.report.drawing.chart")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        return None
    draw: Draw = module.draw
    return draw


def draw_all(
    document: Document, period: Period, draw: Draw | None, *, png: bool, told: Callable[[int, int], None]
) -> Mapping[str, Drawn]:
    """Every picture of the document by its name; none where nobody draws.

    Args:
        document: Whose pictures.
        period: What they span.
        draw: Who draws.
        png: Whether files for Markdown are wanted.
        told: Called with how many are drawn, and of how many.
    """
    if draw is None:
        return {}
    figures, drawn = document.figures, {}
    for number, figure in enumerate(figures):
        told(number, len(figures))
        drawn[figure.name] = draw(figure.picture, period, name=figure.name, png=png)
    told(len(figures), len(figures))
    return drawn
