"""One Prometheus, asked by its HTTP API: bounded in time, its answers judged, never a password in a message."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.auth import HTTPBasicAuth

from plimsoll.config.exchanges import is_loopback
from plimsoll.errors import PlimsollError
from plimsoll.secret import Secret
from plimsoll.text import shortened

TIMEOUT = (3.0, 30.0)
"""Seconds to connect, and between two pieces of an answer."""

MOST_BYTES = 200_000_000
"""An answer that is larger is not read to its end."""

USUAL = "http://127.0.0.1:9090"

_OWN = frozenset({"__name__", "instance", "job", "site", "replica", "grafana", "runbook", "prometheus"})
"""Labels that tell who scraped, not what."""


class PrometheusFailed(PlimsollError):
    """Prometheus gave no answer that can be used; the message has its address and the reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrometheusAt:
    """Where Prometheus is, and what it asks for.

    Attributes:
        url: Base of its API, without login.
    """

    url: str = USUAL
    username: str = ""
    password: Secret | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Samples:
    """One series of an answer.

    Attributes:
        labels: Without those that tell who scraped.
    """

    name: str
    labels: Mapping[str, str]
    points: tuple[tuple[float, Decimal], ...]


class Prometheus:
    """Asks one Prometheus.

    Args:
        at: Where it is.
        session: For calls; it is the caller's to close.
    """

    def __init__(self, at: PrometheusAt, session: requests.Session) -> None:
        self._session = session
        self.url, self._auth = _address(at)
        if is_loopback(urlsplit(self.url).hostname or ""):
            session.trust_env = False  # a proxy cannot reach this machine

    def range(self, query: str, *, since: float, until: float, step: float) -> tuple[Samples, ...]:
        """The series of a query on a grid that begins at ``since``.

        Raises:
            PrometheusFailed: No answer, or none that can be used.
        """
        parameters = {"query": query, "start": f"{since:.3f}", "end": f"{until:.3f}", "step": f"{step:g}"}
        try:
            answer = self._session.post(
                f"{self.url}/api/v1/query_range",
                data=parameters,
                auth=self._auth,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            )
            with answer:
                return tuple(self._series(_bounded(answer), answer))
        except (requests.RequestException, ValueError, KeyError, TypeError, InvalidOperation) as error:
            raise PrometheusFailed(f"{self.url}: {_reason(error)}") from None

    def _series(self, body: bytes, answer: requests.Response) -> Iterator[Samples]:
        if answer.status_code == requests.codes.unauthorized:
            raise ValueError("it asks for a user name and a password")
        found = _json(body, answer.status_code)
        if found.get("status") != "success":
            raise ValueError(shortened(str(found.get("error") or f"it answered {answer.status_code}"), 200))
        return (_samples(row) for row in found["data"]["result"])


def _address(at: PrometheusAt) -> tuple[str, HTTPBasicAuth | None]:
    """The address without login, and the login, from wherever it was given."""
    parts = urlsplit(at.url if "://" in at.url else f"http://{at.url}")
    host = parts.netloc.rpartition("@")[2]
    user, password = at.username, at.password.reveal() if at.password is not None else ""
    url = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    if not user and parts.username:
        user, password = parts.username, parts.password or ""
    return url, HTTPBasicAuth(user.encode("utf-8"), password.encode("utf-8")) if user else None


def _bounded(answer: requests.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in answer.iter_content(1 << 16):
        size += len(part)
        if size > MOST_BYTES:
            raise ValueError("its answer is too large")
        parts.append(part)
    return b"".join(parts)


def _json(body: bytes, status: int) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError(f"what answers there ({status}) is no Prometheus")  # noqa: TRY004 - the text is wrong, no type of ours
    return found


def _samples(row: Mapping[str, Any]) -> Samples:
    metric: Mapping[str, str] = row["metric"]
    values: Sequence[Sequence[Any]] = row["values"]
    points = ((float(time), _decimal(str(value))) for time, value in values)
    return Samples(
        name=metric.get("__name__", ""),
        labels={name: value for name, value in metric.items() if name not in _OWN},
        points=tuple((time, value) for time, value in points if not value.is_nan()),
    )


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace("Inf", "Infinity"))


def _reason(error: Exception) -> str:
    """What went wrong, in a person's words, without addresses that could hold a login."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        return "it cannot be reached"
    return shortened(str(error), 200) or type(error).__name__
