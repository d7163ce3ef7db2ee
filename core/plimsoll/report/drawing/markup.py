"""What matplotlib writes as SVG, made fit to stand inside a page.

No style attributes (the page's policy allows none), no names that two pictures could share, no comments, no
declarations; a title for whoever cannot see it.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

_NAMESPACE = re.compile(r"\{[^}]*\}")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_SVG = "http://www.w3.org/2000/svg"
_KEPT_ATTRIBUTES = {"version"}


def inline(svg: str, *, prefix: str, title: str) -> str:
    """The picture as an element of a page.

    Args:
        svg: As matplotlib wrote it.
        prefix: Of every id in it; unique in the page.
        title: What it shows.
    """
    root = ET.fromstring(svg)  # noqa: S314 - matplotlib's own output, written a moment ago
    for parent in root.iter():
        for child in list(parent):
            if _local(child.tag) in {"metadata", "style"}:
                parent.remove(child)
    for element in root.iter():
        _clean(element, prefix)
    for name in _KEPT_ATTRIBUTES & root.attrib.keys():
        del root.attrib[name]
    root.attrib.update({"role": "img", "aria-labelledby": f"{prefix}-title", "stroke-linejoin": "round"})
    named = ET.Element("title", {"id": f"{prefix}-title"})
    named.text = title
    root.insert(0, named)
    ET.indent(root, "")
    return ET.tostring(root, encoding="unicode")


def standalone(inlined: str) -> str:
    """The same as a file of its own."""
    return inlined.replace("<svg ", f'<svg xmlns="{_SVG}" ', 1) + "\n"


def _local(name: str) -> str:
    return _NAMESPACE.sub("", name)


def _clean(element: ET.Element, prefix: str) -> None:
    element.tag = _local(element.tag)
    found = {_local(name): value for name, value in element.attrib.items()}
    for part in found.pop("style", "").split(";"):
        name, colon, value = part.partition(":")
        if colon:
            found[name.strip()] = value.strip()
    element.attrib.clear()
    for name, value in sorted(found.items()):
        element.attrib[name] = _renamed(name, value, prefix)


def _renamed(name: str, value: str, prefix: str) -> str:
    if name == "id":
        return f"{prefix}-{value}"
    if name == "href" and value.startswith("#"):
        return f"#{prefix}-{value[1:]}"
    return _REFERENCE.sub(lambda found: f"url(#{prefix}-{found[1]})", value)
