"""Forged alerts that are to prevent a kill: a reference so low that nothing seems lost, or figures from the future."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import breach_scene
from desk_scene import DeskScene, played

LOW = {"reference_usd": "100.0", "floor_usd": "90.0"}


def test_figures_from_the_future_do_not_outlast_true_ones(tmp_path: Path) -> None:
    """An alert with a low reference that claims to be of tomorrow gives way to the next true one."""

    async def plot(scene: DeskScene) -> None:
        await scene.tell(**LOW, sampled_at=f"{scene.clock.now() + 86_400:.3f}")
        await asyncio.sleep(5)
        scene.price("89")
        await scene.tell()
        await scene.until_flat(within=60)

    played(tmp_path, plot)


def test_low_figures_do_not_hide_a_breach_that_the_exporter_holds(tmp_path: Path) -> None:
    """However often a low reference is told, what the exporter measures from counts while it holds the breach."""

    async def plot(scene: DeskScene) -> None:
        scene.exporter.answers = {"tmad": breach_scene.told(until=scene.flows_until)}
        scene.price("89")
        for _ in range(10):
            low = scene.alert(**LOW, sampled_at=f"{scene.clock.now():.3f}")
            await scene.desk.alerts((replace(low, fingerprint="0" * 16),))
            await asyncio.sleep(0.5)
        await scene.until_flat(within=5)

    played(tmp_path, plot)
