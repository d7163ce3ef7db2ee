"""A server that answers Prometheus's API from a table of queries; what is not in it gives no series."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from local_server import local_server

Series = tuple[Mapping[str, str], float]
"""Labels of a series, and the value that it always has."""


@contextmanager
def canned_prometheus(
    series: Mapping[str, Sequence[Series]], labels: Mapping[str, Sequence[str]] | None = None
) -> Iterator[str]:
    """Answer until the block ends; gives the server's URL.

    Args:
        series: What a query gives. A query over time has the value at every step; ``refused`` is an error.
        labels: The values of a label.
    """

    class Handler(_Handler):
        known: ClassVar[Mapping[str, Sequence[Series]]] = series
        label_values: ClassVar[Mapping[str, Sequence[str]]] = labels or {}

    with local_server(Handler) as url:
        yield url


class _Handler(BaseHTTPRequestHandler):
    """Answers by the table of its class."""

    known: ClassVar[Mapping[str, Sequence[Series]]] = {}
    label_values: ClassVar[Mapping[str, Sequence[str]]] = {}

    def do_GET(self) -> None:
        """A query at one moment, one over time, or the values of a label."""
        path, asked = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path.startswith("/api/v1/label/"):
            return self._say({"status": "success", "data": self.label_values.get(path.split("/")[4], [])})
        query = asked["query"][0]
        if query == "refused":
            return self._say({"status": "error", "error": "parse error"}, 400)
        found = self.known.get(query, ())
        if path.endswith("query_range"):
            begin, end, step = (float(asked[name][0]) for name in ("start", "end", "step"))
            moments = [begin + place * step for place in range(int((end - begin) / step) + 1)]
            result = [{"metric": one, "values": [[then, f"{value:g}"] for then in moments]} for one, value in found]
            return self._say({"status": "success", "data": {"resultType": "matrix", "result": result}})
        when = float(asked["time"][0])
        single = [{"metric": one, "value": [when, f"{value:.12g}"]} for one, value in found]
        return self._say({"status": "success", "data": {"resultType": "vector", "result": single}})

    def _say(self, answer: object, status: int = 200) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing of calls."""
