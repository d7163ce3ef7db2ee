"""What each page of the exporter answers, over a real socket."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from exporter_state import Scene, account_view, every_series, exporter_view, two_accounts
from plimsoll.risk.assess import assess
from plimsoll.risk.figures import AccountFigures
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState
from plimsoll.web.page import CONTENT_SECURITY_POLICY
from plimsoll_exporter.view import ExporterView, Status
from web_client import Served, ask, served

PAGES = ("/", "/metrics", "/-/healthy", "/-/ready", "/api/v1/accounts", "/api/v1/accounts/live")


async def test_metrics_default_to_the_text_format(site: Served):
    """Without an Accept header the page is text 0.0.4, which every tool reads."""
    answer = await ask(site, "/metrics")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    names = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"binance_account_equity_usd", "binance_api_requests", "plimsoll_build_info"} <= names


async def test_metrics_come_as_openmetrics_when_asked_for(site: Served):
    """With Prometheus's Accept header the page is OpenMetrics, down to its end mark."""
    answer = await ask(site, "/metrics", Accept="application/openmetrics-text;version=1.0.0;escaping=allow-utf-8")

    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")
    assert any(family.name == "binance_account_equity_usd" for family in parse_openmetrics(answer.text))


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text;version=abc",
        "application/openmetrics-text;version=99.0.0",
        "text/plain;version=x",
        "image/png;;=,,",
        "*/*",
    ],
)
async def test_odd_accept_header_gets_the_text_format(site: Served, accept: str):
    """A format that nobody writes, or no format at all, is answered with text 0.0.4."""
    answer = await ask(site, "/metrics", Accept=accept)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


async def test_prometheus_3_gets_openmetrics(site: Served):
    """The header that Prometheus 3 sends by default is understood."""
    accept = (
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
        "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
        "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
    )
    answer = await ask(site, "/metrics", Accept=accept)

    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")


