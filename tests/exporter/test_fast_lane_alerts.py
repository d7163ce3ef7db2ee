"""The fast lane over the real keepers and the ledger of rejections: what fires, since when, and how long."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from alerting_files import alerting_config
from keeper_scene import Scene, watching
from plimsoll.config.model import AlertmanagerConfig
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.database.values import AlertStart
from plimsoll.risk.assess import assess
from plimsoll.risk.figures import AccountFigures
from plimsoll.risk.rejections import Intent
from plimsoll.state.market import MarketState
from plimsoll_exporter.fast_lane.crossing import BREACHED, CLOSE_REJECTED, NO_MARGIN, Crossing
from plimsoll_exporter.fast_lane.lane import FastLane, Sources
from plimsoll_exporter.fast_lane.starts import FIRST_TOLD, LAST_TOLD, Starts
from plimsoll_exporter.keeper.store import Store
from plimsoll_exporter.rejections.ledger import Ledger
from plimsoll_exporter.view import AccountView
from rejection_scene import told

NOWHERE = AlertmanagerConfig(url="http://127.0.0.1:1")


def shown(account: AccountView, market: MarketState) -> AccountFigures | None:
    """The figures of an account that has a book."""
    return None if account.book is None else assess(account.book, market)


def broken(_account: AccountView, _market: MarketState) -> AccountFigures | None:
    """A fault of ours."""
    raise ZeroDivisionError


@dataclass
class Desk:
    """A lane that posts to nobody, and the ledger that it hears of rejections from."""

    scene: Scene
    lane: FastLane
    ledger: Ledger
    database: Database
    store: Store

    @property
    def alerts(self) -> dict[str, Mapping[str, Any]]:
        """What fires now, by name."""
        return {alert["labels"]["alertname"]: alert for alert in self.lane.alerts()}  # type: ignore[index]


@asynccontextmanager
async def desk(
    folder: Path,
    scene: Scene,
    *,
    figures: Callable[[AccountView, MarketState], AccountFigures | None] = shown,
    on: bool = True,
    account: str = "{}",
) -> AsyncIterator[Desk]:
    """The lane of account eon; its memory is in the folder."""
    clock = scene.clock
    database = Database.open(folder / "lane" / FILE_NAME, clock=clock)
    store = Store(database, clock=clock)
    lanes: list[FastLane] = []
    ledger = Ledger(database, ["eon"], clock=clock, counted=lambda name: lanes[0].look(name))  # noqa: PLW0108 - made below
    sources = Sources(
        keeper=scene.keepers.__getitem__,
        counts=ledger.shown,
        market=scene.market_keeper.state,
        shown=scene.market_keeper.shown,
        figures=figures,
    )
    config = replace(alerting_config(folder, accounts=f"{{eon: {account}}}"), alertmanager=(NOWHERE,) if on else ())
    starts = Starts(database, store, clock=clock)
    lanes.append(FastLane(config, sources, starts, clock=clock, counted=lambda _outcome, _alerts: None))
    try:
        yield Desk(scene, lanes[0], ledger, database, store)
    finally:
        store.close()


def at(alert: Mapping[str, Any], name: str) -> float:
    """One of an alert's times, Unix seconds."""
    return datetime.fromisoformat(alert[name]).timestamp()


async def test_a_rejection_fires_as_it_is_counted_and_for_five_minutes(tmp_path: Path):
    """No look is waited for; more rejections keep its beginning; five minutes after the last nothing is posted."""
    async with watching("eon") as scene, desk(tmp_path, scene) as made:
        begun = scene.clock.now()
        made.ledger.report(told("r1", intent=Intent.OPEN))
        assert made.alerts.keys() == {NO_MARGIN}
        await scene.pass_time(200)
        made.ledger.report(told("r2", intent=Intent.CLOSE))
        assert made.alerts.keys() == {NO_MARGIN, CLOSE_REJECTED}
        assert at(made.alerts[NO_MARGIN], "startsAt") == begun
        assert at(made.alerts[CLOSE_REJECTED], "startsAt") == begun + 200
        assert at(made.alerts[NO_MARGIN], "endsAt") == round(scene.clock.now() + 60, 3)
        scene.clock.advance(299)
        made.lane.look("eon")
        assert made.alerts.keys() == {NO_MARGIN, CLOSE_REJECTED}
        scene.clock.advance(1)
        made.lane.look("eon")
        assert made.alerts == {}
        over = {kept.alert: (kept.starts_at, kept.over_at) for kept in made.database.alerts()}
        assert over == {NO_MARGIN: (begun, begun + 500), CLOSE_REJECTED: (begun + 200, begun + 500)}


