"""Filling a template: a tree of YAML in which ``${path}`` stands for a value that may not be there.

An item of a list whose key ends in ``_configs`` is left out when it asks for a value that is not there; so is a key
``name?`` alone. Anything else that asks for one is a mistake of the template. No file is read here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from plimsoll.errors import RenderFailed

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | int | bool | None"

OPTIONAL_LISTS = "_configs"
OPTIONAL_KEY = "?"
_PLACEHOLDER = re.compile(r"\$\{([a-z_.]+)\}")


class Absent(Exception):
    """A placeholder has no value; never leaves this package.

    Attributes:
        path: The value's path.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def fill(tree: Tree, values: Mapping[str, str]) -> Tree:
    """The tree with every placeholder replaced, without what asks for values that are not there.

    Args:
        tree: What YAML made of the template.
        values: What placeholders stand for, by path.

    Raises:
        RenderFailed: Something that cannot be left out asks for a value that is not there.
    """
    try:
        return _fill(tree, values)
    except Absent as absent:
        raise RenderFailed(f"the template needs ${{{absent.path}}} where nothing can be left out") from absent


def _fill(tree: Tree, values: Mapping[str, str]) -> Tree:
    """As ``fill``.

    Raises:
        Absent: A value is not there and nothing inside this tree could be left out for it.
    """
    if isinstance(tree, str):
        return _fill_text(tree, values)
    if isinstance(tree, list):
        return [_fill(item, values) for item in tree]
    if isinstance(tree, dict):
        return _fill_table(tree, values)
    return tree


def _fill_table(table: Mapping[str, Tree], values: Mapping[str, str]) -> dict[str, Tree]:
    """A table; lists of channels that end up empty are dropped with their key."""
    filled: dict[str, Tree] = {}
    for key, value in table.items():
        if key.endswith(OPTIONAL_LISTS) and isinstance(value, list):
            items: list[Tree] = [item for item in (_or_none(each, values) for each in value) if item is not None]
            if items:
                filled[key] = items
        elif key.endswith(OPTIONAL_KEY):
            item = _or_none(value, values)
            filled |= {key.removesuffix(OPTIONAL_KEY): item} if item is not None else {}
        else:
            filled[key] = _fill(value, values)
    return filled


def _or_none(tree: Tree, values: Mapping[str, str]) -> Tree:
    """The filled tree; ``None`` where a value is not there."""
    try:
        return _fill(tree, values)
    except Absent:
        return None


def _fill_text(text: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders replaced; what comes in is not looked at again."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise Absent(found[1])
        return values[found[1]]

    return _PLACEHOLDER.sub(value, text)
