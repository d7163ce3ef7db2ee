"""The red button page in a browser, over the real enforcer and the simulator: from a phone, in the worst moments."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from browser import DESKTOP, PHONE, OpenPage, accessibility_violations, open_browser
from button_page_stage import ButtonPageStage, button_page_stage
from button_person import Person
from patience import until

pytestmark = pytest.mark.no_cover

FLATTEN = re.compile(r"/flatten$")
BRIEFLY = """(button) => ["keydown", "keyup"].forEach((kind) =>
    button.dispatchEvent(new KeyboardEvent(kind, {key: " ", bubbles: true, cancelable: true})))"""
"""A key let go in the moment in which it was pressed, however slow the machine is."""

PRESS = "() => document.querySelector('.hold')?.click()"
ALLOWED = 10.0
"""Seconds of a person's time."""


async def sound(opened: OpenPage, state: str) -> None:
    """Nothing is wrong with the page as it stands: axe finds nothing, it fits, and the browser has nothing to say."""
    assert await accessibility_violations(opened) == [], state
    wider = await opened.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider == 0, f"{state}: it can be moved sideways by {wider} px"
    assert opened.complaints == [], state


async def reopened(stage: ButtonPageStage) -> None:
    """Somebody opens two positions and an order; the enforcer leaves them alone, since nothing is locked out."""
    await stage.exporter.sim("trade", account="eon", symbol="BTCUSDT", side="BUY", quantity="1")
    await stage.exporter.sim("trade", account="eon", symbol="ETHUSDT", side="SELL", quantity="3")
    await stage.exporter.sim("order", account="eon", symbol="SOLUSDT", side="BUY", quantity="10", price="20")


async def test_a_person_flattens_eon_from_a_phone(tmp_path: Path, chromium: str):
    """Sign in, hold, watch it close, read the result, release with a rebase: each state sound, under ten seconds."""
    async with (
        button_page_stage(tmp_path) as stage,
        open_browser(chromium) as browser,
        browser.page(stage.url, PHONE) as opened,
        browser.page(stage.url, DESKTOP, dark=True) as beside,
    ):
        person, page = Person(page=opened.page), opened.page
        await _wrong_token_is_told(opened, person)
        person.seconds = 0.0
        await person.sign_in(stage.token)
        await expect(person.card("eon")).to_contain_text("Armed")
        signed_in = person.seconds
        await expect(person.card("eon").locator("tbody tr")).to_have_count(2)
        await sound(opened, "signed in")
        await _dry_run_is_explained(opened, person)
        other = Person(page=beside.page)
        await other.sign_in(stage.token, "otto")
        await _let_go_too_early(person)
        await stage.exporter.sim("latency", seconds=0.4)
        person.seconds = 0.0
        await person.open_button("eon")
        await sound(opened, "the dialog")
        await person.fill("eon", "The loss grows")
        await person.hold_by_finger()
        await until(lambda: stage.flat, lambda: "eon is not flat")
        for each in (person, other):
            await expect(each.run("eon").locator("h3")).to_contain_text("confirmed by a second look")
        assert person.seconds < ALLOWED, f"{person.seconds:.1f} s, and {signed_in:.1f} s to sign in"
        await stage.exporter.sim("latency", seconds=0)
        await expect(person.run("eon").locator("tbody tr")).to_have_count(2)
        await expect(person.run("eon")).to_contain_text("nina: The loss grows")
        await expect(person.card("eon").locator(".lock")).to_contain_text("closed by nina: The loss grows")
        await expect(page).to_have_title("Locked: eon - Plimsoll")
        await sound(opened, "the result")
        await _audit_can_be_read(beside)
        await sound(beside, "the result beside, dark")
        await _release(opened, person)
        await expect(other.card("eon").locator(".lock")).to_be_empty()


