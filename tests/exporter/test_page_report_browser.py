"""A report in a real browser, as the exporter gives it: under its own policy, on a telephone, and in print."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from playwright.async_api import expect

from browser import DESKTOP, PHONE, OpenPage, accessibility_violations, open_browser
from exporter_state import Scene, two_accounts
from plimsoll.report.document.build import document
from plimsoll.report.folder import Form, write_folder
from plimsoll_exporter.page.report import Maker
from report_content import HOSTILE, report
from report_pages import drawn_of
from web_client import served

pytestmark = pytest.mark.no_cover

GIVES = "import shutil, sys; shutil.copytree({!r}, sys.argv[sys.argv.index('--out') + 1] + '/report')"


def giving(folder: Path) -> Maker:
    """A maker that gives this report, whatever is asked for."""
    found = report(texts=HOSTILE)
    place = write_folder(found, document(found), drawn_of(found), out=folder, form=Form.HTML, overwrite=False)
    command = (sys.executable, "-c", GIVES.format(str(place)))
    return Maker(command=command, environ=dict(os.environ), folder=folder, accounts=("eon",))


async def wrong_with(opened: OpenPage) -> list[str]:
    """Everything that a page must not do, be or hide."""
    wide = await opened.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = [] if wide <= 1 else [f"{wide} pixels wider than the screen"]
    if await opened.page.evaluate("getComputedStyle(document.querySelector('.statement')).borderLeftStyle") != "solid":
        found.append("its style does not apply")
    return [*found, *opened.complaints, *await accessibility_violations(opened)]


async def test_a_report_is_read_on_any_screen_and_printed_whole(tmp_path: Path, chromium: str):
    """No complaint under its policy, accessible in light and dark, no wider than a telephone, whole in print."""
    wrong: dict[str, list[str]] = {}
    async with (
        served(Scene(two_accounts()), maker=giving(tmp_path)) as site,
        open_browser(chromium) as browser,
    ):
        url = f"http://127.0.0.1:{site.server.port}/api/v1/accounts/eon/report"
        for name, screen, dark in (("desktop", DESKTOP, False), ("phone", PHONE, True)):
            async with browser.page(url, screen, dark=dark) as opened:
                wrong[name] = await wrong_with(opened)
                if name == "desktop":
                    paper = await opened.page.pdf(prefer_css_page_size=True)
                    await opened.page.emulate_media(media="print")
                    wrong["print"] = await cut_in_print(opened)
        async with browser.page(f"http://127.0.0.1:{site.server.port}/", DESKTOP) as opened:
            card = opened.page.get_by_role("article", name="eon")
            await card.get_by_role("link", name="report of 2 h").click()
            await expect(opened.page.get_by_role("heading", name="Incident report: eon")).to_be_visible()
    assert wrong == {"desktop": [], "phone": [], "print": []}
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) > 1


async def cut_in_print(opened: OpenPage) -> list[str]:
    """Tables wider than the paper, rows that may be torn, heads that do not come again."""
    await opened.page.set_viewport_size({"width": 703, "height": 994})  # A4 less its margins, at 96 to the inch
    found: list[str] = await opened.page.evaluate(
        """() => [...document.querySelectorAll('table')].flatMap((table) => [
            table.scrollWidth > document.body.clientWidth + 1 ? `${table.id} is wider than the paper` : null,
            getComputedStyle(table.querySelector('tr')).breakInside !== 'avoid' ? `${table.id} tears rows` : null,
            getComputedStyle(table.tHead).display !== 'table-header-group' ? `${table.id} has one head` : null,
        ].filter(Boolean))"""
    )
    return found
