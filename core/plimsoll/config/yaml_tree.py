"""YAML text into the tree, with nothing executed and nothing guessed.

PyYAML composes the nodes; their meaning is left to the declared kinds, so that ``off`` is a word where a word belongs
and ``010`` is never eight. Aliases are followed; how much they may unfold to is bounded.
"""

from __future__ import annotations

import re

import yaml

from plimsoll.config.faults import Faults, Faulty
from plimsoll.config.tree import At, Entry, Form, Listing, Node, Place, Scalar, Table, describe
from plimsoll.text import one_line, shortened

MAX_NODES = 20_000
MAX_DEPTH = 16
ENDLESS = 4 * MAX_DEPTH
"""Open brackets at which reading ends; fewer are told with their line, where they are too many."""

_CORE = "tag:yaml.org,2002:"
_SHOWN_TAGS = ("binary", "set", "omap", "pairs", "python/", "str", "int", "float", "bool", "null", "map", "seq")
_NAMED = re.compile(r"(.*(?:undefined alias|undefined tag handle|duplicate anchor|duplicate tag handle)).*", re.DOTALL)
"""What PyYAML says about a name that somebody chose."""

_FORMS = {
    "str": Form.TEXT,
    "int": Form.NUMBER,
    "float": Form.NUMBER,
    "bool": Form.BOOLEAN,
    "null": Form.NOTHING,
    "timestamp": Form.OTHER,
    "value": Form.TEXT,
    "merge": Form.OTHER,
}


class _Loader(yaml.SafeLoader):
    """PyYAML's, which looks a thousand signs ahead for each bracket that is still open: seconds for a page of them."""

    def fetch_flow_collection_start(self, token: type[yaml.Token]) -> None:
        """Refuse endless brackets as endless nesting."""
        if self.flow_level > ENDLESS:
            raise RecursionError
        super().fetch_flow_collection_start(token)


def read_tree(
    text: str,
    source: str,
    faults: Faults,
    *,
    least: str = "the sections exchange and accounts at least",
    usual: str = "sections such as exchange: and accounts:",
) -> Table:
    """Read one YAML document.

    Args:
        text: The whole file.
        source: The file's name, as messages show it.
        faults: Receives what is wrong.
        least: What would be right in place of an empty file.
        usual: What would be right in place of something else than a table.

    Raises:
        Faulty: There is no table to go on with.
    """
    start = Place(source=source, line=1)
    root = _compose(text, start, faults)
    if root is None:
        raise faults.note(start, (), found="an empty file", expected=least)
    node = _Converter(source, faults).convert(root, ())
    if not isinstance(node, Table):
        raise faults.note(node.place, (), found=describe(node), expected=usual)
    return node


def _compose(text: str, start: Place, faults: Faults) -> yaml.Node | None:
    """PyYAML's nodes, its errors translated."""
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = start if mark is None else Place(source=start.source, line=mark.line + 1)
        raise faults.note(place, (), found=_plainly(error), expected="one valid YAML document") from error
    except yaml.reader.ReaderError as error:
        place = Place(source=start.source, line=text.count("\n", 0, error.position) + 1)
        found = f"the control character {error.character:#04x}"
        raise faults.note(place, (), found=found, expected="printable text") from error
    except RecursionError as error:
        raise faults.note(start, (), found="endless nesting", expected=f"at most {MAX_DEPTH} levels") from error
    except (ValueError, OverflowError) as error:
        raise faults.note(start, (), found="an escape that is no character", expected="valid YAML") from error
    return node


def _plainly(error: yaml.MarkedYAMLError) -> str:
    """PyYAML's problem as the object of "found"; a tab, the commonest, is named.

    The name of an alias, an anchor or a tag is not: a secret that begins with ``*``, ``&`` or ``!`` reads as one.
    """
    if error.problem and "'\\t'" in error.problem:
        return "a tab in the indentation"
    told = (_NAMED.sub(r"\1", part) for part in (error.context, error.problem) if part)
    return one_line(f"broken YAML ({': '.join(told)})")


class _Converter:
    """Turns PyYAML's nodes into ours, within bounds."""

    def __init__(self, source: str, faults: Faults) -> None:
        self._source = source
        self._faults = faults
        self._left = MAX_NODES

    def convert(self, node: yaml.Node, at: At) -> Node:
        """One node and all below it."""
        place = self._place(node)
        self._left -= 1
        if self._left < 0 or len(at) > MAX_DEPTH:
            expected = f"at most {MAX_DEPTH} levels and {MAX_NODES} values"
            raise self._faults.note(place, (), found="nesting or aliases without end", expected=expected)
        self._refuse_tag(node, at, place)
        if isinstance(node, yaml.MappingNode):
            return self._table(node, at, place)
        if isinstance(node, yaml.SequenceNode):
            items = tuple(self.convert(item, (*at, f"[{index}]")) for index, item in enumerate(node.value))
            return Listing(items=items, place=place)
        return Scalar(text=node.value, form=_FORMS.get(node.tag.removeprefix(_CORE), Form.OTHER), place=place)

    def _refuse_tag(self, node: yaml.Node, at: At, place: Place) -> None:
        """Note a tag that makes something else of a value than it looks."""
        usual = _FORMS.keys() if isinstance(node, yaml.ScalarNode) else {"map", "seq"}
        if node.tag.removeprefix(_CORE) not in usual:
            # Only known ones are shown: a secret that begins with ! and was pasted here reads as a tag.
            known = node.tag.removeprefix(_CORE).startswith(_SHOWN_TAGS) and node.tag.startswith(_CORE)
            found = f"the tag {shortened(node.tag.replace(_CORE, '!!'))}" if known else "a tag"
            self._faults.note(place, at, found=found, expected="a value without a tag")

    def _table(self, node: yaml.MappingNode, at: At, place: Place) -> Table:
        """A mapping; keys that are unusable are noted and left out."""
        entries: dict[str, Entry] = {}
        for key_node, value_node in node.value:
            key_place = self._place(key_node)
            try:
                key = self._key(key_node, at)
            except Faulty:
                continue
            if key in entries:
                found = f"the key a second time (first on line {entries[key].place.line})"
                self._faults.note(key_place, (*at, key), found=found, expected="each key once")
                continue
            entries[key] = Entry(place=key_place, value=self.convert(value_node, (*at, key)))
        return Table(place=place, entries=entries)

    def _key(self, node: yaml.Node, at: At) -> str:
        """A key must be text; what YAML reads as a number or as yes or no is noted and taken as text."""
        place = self._place(node)
        if not isinstance(node, yaml.ScalarNode):
            raise self._faults.note(place, at, found="a list or table as a key", expected="a name")
        if node.tag == f"{_CORE}merge":
            raise self._faults.note(place, at, found="the merge key <<", expected="the keys themselves, or an alias")
        if node.tag != f"{_CORE}str":
            found = f"the key {shortened(node.value) or '(empty)'}, which YAML does not read as text"
            self._faults.note(place, at, found=found, expected="a name, in quotes if need be")
        return str(node.value)

    def _place(self, node: yaml.Node) -> Place:
        return Place(source=self._source, line=node.start_mark.line + 1)
