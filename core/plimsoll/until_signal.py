"""How every long-running program ends: by SIGTERM or SIGINT, in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine


async def until_signal(program: Coroutine[object, object, None]) -> None:
    """Run a program until a signal asks for its end, or until it ends by itself; raises what it raises."""
    running = asyncio.create_task(program)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        return
