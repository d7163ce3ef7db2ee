"""The frame of the pages: what is served, under which headers, and that nothing in it makes markup of texts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from plimsoll.web.page import CONTENT_SECURITY_POLICY, StaticFile, page_routes

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for root in ("core", "exporter", "enforcer")
    for path in (ROOT / root).rglob("assets/*")
    if path.suffix in {".js", ".css", ".html"}
)
SVG = "http://www.w3.org/2000/svg"
"""The one address that leads nowhere: the name of a language."""
MARKUP = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function|srcdoc")
OUTSIDE = re.compile(r"""["'(]\s*(?:https?:)?//|@import""", re.IGNORECASE)


@pytest.fixture
def file() -> StaticFile:
    """A small script."""
    return StaticFile(content=b"export {};\n", content_type="text/javascript", etag="abc")


@pytest.mark.parametrize("sent", ['"abc"', 'W/"abc"', '"old", "abc"', "*"])
async def test_known_file_is_not_sent_again(file: StaticFile, sent: str):
    """A browser that has the file is told that it is still right."""
    answer = await file.answer(make_mocked_request("GET", "/", headers={"If-None-Match": sent}))

    assert answer.status == 304
    assert answer.headers["ETag"] == '"abc"'
    assert not answer.body


@pytest.mark.parametrize("sent", [{}, {"If-None-Match": '"old"'}, {"If-None-Match": "abc"}])
async def test_file_comes_whole_with_its_type(file: StaticFile, sent: dict[str, str]):
    """A browser without it, or with an older one, gets the file, its type and the policy."""
    answer = await file.answer(make_mocked_request("GET", "/", headers=sent))

    assert (answer.status, answer.body) == (200, b"export {};\n")
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["Cache-Control"] == "no-cache"


def test_policy_lets_nothing_in_from_outside():
    """Nothing inline, nothing from elsewhere, no text that becomes markup."""
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'; ")
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    assert "require-trusted-types-for 'script'" in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_source_makes_markup_or_reaches_out(path: Path):
    """No script writes markup from texts, and no file names another origin."""
    text = path.read_text(encoding="utf-8")

    assert not MARKUP.findall(text)
    assert not OUTSIDE.findall(text.replace(SVG, ""))
    if path.suffix == ".html":
        assert not re.findall(r"<script(?![^>]*\bsrc=)|\bstyle=|\son[a-z]+=|<style", text)


def test_shared_file_is_never_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A page whose own file has the name of a shared one is refused at the start."""
    folder = tmp_path / "page_of_a_test" / "assets"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "index.html").write_text("<!doctype html>", encoding="utf-8")
    (folder / "notes.txt").write_text("not served", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))

    routes = page_routes("page_of_a_test", page="index.html")
    assert set(routes) == {"/", "/assets/base.css", "/assets/dom.js", "/assets/words.js", "/assets/icon.svg"}

    (folder / "dom.js").touch()
    with pytest.raises(ValueError, match=r"dom\.js would hide a shared file"):
        page_routes("page_of_a_test", page="index.html")
