"""The button page in the moments in which a press or a figure could go astray, over a desk that is told what to say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from playwright.async_api import Page, Route, expect

from browser import PHONE, OpenPage, open_browser
from button_person import Person
from fake_desk import EON, OPERATOR, EnforcerSite, enforcer_site
from patience import until
from plimsoll.config.model import Mode
from plimsoll_enforcer.viewing.values import Locked

pytestmark = pytest.mark.no_cover

READY = replace(EON, mode=Mode.ARMED, why_mode="", run_id=None, watching=None)
FREE = replace(READY, locked=None, releasable=False)
DOWN = """(button) => button.dispatchEvent(new PointerEvent("pointerdown", {button: 0, pointerId: 1, bubbles: true}))"""
REPEATED = """(button) => button.dispatchEvent(
    new KeyboardEvent("keydown", {key: "Enter", repeat: true, bubbles: true, cancelable: true}))"""
NOTE_AN_OLD_WORD = """() => new MutationObserver(() => {
    if (document.body.textContent.includes("an old word")) window.old = true;
}).observe(document.body, {subtree: true, childList: true, characterData: true})"""
LONGER_THAN_A_HOLD = "() => new Promise((done) => setTimeout(done, 2300))"


@dataclass(kw_only=True)
class Scene:
    """A page of somebody who is signed in.

    Attributes:
        site: What the page is of.
    """

    site: EnforcerSite
    opened: OpenPage
    person: Person

    @property
    def page(self) -> Page:
        """The page itself."""
        return self.opened.page

    @property
    def presses(self) -> int:
        """How often the desk was told to close."""
        return sum(1 for asked in self.site.desk.asked if asked[0] == "flatten")

    async def ready(self, reason: str = "Drill") -> None:
        """The dialog is open and filled in."""
        await self.person.open_button("eon")
        await self.person.fill("eon", reason)


@asynccontextmanager
async def signed_in(chromium: str) -> AsyncIterator[Scene]:
    """One armed account that is locked out, on a phone."""
    async with enforcer_site() as site, open_browser(chromium) as browser:
        site.views.shown = (READY,)
        async with browser.page(f"http://127.0.0.1:{site.server.port}/", PHONE) as opened:
            scene = Scene(site=site, opened=opened, person=Person(page=opened.page))
            await scene.person.sign_in(OPERATOR)
            await expect(scene.person.card("eon")).to_contain_text("Armed")
            yield scene


async def test_only_a_hold_until_its_end_sends(chromium: str):
    """A dialog closed, or an account disarmed, under the finger sends nothing; nor does a key that is kept down."""
    async with signed_in(chromium) as scene:
        page, hold = scene.page, scene.page.locator(".hold")
        await scene.ready()
        await hold.evaluate(DOWN)
        await page.evaluate("() => document.getElementById('dialog').close()")
        await page.evaluate(LONGER_THAN_A_HOLD)
        assert scene.presses == 0, "closed while it was held"

        await scene.ready()
        await hold.evaluate(DOWN)
        scene.site.views.shown = (replace(READY, mode=Mode.DRY_RUN),)
        await expect(page.locator("#dialog")).to_contain_text("DRY RUN")
        await page.evaluate(LONGER_THAN_A_HOLD)
        assert scene.presses == 0, "no longer armed"
        scene.site.views.shown = (READY,)
        await expect(hold).to_be_visible()

        await page.get_by_label("I cannot hold").check()
        await hold.evaluate("(button) => button.click()")
        await expect(page.locator(".hold-label")).to_have_text("Press again to flatten eon")
        allowed = await hold.evaluate(REPEATED)
        assert allowed is False, "a key that is kept down would be the second press"
        assert scene.presses == 0


async def test_an_answer_from_before_a_release_is_not_shown(chromium: str):
    """The release's word stays beside answers that were asked for before it, and goes with a new lockout."""
    async with signed_in(chromium) as scene:
        page, card = scene.page, scene.person.card("eon")
        held: list[Route] = []

        async def hold_back(route: Route) -> None:
            await (route.continue_() if held else asyncio.sleep(0))
            held.append(route)

        await scene.person.open_dialog(card.get_by_role("button", name="Release"))
        await scene.person.tap(page.locator("#dialog").get_by_text("Keep the reference"))
        await scene.person.fill("eon", "Drill is over")
        await page.route("**/api/v1/accounts", hold_back)
        await until(lambda: bool(held), lambda: "nobody asks for the accounts")
        old = replace(READY, locked=Locked(since=None, until=float("inf"), reason="an old word"))
        scene.site.views.shown = (old,)
        stale = await held[0].fetch()
        await page.evaluate(NOTE_AN_OLD_WORD)
        scene.site.views.shown = (FREE,)
        await page.locator("#dialog").get_by_role("button", name="Release eon").click()
        await expect(card.locator(".released")).to_contain_text("released; the new floor is")
        await held[0].fulfill(response=stale)
        await expect(card.locator(".lock")).to_be_empty()
        await expect(card.locator(".released")).to_contain_text("released; the new floor is")
        assert not await page.evaluate("() => Boolean(window.old)"), "an answer from before the release was shown"
        scene.site.views.shown = (READY,)
        await expect(card.locator(".lock")).not_to_be_empty()
        await expect(card.locator(".released")).to_be_empty()


async def test_an_answer_that_is_none_ends_no_asking(chromium: str):
    """While only nonsense comes nothing looks live and the page says why; then it goes on by itself."""
    async with signed_in(chromium) as scene:
        page, cut = scene.page, scene.page.locator("#cut")
        scene.opened.allow("status of 404")
        for status, body in ((404, "{}"), (200, '{"accounts": 7}'), (200, "<p>a portal</p>")):
            await page.route("**/api/v1/accounts", _answering(status, body))
            await expect(cut).to_contain_text("CUT OFF")
            await expect(cut).to_contain_text(f"(answer {status}")
            await expect(scene.person.card("eon")).to_have_attribute("data-old", "true")
            await page.unroute("**/api/v1/accounts")
            await expect(cut).to_be_hidden()


def _answering(status: int, body: str) -> Callable[[Route], Coroutine[object, object, None]]:
    """Whoever stands between and answers for the enforcer."""

    async def answer(route: Route) -> None:
        await route.fulfill(status=status, body=body)

    return answer


async def test_a_duplicated_tab_is_signed_out_too(chromium: str):
    """A tab that was duplicated holds a copy of the token: signing out of one signs out of both, and leaves nothing."""
    async with signed_in(chromium) as scene:
        page = scene.page
        other = await page.context.new_page()
        await other.goto(page.url)
        twin = Person(page=other)
        await twin.sign_in(OPERATOR)
        await expect(twin.card("eon")).to_contain_text("Armed")
        await page.get_by_role("button", name="Sign out").click()
        for each in (page, other):
            await expect(each.locator("#sign-in")).to_be_visible()
            await expect(each.locator(".card")).to_have_count(0)
            assert await each.evaluate("() => sessionStorage.getItem('plimsoll.operator.token')") is None
            assert OPERATOR not in await each.content()
            assert OPERATOR not in each.url
