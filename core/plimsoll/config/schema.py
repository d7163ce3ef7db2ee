"""The JSON Schema of ``plimsoll.yml``, for editors: made from the declaration that reads the file.

``plimsoll.schema.json`` beside this module is its output, written by ``tools/config_schema.py``. What sections demand
of one another is beyond JSON Schema and left to ``plimsoll check``.
"""

from __future__ import annotations

import json
from pathlib import Path

from plimsoll.config.reading import Schema
from plimsoll.config.services import ROOT

SCHEMA_FILE = Path(__file__).with_name("plimsoll.schema.json")


def config_schema() -> Schema:
    """The schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "plimsoll.yml",
        "description": "Configuration of Plimsoll. Made from the code: change core/plimsoll/config, not this file.",
        **ROOT.json_schema(),
    }


def schema_text() -> str:
    """The schema as it stands in ``SCHEMA_FILE``."""
    return json.dumps(config_schema(), indent=2, ensure_ascii=True) + "\n"
