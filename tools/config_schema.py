"""Writes the JSON Schema of plimsoll.yml, or tells with ``--check`` that the shipped one is out of date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from plimsoll.config.schema import SCHEMA_FILE, schema_text


def main(argv: Sequence[str] | None = None, *, target: Path = SCHEMA_FILE) -> int:
    """Write ``target``, or compare it; 1 where they differ."""
    parser = argparse.ArgumentParser(prog="config_schema", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the file is out of date")
    check = bool(parser.parse_args(argv).check)
    wanted = schema_text()
    if not check:
        target.write_text(wanted, encoding="utf-8")
        return 0
    if target.is_file() and target.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{target} is out of date: run tools/config_schema.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
