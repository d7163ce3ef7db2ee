"""Where this machine's own package manager gets its packages, read from its source lists. Pure.

Its own suite, or the current one of the same distribution, is asked at the same place, with the same key; no host is
named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tools.programs.wanted import ToolError

_CURRENT = {"debian": ("sid", "main"), "ubuntu": ("devel", "main universe")}
_ROLLING = {"stable", "oldstable", "testing", "unstable", "sid", "devel"}
_POCKETS = ("", "-updates", "-security")
_ONE_LINE = re.compile(r"deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+\S+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A place with packages: its address as the source list writes it, its suites, and the key that signs it."""

    uri: str
    suites: tuple[str, ...]
    signed_by: str = ""


def current_suite(release: Mapping[str, str], lists: Iterable[str]) -> str:
    """The source line of the distribution's current suite, at the first place that serves this machine's own suite.

    Args:
        release: What ``/etc/os-release`` says.
        lists: The texts of the machine's source lists, of either form.

    Raises:
        ToolError: It is another distribution, or no place of it is configured.
    """
    family, own = _family(release), _codenames(release)
    for source in (each for text in lists for each in sources_in(text)):
        if own.union(_ROLLING).intersection(source.suites):
            suite, components = _CURRENT[family]
            return _line(source, suite, components)
    raise ToolError(f"no package source of this {family} release is configured here")


def own_suites(release: Mapping[str, str], lists: Iterable[str]) -> tuple[str, ...]:
    """The source lines of this machine's own suite, with its updates and security updates: what fits its C library.

    Raises:
        ToolError: It is no Debian, or no place of its suite is configured.
    """
    if _family(release) != "debian":
        raise ToolError("the packages of this distribution are not Debian's own")
    sources = tuple(source for text in lists for source in sources_in(text))
    for bases in (_codenames(release), _ROLLING):
        wanted = {f"{base}{pocket}" for base in bases for pocket in _POCKETS}
        lines = [_line(each, suite, "main") for each in sources for suite in each.suites if suite in wanted]
        if lines:
            return tuple(dict.fromkeys(lines))
    raise ToolError("no package source of this debian release is configured here")


def _codenames(release: Mapping[str, str]) -> set[str]:
    return {release.get(name, "") for name in ("VERSION_CODENAME", "UBUNTU_CODENAME", "DEBIAN_CODENAME")} - {""}


def _line(source: Source, suite: str, components: str) -> str:
    option = f"[signed-by={source.signed_by}] " if source.signed_by else ""
    return f"deb {option}{source.uri} {suite} {components}"


def _family(release: Mapping[str, str]) -> str:
    names = (release.get("ID", ""), *release.get("ID_LIKE", "").split())
    for name in names:
        if name in _CURRENT:
            return name
    raise ToolError("this is no Debian-like system")


def sources_in(text: str) -> Iterator[Source]:
    """The enabled binary sources of a source list, in the one-line form or in paragraphs."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in lines:
        found = _ONE_LINE.match(line.strip())
        if found:
            options = dict(each.split("=", 1) for each in (found["options"] or "").split() if "=" in each)
            yield Source(uri=found["uri"], suites=(found["suite"],), signed_by=options.get("signed-by", ""))
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines)):
        yield from _of_paragraph(_fields(paragraph))


def _of_paragraph(fields: Mapping[str, str]) -> Iterator[Source]:
    if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in {"no", "false"}:
        return
    # A key written into the list itself has several lines; the machine's trusted keys must do then.
    key = fields.get("signed-by", "")
    suites = tuple(fields.get("suites", "").split())
    for uri in fields.get("uris", "").split():
        yield Source(uri=uri, suites=suites, signed_by=key if key.startswith("/") else "")


def _fields(paragraph: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in paragraph.splitlines():
        if line[:1].isspace():
            found[name] = f"{found.get(name, '')} {line.strip()}".strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            found[name] = value.strip()
    return found


def release_in(text: str) -> dict[str, str]:
    """The fields of ``/etc/os-release``."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs}
