"""Variables of a dashboard: their values, and filling them in as Grafana does (``$name``, ``${name:format}``)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from tools.dashboards.preview.times import SCRAPE, Range, seconds, written

ALL = "$__all"
"""What stands for all values, in Grafana's addresses too."""

_PLACE = re.compile(r"\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}")
_SPECIAL = re.compile(r"([\\^$*+?.()|\[\]{}/])")


@dataclass(frozen=True, kw_only=True)
class Value:
    """What a variable stands for now.

    Attributes:
        values: One, several, or none.
        options: All that it could be.
        everything: All of them are meant.
        all_value: What stands for all of them in a query, as it is.
        many: It may stand for several.
    """

    values: Sequence[str]
    options: Sequence[str] = ()
    everything: bool = False
    all_value: str = ""
    many: bool = False

    @property
    def told(self) -> str:
        """As it is read in a title."""
        return "All" if self.everything else " + ".join(self.values)


def escaped(value: str) -> str:
    """A value as it stands within a regular expression in PromQL's quotes."""
    return _SPECIAL.sub(r"\\\\\1", value)


def _glob(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else "{" + ",".join(values) + "}"


def _regex(values: Sequence[str]) -> str:
    plain = [_SPECIAL.sub(r"\\\1", value) for value in values]
    return plain[0] if len(plain) == 1 else "(" + "|".join(plain) + ")"


_FORMATS: Mapping[str, Callable[[Sequence[str]], str]] = {
    "glob": _glob,
    "regex": _regex,
    "pipe": "|".join,
    "csv": ",".join,
    "raw": ",".join,
    "text": " + ".join,
    "json": lambda values: json.dumps(list(values) if len(values) != 1 else values[0]),
    "percentencode": lambda values: quote(_glob(values), safe=""),
    "singlequote": lambda values: ",".join(f"'{value}'" for value in values),
    "doublequote": lambda values: ",".join(f'"{value}"' for value in values),
}
FORMAT_NAMES = frozenset(_FORMATS) | {"queryparam"}
"""What may stand behind the colon."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Everything that can be filled in.

    Attributes:
        values: By name.
        more: What only holds at one place, such as ``__value.text``; by its whole name.
    """

    values: Mapping[str, Value]
    more: Mapping[str, str] = field(default_factory=dict)

    def holding(self, **more: str) -> Scope:
        """With further names, of which the dots are written as double underscores."""
        return replace(self, more={**self.more, **{key.replace("__dot__", "."): value for key, value in more.items()}})

    def with_value(self, name: str, value: Value) -> Scope:
        """With one variable changed, as in a panel that is repeated."""
        return replace(self, values={**self.values, name: value})

    def fill(self, text: str, plain: str = "glob") -> str:
        """A text with everything filled in that is known; the rest stays as it is.

        Args:
            text: With ``$name``, ``${name}``, ``${name:format}`` or ``[[name]]`` in it.
            plain: The format of what names none.
        """

        def one(match: re.Match[str]) -> str:
            name = match[1] or match[2] or match[4]
            found = self._found(name, match[5], match[3] or match[6] or plain)
            return match[0] if found is None else found

        return _PLACE.sub(one, text)

    def query(self, text: str) -> str:
        """A query with everything filled in, values escaped as Grafana's Prometheus source does."""
        return self.fill(text, "promql")

    def _found(self, name: str, path: str | None, form: str) -> str | None:
        whole = f"{name}.{path}" if path else name
        if whole in self.more:
            return quote(self.more[whole], safe="") if form == "percentencode" else self.more[whole]
        value = self.values.get(name)
        return None if value is None else _written(name, value, form)


def _written(name: str, value: Value, form: str) -> str:
    if form == "queryparam":
        return parameters(name, value)
    if form == "text":
        return value.told
    if value.everything and value.all_value:
        return value.all_value
    values = value.options if value.everything else value.values
    if form == "promql":
        return _promql(value, values)
    return _FORMATS.get(form, _glob)(values) if values else ""


def _promql(value: Value, values: Sequence[str]) -> str:
    if not value.many:
        return "".join(values).replace("\\", "\\\\").replace('"', '\\"')
    parts = [escaped(one) for one in values]
    return parts[0] if len(parts) == 1 else "(" + "|".join(parts) + ")"


def parameters(name: str, value: Value) -> str:
    """A variable as it stands in the address of a dashboard."""
    values = [ALL] if value.everything else value.values
    return "&".join(f"var-{quote(name)}={quote(one, safe='')}" for one in values)


def all_parameters(values: Mapping[str, Value]) -> str:
    """All variables as they stand in the address of a dashboard."""
    return "&".join(parameters(name, value) for name, value in values.items() if name != "datasource")


def built_in(times: Range, step: float, least: str = "") -> Mapping[str, str]:
    """The names that Grafana fills in by itself.

    Args:
        times: The range that is shown.
        step: Seconds between two points.
        least: The query's own minimum of that: how often its series are read, where that is not every 2 s.
    """
    scrape = seconds(least, SCRAPE)
    begin, end = (str(round(one * 1000)) for one in (times.begin, times.end))
    return {
        "__interval": written(step),
        "__interval_ms": str(round(step * 1000)),
        "__rate_interval": written(max(step + scrape, 4 * scrape)),
        "__range": f"{times.length:.0f}s",
        "__range_s": f"{times.length:.0f}",
        "__range_ms": f"{times.length * 1000:.0f}",
        "__from": begin,
        "__to": end,
        "__url_time_range": f"from={quote(times.said[0])}&to={quote(times.said[1])}",
    }
