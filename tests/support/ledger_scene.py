"""Accounts with drawdown rules, kept live over a made-up exchange, that may be stopped and started again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from drawdown_scene import rule
from keeper_scene import Scene, watching
from plimsoll.config.model import Limits
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.model.flows import Flow
from plimsoll.risk.drawdown import DrawdownFigures, drawdowns
from plimsoll_exporter.view import LedgerView

RULES = {
    "total": rule("high-water", "0.1", name="total", on_breach="flatten"),
    "usd": rule("high-water", "1000", amount=True, name="usd"),
    "daily": rule("day-start", "0.05", name="daily"),
}
LIMITS = Limits(drawdown=RULES)


@asynccontextmanager
async def remembering(
    folder: Path, *, after: Scene | None = None, limits: Limits = LIMITS, live: bool = True
) -> AsyncIterator[Scene]:
    """A running exporter's worth of keepers with its state in a folder.

    ``after`` is the scene of an earlier life: the exchange is the same, and what happened meanwhile has happened.
    """
    scene = Scene("live", folder=folder, limits=limits)
    if after is not None:
        scene.clock.advance(after.clock.now() - scene.clock.now())
        adopt(scene, after)
    async with watching(scene=scene, live=live) as running:
        yield running


def adopt(scene: Scene, after: Scene) -> None:
    """Give a scene the account of an earlier one."""
    new, old = scene.account, after.account
    new.balances, new.positions_held, new.orders = dict(old.balances), dict(old.positions_held), dict(old.orders)
    new.rows, new.numbers, new.last_ms, new.mode = list(old.rows), old.numbers, old.last_ms, old.mode
    scene.market.prices.update(after.market.prices)


def ledger(scene: Scene) -> LedgerView:
    """What is remembered of the account."""
    return scene.view().ledger


def figures(scene: Scene, name: str = "total") -> DrawdownFigures:
    """One rule against the equity of now, as it is shown."""
    view = scene.view()
    assert view.ledger.watched is not None
    equity = scene.figures().equity if view.ledger.trusted else None
    return {row.rule: row for row in drawdowns(view.ledger.watched, scene.limits.drawdown, equity)}[name]


def lost(scene: Scene) -> tuple[Decimal | None, Decimal | None]:
    """Ratio of the rule with a ratio and amount of the rule with an amount, rounded to what must not move."""
    total, usd = figures(scene).drawdown_ratio, figures(scene, "usd").drawdown_usd
    assert total is not None
    assert usd is not None
    return round(total, 9), round(usd, 9)


def booked(scene: Scene) -> list[Flow]:
    """The flows in the database."""
    with Database.join(scene.store.path, clock=scene.clock) as database:
        return list(database.flows("live"))


def kept(folder: Path, scene: Scene) -> Database:
    """The database of a scene that has ended."""
    return Database.open(folder / FILE_NAME, clock=scene.clock)
