"""The museum of bad web configurations: one file for each fault, beside the exact message that it must give."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.errors import ConfigError
from plimsoll.web.load import load_web_config

MUSEUM = Path(__file__).parents[1] / "web_configs"
EXHIBITS = sorted(path.stem for path in MUSEUM.glob("*.yml"))


@pytest.mark.parametrize("fault", EXHIBITS)
def test_each_fault_gives_its_message(fault: str):
    """A file of the museum is refused with the very lines that stand beside it."""
    path = MUSEUM / f"{fault}.yml"
    with pytest.raises(ConfigError) as caught:
        load_web_config(path)
    told = str(caught.value).replace(f"{MUSEUM}/", "")
    assert told == path.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n")


def test_the_museum_is_complete():
    """Every file has its message, every message its file, and there are many."""
    assert sorted(path.stem for path in MUSEUM.glob("*.txt")) == EXHIBITS
    assert len(EXHIBITS) >= 40


def test_no_message_shows_what_may_be_a_secret():
    """A password or key that was pasted where its hash or file belongs is in no message."""
    for path in MUSEUM.glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "hunter2" not in text
        assert "$2y$" not in text.replace("($2y$10$...)", "")
