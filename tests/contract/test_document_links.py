"""Links between documents: each leads to a file that is there, and to a heading where it names one."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "secrets" / "README.md"],
    key=lambda path: path.relative_to(ROOT),
)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    """A document without its code blocks, whose comments look like headings."""
    return FENCED.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """What links may name behind ``#``, as GitHub makes it of headings."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(prose(path))}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path):
    """Every link to a file of the repository finds it, and its heading."""
    dead = []
    for _, _, link in LINK.findall(prose(path)):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_the_first_screen_has_a_picture_with_words_for_it():
    """README's picture is there, is whole, knows light and dark, and says in words what it shows."""
    ((_, words, name), *_) = [found for found in LINK.findall(prose(ROOT / "README.md")) if found[0]]
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(words) > len("The exporter reads the exchange")
    assert fromstring(text).tag.endswith("svg")  # noqa: S314 - our own file
    assert "prefers-color-scheme: dark" in text
