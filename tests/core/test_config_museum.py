"""The museum of bad configurations: one file for each fault, beside the exact message that it must give."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.config.load import load
from plimsoll.errors import ConfigError

MUSEUM = Path(__file__).parents[1] / "configs"
EXHIBITS = sorted(path.stem for path in MUSEUM.glob("*.yml"))


@pytest.mark.parametrize("fault", EXHIBITS)
def test_each_fault_gives_its_message(fault: str):
    """A file of the museum is refused with the very lines that stand beside it."""
    path = MUSEUM / f"{fault}.yml"
    with pytest.raises(ConfigError) as caught:
        load(path, environ={})
    told = str(caught.value).replace(f"{MUSEUM}/", "")
    assert told == path.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n")


def test_the_museum_is_complete():
    """Every file has its message, every message its file, and there are many."""
    assert sorted(path.stem for path in MUSEUM.glob("*.txt")) == EXHIBITS
    assert len(EXHIBITS) >= 100


def test_no_message_shows_what_may_be_a_secret():
    """What was pasted where a secret's file belongs is in no message."""
    for path in MUSEUM.glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "hunter2" not in text
        assert "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A" not in text
