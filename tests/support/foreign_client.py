"""What the foreign clients have in common for the tests: a call in words, its outcome, and the face of an adapter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from foreign_neutral import Neutral
from plimsoll_simulator.server import Simulator

Word = str | int | Decimal | list[str] | list[dict[str, str | Decimal]]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A call: ``word`` names what is asked, ``args`` are in the exchange's names with underscores.

    Attributes:
        label: What tells this call from others of its word; the word alone if empty.
        refused: The error code that the exchange answers with, ``None`` when it carries the call out.
    """

    word: str
    args: Mapping[str, Word] = field(default_factory=dict)
    label: str = ""
    refused: int | None = None

    @property
    def name(self) -> str:
        """The call's own name within the list."""
        return f"{self.word} {self.label}".strip()


@dataclass(frozen=True, kw_only=True)
class Do:
    """Something that happens to the world between two calls, through the control API: ``path`` and its fields."""

    path: str
    fields: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a call came to: the neutral answer, or the client's own exception with the exchange's code.

    Attributes:
        plain: The answer as parsed JSON, from a client that leaves JSON as it is.
        unknown: Paths of fields that strict models do not know.
    """

    answer: Neutral = None
    plain: object = None
    unknown: tuple[str, ...] = ()
    raised: str | None = None
    code: int | None = None


class Adapter(Protocol):
    """A foreign client in the hands of the test."""

    name: str

    async def open(self, simulator: Simulator, account: str) -> None:
        """Point the client at a simulator."""

    async def ask(self, word: str, args: Mapping[str, Word]) -> Outcome:
        """Carry out one call."""

    async def close(self) -> None:
        """Let go of every connection."""


def camel(name: str) -> str:
    """``orig_client_order_id`` as the exchange writes it."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def written(value: object) -> object:
    """An argument as a careful user of a client would pass it: decimals as text, never as floats."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list):
        return [written(item) for item in value]
    if isinstance(value, dict):
        return {camel(name): written(item) for name, item in value.items()}
    return value


def code_in(text: str) -> int | None:
    """The exchange's error code in the text of an exception."""
    found = re.search(r'"code":\s*"?(-?\d+)', text)
    return int(found.group(1)) if found else None