async def test_an_end_may_be_told_when_nobody_can_report_it_any_more(tmp_path: Path):
    """From five minutes after the end, for an hour, over a restart too, with the labels of then; then no more."""
    async with watching("eon") as scene:
        begun = scene.clock.now()
        async with desk(tmp_path, scene) as made:
            made.ledger.report(told("r1", intent=Intent.OPEN))
            labels = made.alerts[NO_MARGIN]["labels"]
            scene.clock.advance(300)
            made.lane.look("eon")
            scene.clock.advance(FIRST_TOLD - 1)
            assert made.lane.over() == []
            scene.clock.advance(1)
            (over,) = made.lane.over()
            assert over["labels"] == labels
            assert (at(over, "startsAt"), at(over, "endsAt")) == (begun, begun + 300)
        async with desk(tmp_path, scene) as made:
            made.lane.look("eon")
            assert made.lane.over() == [over]
            scene.clock.advance(LAST_TOLD - FIRST_TOLD)
            assert made.lane.over() == [over]
            scene.clock.advance(1)
            assert made.lane.over() == []
            assert made.database.alerts() == ()


async def test_what_fires_again_is_not_over(tmp_path: Path):
    """A limit that is crossed again is one alert that began now; its earlier end is told to nobody."""
    async with watching("eon") as scene, desk(tmp_path, scene) as made:
        made.ledger.report(told("r1", intent=Intent.OPEN))
        scene.clock.advance(300)
        made.lane.look("eon")
        scene.clock.advance(FIRST_TOLD)
        again = scene.clock.now()
        made.ledger.report(told("r2", intent=Intent.OPEN))
        assert made.lane.over() == []
        assert at(made.alerts[NO_MARGIN], "startsAt") == again
        (kept,) = made.database.alerts()
        assert (kept.starts_at, kept.over_at) == (again, None)


async def test_the_end_of_a_breach_has_the_labels_of_the_breach(tmp_path: Path):
    """Its rule and what the enforcer is to do are as they were; accounts no longer configured are left out."""
    async with watching("eon") as scene:
        over_at = scene.clock.now()
        folder = tmp_path / "lane"
        folder.mkdir()
        with closing(Database.open(folder / FILE_NAME, clock=scene.clock)) as database, database.change() as change:
            for account in ("eon", "gone"):
                breach = AlertStart(
                    account=account, alert=BREACHED, labels={"rule": "tmad"}, starts_at=0, over_at=over_at
                )
                change.save_alert(breach)
        scene.clock.advance(FIRST_TOLD)
        tmad = "{limits: {drawdown: {tmad: {from: high-water, ratio: 0.10, on_breach: flatten}}}}"
        async with desk(tmp_path, scene, account=tmad) as made:
            (over,) = made.lane.over()
    assert over["labels"] == Crossing(alert=BREACHED, account="eon", rule="tmad", flatten=True).labels
    assert (
        "Account eon, rule tmad: An account has reached its drawdown limit. This held"
        in over["annotations"]["description"]
    )


async def test_a_restart_keeps_beginnings_and_ends_what_is_over(tmp_path: Path):
    """What still fires began when it did; what ended while nobody looked is over when somebody looks."""
    async with watching("eon") as scene:
        begun = scene.clock.now()
        async with desk(tmp_path, scene) as made:
            made.ledger.report(told("r1", intent=Intent.OPEN))
        scene.clock.advance(100)
        async with desk(tmp_path, scene) as made:
            made.lane.look("eon")
            assert at(made.alerts[NO_MARGIN], "startsAt") == begun
        scene.clock.advance(300)
        async with desk(tmp_path, scene) as made:
            made.lane.look("eon")
            assert made.alerts == {}
            (kept,) = made.database.alerts()
            assert (kept.starts_at, kept.over_at) == (begun, scene.clock.now())


async def test_a_fault_of_ours_costs_the_figures_and_not_the_alert(tmp_path: Path):
    """Where figures cannot be made, the alert goes out with its labels, its summary and the words DRY RUN."""
    async with watching("eon") as scene, desk(tmp_path, scene, figures=broken) as made:
        made.ledger.report(told("r1", intent=Intent.OPEN))
        alert = made.alerts[NO_MARGIN]
    assert alert["labels"]["account"] == "eon"
    assert "Its figures cannot be shown. DRY RUN: nothing will be closed." in alert["annotations"]["description"]
    assert alert["annotations"]["runbook_url"] == "docs/runbook.md#insufficientmarginrejection"


async def test_without_an_alertmanager_the_lane_is_off(tmp_path: Path):
    """Nothing runs, and nothing is remembered."""
    async with watching("eon") as scene, desk(tmp_path, scene, on=False) as made:
        made.ledger.report(told("r1", intent=Intent.OPEN))
        assert made.lane.tasks == {}
        assert made.alerts == {}
        assert made.database.alerts() == ()


async def test_an_account_unknown_to_the_keepers_stops_nobody(tmp_path: Path):
    """A fault of ours in a look is logged once and goes no further."""
    async with watching("eon") as scene, desk(tmp_path, scene) as made:
        made.lane.look("nobody")
        made.lane.look("nobody")
        made.ledger.report(told("r1", intent=Intent.OPEN))
        assert made.alerts.keys() == {NO_MARGIN}
