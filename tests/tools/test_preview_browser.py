"""The served previews in a real browser: plots are drawn, figures stay fresh, a keyboard and a phone are enough."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from aiohttp.test_utils import TestServer
from tools.dashboards.preview import Prometheus
from tools.dashboards.preview.server import application

from browser import DESKTOP, PHONE, OpenBrowser, accessibility_violations, expect, open_browser
from canned_prometheus import Series, canned_prometheus
from sample_board import WORDS, board, over_time, panel, target

LABELS = {"account": ["eon", "live"]}
PLAIN = {"mode": "absolute", "steps": [{"value": None, "color": "text"}]}
FULL = {"mappings": WORDS, "custom": {"fillOpacity": 100}, "thresholds": PLAIN}


def place(x: int, y: int, w: int = 12, h: int = 6) -> dict[str, int]:
    """A place on the grid."""
    return {"x": x, "y": y, "w": w, "h": h}


def boards(folder: Path) -> Path:
    """A folder with a dashboard that has every kind of panel, refreshed every second."""
    folded = panel("timeseries", "Later", over_time("used"), id=8, gridPos=place(0, 26))
    share = {
        "unit": "percentunit",
        "thresholds": PLAIN,
        "links": [{"title": "Open", "url": "/d/plimsoll-sample"}],
    }
    panels = [
        panel("stat", "Now", target('used{account="$account"}'), defaults=share, id=1, gridPos=place(0, 0, 6)),
        panel("bargauge", "All", target("used"), defaults=share, id=2, gridPos=place(6, 0, 6)),
        panel("text", "Words", options={"content": "**Read** this"}, id=3, gridPos=place(12, 0)),
        panel("timeseries", "Used", over_time("used"), defaults={"unit": "percentunit"}, id=4, gridPos=place(0, 6)),
        panel("table", "List", target("used", format="table"), defaults=share, id=5, gridPos=place(12, 6)),
        panel("state-timeline", "State", over_time("used"), defaults=FULL, id=6, gridPos=place(0, 12, 24)),
        panel("row", "Folded", id=7, collapsed=True, panels=[folded], gridPos=place(0, 18, 24, 1)),
    ]
    folder.mkdir()
    (folder / "sample.json").write_text(json.dumps(board(*panels, refresh="1s")), encoding="utf-8")
    return folder


async def look(browser: OpenBrowser, address: str, known: dict[str, Sequence[Series]]) -> list[str]:
    """Use a page as a person at a desk does; gives what was wrong with it."""
    async with browser.page(f"{address}?var-account=eon", DESKTOP) as opened:
        page = opened.page
        await expect(page.locator("#panel-4-0-6 .plot .main-svg").first).to_be_visible()
        await expect(page.locator("#panel-1-0-0 .value")).to_have_text("90%")
        known['used{account="eon"}'] = [({"account": "eon"}, 0.25)]
        await expect(page.locator("#panel-1-0-0 .value")).to_have_text("25%")
        about = page.locator("#panel-1-0-0 .about summary")
        await about.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#panel-1-0-0 .note")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#panel-1-0-0 .note")).to_be_hidden()
        await page.locator(".fold > summary").press("Enter")
        await expect(page.locator(".fold .plot .main-svg").first).to_be_visible()
        await page.get_by_label("Account").select_option("live")
        await page.wait_for_url("**var-account=live**")
        return [*opened.complaints, *await accessibility_violations(opened)]


async def look_on_a_phone(browser: OpenBrowser, address: str) -> list[str]:
    """The same page on a narrow screen, in the light theme; gives what was wrong with it."""
    async with browser.page(f"{address}?theme=light", PHONE) as opened:
        await expect(opened.page.locator("#panel-4-0-6 .plot .main-svg").first).to_be_visible()
        lefts = await opened.page.eval_on_selector_all(
            ".panel", "all => all.map(one => one.getBoundingClientRect().left)"
        )
        wide = await opened.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        found = [*opened.complaints, *await accessibility_violations(opened)]
        return [
            *found,
            *(["wider than the screen"] if wide else []),
            *(["side by side"] if len(set(lefts)) > 2 else []),
        ]


async def test_the_previews_work_in_a_browser(tmp_path: Path, chromium: str):
    """Plots appear, values are refreshed in place, explanations open by keyboard, rows unfold, choices are followed.

    On a phone the panels stand below one another; nothing outside is asked for, and WCAG 2.2 AA holds in both themes.
    """
    known: dict[str, Sequence[Series]] = {
        'used{account="eon"}': [({"account": "eon"}, 0.9)],
        "used": [({"account": "eon"}, 1.0), ({"account": "live"}, 0.0)],
    }
    with canned_prometheus(known, LABELS) as url:
        async with (
            TestServer(application(boards(tmp_path / "boards"), Prometheus(url))) as server,
            open_browser(chromium) as browser,
        ):
            address = str(server.make_url("/d/plimsoll-sample"))
            assert await look(browser, address, known) == []
            assert await look_on_a_phone(browser, address) == []
