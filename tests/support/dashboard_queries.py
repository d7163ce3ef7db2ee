"""Every query of every dashboard, with its variables filled in, as Grafana would ask it.

A query that joins several figures, each under a name of its own, is a question for each of them: the whole must not
stand for one that is missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "grafana" / "dashboards"
RANGE = 300
"""Seconds that a dashboard shows in the tests."""

_PLACE = re.compile(r"\$\{?(\w+)(?::\w+)?\}?")
_NAMED = re.compile(r'label_replace\(.*, "(\w+)", "([^"$]+)", "", ""\)', re.DOTALL)
_JOINED = re.compile(r'label_join\((.*), "row", " "(?:, "\w+")+\)', re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One query of a dashboard, or one named figure of it.

    Attributes:
        board: The dashboard's file without its ending.
        panel: The panel's title; of a mark on the time axis its name.
        ref: The query's name in its panel.
        expr: PromQL, nothing left to be filled in.
        instant: It is asked for one moment.
        part: Label and value of the figure that is meant; none where the query gives but one.
    """

    board: str
    panel: str
    ref: str
    expr: str
    instant: bool
    part: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        """How the list of those expected empty calls it."""
        return f"{self.panel} / {self.ref}" + (f" / {self.part[1]}" if self.part else "")


def boards() -> Mapping[str, dict[str, Any]]:
    """Every dashboard as it ships, by the name of its file."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def questions(account: str) -> Iterator[Question]:
    """All that the dashboards ask.

    Args:
        account: The one that dashboards about one account are about; others are about all of them.
    """
    for slug, board in boards().items():
        values = {variable["name"]: variable.get("allValue") or account for variable in board["templating"]["list"]}
        for panel in (*board["panels"], *(inner for row in board["panels"] for inner in row.get("panels") or [])):
            for target in panel.get("targets") or []:
                known = values | fixed(slow=target.get("interval") == "15s")
                yield from _parts(
                    Question(
                        board=slug,
                        panel=panel["title"],
                        ref=target["refId"],
                        expr=filled(target["expr"], known),
                        instant=bool(target.get("instant")),
                    )
                )
        for mark in board["annotations"].get("list") or []:
            if "expr" in mark:
                expr = filled(mark["expr"], values)
                yield Question(board=slug, panel=f"mark: {mark['name']}", ref="A", expr=expr, instant=False)


def fixed(*, slow: bool) -> dict[str, str]:
    """Grafana's own variables; ``$__rate_interval`` is four times how often the series are read, or a little more."""
    return {"__rate_interval": "1m" if slow else "10s", "__range": f"{RANGE}s", "__interval": "2s"}


def filled(expr: str, values: Mapping[str, str]) -> str:
    """A query with its variables filled in; references of ``label_replace`` stay.

    Raises:
        KeyError: It names a variable that its dashboard does not have.
    """
    return _PLACE.sub(lambda match: match[0] if match[1].isdigit() else values[match[1]], expr)


def alternatives(expr: str) -> Iterator[str]:
    """What stands between the outermost ``or`` of a query; a table's row label around them is left out."""
    joined = _JOINED.fullmatch(expr)
    text, depth, begin = (joined[1] if joined else expr), 0, 0
    for match in re.finditer(r'"[^"]*"|[({]|[)}]| or ', text):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(match[0], 0)
        if match[0] == " or " and not depth:
            yield text[begin : match.start()]
            begin = match.end()
    yield text[begin:]


def _parts(whole: Question) -> Iterator[Question]:
    named = [_NAMED.fullmatch(one) for one in alternatives(whole.expr)]
    for part in [(one[1], one[2]) for one in named if one] if all(named) else [None]:
        yield Question(
            board=whole.board,
            panel=whole.panel,
            ref=whole.ref,
            expr=whole.expr,
            instant=whole.instant,
            part=part,
        )


class Asking:
    """A running Prometheus that is asked what dashboards ask; each query once for each moment."""

    def __init__(self, url: str) -> None:
        self._url, self._session = url, requests.Session()
        self._known: dict[tuple[str, bool, float], list[dict[str, Any]]] = {}

    def answered(self, question: Question, when: float) -> bool:
        """Whether a panel would have shown something at that moment.

        Raises:
            AssertionError: Prometheus does not understand the query.
        """
        found = self.series(question.expr, when, instant=question.instant)
        if question.part is None:
            return bool(found)
        label, value = question.part
        return any(one["metric"].get(label) == value for one in found)

    def silent(self, asked: Sequence[Question], moments: Sequence[float]) -> list[Question]:
        """The questions that are answered at none of these moments."""
        return [one for one in asked if not any(self.answered(one, when) for when in moments)]

    def series(self, expr: str, when: float, *, instant: bool = True) -> list[dict[str, Any]]:
        """What a query gives at a moment, or in the time up to it."""
        key = expr, instant, when
        if key not in self._known:
            self._known[key] = self._ask(expr, when, instant=instant)
        return self._known[key]

    def _ask(self, expr: str, when: float, *, instant: bool) -> list[dict[str, Any]]:
        if instant:
            path, asked = "query", {"query": expr, "time": f"{when:.3f}"}
        else:
            begin = f"{when - RANGE:.3f}"
            path, asked = "query_range", {"query": expr, "start": begin, "end": f"{when:.3f}", "step": "2"}
        answer = self._session.get(f"{self._url}/api/v1/{path}", params=asked, timeout=30)
        body = answer.json()
        assert body["status"] == "success", (expr, body.get("error"))
        return list(body["data"]["result"])
