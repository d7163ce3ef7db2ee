"""Kept inputs through their target without atheris: what was mended stays mended."""

from __future__ import annotations

import time
from collections.abc import Iterator

from fuzz.corpus import kept
from fuzz.target import Target

SECONDS = 3.0
"""Of this process's own time that one input may take: hundreds of times what it should."""


def replay(target: Target) -> Iterator[str]:
    """What is wrong with each kept input of a target: broken or slow; nothing where all is well."""
    for name, data in kept(target.name):
        begin = time.process_time()
        try:
            target.run(data)
        except Exception as error:  # noqa: BLE001 - any error at all is the finding
            yield f"{target.name}/{name}: {type(error).__name__}: {error}"
        if time.process_time() - begin > SECONDS:
            yield f"{target.name}/{name}: takes longer than {SECONDS:.0f} s"