async def _wrong_token_is_told(opened: OpenPage, person: Person) -> None:
    await sound(opened, "signed out")
    opened.allow("status of 401")
    await person.sign_in("not-the-token", "")
    await expect(opened.page.locator("#sign-in-error")).to_have_text("This token is wrong. Nothing was done.")
    await expect(opened.page.locator(".card")).to_have_count(0)
    await sound(opened, "a wrong token")


async def _dry_run_is_explained(opened: OpenPage, person: Person) -> None:
    """In dry run the dialog says that nothing is closed, and has nothing to press."""
    await person.open_button("source")
    dialog = opened.page.locator("#dialog")
    await expect(dialog).to_contain_text("DRY RUN: this button closes nothing here.")
    await expect(dialog).to_contain_text("red-button source")
    await expect(dialog.locator(".hold")).to_be_hidden()
    await sound(opened, "dry run")
    await opened.page.keyboard.press("Escape")


async def _let_go_too_early(person: Person) -> None:
    """With the name mistyped, or let go before the time, nothing is sent."""
    page = person.page
    await person.open_button("eon")
    await person.fill("eno", "Drill")
    await page.locator(".hold").hover()
    await page.mouse.down()
    await page.mouse.up()
    await expect(page.locator("#at-once")).to_have_text("Type the account's name: eon")
    await page.get_by_label("Type the account's name").fill("eon")
    await page.locator(".hold").evaluate(BRIEFLY)
    await expect(page.locator("#at-once")).to_have_text("Let go too early: nothing was sent.")
    await page.keyboard.press("Escape")
    await expect(page.locator("#dialog")).to_be_hidden()


async def _audit_can_be_read(beside: OpenPage) -> None:
    """The run is in the list with every step, and can be copied as text."""
    row = beside.page.locator(".run-row").first
    await row.locator("summary").click()
    for step in ("closing everything", "BTCUSDT: filled", "still nothing is left"):
        await expect(row.locator(".audit")).to_contain_text(step)
    await row.get_by_role("button", name="Copy as text").click()
    await expect(row).to_contain_text(re.compile("Copied|copy it from here"))


async def _release(opened: OpenPage, person: Person) -> None:
    """The new floor is told before and after, and the gate is open again."""
    dialog = opened.page.locator("#dialog")
    await person.open_dialog(person.card("eon").get_by_role("button", name="Release"))
    await expect(dialog).to_contain_text("the reference stays 50,000.00 USD and the floor 45,000.00 USD")
    await sound(opened, "the release")
    await person.tap(dialog.get_by_text("Rebase: begin anew"))
    await person.fill("eon", "Cause found and mended")
    await person.tap(dialog.get_by_role("button", name="Release eon"))
    await expect(dialog).to_be_hidden()
    await expect(person.card("eon").locator(".released")).to_contain_text("Account eon is released.")
    await expect(person.card("eon").locator(".lock")).to_be_empty()
    await sound(opened, "released")


async def test_neither_a_cut_nor_a_death_hides_what_happened(tmp_path: Path, chromium: str):
    """A press lost on the way, an answer lost, a cut in the middle, ``kill -9``: each time the page finds the truth."""
    async with (
        button_page_stage(tmp_path) as stage,
        open_browser(chromium) as browser,
        browser.page(stage.url, PHONE, dark=True) as opened,
    ):
        person = Person(page=opened.page)
        await person.sign_in(stage.token)
        await _press_that_never_arrives(stage, opened, person)
        await _answer_that_is_lost(stage, opened, person)
        await _killed_and_cut_in_the_middle(stage, opened, person)


