"""A server that answers range queries like a Prometheus: by functions of time, with an hour of history or a month.

It stands in where what matters is how a long history is asked for, not what PromQL makes of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import ClassVar
from urllib.parse import parse_qs

from local_server import local_server

Value = Callable[[float], float | None]
"""What a series was at a moment; ``None`` where it was absent."""

SeriesTable = Mapping[tuple[str, tuple[tuple[str, str], ...]], Value]
"""Series by name and labels."""


@dataclass
class HistoryServer:
    """What is asked, and what answers.

    Attributes:
        url: Of the running server.
        series: What it knows.
        broken: Answer to every call instead: status, content type and body.
        asked: The queries so far, with their steps.
        authorizations: The header of each call, where there was one.
    """

    url: str = ""
    series: SeriesTable = field(default_factory=dict)
    broken: tuple[int, str, bytes] | None = None
    asked: list[tuple[str, float]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)


@contextmanager
def history_server(series: SeriesTable | None = None) -> Iterator[HistoryServer]:
    """Answer until the block ends."""
    state = HistoryServer(series=series or {})

    class Handler(_Handler):
        server_state: ClassVar[HistoryServer] = state

    with local_server(Handler) as state.url:
        yield state


class _Handler(BaseHTTPRequestHandler):
    server_state: ClassVar[HistoryServer]

    def do_POST(self) -> None:
        """A range query; its selector is not parsed: each series whose name the query contains answers."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        query, begin, end, step = form["query"][0], *(float(form[name][0]) for name in ("start", "end", "step"))
        self.server_state.asked.append((query, step))
        self.server_state.authorizations.append(self.headers.get("Authorization", ""))
        if self.server_state.broken is not None:
            status, kind, body = self.server_state.broken
        else:
            status, kind = 200, "application/json"
            result = list(self._result(query, begin, end, step))
            body = json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _result(self, query: str, begin: float, end: float, step: float) -> Iterator[dict[str, object]]:
        _, _, inner = query.partition("_over_time(")
        for (name, labels), value in self.server_state.series.items():
            if name.startswith("ALERTS") != ("ALERTS" in query):
                continue
            if inner and name not in inner:
                continue
            if not inner and name.startswith("binance_mirror") != ("destination=" in query):
                continue
            if "sum by" in query or not _is_asked(dict(labels), query):
                continue
            seen = [(then, value(then)) for then in _grid(begin, end, step)]
            values = [[then, f"{found:.12g}"] for then, found in seen if found is not None]
            if values:
                yield {"metric": {"__name__": name, "job": "plimsoll", **dict(labels)}, "values": values}

    def log_message(self, *_arguments: object) -> None:
        """Say nothing of calls."""


def _is_asked(labels: Mapping[str, str], query: str) -> bool:
    """Whether a query that names an account or an alert names those of a series."""
    account, alert = labels.get("account", ""), labels.get("alertname", "")
    return not ('account=""' in query and account) and not ('alertname="' in query and f'"{alert}"' not in query)


def _grid(begin: float, end: float, step: float) -> list[float]:
    return [round(begin + place * step, 3) for place in range(int((end - begin) / step + 1e-6) + 1)]
