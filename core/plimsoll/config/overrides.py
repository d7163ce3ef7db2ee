"""Environment variables that override the file: ``PLIMSOLL_`` and the path in upper case, levels joined by ``__``.

A variable is resolved against the same declaration that reads the file, then its value is put into the tree in place of
what stood there; reading judges it like everything else. Names of accounts and rules are matched without case, and
``-`` may be written ``_``. Lists and maps are JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from plimsoll.config.faults import Faults, Faulty, one_of
from plimsoll.config.kinds import Kind, NamedMap, Section
from plimsoll.config.reading import Value
from plimsoll.config.tree import At, Entry, Form, Listing, Node, Place, Scalar, Table, raw
from plimsoll.text import shortened

PREFIX = "PLIMSOLL_"
OWN = frozenset({"PLIMSOLL_ARM", "PLIMSOLL_CONFIG"})
"""Variables of the programs themselves, which are no override."""

LONGEST_NAME = 200
"""Characters of a variable's name that messages show."""

_KUBERNETES = re.compile(r"_(SERVICE_HOST|SERVICE_PORT\w*|PORT(_[0-9]+_\w+)?)$")
"""What Kubernetes sets in every pod for a service named plimsoll-something."""


def apply_overrides(tree: Table, root: Section, environ: Mapping[str, str], faults: Faults) -> Table:
    """The tree with every ``PLIMSOLL_`` variable applied; variables that fit nowhere are noted."""
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable in OWN:
            continue
        place = Place(source=shortened(variable, LONGEST_NAME))
        try:
            at, kind = _resolve(variable.removeprefix(PREFIX).split("__"), root, tree, place, faults)
            tree = tree.put(at, _node(environ[variable], kind, at, place, faults), place)
        except Faulty:
            continue
    return tree


def _resolve(parts: list[str], root: Section, tree: Table, place: Place, faults: Faults) -> tuple[At, Kind]:
    """The path that a variable means, and the kind of thing that stands there."""
    at: At = ()
    kind: Kind = root
    for part in parts:
        match kind:
            case Section():
                key = _match(part, kind.fields)
                known = list(kind.fields)
            case NamedMap():
                known = _written(tree, at)
                key = _match(part, known) or (part if kind.open_to_new else None)
            case _:
                raise faults.note(place, at, found=f'"{shortened(part)}" below it', expected="the path to end here")
        if key is None and not at and _KUBERNETES.search(place.source):
            raise faults.note(
                place, at, found="a variable of Kubernetes", expected="enableServiceLinks: false in the pod"
            )
        if key is None:
            found = f'"{shortened(part)}"' + ("" if isinstance(kind, Section) else ", which the file does not name")
            raise faults.note(place, at, found=found, expected=one_of(part, known))
        at = (*at, key)
        if isinstance(kind, NamedMap):
            kind = kind.item
            continue
        field = kind.fields[key]
        if field.fixed is not None:
            raise faults.note(place, at, found="an override", expected=field.fixed)
        kind = field.kind
    return at, kind


def _match(part: str, names: Mapping[str, object] | list[str]) -> str | None:
    """The name that a variable's part spells."""
    wanted = part.lower().replace("-", "_")
    return next((name for name in names if name.lower().replace("-", "_") == wanted), None)


def _written(tree: Table, at: At) -> list[str]:
    """The names that the file uses in a map."""
    node = tree.get(*at)
    return list(node.entries) if isinstance(node, Table) else []


def _node(text: str, kind: Kind, at: At, place: Place, faults: Faults) -> Node:
    """A variable's value as a node of the tree."""
    match kind:
        case Value():
            return raw(text, place)
        case Section():
            raise faults.note(place, at, found="a whole section", expected=f"one of its keys: {', '.join(kind.fields)}")
        case NamedMap(whole=False):
            raise faults.note(place, at, found="a whole section", expected=f"{place}__NAME__KEY")
        case _:
            return _from_json(text, kind, at, place, faults)


def _from_json(text: str, kind: Kind, at: At, place: Place, faults: Faults) -> Node:
    """JSON into the tree; numbers stay the characters they were written with."""
    twice: list[str] = []

    def table(pairs: list[tuple[str, object]]) -> Table:
        entries: dict[str, Entry] = {}
        for key, value in pairs:
            if key in entries:
                twice.append(key)
            entries[key] = Entry(place=place, value=_wrap(value, place))
        return Table(place=place, entries=entries)

    def written(number: str) -> Scalar:
        return Scalar(text=number, form=Form.NUMBER, place=place)

    try:
        value: object = json.loads(
            text, object_pairs_hook=table, parse_int=written, parse_float=written, parse_constant=written
        )
    except (ValueError, RecursionError) as error:
        raise faults.note(place, at, found="what is not JSON", expected=f"{kind.expected} as JSON") from error
    for key in twice:
        faults.note(place, (*at, key), found="the key a second time", expected="each key once")
    return _wrap(value, place)


def _wrap(value: object, place: Place) -> Node:
    """A value of ``json`` as a node."""
    match value:
        case Table() | Scalar():
            return value
        case list():
            return Listing(items=tuple(_wrap(item, place) for item in value), place=place)
        case bool():
            return Scalar(text=str(value).lower(), form=Form.BOOLEAN, place=place)
        case None:
            return Scalar(text="null", form=Form.NOTHING, place=place)
        case _:
            return Scalar(text=str(value), form=Form.TEXT, place=place)
