"""A wild price while a breach is watched that was spoken against: one look alone closes nothing, the next one may."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import breach_scene
from desk_scene import DeskScene, played
from virtual_time import until


@pytest.mark.parametrize("standing", ["100", "90.3"])
def test_a_wild_price_during_a_watch_closes_nothing(tmp_path: Path, standing: str) -> None:
    """A forged alert keeps a watch open; a price that is wild for a second, whenever it comes, is not enough."""

    async def plot(scene: DeskScene) -> None:
        scene.price(standing)
        await scene.tell()
        await asyncio.sleep(5)
        for number in range(60):
            scene.price("80")
            await asyncio.sleep(1)
            scene.price(standing)
            await asyncio.sleep(30 + number / 7)
            assert scene.untouched

    played(tmp_path, plot)


def test_a_breach_that_was_spoken_against_is_closed_a_look_later(tmp_path: Path) -> None:
    """Contradicted, then true: the first look that sees it is followed by another after a second, and by the run."""

    async def plot(scene: DeskScene) -> None:
        await scene.tell()
        await asyncio.sleep(4)
        scene.price("89")
        await until(lambda: scene.running, within=9)
        await scene.until_flat()

    played(tmp_path, plot)


def test_the_exporters_breach_counts_at_once(tmp_path: Path) -> None:
    """Where the exporter, which has seen two prices, holds the breach too, the first look is enough."""

    async def plot(scene: DeskScene) -> None:
        await scene.tell()
        await asyncio.sleep(4)
        scene.exporter.answers = {"tmad": breach_scene.told(until=scene.flows_until)}
        scene.price("89")
        await until(lambda: scene.running, within=8)
        run = scene.desk.run(scene.desk.runs()[0].run_id)
        assert run is not None
        assert not any("read again" in line.text for line in run.audit)
        await scene.until_flat()

    played(tmp_path, plot)
