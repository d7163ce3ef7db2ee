"""The code blocks of a document, so that what readers copy is what tests try."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def blocks(document: str, language: str) -> list[str]:
    """The blocks of one language in a document, in their order.

    Args:
        document: Its path from the root of the repository.
        language: What stands behind the three marks: ``yaml``, ``sh``.
    """
    text = (ROOT / document).read_text(encoding="utf-8")
    return [body for _, found, body in _BLOCK.findall(text) if found == language]


def file_block(document: str, name: str) -> str:
    """The YAML block whose first line is a comment with the file's name.

    Raises:
        ValueError: There is none, or more than one.
    """
    (block,) = [body for body in blocks(document, "yaml") if body.startswith(f"# {name}\n")]
    return block
