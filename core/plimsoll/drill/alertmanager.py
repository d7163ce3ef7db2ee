"""What a drill asks of one Alertmanager, by its API and its metrics; passwords never come into a message."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import requests
import yaml
from requests.auth import HTTPBasicAuth

from plimsoll.errors import DrillFailed
from plimsoll.render.login import Login

SECONDS = 5.0
_UNAUTHORIZED = 401
_ERRORS = 400
_REQUESTS = "alertmanager_notification_requests_total"
_FAILED = "alertmanager_notification_requests_failed_total"
_SAMPLE = re.compile(r"(\w+)\{(.*)\} ([0-9.eE+]+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

Alert = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """Notifications of one receiver so far: calls to the service behind it, and those that failed."""

    sent: float
    failed: float

    @property
    def taken(self) -> float:
        """Those that the service took."""
        return self.sent - self.failed


class Api:
    """One Alertmanager.

    Args:
        url: Base of its API.
        login: What it asks for.
    """

    def __init__(self, url: str, login: Login) -> None:
        self.url = url
        self._auth = HTTPBasicAuth(login.user.encode("utf-8"), login.password.reveal().encode("utf-8"))

    def post(self, alerts: Sequence[Alert]) -> None:
        """Hand over alerts, as Prometheus does.

        Raises:
            DrillFailed: It cannot be reached or refuses them.
        """
        self._call("POST", "/api/v2/alerts", alerts)

    def receivers(self) -> Mapping[str, frozenset[str]]:
        """The integrations of every receiver of the configuration that is running, e.g. ``telegram_configs``.

        Raises:
            DrillFailed: It cannot be reached or says something else.
        """
        try:
            original = self._call("GET", "/api/v2/status").json()["config"]["original"]
            listed = yaml.safe_load(original)["receivers"]
            return {one["name"]: frozenset(key for key in one if key.endswith("_configs")) for one in listed}
        except (ValueError, KeyError, TypeError, yaml.YAMLError) as error:
            raise DrillFailed(f"{self.url}: not the answer of an Alertmanager") from error

    def count(self, receiver: str) -> Count:
        """What it sent for a receiver since it started.

        Raises:
            DrillFailed: It cannot be reached.
        """
        text = self._call("GET", "/metrics").text
        return Count(sent=_sum(text, _REQUESTS, receiver), failed=_sum(text, _FAILED, receiver))

    def counts_by_receiver(self) -> bool:
        """Whether its metrics tell receivers apart; without that nobody can say what was delivered.

        Raises:
            DrillFailed: It cannot be reached.
        """
        return "receiver_name=" in self._call("GET", "/metrics").text

    def _call(self, method: str, path: str, body: Sequence[Alert] | None = None) -> requests.Response:
        """One call.

        Raises:
            DrillFailed: It failed; the message tells what to do.
        """
        try:
            answer = requests.request(
                method, f"{self.url}{path}", json=body, auth=self._auth, timeout=SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            reason = type(error).__name__
            raise DrillFailed(f"{self.url}: not reachable ({reason}); is Alertmanager running there?") from None
        if answer.status_code == _UNAUTHORIZED:
            raise DrillFailed(f"{self.url}: refuses the password; run plimsoll render, then make Alertmanager reload")
        if answer.status_code >= _ERRORS:
            raise DrillFailed(f"{self.url}{path}: answers {answer.status_code}")
        return answer


def _sum(text: str, family: str, receiver: str) -> float:
    """The sum of a family's samples of one receiver."""
    total = 0.0
    for line in text.splitlines():
        found = _SAMPLE.fullmatch(line)
        if found and found[1] == family and dict(_LABEL.findall(found[2])).get("receiver_name") == receiver:
            total += float(found[3])
    return total
