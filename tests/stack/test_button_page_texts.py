"""The button page with the worst texts and on every screen: letter by letter, nothing sideways, all accessible."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from playwright.async_api import Page, expect

from browser import DESKTOP, PHONE, TABLET, accessibility_violations, open_browser
from button_person import Person
from fake_desk import EON, NOW, OPERATOR, RESULT, RUN, FakeDesk, enforcer_site
from plimsoll.config.model import Mode
from plimsoll_enforcer.desk import AuditLine, RunDetail
from plimsoll_enforcer.viewing.values import AccountView, Locked, Seen

pytestmark = pytest.mark.no_cover

MARKUP = "<img src=x onerror=document.title='pwned'>\"'&<script>document.title='pwned'</script>"
LONG = "x" * 300
LOOKS = ((PHONE, True), (TABLET, False), (DESKTOP, True))


@dataclass(kw_only=True)
class HostileDesk(FakeDesk):
    """A desk whose every word is written by somebody who means ill."""

    def run(self, run_id: str) -> RunDetail | None:
        """A run in progress, with trouble."""
        if run_id != RUN.run_id:
            return None
        held = {"held": "BTCUSDT both 2", "plain_orders": 1, "conditional_orders": 0, "orders_fresh": True}
        audit = (
            AuditLine(at=NOW - 59, kind="read", text=MARKUP, detail=held),
            AuditLine(at=NOW - 58, kind="cancel-failed", text=MARKUP),
            AuditLine(at=NOW - 57, kind="answered", text=LONG),
        )
        return RunDetail(summary=self.listed[0], audit=audit)


def views() -> tuple[AccountView, ...]:
    """A hostile name and reason with a run in progress, a long one that is locked, one that was never read."""
    running = replace(EON, account=MARKUP, mode=Mode.ARMED, why_mode="", watching=None)
    locked = Locked(since=None, until=NOW + 60, reason=MARKUP + LONG)
    long = replace(EON, account=LONG, why_mode=MARKUP, locked=locked, run_id=None)
    unread = replace(EON, account="live", locked=None, run_id=None, releasable=False, watching=None, floors=())
    return running, long, replace(unread, seen=Seen(why=MARKUP, why_orders=MARKUP))


async def test_hostile_texts_stay_texts_on_every_screen(chromium: str):
    """Names, reasons, errors and faults that are markup, or endless, are shown as they are; axe finds nothing."""
    result = replace(RESULT, positions=(replace(RESULT.positions[0], symbol=MARKUP, why_left=LONG),))
    ended = replace(RUN, run_id="z9z9z9z9", trigger=MARKUP, result=result)
    going = replace(RUN, account=MARKUP, trigger=LONG, mode="manual", ended_at=None, outcome="running", result=None)
    desk = HostileDesk(listed=(going, ended))
    desk.shown = replace(desk.shown, faults=(MARKUP,))
    async with enforcer_site(desk) as site, open_browser(chromium) as browser:
        site.views.shown = views()
        for screen, dark in LOOKS:
            async with browser.page(f"http://127.0.0.1:{site.server.port}/", screen, dark=dark) as opened:
                person, page = Person(page=opened.page), opened.page
                await person.sign_in(OPERATOR, MARKUP[:60])
                await expect(page.locator(".card")).to_have_count(3)
                await expect(page.locator(".card h2").first).to_have_text(MARKUP)
                await expect(page.locator(".running").first).to_contain_text(MARKUP)
                await expect(page.locator("#faults")).to_contain_text(MARKUP)
                await page.locator(".run-row summary").first.click()
                await expect(page.locator(".audit").first).to_contain_text(MARKUP)
                assert await accessibility_violations(opened) == [], screen
                await _nothing_came_of_it(page)
                await _dialogs(person)
                assert opened.complaints == [], screen


async def _dialogs(person: Person) -> None:
    """Both dialogs with a hostile name: it must be typed letter by letter as well."""
    for name in (f"Flatten {MARKUP}", f"Release {MARKUP}"):
        await person.open_dialog(person.page.locator(".card").get_by_role("button", name=name))
        await expect(person.page.locator("#dialog-title")).to_contain_text(MARKUP)
        await _nothing_came_of_it(person.page)
        await person.page.keyboard.press("Escape")


async def _nothing_came_of_it(page: Page) -> None:
    """No text became an element, none ran, and none makes the page wider than its screen."""
    assert await page.locator("body img, body script, dialog img, dialog script").count() == 0
    await expect(page).to_have_title(f"CLOSING {MARKUP} - Plimsoll")
    wide = "(id) => { const one = document.querySelector(id); return one.scrollWidth - one.clientWidth; }"
    assert [await page.evaluate(wide, name) for name in ("html", "#dialog")] == [0, 0]


async def test_every_target_is_large_enough_for_a_thumb(chromium: str):
    """On a phone each button, field and choice is at least 44 px high."""
    async with enforcer_site() as site, open_browser(chromium) as browser:
        site.views.shown = (replace(EON, mode=Mode.ARMED, why_mode="", run_id=None, watching=None),)
        async with browser.page(f"http://127.0.0.1:{site.server.port}/", PHONE) as opened:
            page, person = opened.page, Person(page=opened.page)
            small = await _small(page)
            await person.sign_in(OPERATOR)
            await expect(page.locator(".card")).to_have_count(1)
            small += await _small(page)
            for name in ("Flatten eon", "Release eon"):
                await person.open_dialog(person.card("eon").get_by_role("button", name=name))
                small += await _small(page)
                await page.keyboard.press("Escape")

    assert small == []


async def _small(page: Page) -> list[str]:
    """What can be tapped and is less than 44 px high or wide; a choice is tapped by its label."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, textarea, summary, label.choice")]
             .filter((one) => one.checkVisibility() && !one.closest("label.choice input"))
             .filter((one) => !(one.matches("input") && one.closest("label.choice")))
             .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
             .filter(([, box]) => box.height < 44 || box.width < 44)
             .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""
    )
    return found
