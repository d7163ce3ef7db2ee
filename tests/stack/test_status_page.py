"""The status page in a real browser: the real exporter over the simulator, in the account of November.

One stack, one browser; what is wrong at one step is told together with what is wrong at all others.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Locator, expect

from browser import DESKTOP, PHONE, TABLET, OpenBrowser, OpenPage, Screen, accessibility_violations, open_browser
from patience import PATIENCE
from stack_harness import Stack, stack
from told_by_others import HOSTILE, IN_FORCE, LOCKED, WATCHDOG, Others, firing, others

pytestmark = pytest.mark.no_cover

LOOKS = ((PHONE, False), (TABLET, True), (DESKTOP, False), (DESKTOP, True), (PHONE, True))
TOKEN = "a-token-of-this-test-only"


JUDGEMENT = """async () => {
  const { judge, worstFirst } = await import("/assets/judge.js");
  const { summary } = await import("/assets/summary.js");
  const now = 1e9;
  const known = (await (await fetch("/api/v1/accounts")).json()).accounts.find((one) => one.account === "live");
  const [shape] = known.positions;
  const order = { learned_timestamp: now - 90000, time: now, code: null, reason: "filter" };
  const ended = { ...known.ended_orders, rejections: [], rejected: [] };
  const none = { margin_ratio: null, available_margin: null, liquidation_distance: null };
  const made = (account, change, limits = {}) => judge({ ...known, positions: [], ended_orders: ended, symbols: [],
    drawdown: { rules: {} }, account, ...change,
    limits: { ...known.limits, ...none, leverage: "3", ...limits } }, now);
  const figures = (leverage) => ({ figures: { ...known.figures, leverage } });
  const held = (stop_coverage) => ({ ...shape, stop_coverage, unprotected_since_timestamp: null });
  const all = [
    made("well", figures("0.1")),
    made("near", figures("2.9")),
    made("partly", { ...figures("0.1"), positions: [held("0.4")] }),
    made("odd", { ...figures("0.1"), unexplained_since_timestamp: 1, unexplained_usd: "9" }),
    made("over", figures("3.0")),
    made("endless", figures("Infinity")),
    made("blind", figures(null)),
    made("gone", { status: "stale", figures: null, positions: null }),
    made("free", { ...figures("0.1"), positions: [held("0.0")] }, { stop_coverage: null }),
    made("long ago", { ...figures("0.1"), ended_orders: { ...ended, rejections: [{ intent: "open", count: "1" }],
      rejected: [order] } }),
  ].sort(worstFirst);
  const at = Object.fromEntries(all.map((one) => [one.account.account, one]));
  const order_ = all.map((one) => one.account.account).join(" ");
  const said = summary(all, {}, now).textContent;
  const quiet = summary([at.well], { alerts: { alerts: [], hears_prometheus: true, failures: [] } }, now);
  const down = [{ muted: null, severity: "critical", account: null, alertname: "EnforcerDown" }];
  const loud = summary([at.well], { alerts: { alerts: down, hears_prometheus: true, failures: [] } }, now).textContent;
  const checks = {
    "an alert of no account is told by its name": loud.includes("EnforcerDown 1 critical alert"),
    [`order ${order_}`]: /^(blind gone|gone blind) endless over odd partly near/.test(order_),
    "partly covered is told": said.includes("partly " + shape.symbol) && said.includes("only 40"),
    "a limit that asks nothing is told softly": said.includes("of free without full stop"),
    "endless leverage": said.includes("\u221e"),
    "unknown alerts are no good news": said.includes("alerts unknown"),
    "refusals of yesterday are told without alarm": at["long ago"].refused.level === "neutral",
    "all well": quiet.querySelector("[data-key='In danger']").dataset.level === "fine",
    "no refusal is no certainty": quiet.querySelector("[data-key='Refused orders']").dataset.level === "neutral",
  };
  return Object.entries(checks).filter(([, well]) => !well).map(([name]) => `judgement: ${name}`);
}"""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything that runs, and what ends the exporter."""

    seen: Stack
    others: Others
    browser: OpenBrowser
    end: AsyncExitStack


