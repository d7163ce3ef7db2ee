"""The status page as a part of the web server: its files, its stream, and each topic of that as JSON."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from plimsoll.clock import Clock
from plimsoll.web.answers import json_text
from plimsoll.web.page import page_routes
from plimsoll.web.server import Handler, Route
from plimsoll_exporter import api
from plimsoll_exporter.api_mirrors import mirrors
from plimsoll_exporter.figures import Assessor
from plimsoll_exporter.json_values import Json
from plimsoll_exporter.page.hub import Hub, Topics
from plimsoll_exporter.page.stream import PATH as STREAM_PATH
from plimsoll_exporter.page.stream import stream_handler
from plimsoll_exporter.page.surroundings import Surroundings
from plimsoll_exporter.view import ExporterView

SHOWN_ORDERS = 5
KINDS = ("rejected", "executed", "others")
"""Of ended orders, each with the last ones."""

ENDING = "stopping"
"""Why the stream ends when the exporter does."""


class StatusPage:
    """The page and what keeps it up to date.

    Args:
        view: Gives the state of now; called on the event loop.
        assessor: Computes figures and keeps faults apart.
        surroundings: What is known besides.
        clock: Time.
    """

    def __init__(
        self, *, view: Callable[[], ExporterView], assessor: Assessor, surroundings: Surroundings, clock: Clock
    ) -> None:
        self._view, self._assessor, self._surroundings, self._clock = view, assessor, surroundings, clock
        self._hub = Hub(self._look, clock=clock)

    @property
    def routes(self) -> Mapping[str, Route]:
        """Who answers on which path."""
        return {
            **page_routes("plimsoll_exporter.page", page="status.html"),
            STREAM_PATH: Route(handler=stream_handler(self._hub, clock=self._clock)),
            "/api/v1/alerts": Route(handler=_told(self._surroundings.alerts.fresh)),
            "/api/v1/enforcement": Route(handler=_told(self._surroundings.enforcement.fresh)),
            "/api/v1/links": Route(handler=_told(self._links)),
        }

    async def close(self) -> None:
        """End every stream."""
        self._hub.end(ENDING)
        await self._surroundings.close()

    async def _links(self) -> dict[str, Json]:
        return self._surroundings.links

    def _look(self) -> Callable[[], Topics]:
        view, assessor = self._view(), self._assessor
        others = {
            "alerts": self._surroundings.alerts.newest(),
            "enforcement": self._surroundings.enforcement.newest(),
            "links": self._surroundings.links,
        }
        return lambda: {"accounts": _shown(api.accounts(view, assessor)), "mirrors": mirrors(view, assessor), **others}


def _shown(content: dict[str, Json]) -> dict[str, Json]:
    """The accounts with no more ended orders than the page shows: a hundred of each would come with every change."""
    accounts = content["accounts"]
    if isinstance(accounts, list):
        for account in accounts:
            if isinstance(account, dict) and isinstance(ended := account["ended_orders"], dict):
                ended |= {name: rows[:SHOWN_ORDERS] for name in KINDS if isinstance(rows := ended[name], list)}
    return content


def _told(content: Callable[[], Awaitable[dict[str, Json]]]) -> Handler:
    async def answer(_: web.BaseRequest) -> web.Response:
        return json_text(json.dumps(await content()))

    return answer
