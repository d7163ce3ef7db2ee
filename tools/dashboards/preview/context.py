"""What drawing a panel depends on besides its data; and HTML in small pieces."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tools.dashboards.preview.board import Panel
from tools.dashboards.preview.colours import Theme
from tools.dashboards.preview.frames import Frame
from tools.dashboards.preview.looks import Look
from tools.dashboards.preview.raw import Json, text, truth
from tools.dashboards.preview.times import Range
from tools.dashboards.preview.units import Moment
from tools.dashboards.preview.variables import Scope, all_parameters


class Addresses(Protocol):
    """Where the previews of dashboards are found."""

    def __call__(self, address: str, /) -> str:
        """An address of Grafana (``/d/UID?...``) as that of a preview."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """An annotation: something that happened, drawn over every plot.

    Attributes:
        begin: Seconds since 1970.
        end: The same, or later where it lasted.
    """

    begin: float
    end: float
    colour: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Context:
    """What drawing a panel depends on besides its data."""

    theme: Theme
    moment: Moment
    times: Range
    scope: Scope
    addresses: Addresses
    marks: Sequence[Mark] = ()


@dataclass(frozen=True, kw_only=True)
class View:
    """A panel with its data, ready to be drawn: as many looks as frames, as many in each as it has fields."""

    panel: Panel
    frames: Sequence[Frame]
    looks: Sequence[Sequence[Look]]
    faults: Sequence[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A panel's body.

    Attributes:
        figure: For plotly, where there is one; the page's script draws it into the body's ``.plot``.
        ground: Colour of the whole panel.
    """

    body: str
    figure: Json | None = None
    ground: str | None = None


def escape(words: str) -> str:
    """Text as HTML."""
    return html.escape(words)


def safe_address(address: str) -> str:
    """An address that leads somewhere and runs nothing."""
    return address if re.match(r"(https?:|/|\?|#|\.|[\w-]+\.html)", address) else "#"


def anchor(link: Json, inner: str, context: Context, more: Mapping[str, str], kind: str = "link") -> str:
    """A piece of HTML that leads where a data link or panel link of Grafana does."""
    scope = context.scope.holding(__all_variables=all_parameters(context.scope.values), **more)
    address = safe_address(context.addresses(scope.fill(text(link.get("url")))))
    title = scope.fill(text(link.get("title")))
    blank = ' target="_blank" rel="noopener"' if truth(link.get("targetBlank")) else ""
    return f'<a class="{kind}" href="{escape(address)}" title="{escape(title)}"{blank}>{inner}</a>'


def value_names(look: Look, printed: str, value: object, labels: Mapping[str, str]) -> dict[str, str]:
    """What a data link may say of the value that it stands on."""
    names = {"__value.text": printed, "__value.raw": _raw(value), "__value.numeric": _raw(value)}
    names |= {"__field.name": look.title, "__series.name": look.title}
    return names | {f"__field.labels.{key}": one for key, one in labels.items()}


def row_names(titles: Sequence[str], printed: Sequence[str]) -> dict[str, str]:
    """What a data link may say of the row that it stands in."""
    names = {f"__data.fields.{title}": one for title, one in zip(titles, printed, strict=True)}
    return names | {f'__data.fields["{title}"]': one for title, one in zip(titles, printed, strict=True)}


def _raw(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value or "")