async def test_metrics_are_compressed_when_accepted(site: Served):
    """A client that accepts gzip gets gzip, and what it unpacks is the page."""
    answer = await ask(site, "/metrics", **{"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"binance_account_up" in gzip.decompress(answer.body)
    assert "Accept-Encoding" in answer.headers["Vary"]


async def test_metrics_follow_the_state(site: Served):
    """The page is made anew each time: what is gone from the state is gone from the page."""
    assert 'binance_position_quantity{account="live"' in (await ask(site, "/metrics")).text

    site.scene.view = exporter_view(account_view("live"))

    assert "binance_position_quantity" not in (await ask(site, "/metrics")).text


@pytest.mark.parametrize("page", PAGES)
async def test_head_is_get_without_a_body(site: Served, page: str):
    """HEAD answers every page with the headers of GET and no body."""
    got = await ask(site, page)
    headed = await ask(site, page, method="HEAD")

    assert (got.status, headed.status) == (200, 200)
    assert headed.body == b""
    assert headed.headers["Content-Type"] == got.headers["Content-Type"]
    assert int(headed.headers["Content-Length"]) > 0


@pytest.mark.parametrize("page", [*PAGES, "/nope"])
async def test_every_answer_is_guarded_by_headers(site: Served, page: str):
    """No answer may be cached, sniffed or tell which software of which version runs here."""
    answer = await ask(site, page)

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == ("no-cache" if page == "/" else "no-store")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Server"] == "plimsoll"
    assert "Set-Cookie" not in answer.headers


async def test_healthy_is_about_the_process(site: Served):
    """The process is healthy whatever its accounts are."""
    site.scene.view = exporter_view(account_view(status=Status.STALE), ready=False)

    assert (await ask(site, "/-/healthy")).status == 200


async def test_ready_waits_for_every_account(site: Served):
    """Not ready until every account was live once."""
    site.scene.view = exporter_view(ready=False)
    assert (await ask(site, "/-/ready")).status == 503

    site.scene.view = exporter_view(ready=True)
    assert (await ask(site, "/-/ready")).status == 200


@pytest.mark.parametrize("path", ["/nope", "/metrics/", "/api", "/api/v1", "/-/", "//", "/%2e%2e/etc/passwd"])
async def test_unknown_paths_are_not_found(site: Served, path: str):
    """What is no page is 404, for every method."""
    assert (await ask(site, path)).status == 404
    assert (await ask(site, path, method="POST")).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_refused(site: Served, method: str):
    """Pages are read only: 405 names what is allowed."""
    answer = await ask(site, "/metrics", method=method)

    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD"


async def test_page_is_its_files_and_nothing_of_the_state(site: Served):
    """The status page holds no word of any account; its own scripts fetch the state, its policy allows no others."""
    answer = await ask(site, "/")

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "eon" not in answer.text
    assert "<noscript>" in answer.text
    assert 'href="/api/v1/accounts"' in answer.text
    for path in re.findall(r'(?:src|href)="(/assets/[^"]+)"', answer.text):
        assert (await ask(site, path)).status == 200


@pytest.mark.parametrize(
    ("name", "kind"), [("base.css", "text/css"), ("dom.js", "text/javascript"), ("status.js", "text/javascript")]
)
async def test_static_files_come_with_their_type_and_once(site: Served, name: str, kind: str):
    """A script or style sheet has the type that browsers insist on, and is not sent again to who has it."""
    answer = await ask(site, f"/assets/{name}")
    again = await ask(site, f"/assets/{name}", **{"If-None-Match": answer.headers["ETag"]})

    assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
    assert (again.status, again.body) == (304, b"")
    assert (await ask(site, f"/assets/{name}", method="POST")).status == 405


@pytest.mark.parametrize("name", ["", "nope.js", "status.html", "../page.py", "%2e%2e/part.py", "__init__.py"])
async def test_nothing_but_static_files_is_served(site: Served, name: str):
    """No path under the static files leads to anything else."""
    assert (await ask(site, f"/assets/{name}")).status == 404


async def test_executed_and_rejected_orders_are_told_apart_in_the_json():
    """How many closes and entries were refused, and which orders were executed."""
    async with served(Scene(every_series())) as site:
        state = json.loads((await ask(site, "/api/v1/accounts/copy")).body)["ended_orders"]
    assert [order["client_order_id"] for order in state["rejected"]] == ["mirror-6"]
    assert [order["outcome"] for order in state["executed"]] == ["filled"]
    assert state["others"] == []
    assert [(row["reason"], row["intent"], row["count"]) for row in state["rejections"]] == [
        ("insufficient_margin", "close", "1")
    ]


def failing(_: Book, __: MarketState) -> AccountFigures:
    """A computation with a fault."""
    raise ZeroDivisionError("surprise")


@pytest.mark.parametrize(
    ("page", "expected"),
    [("/metrics", 'binance_account_up{account="live"} 0.0'), ("/api/v1/accounts", '"figures": null')],
)
async def test_fault_in_one_account_leaves_the_pages(page: str, expected: str):
    """Where figures cannot be computed the pages say unknown."""
    async with served(Scene(exporter_view(), assess=failing)) as site:
        answer = await ask(site, page)

    assert answer.status == 200
    assert expected in answer.text


async def test_failure_is_counted_on_the_same_page():
    """A render failure shows in the very scrape that met it."""
    async with served(Scene(exporter_view(), assess=failing)) as site:
        answer = await ask(site, "/metrics")

    assert 'plimsoll_render_failures_total{account="live"} 1.0' in answer.text
    assert 'binance_account_up{account="live"} 0.0' in answer.text


def endless(book: Book, market: MarketState) -> AccountFigures:
    """Figures with money that is no ordinary number."""
    return replace(assess(book, market), equity=Decimal("Infinity"))


async def test_infinite_equity_does_not_break_the_page():
    """Money that is no ordinary number is shown as it is."""
    async with served(Scene(exporter_view(), assess=endless)) as site:
        answer = await ask(site, "/api/v1/accounts")

    assert answer.status == 200
    assert '"equity": "Infinity"' in answer.text


async def test_error_of_the_server_itself_tells_nothing(site: Served):
    """When the state cannot be had at all the answer is a plain 500, without a trace, and the next one works."""

    def broken() -> ExporterView:
        raise RuntimeError("secret detail")

    site.view = broken
    answer = await ask(site, "/metrics")

    assert answer.status == 500
    assert "secret" not in answer.text
    assert answer.headers["Server"] == "plimsoll"
    site.view = two_accounts
    assert (await ask(site, "/metrics")).status == 200
