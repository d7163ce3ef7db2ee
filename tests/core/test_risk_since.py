"""Since when something holds."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.risk.since import Since

START: Since[str] = Since()


def test_what_holds_began_at_the_first_look_that_saw_it():
    """Later looks do not move it."""
    since = START.look(["a"], [], 10.0).look(["a", "b"], [], 12.0)
    assert since.began == {"a": 10.0, "b": 12.0}
    assert since.known == since.began


def test_what_ended_begins_anew():
    """A key that did not hold at one look has no past."""
    since = START.look(["a"], [], 10.0).look([], [], 11.0)
    assert since.began == {}
    assert since.look(["a"], [], 12.0).began == {"a": 12.0}


def test_the_age_stands_still_while_unknown():
    """Ten seconds that nobody could see are no seconds without a stop, and are shown by nobody."""
    since = START.look(["a"], [], 10.0).look(["a"], [], 15.0).look([], ["a"], 20.0)
    assert since.known == {}
    since = since.look([], ["a"], 25.0).look(["a"], [], 25.5)
    assert since.known == {"a": 20.0}


def test_nothing_begins_while_unknown():
    """A key that did not hold before does not begin by being unknown."""
    assert START.look([], ["a"], 10.0).began == {}


def test_waiting_keeps_everything():
    """When nothing at all can be known, every key stands still."""
    since = START.look(["a", "b"], [], 10.0).wait(13.0)
    assert since.began == {"a": 13.0, "b": 13.0}
    assert since.known == {}
    assert START.wait(5.0).began == {}


def test_a_clock_that_goes_back_makes_nothing_younger_or_older():
    """A step back counts as no time."""
    since = START.look(["a"], [], 10.0).wait(8.0)
    assert since.began == {"a": 10.0}


@given(st.lists(st.tuples(st.floats(0.1, 10.0), st.sampled_from(["holds", "unknown"])), min_size=1, max_size=30))
def test_the_age_is_the_time_that_was_seen(looks: list[tuple[float, str]]):
    """After any looks the age is the sum of the steps at whose end it was seen to hold."""
    times = list(accumulate((step for step, _ in looks), initial=0.0))[1:]
    since = START.look(["a"], [], 0.0)
    for now, (_, state) in zip(times, looks, strict=True):
        since = since.look(["a"] if state == "holds" else [], ["a"] if state == "unknown" else [], now)
    seen = sum(step for step, state in looks if state == "holds")
    assert abs(times[-1] - since.began["a"] - seen) < 1e-6
