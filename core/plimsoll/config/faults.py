"""The list of everything that is wrong with a configuration: all of it at once, one line each."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from plimsoll.config.tree import At, Place, dotted
from plimsoll.errors import ConfigError, SecretError
from plimsoll.text import shortened

_LIKE_A_SECRET = re.compile(r"[A-Za-z0-9+=_-]{32,}")
"""Keys and tokens are so long, and do get pasted in any place, as the name of a key even."""


class Faulty(Exception):
    """The value just read is unusable and its fault is on the list already; never leaves this package."""


class Faults:
    """Collects faults and raises them together, those of the file first, by line."""

    def __init__(self) -> None:
        self._noted: list[tuple[Place, str]] = []
        self._secrets_only = True

    def note(self, place: Place, at: At, *, found: str, expected: str) -> Faulty:
        """Add one fault; the result is for the caller to raise, or to ignore."""
        path = f"{_shown(dotted(at))}: " if at else ""
        return self._add(place, f"{path}found {_shown(found)}, expected {expected}")

    def missing(self, place: Place, at: At, *, expected: str) -> Faulty:
        """Add one fault about a key that should be there."""
        return self._add(place, f"{_shown(dotted(at))}: missing, expected {expected}")

    def unusable(self, place: Place, at: At, error: SecretError) -> None:
        """Add what is wrong with the secret file that is named there; the error tells file, fault and remedy."""
        self._noted.append((place, f"{place}: {dotted(at)}: {error}"))

    def raise_if_any(self) -> None:
        """Raise what was collected.

        Raises:
            ConfigError: Anything was noted about the configuration; faults of secret files stand among its lines.
            SecretError: Nothing but faults of secret files was noted.
        """
        if self._noted:
            lines = [text for _, text in sorted(self._noted, key=lambda fault: _order(fault[0]))]
            raise (SecretError if self._secrets_only else ConfigError)("\n".join(dict.fromkeys(lines)))

    def _add(self, place: Place, text: str) -> Faulty:
        """Add a fault of the configuration itself."""
        self._noted.append((place, f"{place}: {text}"))
        self._secrets_only = False
        return Faulty()


def _shown(text: str) -> str:
    """What somebody wrote, without what may be a secret."""
    return _LIKE_A_SECRET.sub("***", text)


def _order(place: Place) -> tuple[bool, int, str]:
    """File before variables, then by line, then by name."""
    return (place.line is None, place.line or 0, place.source)


def one_of(wrong: str, known: Iterable[str]) -> str:
    """What would be right instead of ``wrong``: the nearest known name, else all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(wrong.lower()[:100], [name.lower() for name in names], n=1)
    best = next((name for name in names if near and name.lower() == near[0]), None)
    if best is not None:
        return f'"{shortened(best)}"'
    if len(names) == 1:
        return f'"{shortened(names[0])}"'
    return "one of " + ", ".join(shortened(name) for name in names) if names else "none here"
