"""The browser of the tests sees what a page does wrong, and leaves its policy in force."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from playwright.async_api import Locator

from browser import DESKTOP, PHONE, accessibility_violations, expect, open_browser, open_page
from patience import until

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
PAGE = """<!doctype html><html lang="en"><head><title>Page</title><meta name="viewport" content="width=device-width">
<script src="/page.js" defer></script></head><body><main><h1>A page</h1><p id="beat">none</p></main></body></html>"""
SCRIPT = """
const beat = document.getElementById("beat");
const source = new EventSource("/stream");
source.onmessage = event => { beat.textContent = event.data; };
source.onerror = () => { beat.textContent = "cut"; };
"""
BAD_PAGE = """<!doctype html><html><head></head><body><img src="http://127.0.0.1:9/x.png"><p onclick="1">x</p>
<script>document.title = "inline";</script><script src="/bad.js"></script></body></html>"""
BAD_SCRIPT = """console.error("said so"); fetch("/missing"); throw new Error("nobody caught it");"""


async def _stream(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await answer.prepare(request)
    beat = 0
    # Until the page has gone, or the network is cut.
    while request.transport is not None:
        beat += 1
        await answer.write(f"retry: 50\ndata: beat {beat}\n\n".encode())
        await asyncio.sleep(0.05)


def _text(body: str, kind: str) -> web.Response:
    return web.Response(text=body, content_type=kind, headers={"Content-Security-Policy": POLICY})


@asynccontextmanager
async def site() -> AsyncIterator[str]:
    """Serve a page that keeps to its policy, and one that does everything wrong; gives the address."""
    bodies = {
        "/": (PAGE, "text/html"),
        "/page.js": (SCRIPT, "text/javascript"),
        "/bad": (BAD_PAGE, "text/html"),
        "/bad.js": (BAD_SCRIPT, "text/javascript"),
    }

    async def serve(request: web.Request) -> web.Response:
        return _text(*bodies[request.path])

    app = web.Application()
    app.add_routes([web.get(path, serve) for path in bodies])
    app.router.add_get("/stream", _stream)
    app.router.add_get("/favicon.ico", _no_icon)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _no_icon(_: web.Request) -> web.Response:
    return web.Response(status=204)


async def _standing_still(beat: Locator) -> str:
    """The text, as soon as it is the same as a fifth of a second before."""
    last, now = "", await beat.text_content() or ""
    while now != last:
        await beat.page.wait_for_timeout(200)
        last, now = now, await beat.text_content() or ""
    return now


async def test_good_page_is_shown_as_asked_and_draws_no_complaint(chromium: str, tmp_path: Path):
    """A phone in the dark is a phone in the dark; axe finds nothing and breaks no policy; a picture is a picture."""
    async with site() as address, open_page(chromium, address, PHONE, dark=True) as opened:
        page = opened.page
        assert await page.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [390, True]
        assert await accessibility_violations(opened) == []
        picture = await opened.screenshot(tmp_path / "pictures" / "phone.png")
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert opened.complaints == []


async def test_cut_breaks_what_runs_and_silence_only_stops_it(chromium: str):
    """A running stream breaks with the network and comes back with it; in a tunnel it stands still, then goes on."""
    async with site() as address, open_page(chromium, address) as opened:
        beat = opened.page.locator("#beat")
        await expect(beat).to_contain_text("beat")
        await opened.offline()
        await expect(beat).to_have_text("cut")
        await opened.online()
        await expect(beat).to_contain_text("beat")
        await opened.offline(silently=True)
        last = await _standing_still(beat)
        await opened.online()
        await expect(beat).not_to_have_text(last)
        await expect(beat).to_contain_text("beat")
        assert opened.complaints == []


async def test_bad_page_draws_every_kind_of_complaint(chromium: str):
    """Foreign requests, refusals of the policy, errors, caught or not, are told; axe finds what lacks."""
    async with site() as address, open_browser(chromium) as browser, browser.page(f"{address}/bad", DESKTOP) as opened:
        expected = ("foreign: http://127.0.0.1:9/x.png", "csp: ", "console: said so", "error: ", "status of 404")
        await until(lambda: all(each in "\n".join(opened.complaints) for each in expected), lambda: opened.complaints)
        assert any("nobody caught it" in each for each in opened.complaints)
        assert await opened.page.title() == ""
        rules = {each.split()[0] for each in await accessibility_violations(opened)}
        assert {"html-has-lang", "document-title", "image-alt"} <= rules
        opened.allow("status of 404")
        assert "status of 404" not in "\n".join(opened.complaints)
