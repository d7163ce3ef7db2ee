"""No text whatever gets past the list of faults: reading gives a configuration or a ``ConfigError``."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config_text import TWO_ACCOUNTS
from plimsoll.config.load import load
from plimsoll.errors import ConfigError

_TOKENS = [
    "eon",
    "limits",
    "accounts",
    "exchange",
    "drawdown",
    "read_key",
    "near",
    "from",
    "0.1",
    "-3",
    "010",
    "yes",
    ".nan",
    "1:30",
    "null",
    "~",
    "&a",
    "*a",
    "<<",
    "!!set",
    "!x",
    "!!str",
    "{",
    "}",
    "[",
    "]",
    ",",
    "?",
    "-",
    ":",
    "|",
    ">",
    "#",
    "%YAML",
    "---",
    "...",
    "=",
    "2026-11-21",
    "0x1F",
    '"',
    "'",
    '"\\ud800"',
    '"\\UFFFFFFFF"',
    "\ufeff",
    "\x85",
    "\t",
]

_fuzz = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@_fuzz
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_raise_anything_else(tmp_path: Path, data: bytes):
    """Whatever bytes stand in the file, nothing but a ``ConfigError`` comes of it."""
    _only_config_error(tmp_path, data)


@_fuzz
@given(st.lists(st.sampled_from([*_TOKENS, " ", ": ", "- ", "\n", "\n  "]), max_size=40).map("".join))
def test_no_yaml_raises_anything_else(tmp_path: Path, text: str):
    """Nothing made of YAML's own signs raises anything else, alone or behind a valid start."""
    _only_config_error(tmp_path, text.encode())
    _only_config_error(tmp_path, (TWO_ACCOUNTS + text).encode())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@_fuzz
@given(
    st.sampled_from(["MIRRORS", "ALERTMANAGER", "ACCOUNTS__EON__LIMITS__SYMBOLS", "ACCOUNTS__EON__LIMITS__NEAR", "X"]),
    _JSON.map(json.dumps) | st.text(max_size=30),
)
def test_no_variable_raises_anything_else(tmp_path: Path, name: str, value: str):
    """Whatever a variable holds, nothing but a ``ConfigError`` that names it comes of it."""
    path = tmp_path / "plimsoll.yml"
    path.write_text(TWO_ACCOUNTS, encoding="utf-8")
    try:
        load(path, environ={f"PLIMSOLL_{name}": value})
    except ConfigError as error:
        assert all(line.startswith(f"PLIMSOLL_{name}: ") for line in str(error).splitlines())  # noqa: PT017 - or it loads


def _only_config_error(folder: Path, data: bytes) -> None:
    """Load bytes; any error but a ``ConfigError`` of whole lines fails the test."""
    path = folder / "any.yml"
    path.write_bytes(data)
    try:
        load(path, environ={})
    except ConfigError as error:
        assert all(line.startswith(f"{path}:") for line in str(error).splitlines())  # noqa: PT017 - or it loads
