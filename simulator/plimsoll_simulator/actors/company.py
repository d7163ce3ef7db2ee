"""Starting and ending the actors of a story: as processes of their own, or as tasks of this one for tests.

Either way they are the same code and make the same HTTP calls.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress

from plimsoll_simulator.actors.refusals import OnRefusal
from plimsoll_simulator.actors.run import ACTORS

OnEnd = Callable[[str], None]
Company = Callable[[str, Sequence[str], OnEnd], AbstractAsyncContextManager[None]]
"""Plays the actors named at a URL while the block lasts; told is the name of each that ends before."""

STOP_SECONDS = 2.0
_log = logging.getLogger("plimsoll.simulator")


def as_tasks(*on_refusal: OnRefusal) -> Company:
    """Actors inside this process; refused orders are told to ``on_refusal``."""

    @asynccontextmanager
    async def company(url: str, names: Sequence[str], on_end: OnEnd) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_act(name, url, on_refusal, on_end)) for name in names]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return company


async def _act(name: str, url: str, on_refusal: tuple[OnRefusal, ...], on_end: OnEnd) -> None:
    try:
        await ACTORS[name](url, on_refusal)
    except Exception:  # noqa: BLE001 - whatever it is, the story goes on and the log says why
        _log.exception("the actor %s failed", name)
    finally:
        on_end(name)


def as_processes(*arguments: str) -> Company:
    """Actors as child processes, with further ``arguments``; they end with the block, or when the simulator is gone."""

    @asynccontextmanager
    async def company(url: str, names: Sequence[str], on_end: OnEnd) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for name in names:
                await stack.enter_async_context(_child(name, url, arguments, on_end))
            yield

    return company


@asynccontextmanager
async def _child(name: str, url: str, arguments: Sequence[str], on_end: OnEnd) -> AsyncIterator[None]:
    command = (sys.executable, "-m", "plimsoll_simulator.actors", name, "--exchange", url, *arguments)
    # A session of its own: Ctrl-C at the terminal reaches it through the simulator, once.
    process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, start_new_session=True)
    watching = asyncio.create_task(_watch(name, process, on_end))
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await _end(process)


async def _watch(name: str, process: Process, on_end: OnEnd) -> None:
    code = await process.wait()
    _log.error("the actor %s ended by itself with exit code %d", name, code)
    on_end(name)


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
