"""Pages in a real browser: opened in a few words, watched for everything that a page must not do.

The fixture ``chromium`` (``tests/conftest.py``) is one browser for a whole worker; every page has a context of its own
in it, so that nothing is shared between two: ``async with open_page(chromium, url, PHONE, dark=True) as opened``.
Where a test opens several, ``open_browser`` saves half a second each. The page's own policy (CSP) holds throughout.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from network_cut import Network, open_network
from patience import PATIENCE

_MILLISECONDS = 1000
_INSIDE = {"about", "blob", "data"}
_POLICY = "Content Security Policy"
_NO_NETWORK = "net::ERR_"

# Playwright's own five seconds are short on a loaded machine.
expect.set_options(timeout=PATIENCE * _MILLISECONDS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Screen:
    """What a page is looked at on, in CSS pixels; ``touch`` also means that it is a mobile browser."""

    width: int
    height: int
    touch: bool = False


PHONE = Screen(width=390, height=844, touch=True)
TABLET = Screen(width=768, height=1024, touch=True)
DESKTOP = Screen(width=1440, height=900)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenPage:
    """A page in a context of its own, and what was wrong about it so far.

    Attributes:
        page: Playwright's page: what a person does, and where things are.
        network: What it is reached through; cut by ``offline`` and mended by ``online``.
        complaints: ``console: ...`` an error on the console, ``error: ...`` an exception that nobody caught,
            ``csp: ...`` something its policy refused, ``foreign: ...`` a request that left the page's origin.
    """

    page: Page
    network: Network
    complaints: list[str] = field(default_factory=list)
    _allowed: list[str] = field(default_factory=list)

    def allow(self, text: str) -> None:
        """Forget complaints that hold this text, past and to come, such as ``status of 401``."""
        self._allowed.append(text)
        self.complaints[:] = [each for each in self.complaints if text not in each]

    async def offline(self, *, silently: bool = False) -> None:
        """Cut the network: what runs breaks, what is begun fails; what the browser says of that is no complaint.

        Args:
            silently: Nothing breaks and the browser knows of nothing: nothing arrives any more, as in a tunnel.
        """
        self._allowed.append(_NO_NETWORK)
        if silently:
            self.network.hush()
            return
        await self.page.context.set_offline(offline=True)
        self.network.cut()

    async def online(self) -> None:
        """Give the network back, with what was held."""
        self.network.mend()
        await self.page.context.set_offline(offline=False)

    async def screenshot(self, path: Path) -> Path:
        """Take a picture of the whole page, as PNG; folders are made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=path, full_page=True, animations="disabled")
        return path

    def complain(self, text: str) -> None:
        """Note what was wrong."""
        if not any(each in text for each in self._allowed):
            self.complaints.append(text)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenBrowser:
    """A connection to the browser, which opens pages."""

    browser: Browser

    @asynccontextmanager
    async def page(self, url: str, screen: Screen = DESKTOP, *, dark: bool = False) -> AsyncIterator[OpenPage]:
        """A page of its own profile, loaded; closed at the end of the block."""
        async with open_network() as network:
            context = await self.browser.new_context(
                proxy={"server": f"socks5://127.0.0.1:{network.port}", "bypass": "<-loopback>"},
                viewport={"width": screen.width, "height": screen.height},
                has_touch=screen.touch,
                is_mobile=screen.touch,
                color_scheme="dark" if dark else "light",
                locale="en-GB",
                timezone_id="UTC",
                service_workers="block",
            )
            context.set_default_timeout(PATIENCE * _MILLISECONDS)
            try:
                opened = OpenPage(page=await context.new_page(), network=network)
                _watch(context, opened, _origin(url))
                await opened.page.goto(url)
                yield opened
            finally:
                await context.close()


@asynccontextmanager
async def open_browser(chromium: str) -> AsyncIterator[OpenBrowser]:
    """Connect to the browser at this address: the fixture ``chromium``."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(chromium, timeout=PATIENCE * _MILLISECONDS)
        try:
            yield OpenBrowser(browser=browser)
        finally:
            await browser.close()


@asynccontextmanager
async def open_page(
    chromium: str, url: str, screen: Screen = DESKTOP, *, dark: bool = False
) -> AsyncIterator[OpenPage]:
    """Open one page, with a connection of its own to the browser; all is closed at the end of the block."""
    async with open_browser(chromium) as browser, browser.page(url, screen, dark=dark) as page:
        yield page


async def accessibility_violations(opened: OpenPage) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and good practice on the page as it stands.

    It runs through the debugging port, so the page's policy neither hinders it nor is softened for it.

    Returns:
        One line for each element: the rule, how serious, what it asks, and where.
    """
    found = await Axe().run(opened.page)
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: {node['target']} {node['html']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def _watch(context: BrowserContext, opened: OpenPage, origin: str) -> None:
    """Collect what the page, and any window that it opens, does wrong."""
    context.on("console", lambda message: _console(opened, message))
    context.on("weberror", lambda error: opened.complain(f"error: {error.error}"))
    context.on("request", lambda request: _address(opened, request.url, origin))
    opened.page.on("websocket", lambda socket: _address(opened, socket.url.replace("ws", "http", 1), origin))


def _console(opened: OpenPage, message: ConsoleMessage) -> None:
    if _POLICY in message.text:
        opened.complain(f"csp: {message.text}")
    elif message.type == "error":
        opened.complain(f"console: {message.text} ({message.location.get('url', '')})")


def _address(opened: OpenPage, url: str, origin: str) -> None:
    if urlsplit(url).scheme not in _INSIDE and _origin(url) != origin:
        opened.complain(f"foreign: {url}")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