async def _press_that_never_arrives(stage: ButtonPageStage, opened: OpenPage, person: Person) -> None:
    """Cut off, the press is not known to have arrived; back again, the page says that it did not."""
    fault = opened.page.locator("#dialog > .sheet > .fault")
    await person.open_button("eon")
    await person.fill("eon", "Overexposed")
    await opened.offline()
    await expect(opened.page.locator("#cut")).to_contain_text("CUT OFF from the enforcer")
    await expect(opened.page).to_have_title(re.compile("^NOT LIVE"))
    await expect(person.card("eon")).to_have_attribute("data-old", "true")
    await person.hold(key="Enter")
    await expect(fault).to_contain_text("Do not press again")
    await sound(opened, "cut off")
    await opened.online()
    await expect(fault).to_contain_text("The press did not arrive")
    await expect(opened.page.locator("#cut")).to_be_hidden()
    assert not stage.flat
    await opened.page.keyboard.press("Escape")


async def _answer_that_is_lost(stage: ButtonPageStage, opened: OpenPage, person: Person) -> None:
    """The press arrives and its answer does not: the page finds the run and follows it."""

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await opened.page.route(FLATTEN, lose)
    opened.allow("net::ERR_FAILED")
    await person.flatten("eon", "Overexposed", key=" ")
    await expect(person.run("eon").locator("h3")).to_contain_text("confirmed by a second look")
    await expect(opened.page.locator("#dialog")).to_be_hidden()
    await opened.page.unroute(FLATTEN)
    assert stage.flat
    assert await _runs(person) == 1


async def _killed_and_cut_in_the_middle(stage: ButtonPageStage, opened: OpenPage, person: Person) -> None:
    """The enforcer dies while it closes, and its next life goes on unseen: nothing looks live, then all is there."""
    await _released(stage, person)
    await reopened(stage)
    await stage.exporter.sim("fail", endpoint="POST /fapi/v1/order", code=-1001, times=100_000)
    await _press_twice(person)
    await expect(person.run("eon").locator("h3")).to_contain_text("Closing everything")
    await expect(person.run("eon").locator(".troubles")).to_be_visible()
    await sound(opened, "in trouble")
    opened.allow("Failed to load resource")
    await stage.kill()
    await expect(opened.page.locator("#cut")).to_be_visible()
    await stage.start()
    await expect(opened.page.locator("#cut")).to_be_hidden()
    await opened.offline(silently=True)
    await stage.exporter.sim_delete("fail")
    await until(lambda: stage.flat, lambda: "eon is not flat")
    await expect(opened.page.locator("#cut")).to_be_visible()
    await expect(person.run("eon")).to_contain_text("The run itself goes on without this page")
    await opened.online()
    await expect(person.run("eon").locator("h3")).to_contain_text("confirmed by a second look")
    await expect(person.run("eon").locator("tbody tr")).to_have_count(2)
    row = opened.page.locator(".run-row").first
    await row.locator("summary").click()
    await expect(row.locator(".audit")).to_contain_text("The enforcer was restarted: the run goes on.")
    assert await _runs(person) == 2


async def _press_twice(person: Person) -> None:
    """Who cannot hold presses twice; a double click is one press."""
    page = person.page
    await person.open_button("eon")
    await person.fill("eon", "Drill")
    await page.get_by_label("I cannot hold").check()
    await page.locator(".hold").evaluate("(button) => { button.click(); button.click(); }")
    await expect(page.locator(".hold-label")).to_have_text("Press again to flatten eon")
    while await page.locator("#dialog").is_visible():  # on a slow machine six seconds may be over before the second one
        await asyncio.sleep(0.5)
        await page.evaluate(PRESS)


async def _released(stage: ButtonPageStage, person: Person) -> None:
    """Release eon, past the page: the page notices."""
    told = await person.page.evaluate(
        """async (token) => (await fetch("/api/v1/accounts/eon/release", {
             method: "POST", headers: {Authorization: `Bearer ${token}`},
             body: JSON.stringify({reason: "on with the test", rebase: false})})).status""",
        stage.token,
    )
    assert told == 200
    await expect(person.card("eon").locator(".lock")).to_be_empty()


async def _runs(person: Person) -> int:
    """How many runs the list has: none began that nobody pressed for."""
    rows = person.page.locator(".run-row")
    await expect(rows.first).not_to_contain_text("in progress")
    return await rows.count()
