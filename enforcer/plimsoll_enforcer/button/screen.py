"""The terminal of the person at the button. It never holds up a close.

What is shown goes aside: a terminal that is paused (Ctrl-S, a selection with the mouse), a pipe that nobody reads or a
connection that is gone would else stop the program in the middle of closing.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TextIO

from plimsoll_enforcer.button.aside import Aside

LAST_WORDS = 2.0
"""Seconds that the end waits for a terminal that does not take what is still to be shown."""

BUSY = 0.05
"""Seconds until a terminal that takes nothing now is tried again."""


class Screen:
    """Shows lines and asks questions; raises nothing, and waits for nobody but at its end.

    Args:
        out: Descriptor that is written to; ``None`` where there is none.
        keys: Descriptor that is read from; ``None`` where there is none.
    """

    def __init__(self, out: int | None, keys: int | None) -> None:
        self._out, self._keys = out, keys
        self._aside = Aside()

    def say(self, text: str) -> None:
        """Show lines."""
        self._show(f"{text}\n")

    async def ask(self, question: str) -> str:
        """The line that is typed, with its end; empty at the end of the input, and where there is none."""
        self._show(f"\n{question}")
        loop = asyncio.get_running_loop()
        typed: asyncio.Future[str] = loop.create_future()

        def answer(line: str) -> None:
            if not typed.done():
                typed.set_result(line)

        def read() -> None:
            line = self._line()
            with suppress(RuntimeError):  # the loop has ended: nobody waits for the answer
                loop.call_soon_threadsafe(answer, line)

        # A thread of its own: one of the loop's pool would keep Ctrl-C waiting for a line.
        threading.Thread(target=read, daemon=True).start()
        return await typed

    def close(self) -> None:
        """Show what is still to be shown."""
        self._aside.settle(LAST_WORDS)

    def _line(self) -> str:
        # The descriptor itself: ``sys.stdin`` locks while it waits, and that lock would break the interpreter's end.
        typed = b""
        with suppress(OSError):
            while self._keys is not None and not typed.endswith(b"\n"):
                key = os.read(self._keys, 1)
                if not key:
                    break
                typed += key
        return typed.decode(errors="replace")

    def _show(self, text: str) -> None:
        self._aside.do(partial(self._put, text.encode(errors="replace")))

    def _put(self, content: bytes) -> None:
        while content and self._out is not None:
            try:
                content = content[os.write(self._out, content) :]
            except BlockingIOError:
                time.sleep(BUSY)
            except OSError:  # nobody is there any more
                self._out = None


def terminal() -> Screen:
    """What this program was started with; a stream that was closed then is none, whatever has its number now."""
    return Screen(_descriptor(lambda: sys.stdout), _descriptor(lambda: sys.stdin))


def _descriptor(stream: Callable[[], TextIO | None]) -> int | None:
    found = stream()
    return None if found is None else found.fileno()
