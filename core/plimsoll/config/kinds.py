"""The kinds of things a configuration is declared from: a value, a section, a map by name, a list.

Each kind reads a node of the tree (noting every fault) and describes itself as JSON Schema; ``overrides`` walks the
same declaration. The declarations themselves are in ``sections`` and ``services``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from plimsoll.config.faults import Faulty, one_of
from plimsoll.config.reading import Reading, Schema, Value
from plimsoll.config.tree import At, Listing, Node, Scalar, Table, describe_form
from plimsoll.text import shortened


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One key of a section.

    Attributes:
        doc: One sentence for the reader of the file.
        required: Must be written.
        default: Read in its place when it is not written; else the attribute's own default holds.
        name: The attribute it fills, where that is not the key itself.
        fixed: Why the environment may not override it, where it may not.
    """

    kind: Kind
    doc: str
    required: bool = False
    default: Node | None = None
    name: str | None = None
    fixed: str | None = None


Check = Callable[[Table, Mapping[str, object], At, Reading], None]
"""Judges keys against one another; gets what was written, what was read soundly, and notes faults."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A table with fixed keys.

    Attributes:
        make: Takes the values by attribute name and makes the typed section.
        named: Stands in a map by name, and takes that name as ``name``.
        rule: Added to the JSON Schema for what ``check`` demands.
    """

    expected: str
    make: Callable[..., object]
    fields: Mapping[str, Field]
    check: Check | None = None
    named: bool = False
    rule: Schema | None = None

    def parse(self, node: Node, at: At, reading: Reading) -> object:
        """The typed section.

        Raises:
            Faulty: Something in it is unusable; every fault is noted.
        """
        if not isinstance(node, Table):
            raise reading.faults.note(node.place, at, found=describe_form(node), expected=self.expected)
        sound = self._known_only(node, at, reading)
        values: dict[str, object] = {}
        for key, field in self.fields.items():
            try:
                read = self._read(key, field, node, at, reading)
                if read is not None:
                    values[key] = read
            except Faulty:
                sound = False
        if self.check is not None:
            try:
                self.check(node, values, at, reading)
            except Faulty:
                sound = False
        if not sound:
            raise Faulty
        names = {field.name or key: values[key] for key, field in self.fields.items() if key in values}
        return self.make(**names, **({"name": at[-1]} if self.named else {}))

    def _known_only(self, node: Table, at: At, reading: Reading) -> bool:
        """Note every key that is not declared; its value is not shown."""
        unknown = [key for key in node.entries if key not in self.fields]
        for key in unknown:
            place = node.entries[key].place
            reading.faults.note(place, (*at, key), found="an unknown key", expected=one_of(key, self.fields))
        return not unknown

    def _read(self, key: str, field: Field, node: Table, at: At, reading: Reading) -> object:
        """One declared key's value; ``None`` where the attribute's own default holds."""
        written = node.get(key) or field.default
        if written is not None:
            return field.kind.parse(written, (*at, key), reading)
        if field.required:
            raise reading.faults.missing(node.place, (*at, key), expected=field.kind.expected)
        return None

    def json_schema(self) -> Schema:
        """What an editor is told."""
        required = [key for key, field in self.fields.items() if field.required]
        return {
            "type": "object",
            "additionalProperties": False,
            **({"required": required} if required else {}),
            "properties": {key: _field_schema(field) for key, field in self.fields.items()},
            **(self.rule or {}),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedMap:
    """A table whose keys are names that the user chooses.

    Attributes:
        pattern: What a name may look like, in full.
        what: A name's description, as the end of a sentence.
        at_least_one: An empty map is a fault.
        reserved: Names that are taken already, each with what it stands for.
        whole: May be replaced as a whole by a variable.
        open_to_new: A variable may add a name.
    """

    expected: str
    item: Value | Section
    pattern: str
    what: str
    reserved: Mapping[str, str] | None = None
    at_least_one: bool = False
    whole: bool = True
    open_to_new: bool = False

    def parse(self, node: Node, at: At, reading: Reading) -> object:
        """The typed entries by name.

        Raises:
            Faulty: Something in it is unusable; every fault is noted.
        """
        if not isinstance(node, Table):
            raise reading.faults.note(node.place, at, found=describe_form(node), expected=self.expected)
        if self.at_least_one and not node.entries:
            raise reading.faults.note(node.place, at, found="an empty table", expected=self.expected)
        sound = self._well_named(node, at, reading)
        values: dict[str, object] = {}
        for key, entry in node.entries.items():
            try:
                values[key] = self.item.parse(entry.value, (*at, key), reading)
            except Faulty:
                sound = False
        if not sound:
            raise Faulty
        return values

    def _well_named(self, node: Table, at: At, reading: Reading) -> bool:
        """Note names that are malformed, or that only their case tells apart."""
        sound = True
        seen: dict[str, str] = {}
        for key, entry in node.entries.items():
            twin = seen.setdefault(key.lower(), key)
            found = f'the name "{shortened(key)}"'
            if twin != key:
                found += f', which only its case tells apart from "{shortened(twin)}"'
            if twin != key or not re.fullmatch(self.pattern, key):
                reading.faults.note(entry.place, (*at, key), found=found, expected=self.what)
                sound = False
            elif self.reserved and key in self.reserved:
                expected = f"another name: this one {self.reserved[key]}"
                reading.faults.note(entry.place, (*at, key), found=found, expected=expected)
                sound = False
        return sound

    def json_schema(self) -> Schema:
        """What an editor is told."""
        taken: Schema = {"not": {"enum": list(self.reserved)}} if self.reserved else {}
        return {
            "type": "object",
            **({"minProperties": 1} if self.at_least_one else {}),
            "propertyNames": {"pattern": f"^{self.pattern}$", **taken},
            "additionalProperties": self.item.json_schema(),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ListOf:
    """A list of one kind; ``length`` fixes how many items it has. Becomes a tuple."""

    expected: str
    item: Value | Section
    length: int | None = None
    check: Callable[[Listing, tuple[object, ...], At, Reading], None] | None = None

    def parse(self, node: Node, at: At, reading: Reading) -> object:
        """The typed items.

        Raises:
            Faulty: Something in it is unusable; every fault is noted.
        """
        if not isinstance(node, Listing):
            raise reading.faults.note(node.place, at, found=describe_form(node), expected=self.expected)
        if self.length is not None and len(node.items) != self.length:
            found = f"a list of {len(node.items)}"
            raise reading.faults.note(node.place, at, found=found, expected=self.expected)
        values: list[object] = []
        for index, item in enumerate(node.items):
            try:
                values.append(self.item.parse(item, (*at, f"[{index}]"), reading))
            except Faulty:
                continue
        if len(values) < len(node.items):
            raise Faulty
        if self.check is not None:
            self.check(node, tuple(values), at, reading)
        return tuple(values)

    def json_schema(self) -> Schema:
        """What an editor is told."""
        size: Schema = {} if self.length is None else {"minItems": self.length, "maxItems": self.length}
        return {"type": "array", "items": self.item.json_schema(), **size}


Kind = Value | Section | NamedMap | ListOf


def _field_schema(field: Field) -> Schema:
    """A field's schema with its sentence, and its default where the declaration holds one."""
    default: Schema = {"default": field.default.text} if isinstance(field.default, Scalar) else {}
    return {"description": field.doc, **field.kind.json_schema(), **default}