@asynccontextmanager
async def staged(folder: Path, chromium: str) -> AsyncIterator[Stage]:
    """The account of November with an impatient grace, alerts, an enforcer, and a hostile rejection."""
    (folder / "report.token").write_text(TOKEN, encoding="utf-8")
    (folder / "report.token").chmod(0o600)
    async with others() as told, open_browser(chromium) as browser, AsyncExitStack() as end:
        environ = {
            "PLIMSOLL_ACCOUNTS__LIVE__LIMITS__STOP_GRACE": "1s",
            "PLIMSOLL_REJECTIONS__TOKEN_FILE": str(folder / "report.token"),
            "PLIMSOLL_ALERTMANAGER": f'[{{"url": "{told.url}"}}]',
            "PLIMSOLL_ENFORCEMENT_WEBHOOK__URL": f"{told.url}/api/v1/alerts",
        }
        labels = {"account": "live", "symbol": "DOTUSDT"}
        told.alerts = [WATCHDOG, firing("PositionUnprotected", labels=labels, annotations={"description": HOSTILE})]
        told.metrics = IN_FORCE % ("live", "armed") + IN_FORCE % ("eon", "dry-run") + LOCKED % ("eon", "+Inf")
        told.locked = {"eon": HOSTILE}
        running = await end.enter_async_context(stack("november-stops", environ=environ))
        await refuse(running)
        yield Stage(seen=running, others=told, browser=browser, end=end)


async def refuse(running: Stack) -> None:
    """A bot tells of a refused close, in words that would like to be markup."""
    report = {
        "report_id": "1",
        "account": "live",
        "code": -2019,
        "message": HOSTILE,
        "symbol": "BNBUSDT",
        "intent": "close",
        "time": time.time(),
    }
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{running.url}/api/v1/rejections", json=report, headers=headers) as answer,
    ):
        assert answer.status == 202, await answer.text()


def card(opened: OpenPage, account: str) -> Locator:
    """The card of an account."""
    return opened.page.locator(f'article[data-key="{account}"]')


async def sound(opened: OpenPage, state: str) -> list[str]:
    """What is wrong with the page as it stands: accessibility, width, markup out of texts, the browser's complaints."""
    found = await accessibility_violations(opened)
    wider = await opened.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found += [f"can be moved sideways by {wider} px"] if wider else []
    made = await opened.page.evaluate("document.querySelectorAll('img, script:not([src]), [onerror], [style]').length")
    found += [f"{made} elements out of texts"] if made else []
    found += opened.complaints
    return [f"{state}: {one}" for one in found]


async def test_status_page_answers_and_never_looks_live_when_it_is_not(tmp_path: Path, chromium: str):
    """Four answers on every screen; grey when cut, asleep or stopped; no strange word becomes markup."""
    wrong: list[str] = []
    async with staged(tmp_path, chromium) as stage:
        for screen, dark in LOOKS:
            wrong += await _look(stage, screen, dark=dark)
        async with stage.browser.page(stage.seen.url, DESKTOP) as opened:
            await _answers(opened)
            wrong += await _judges(opened)
            wrong += await _cut(opened)
            await _sleeps(opened)
            await _nobody_tells(stage, opened)
            wrong += await _account_is_not_live(stage, opened)
            await stage.end.aclose()
            await expect(opened.page.locator("#banner")).to_contain_text("Cut off since")
            opened.allow("net::ERR_")
            wrong += await sound(opened, "stopped")
    assert wrong == []


async def _look(stage: Stage, screen: Screen, *, dark: bool) -> list[str]:
    """The page on one screen, with everything opened."""
    state = f"{screen.width} px, {'dark' if dark else 'light'}"
    async with stage.browser.page(stage.seen.url, screen, dark=dark) as opened:
        await _answers(opened)
        await opened.page.locator("#alerts summary").first.click()
        await expect(opened.page.locator("#alerts")).to_contain_text(HOSTILE)
        return await sound(opened, state)


