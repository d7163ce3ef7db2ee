"""Reading one value: what it takes, how it fails, and the kind of thing that a single value is.

The kinds that hold others are in ``kinds``; the values there are in ``values`` and ``texts``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from plimsoll.config.faults import Faults
from plimsoll.config.tree import At, Node, Place, Scalar, describe, describe_form

Schema = dict[str, object]


class Wrong(Exception):
    """A scalar is not what is expected; ``found`` replaces its text in the message, which hides it."""

    def __init__(self, found: str | None = None, *, expected: str | None = None) -> None:
        super().__init__()
        self.found = found
        self.expected = expected


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretFile:
    """A file that a secret is read from, and where its name stands in the configuration."""

    path: Path
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What reading needs besides the tree.

    Attributes:
        folder: Relative paths start from it.
        faults: Receives what is wrong.
        secret_files: Receives every secret's file that was named soundly, whatever else is wrong.
        files: The same of every file.
    """

    folder: Path
    faults: Faults
    secret_files: dict[At, SecretFile] = field(default_factory=dict)
    files: dict[At, Path] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One scalar.

    Attributes:
        expected: What would be right, as the end of a sentence.
        read: Gives the typed value, or raises ``Wrong``.
        hidden: Never show what was found: a secret may have been pasted here.
        secret: Names the file of a secret.
    """

    expected: str
    schema: Schema
    read: Callable[[Scalar, Path], object]
    hidden: bool = False
    secret: bool = False

    def parse(self, node: Node, at: At, reading: Reading) -> object:
        """The typed value.

        Raises:
            Faulty: It is unusable; the fault is noted.
        """
        shown = describe_form(node) if self.hidden else describe(node)
        if not isinstance(node, Scalar):
            raise reading.faults.note(node.place, at, found=shown, expected=self.expected)
        try:
            value = self.read(node, reading.folder)
        except Wrong as wrong:
            expected = wrong.expected or self.expected
            raise reading.faults.note(node.place, at, found=wrong.found or shown, expected=expected) from wrong
        if isinstance(value, Path):
            reading.files[at] = value
            if self.secret:
                reading.secret_files[at] = SecretFile(path=value, place=node.place)
        return value

    def json_schema(self) -> Schema:
        """What an editor is told."""
        return self.schema
