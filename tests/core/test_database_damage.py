"""Damage inside a state database that SQLite itself does not see: each is told as damage, found by fuzzing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from plimsoll.database.database import FILE_NAME
from plimsoll.errors import StateUnreadable
from state_values import open_state, standing

SCHEMA_FORMAT_AT = 44


def damaged(folder: Path, statement: str) -> None:
    """A state with a standing and a counter, changed by somebody who knows SQL."""
    with open_state(folder) as state, state.change() as change:
        change.save_standing("eon", standing("5000", "tmad"))
        change.count("eon", "rejections", labels={"code": "-2019"}, by=1)
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE standing SET units = 'x'",
        "UPDATE standing SET units = 'NaN'",
        "UPDATE standing SET sampled_at_s = 'Infinity'",
        "UPDATE rule_standing SET day = 'tomorrow'",
        "UPDATE rule_standing SET reference = x'FFFE'",
        "UPDATE rule_standing SET reference = CAST(x'FFFE' AS TEXT)",
        "ALTER TABLE rule_standing RENAME COLUMN start TO begin",
    ],
)
def test_a_cell_that_makes_no_sense_is_damage(tmp_path: Path, statement: str):
    """A number that is none or not finite, an impossible date, bytes that are no text: damage, with a way out."""
    damaged(tmp_path, statement)
    with open_state(tmp_path) as state, pytest.raises(StateUnreadable, match=r"makes no sense .* in standing\)\. Move"):
        state.standing("eon")


def test_a_counter_whose_labels_are_none_is_damage(tmp_path: Path):
    """Labels that are no object are damage, not a traceback."""
    damaged(tmp_path, "UPDATE counter SET labels = '7'")
    with open_state(tmp_path) as state, pytest.raises(StateUnreadable, match="makes no sense"):
        state.counters()


def test_a_turned_byte_in_the_header_is_damage(tmp_path: Path):
    """An unknown format of the schema, for which SQLite has no code of its own, is damage too."""
    open_state(tmp_path).close()
    path = tmp_path / FILE_NAME
    content = bytearray(path.read_bytes())
    content[SCHEMA_FORMAT_AT : SCHEMA_FORMAT_AT + 4] = b"cccc"
    path.write_bytes(content)

    with pytest.raises(StateUnreadable, match=r"is damaged: unsupported file format\. Move"):
        open_state(tmp_path)


def test_a_schema_whose_names_are_no_text_is_damage(tmp_path: Path):
    """SQLite's words about it cannot be read as text, and that is not another error."""
    open_state(tmp_path).close()
    path = tmp_path / FILE_NAME
    content = path.read_bytes()
    path.write_bytes(
        content.replace(b"CREATE TABLE wallet (", b"CREATE TABLE wall\xc3t (").replace(
            b"standing (account", b"sta\xc3\xc3ing (account"
        )
    )

    with pytest.raises(StateUnreadable):
        open_state(tmp_path)


def test_a_version_that_is_not_that_of_the_tables_is_damage(tmp_path: Path):
    """A turned number of the version must not end in a traceback of the step that finds its own result."""
    open_state(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 1")

    with pytest.raises(StateUnreadable, match=r"is damaged: its version is not that of its tables"):
        open_state(tmp_path)