async def _answers(opened: OpenPage) -> None:
    """Which account, how near, what is unprotected, what was refused; and the figures of the record below."""
    said = opened.page.locator("#summary")
    await expect(said).to_contain_text("live in danger")
    await expect(said).to_contain_text("live DOTUSDT long NO STOP, 808.22 USD")
    await expect(said).to_contain_text("live: 1 closing")
    await expect(said).to_contain_text("Stop coverage 81.26\u202f%, at least 100\u202f%")
    first = opened.page.locator("article").first
    await expect(first.locator("h2")).to_have_text("live")
    await expect(first.locator(".age")).to_contain_text(re.compile(r"^data \d"))
    await expect(first).to_contain_text("armed: a confirmed breach closes everything")
    await expect(first).to_contain_text("configured: dry-run")
    rows = first.locator("table").first.locator("tbody tr")
    await expect(rows).to_have_count(4)
    await expect(rows.filter(has_text="DOTUSDT")).to_contain_text("NO STOP")
    await expect(rows.filter(has_text="BTCUSDT")).to_contain_text("93,339.10")
    await expect(first).to_contain_text(HOSTILE)
    await expect(card(opened, "eon")).to_contain_text("LOCKED OUT until released by hand")
    await expect(card(opened, "eon")).to_contain_text(HOSTILE)
    await expect(opened.page).to_have_title(re.compile("live in danger"))
    await expect(opened.page.locator("#banner")).to_be_empty()


async def _judges(opened: OpenPage) -> list[str]:
    """The page's own judgement of accounts that no scenario has: order, partial stops, old refusals."""
    wrong: list[str] = await opened.page.evaluate(JUDGEMENT)
    return wrong


async def _cut(opened: OpenPage) -> list[str]:
    """With the network cut, or silent, everything is grey under a banner, and ages go on; with it back, all is live."""
    wrong = []
    banner, grey = opened.page.locator("#banner"), opened.page.locator("body[data-cut]")
    for silently in (False, True):
        await opened.offline(silently=silently)
        await expect(banner).to_contain_text(re.compile(r"Cut off since \d\d:\d\d:\d\d UTC: numbers below are \d"))
        await expect(grey).to_have_count(1)
        await expect(opened.page).to_have_title(re.compile("CUT OFF"))
        age = card(opened, "live").locator(".age")
        before = await age.inner_text()
        await expect(age).not_to_have_text(before)
        wrong += await sound(opened, f"cut, silently: {silently}")
        await opened.online()
        await expect(grey).to_have_count(0)
        await expect(banner).to_be_empty()
    return wrong


async def _sleeps(opened: OpenPage) -> None:
    """A device that wakes after an hour shows nothing as live until it has heard from the exporter again."""
    async with asyncio.timeout(PATIENCE):
        await opened.page.evaluate(
            """() => new Promise((done) => {
                const banner = document.getElementById("banner");
                const slept = /are 1\\u202fh.*this device slept/;
                new MutationObserver(() => slept.test(banner.textContent) && done())
                    .observe(banner, {childList: true, subtree: true, characterData: true});
                const before = Date.now;
                Date.now = () => before() + 3600e3;
            })"""
        )
    await expect(opened.page.locator("#banner")).to_be_empty()


async def _nobody_tells(stage: Stage, opened: OpenPage) -> None:
    """An Alertmanager that fails leaves alerts unknown, and an enforcer that is away leaves the mode unknown."""
    stage.others.status, stage.others.metrics = 500, None
    await expect(opened.page.locator("#alerts")).to_contain_text("Alertmanager does not answer: alerts unknown")
    await expect(opened.page.locator("#summary")).to_contain_text("alerts unknown")
    await expect(card(opened, "live")).to_contain_text("unknown (configured: dry-run)")


async def _account_is_not_live(stage: Stage, opened: OpenPage) -> list[str]:
    """Of an account whose stream is gone no figure is shown, least of all a zero; it stands first, as unknown."""
    await stage.seen.sim("stream", target="live", action="refuse")
    await stage.seen.sim("stream", target="live", action="cut")
    await expect(card(opened, "live")).to_contain_text("Every figure is unknown")
    await expect(
        card(opened, "live").locator(".figures, .limits, .equity, [role=rowheader] + td.number")
    ).to_have_count(0)
    await expect(opened.page.locator("article").first.locator("h2")).to_have_text("live")
    await expect(opened.page.locator("#summary")).to_contain_text("live: unknown")
    await expect(opened.page).to_have_title(re.compile(r"^\? live unknown"))
    return await sound(opened, "not live")
