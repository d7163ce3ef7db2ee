"""Reading one value: what it takes, how it fails, and the kind of thing that a single value is.

The kinds that hold others are in ``kinds``; the values there are in ``values`` and ``texts``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from plimsoll.config.faults import Faults
from plimsoll.config.tree import At, Node, Scalar, describe, describe_form

Schema = dict[str, object]


class Wrong(Exception):
    """A scalar is not what is expected; ``found`` replaces its text in the message, which hides it."""

    def __init__(self, found: str | None = None, *, expected: str | None = None) -> None:
        super().__init__()
        self.found = found
        self.expected = expected


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What reading needs besides the tree: the folder that relative paths start from, and the list of faults."""

    folder: Path
    faults: Faults


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One scalar.

    Attributes:
        expected: What would be right, as the end of a sentence.
        read: Gives the typed value, or raises ``Wrong``.
        hidden: Never show what was found: a secret may have been pasted here.
    """

    expected: str
    schema: Schema
    read: Callable[[Scalar, Path], object]
    hidden: bool = False

    def parse(self, node: Node, at: At, reading: Reading) -> object:
        """The typed value.

        Raises:
            Faulty: It is unusable; the fault is noted.
        """
        shown = describe_form(node) if self.hidden else describe(node)
        if not isinstance(node, Scalar):
            raise reading.faults.note(node.place, at, found=shown, expected=self.expected)
        try:
            return self.read(node, reading.folder)
        except Wrong as wrong:
            expected = wrong.expected or self.expected
            raise reading.faults.note(node.place, at, found=wrong.found or shown, expected=expected) from wrong

    def json_schema(self) -> Schema:
        """What an editor is told."""
        return self.schema
