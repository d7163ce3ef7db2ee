"""The faults: each one is put in force, lasts a while that chance decides, and is mended again by itself."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chaos.configuration import ACCOUNTS
from chaos.stage import ChaosStage

MARKET, EVERYTHING = "market", "all"
SERVER_ERRORS: tuple[dict[str, object], ...] = (
    {"status": 500, "body": "oops"},
    {"status": 502, "body": "<html><body>Bad Gateway</body></html>"},
    {"status": 503, "body": {"code": 0, "msg": "Unknown error, please check your request or try again later."}},
    {"status": 504, "body": ""},
)
LIMITED: tuple[dict[str, object], ...] = (
    {"status": 429, "body": {"code": -1003, "msg": "Too many requests."}, "headers": {"Retry-After": "2"}},
    {"status": 418, "body": {"code": -1003, "msg": "Way too many requests."}, "headers": {"Retry-After": "4"}},
)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a fault works on: the stage, the run's chance, and how long things last (1 as planned)."""

    stage: ChaosStage
    chance: random.Random
    scale: float = 1.0

    async def last(self, least: float, most: float) -> None:
        """Let a while pass, in seconds."""
        await asyncio.sleep(self.chance.uniform(least, most) * self.scale)

    def target(self) -> str:
        """A stream: an account's, the market's, or all of them."""
        return self.chance.choice((*ACCOUNTS, *ACCOUNTS, MARKET, EVERYTHING))

    def account(self) -> str:
        """An account."""
        return self.chance.choice(tuple(ACCOUNTS))


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One kind of fault.

    Attributes:
        name: As in the report.
        play: Puts it in force, waits and mends it.
        programs: What it has in hand meanwhile: no other fault touches them.
        weight: How often it is chosen, beside the others.
    """

    name: str
    play: Callable[[Scene], Awaitable[None]]
    programs: frozenset[str] = frozenset()
    weight: int = 2


def killed(name: str) -> Fault:
    """``kill -9`` of a program, which is started again after a while."""

    async def play(scene: Scene) -> None:
        await scene.stage.kill(name)
        await scene.last(0, 6)
        await scene.stage.restart(name)

    return Fault(name=f"kill -9 and restart: {name}", play=play, programs=frozenset({name}), weight=3)


def filled(name: str) -> Fault:
    """The database of a program is full for a while; now and then the program is killed then."""

    async def play(scene: Scene) -> None:
        scene.stage.signal(name, signal.SIGUSR1)
        await scene.last(3, 12)
        if scene.chance.random() < 0.3:  # noqa: PLR2004 - the share that is said in docs/chaos.md
            await scene.stage.kill(name)
            await scene.stage.restart(name)
        else:
            scene.stage.signal(name, signal.SIGUSR2)

    return Fault(name=f"full database: {name}", play=play, programs=frozenset({name}))


def partitioned(name: str) -> Fault:
    """A program keeps its connections and answers nothing for a while."""

    async def play(scene: Scene) -> None:
        scene.stage.signal(name, signal.SIGSTOP)
        try:
            await scene.last(5, 20)
        finally:
            scene.stage.signal(name, signal.SIGCONT)

    return Fault(name=f"partition (SIGSTOP, SIGCONT): {name}", play=play, programs=frozenset({name}), weight=3)


async def outage(scene: Scene) -> None:
    """The exchange is gone: every connection ends, nobody answers; it comes back with the world that it had."""
    await scene.stage.chaotic.stop()
    await scene.last(1, 6)
    scene.stage.simulator = await scene.stage.chaotic.start()


async def cut(scene: Scene) -> None:
    """Connections break off."""
    scene.stage.chaotic.sim("stream", target=scene.target(), action="cut")


async def silence(scene: Scene) -> None:
    """Streams stay open and deliver nothing."""
    scene.stage.chaotic.sim("stream", target=scene.target(), action="silence", seconds=scene.chance.uniform(2, 12))


async def refuse(scene: Scene) -> None:
    """Streams break off, and new ones are refused."""
    target = scene.target()
    scene.stage.chaotic.sim("stream", target=target, action="refuse", seconds=scene.chance.uniform(1, 8))
    scene.stage.chaotic.sim("stream", target=target, action="cut")


async def delay(scene: Scene) -> None:
    """Streams deliver late."""
    target = scene.target()
    scene.stage.chaotic.sim("stream", target=target, action="delay", seconds=scene.chance.uniform(0.3, 4))
    await scene.last(5, 15)
    scene.stage.chaotic.sim("stream", target=target, action="delay", seconds=0)


async def expire(scene: Scene) -> None:
    """A listen key ends."""
    scene.stage.chaotic.sim("stream", target=scene.account(), action="expire-key")


def burst(name: str, answers: tuple[dict[str, object], ...]) -> Fault:
    """The next calls, of one account or of all, are answered so."""

    async def play(scene: Scene) -> None:
        whose: dict[str, object] = {} if scene.chance.random() < 0.5 else {"account": scene.account()}  # noqa: PLR2004 - either
        times = scene.chance.randint(3, 15)
        scene.stage.chaotic.sim("fail", endpoint="*", times=times, **whose, **scene.chance.choice(answers))

    return Fault(name=name, play=play, weight=3)


async def latency(scene: Scene) -> None:
    """Every answer of the exchange takes long."""
    scene.stage.chaotic.sim("latency", seconds=scene.chance.uniform(0.1, 2.5))
    await scene.last(3, 10)
    scene.stage.chaotic.sim("latency", seconds=0)


async def lose(scene: Scene) -> None:
    """The next user events are lost."""
    scene.stage.chaotic.sim("event", account=scene.account(), drop=scene.chance.randint(1, 5))


async def repeat(scene: Scene) -> None:
    """The next user events come twice."""
    scene.stage.chaotic.sim("event", account=scene.account(), repeat=scene.chance.randint(2, 8))


async def reorder(scene: Scene) -> None:
    """The next user events come the last first."""
    scene.stage.chaotic.sim("event", account=scene.account(), reorder=scene.chance.randint(2, 5))


async def clock(scene: Scene) -> None:
    """The exchange's clock jumps by seconds, and later back."""
    scene.stage.chaotic.sim("clock", offset_seconds=scene.chance.choice((-1, 1)) * scene.chance.uniform(2, 15))
    await scene.last(5, 20)
    scene.stage.chaotic.sim("clock", offset_seconds=0)


