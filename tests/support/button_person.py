"""A person at the button page: does what a person does, and counts the seconds that it would take one.

Nothing is waited for that a person would not wait for: times are counted, not spent, so that a slow machine changes
nothing. Only the hold is held.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect
from playwright.async_api import TimeoutError as Late

LOOK, TAP, KEY, PASTE, HOLD = 1.2, 0.7, 0.3, 1.5, 2.0
"""Seconds: finding what one looks for, a tap with its way, a key of a phone's keyboard, pasting, the hold itself."""

ENOUGH_MS, AGAIN_MS = 60_000, 5_000


@dataclass(kw_only=True)
class Person:
    """One person at one page.

    Attributes:
        seconds: What everything so far would have taken.
    """

    page: Page
    seconds: float = 0.0

    async def tap(self, what: Locator) -> None:
        """Tap something, or click it."""
        self.seconds += TAP
        await what.click()

    async def type(self, where: Locator, text: str) -> None:
        """Tap a field and type into it."""
        await self.tap(where)
        self.seconds += KEY * len(text)
        await where.press_sequentially(text)

    async def sign_in(self, token: str, name: str = "nina") -> None:
        """Paste the token, say who one is, and go in."""
        self.seconds += LOOK + PASTE
        await self.page.get_by_label("Operator's token").fill(token)
        if name:
            await self.page.get_by_label("Your name, for the audit").fill(name)
        await self.tap(self.page.get_by_role("button", name="Sign in"))

    async def open_button(self, account: str) -> None:
        """Find the account and open the dialog of its button."""
        self.seconds += LOOK
        await self.open_dialog(self.card(account).get_by_role("button", name="Flatten"))

    async def open_dialog(self, button: Locator) -> None:
        """Tap a button that opens the dialog; again, as anybody does, where news moved it from under the finger."""
        self.seconds += TAP
        dialog = self.page.locator("#dialog")
        while not await dialog.is_visible():
            with suppress(Late):
                await button.click(timeout=AGAIN_MS)
        await expect(dialog).to_be_visible()

    async def fill(self, account: str, reason: str) -> None:
        """Read what will happen, choose a reason, type the name."""
        self.seconds += LOOK
        dialog = self.page.locator("#dialog")
        await self.tap(dialog.get_by_text(reason, exact=True))
        await self.type(dialog.get_by_label("Type the account's name"), account)

    async def hold(self, *, key: str = "") -> None:
        """Hold the button, by finger or by a key, until it is sent."""
        self.seconds += TAP + HOLD
        button = self.page.locator(".hold")
        if key:
            await button.focus()
            await self.page.keyboard.down(key)
        else:
            await button.hover()
            await self.page.mouse.down()
        await self._until_sent()
        await (self.page.keyboard.up(key) if key else self.page.mouse.up())

    async def hold_by_finger(self) -> None:
        """The same on glass: touches as the screen of a phone tells them."""
        self.seconds += TAP + HOLD
        button = self.page.locator(".hold")
        await button.scroll_into_view_if_needed()
        box = await button.bounding_box()
        assert box is not None
        touch = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        screen = await self.page.context.new_cdp_session(self.page)
        await screen.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [touch]})
        await self._until_sent()
        await screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    async def _until_sent(self) -> None:
        await self.page.wait_for_function(
            "() => !document.querySelector('.hold') || document.querySelector('.hold-label').textContent === 'Sent'",
            timeout=ENOUGH_MS,
        )

    async def flatten(self, account: str, reason: str = "The loss grows", *, key: str = "") -> None:
        """All of it: from the card to the hold."""
        await self.open_button(account)
        await self.fill(account, reason)
        await self.hold(key=key)

    def card(self, account: str) -> Locator:
        """The card of an account."""
        return self.page.locator(f'.card[data-account="{account}"]')

    def run(self, account: str) -> Locator:
        """The part of the card that follows a run."""
        return self.card(account).locator(".running")
