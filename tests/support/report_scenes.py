"""The two incidents played with all real programs, and the material of a report out of what they left.

``python tests/support/report_scenes.py [NAME ...]`` records them anew into ``tests/payloads/reports``.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from chain_stage import ChainStage, chain_stage
from plimsoll.config.load import load
from plimsoll.report.gather import gather
from plimsoll.report.material import Material
from plimsoll.report.model import Period
from plimsoll.report.sources.prometheus import PrometheusAt
from plimsoll_simulator.scenarios.november_variants import CHANGE_AT
from plimsoll_simulator.scenarios.october_mirror import STORY_ENDS
from report_recordings import keep

VARIANTS = ("overrun-mark", "overrun-watched", "gap", "rejected", "partial", "plain-stop", "source-down")
NAMES = ("october-dry-run", "october-armed", "november", *(f"november-{name}" for name in VARIANTS))
"""All recordings."""

PACE = 0.4
"""Real seconds that a second of October takes."""

GRACE = 38.0
"""Real seconds after which every grace of the shipped configuration has passed and its page has come."""

UNREADABLE = 105.0
"""The same where a list cannot be read: until nobody believes what was read last, and the grace."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A story with everything running.

    Attributes:
        environ: Settings beside the file's.
        began: When everything was there.
    """

    stage: ChainStage
    account: str
    began: float
    environ: Mapping[str, str]

    def material(self, *, prometheus: str | None = None) -> Material:
        """What a report of the account would be made of now; by another Prometheus than the real one where told."""
        return material_of(self.stage, self.account, self.began, prometheus=prometheus, environ=self.environ)


def material_of(
    stage: ChainStage,
    account: str,
    began: float,
    *,
    prometheus: str | None = None,
    environ: Mapping[str, str] = MappingProxyType({}),
) -> Material:
    """What a report of an account would be made of now, out of what the programs of a stage left."""
    data = {"PLIMSOLL_ENFORCER__DATA_DIR": str(stage.folder / "enforcer")}
    config, now = load(stage.folder / "plimsoll.yml", environ={**data, **environ}), time.time()
    at = PrometheusAt(url=prometheus or f"http://127.0.0.1:{stage.ports[2]}")
    return gather(config, account, Period(since=began, until=now), prometheus=at, made_at=now)


@asynccontextmanager
async def scene(
    scenario: str, account: str, folder: Path, tools: tuple[Path, Path], *, armed: bool = False, **environ: str
) -> AsyncIterator[Scene]:
    """Everything running as shipped but for these settings, the story at its beginning."""
    async with chain_stage(folder, tools, scenario=scenario, armed=armed) as stage:
        await stage.alertmanager()
        await stage.exporter(**environ)
        await stage.enforcer(arm=armed)
        rules = await stage.prometheus()
        await stage.until_live()
        for query in ("count(binance_account_up == 1) == 3", "count(plimsoll_enforcer_mode_info) == 3"):
            await stage.until(lambda query=query: bool(rules.query(query)), query)
        yield Scene(stage=stage, account=account, began=round(time.time() - 4), environ=environ)


async def play_october(one: Scene, *, pace: float = PACE) -> None:
    """The story to its end, evenly; what the enforcer does takes its own time."""
    for second in range(1, STORY_ENDS + 1):
        await one.stage.play(second)
        await asyncio.sleep(pace)


async def play_november(one: Scene, *, wait: float = GRACE) -> None:
    """The base case until its page has come, then the variant until its own would have."""
    await asyncio.sleep(GRACE)
    await one.stage.play(CHANGE_AT)
    await asyncio.sleep(wait)


async def record(name: str, tools: tuple[Path, Path]) -> Path:
    """Play a scene and keep what is left of it."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        if name.startswith("october"):
            async with scene("october-mirror", "eon", folder, tools, armed=name.endswith("armed")) as one:
                await play_october(one)
                await asyncio.sleep(20)
                return keep(name, one.material(), folder)
        option = name.removeprefix("november").removeprefix("-")
        async with scene(f"november-stops{option and ':'}{option}", "live", folder, tools) as one:
            await play_november(one, wait=UNREADABLE if option == "source-down" else GRACE)
            return keep(name, one.material(), folder)


if __name__ == "__main__":
    from tools.programs.cache import tool

    _tools = Path(__file__).resolve().parents[2] / ".cache" / "tools"
    for _name in sys.argv[1:] or NAMES:
        print(asyncio.run(record(_name, (tool(_tools, "alertmanager"), tool(_tools, "prometheus")))), flush=True)  # noqa: T201 - a command
