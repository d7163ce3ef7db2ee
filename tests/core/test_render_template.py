"""Filling a template: what is replaced, what is left out, what is a mistake."""

from __future__ import annotations

import pytest

from plimsoll.errors import RenderFailed
from plimsoll.render.template import fill


def test_placeholders_are_replaced_wherever_they_stand():
    """Values come into tables, lists and parts of texts; other values stay as they are."""
    tree = {"a": ["${x.y}", {"b": "at ${x.y}:${z}"}], "n": 3, "t": True, "none": None}
    assert fill(tree, {"x.y": "1", "z": "2"}) == {"a": ["1", {"b": "at 1:2"}], "n": 3, "t": True, "none": None}


def test_a_channel_without_its_value_is_left_out_and_the_others_stay():
    """An item of a list of channels goes when it asks for what is not there; an empty list goes with its key."""
    tree = {"hook_configs": [{"url": "${one}"}, {"deep": {"url": "${two}"}}], "other_configs": [{"key": "${two}"}]}
    assert fill(tree, {"one": "u"}) == {"hook_configs": [{"url": "u"}]}


def test_an_optional_key_goes_alone():
    """A key with a question mark is dropped without its value and loses the mark with it."""
    tree = {"name": "n", "url?": "${url}"}
    assert fill(tree, {}) == {"name": "n"}
    assert fill(tree, {"url": "u"}) == {"name": "n", "url": "u"}


def test_what_comes_in_is_not_looked_at_again():
    """A value that looks like a placeholder is text."""
    assert fill({"a": "${x}"}, {"x": "${y}"}) == {"a": "${y}"}


def test_a_value_that_cannot_be_left_out_is_a_mistake():
    """A placeholder outside channels and optional keys needs its value; the message names it."""
    with pytest.raises(RenderFailed, match=r"the template needs \$\{x\.y\} where nothing can be left out"):
        fill({"route": {"receiver": "${x.y}"}}, {})