FAULTS = (
    *map(killed, ("exporter", "enforcer", "prometheus", "alertmanager")),
    Fault(name="exchange gone and back", play=outage, programs=frozenset({"exchange"})),
    Fault(name="stream cut", play=cut),
    Fault(name="stream silent", play=silence),
    Fault(name="stream refused", play=refuse),
    Fault(name="stream delayed", play=delay),
    Fault(name="listen key expired", play=expire),
    burst("burst of 429 or 418", LIMITED),
    burst("burst of 5xx", SERVER_ERRORS),
    burst("burst of dropped connections", ({"reset": True},)),
    Fault(name="slow answers", play=latency, programs=frozenset({"latency"})),
    filled("exporter"),
    filled("enforcer"),
    Fault(name="clock jump of the exchange", play=clock, programs=frozenset({"clock"})),
    partitioned("alertmanager"),
    Fault(name="events lost", play=lose),
    Fault(name="events twice", play=repeat),
    Fault(name="events out of order", play=reorder),
)


class Storm:
    """Puts faults in force one after the other, several at a time."""

    def __init__(self, scene: Scene, faults: tuple[Fault, ...] = FAULTS) -> None:
        self._scene, self._faults = scene, faults
        self._playing: set[asyncio.Task[None]] = set()

    def strike(self) -> None:
        """Put a fault in force that touches no program which another one has in hand."""
        busy = self._scene.stage.busy
        free = [fault for fault in self._faults if not fault.programs & busy]
        fault = self._scene.chance.choices(free, [one.weight for one in free])[0]
        self.play(fault)

    def play_if_free(self, fault: Fault) -> bool:
        """Put this fault in force, unless what it touches is in hand; gives whether it was."""
        if fault.programs & self._scene.stage.busy:
            return False
        self.play(fault)
        return True

    def play(self, fault: Fault) -> None:
        """Put this fault in force."""
        self._scene.stage.busy |= fault.programs
        self._scene.stage.verdicts.faults[fault.name] += 1
        self._scene.stage.verdicts.tell(f"fault: {fault.name}")
        self._playing.add(asyncio.create_task(self._played(fault)))

    async def over(self) -> None:
        """Wait until every fault is mended, and mend what was to end by itself."""
        while self._playing:
            await asyncio.gather(*self._playing)
        self._scene.stage.chaotic.end_faults()

    async def _played(self, fault: Fault) -> None:
        try:
            await fault.play(self._scene)
        finally:
            self._scene.stage.busy -= fault.programs
            current = asyncio.current_task()
            if current is not None:
                self._playing.discard(current)
