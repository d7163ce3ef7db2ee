"""The inputs that fuzzing has kept, through their targets without the fuzzer: what was mended stays mended."""

from __future__ import annotations

import pytest
from fuzz.corpus import MOST_BYTES, ROOT, kept
from fuzz.replay import replay
from fuzz.sifting import sifted
from fuzz.target import Broken, demand
from fuzz.targets import TARGETS
from fuzz.values import shown, sound

pytestmark = pytest.mark.no_cover

LIMIT = 300_000
"""Bytes of all inputs together."""


@pytest.mark.parametrize("name", TARGETS)
def test_no_kept_input_breaks_its_target(name: str):
    """Every input, seed or finding, keeps every promise of its target, and in time."""
    faults = list(replay(TARGETS[name]))

    assert not faults, "\n".join(faults)


def test_every_target_has_inputs_and_they_stay_small():
    """Each target has a corpus, no folder is left of a target that is gone, and all of it is small."""
    assert {path.name for path in ROOT.iterdir()} == set(TARGETS)
    sizes = {name: sum(len(data) for _, data in kept(name)) for name in TARGETS}

    assert all(0 < size <= 2 * MOST_BYTES for size in sizes.values())
    assert sum(sizes.values()) < LIMIT


def test_the_harness_sees_what_it_must_see():
    """A binary float, a half of a character and an error of many lines are broken promises; a held one is none."""
    demand(held=True, what="")
    for value in (0.5, "\ud800", ({"a": "\udfff"},)):
        with pytest.raises(Broken):
            sound(value)
    with pytest.raises(Broken):
        shown(ValueError("a\nb"))


def test_only_inputs_that_go_new_ways_are_kept():
    """Of inputs that take the same steps the smallest is kept, and none that goes only where known ones went."""
    target = TARGETS["operator-wishes"]
    kept_ones = sifted(target, [b'{"reason": "known"}'], [b"{", b"[[", b"[", b"[]", b'{"reason": "other"}'])

    assert kept_ones == [b"[", b"[]"]
