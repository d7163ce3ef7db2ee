"""The configuration as it was written: tables, lists and scalars that remember where they stand.

Both sources, the YAML file and the environment variables, become this one tree before anything is judged. What a value
means is none of this module's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from plimsoll.text import one_line, shortened

At = tuple[str, ...]
"""A path of keys; the items of a list are ``[0]``, ``[1]``, ..."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where something stands: a line of the file, or an environment variable (which has no line)."""

    source: str
    line: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"


class Form(Enum):
    """How a scalar was written, which decides what it may be."""

    TEXT = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    NOTHING = auto()
    OTHER = auto()
    RAW = auto()
    """From a variable or a default: bare characters that may be any of the above."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scalar:
    """One value, as written."""

    text: str
    form: Form
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One key of a table and its value; ``place`` is the key's."""

    place: Place
    value: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Keys with values, each key once, in the order written."""

    place: Place
    entries: Mapping[str, Entry] = field(default_factory=dict)

    def get(self, *keys: str) -> Node | None:
        """The node under a path of keys, or ``None`` where there is none."""
        node: Node = self
        for key in keys:
            if not isinstance(node, Table) or key not in node.entries:
                return None
            node = node.entries[key].value
        return node

    def put(self, keys: At, value: Node, place: Place) -> Table:
        """This table with ``value`` at a path of keys; tables on the way are made where nothing stands.

        Where something else than a table stands on the way it is kept, for its fault to be told.
        """
        head, *rest = keys
        if rest:
            inner = self.get(head) or Table(place=place)
            value = inner.put(tuple(rest), value, place) if isinstance(inner, Table) else inner
        return Table(place=self.place, entries={**self.entries, head: Entry(place=place, value=value)})


Node = Scalar | Listing | Table


def raw(text: str, place: Place | None = None) -> Scalar:
    """A scalar of bare characters: a default, or the value of a variable."""
    return Scalar(text=text, form=Form.RAW, place=place or Place(source="default"))


def describe(node: Node) -> str:
    """What was found, for a message; text stands in quotes, contents of tables and lists are not shown."""
    match node:
        case Table():
            return "a table of keys"
        case Listing():
            return "a list"
        case Scalar(form=Form.NOTHING):
            return "nothing"
        case Scalar(form=Form.TEXT | Form.RAW, text=text):
            return f'"{shortened(text)}"'
        case _:
            return shortened(node.text)


def describe_form(node: Node) -> str:
    """What kind of thing was found, without a character of it: for places where a secret may have been pasted."""
    match node:
        case Scalar(form=Form.TEXT | Form.RAW):
            return "a text"
        case Scalar(form=Form.NUMBER):
            return "a number"
        case Scalar(form=Form.BOOLEAN):
            return "a yes-or-no value"
        case Scalar(form=Form.OTHER):
            return "a value of another kind"
        case _:
            return describe(node)


def dotted(at: At) -> str:
    """The path as a message shows it, e.g. ``accounts.eon.limits.near[1]``."""
    return one_line(".".join(shortened(key, 40) for key in at).replace(".[", "["))
