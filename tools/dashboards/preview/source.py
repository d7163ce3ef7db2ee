"""Prometheus's HTTP API: the one place of the preview that asks anything."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import requests
from tools.dashboards.preview.raw import Json, at, items, mapping, objects, text

TIMEOUT = 15.0


class SourceError(Exception):
    """Prometheus gave no answer, or refused the query."""


class Prometheus:
    """A running Prometheus, asked by its HTTP API; may be used by several threads."""

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        self._url, self._timeout = url.rstrip("/"), timeout
        self._local = threading.local()

    def instant(self, expr: str, when: float) -> Json:
        """``data`` of a query at one moment.

        Raises:
            SourceError: There is no such answer.
        """
        return mapping(at(self._get("query", {"query": expr, "time": f"{when:.3f}"}), "data"))

    def range(self, expr: str, begin: float, end: float, step: float) -> Json:
        """``data`` of a query over time, at whole steps.

        Raises:
            SourceError: There is no such answer.
        """
        first, last = begin // step * step, end // step * step
        asked = {"query": expr, "start": f"{first:.3f}", "end": f"{last:.3f}", "step": f"{step:g}"}
        return mapping(at(self._get("query_range", asked), "data"))

    def label_values(self, label: str, selector: str, begin: float, end: float) -> Sequence[str]:
        """The values of a label, of all series or of those that a selector names.

        Raises:
            SourceError: There is no such answer.
        """
        asked = {"start": f"{begin:.3f}", "end": f"{end:.3f}"} | ({"match[]": selector} if selector else {})
        return [text(one) for one in items(self._get(f"label/{label}/values", asked).get("data"))]

    def query_result(self, expr: str, when: float) -> Sequence[Json]:
        """The series of a query at one moment.

        Raises:
            SourceError: There is no such answer.
        """
        return objects(self.instant(expr, when).get("result"))

    def _get(self, path: str, asked: dict[str, str]) -> Json:
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
        try:
            answer = session.get(f"{self._url}/api/v1/{path}", params=asked, timeout=self._timeout)
            found = mapping(answer.json())
        except (requests.RequestException, ValueError) as error:
            raise SourceError(f"Prometheus at {self._url} gives no answer: {error}") from error
        if found.get("status") != "success":
            raise SourceError(f"Prometheus refused {asked.get('query', path)!r}: {text(found.get('error'))}")
        return found
