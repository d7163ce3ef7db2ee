"""The JSON Schema for editors: it is what the code declares, and it agrees with what the code reads."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from jsonschema import Draft202012Validator

from plimsoll.config.load import load
from plimsoll.config.schema import SCHEMA_FILE, config_schema, schema_text

ROOT = Path(__file__).parents[2]
MUSEUM = ROOT / "tests" / "configs"

BEYOND_THE_SCHEMA = {
    "duplicate-account",  # YAML's own
    "key-that-yaml-takes-for-no",
    "merge-key",
    "octal-number",  # a number to any other reader
    "number-in-base-60",
    "hexadecimal-number",
    "underscore-in-a-number",
    "not-a-number",
    "drawdown-lock-with-yes",
    "drawdown-lock-without-use",  # one value against another
    "drawdown-seed-without-use",
    "drawdown-start-without-use",
    "mirror-of-itself",
    "mirror-of-unknown-account",
    "mirror-twice",
    "near-falls",
    "near-reaches-one",
    "one-key-for-two-accounts",
    "plain-http-to-another-machine",
    "read-key-missing",
    "rejection-log-of-unknown-account",
    "allowed-host-is-no-address",  # what a pattern cannot say
    "allowed-host-with-scheme",
    "drawdown-lockout-of-nothing",
    "drawdown-unknown-timezone",
    "duration-too-long",
    "home-folder",
    "invisible-character-in-a-value",
    "key-in-place-of-its-file",
    "listen-on-no-address",
    "listen-port-too-high",
    "stream-url-with-route",
    "token-itself",
    "url-itself",
    "url-with-bad-port",
    "url-with-password",
    "url-with-query",
    "url-without-host",
}


def _tool() -> ModuleType:
    """``tools/config_schema.py``, which is a script and no package."""
    spec = importlib.util.spec_from_file_location("config_schema_tool", ROOT / "tools" / "config_schema.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _parsed(path: Path) -> object:
    """A file as an editor's YAML library sees it; ``None`` where it sees nothing."""
    try:
        return yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def test_the_shipped_schema_is_what_the_code_declares():
    """The file beside the code is the output of the generator."""
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()


def test_the_schema_is_valid():
    """The schema is itself a right one of draft 2020-12."""
    Draft202012Validator.check_schema(config_schema())


def test_the_shipped_configuration_fits_and_names_the_schema():
    """An editor that opens plimsoll.yml finds the schema and nothing to complain about."""
    text = (ROOT / "plimsoll.yml").read_text(encoding="utf-8")
    first = text.splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (ROOT / first.partition("=")[2]).samefile(SCHEMA_FILE)
    assert list(Draft202012Validator(config_schema()).iter_errors(yaml.safe_load(text))) == []


def test_every_setting_has_a_sentence():
    """Each key of each section tells the reader what it is for."""

    def walk(schema: dict[str, object]) -> None:
        properties = schema.get("properties", {})
        assert isinstance(properties, dict)
        for key, inner in properties.items():
            assert str(inner.get("description", "")).endswith("."), key
            walk(inner)
        for part in (schema.get("items"), schema.get("additionalProperties")):
            if isinstance(part, dict):
                walk(part)

    walk(config_schema())


@pytest.mark.parametrize("path", sorted(MUSEUM.glob("*.yml")), ids=lambda path: path.stem)
def test_the_schema_refuses_what_the_code_refuses(path: Path):
    """What is wrong in itself is already wrong in the editor; the exceptions are listed with their reason."""
    data = _parsed(path)
    if data is not None:
        assert Draft202012Validator(config_schema()).is_valid(data) is (path.stem in BEYOND_THE_SCHEMA)


def test_a_full_configuration_fits(tmp_path: Path):
    """What the code accepts, with ``off`` unquoted, the schema accepts as well."""
    text = (
        "exchange: {environment: simulator}\n"
        "accounts:\n  eon:\n    enforcement: {mode: off}\n    limits:\n      near: [0.5, 0.9]\n"
        "      drawdown: {tmad: {from: start, amount_usd: 10.5, lockout: 2h}}\n"
        "      symbols: {BTCUSDT: {leverage: 2}}\n"
    )
    path = tmp_path / "plimsoll.yml"
    path.write_text(text, encoding="utf-8")
    load(path, environ={})
    assert list(Draft202012Validator(config_schema()).iter_errors(yaml.safe_load(text))) == []


def test_the_tool_writes_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """``tools/config_schema.py`` writes the file; ``--check`` tells an old or missing one by exit code 1."""
    tool = _tool()
    target = tmp_path / "schema.json"
    assert tool.main(["--check"], target=target) == 1
    assert tool.main([], target=target) == 0
    assert tool.main(["--check"], target=target) == 0
    assert json.loads(target.read_text(encoding="utf-8")) == config_schema()
    target.write_text("{}", encoding="utf-8")
    assert tool.main(["--check"], target=target) == 1
    assert "out of date" in capsys.readouterr().err
