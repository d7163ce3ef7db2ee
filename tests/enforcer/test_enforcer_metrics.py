"""What ``/metrics`` of the enforcer shows: as its golden file and catalogue say, fresh each time."""

from __future__ import annotations

import math
import os
import subprocess
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from prometheus_client.exposition import generate_latest

from fake_desk import NOW, EnforcerSite, FakeDesk, figures, metrics
from plimsoll.config.model import Mode
from plimsoll_enforcer.catalogue import CATALOGUE, CLOSE_ERROR_CODES, RUN_MODES, RUN_OUTCOMES
from plimsoll_enforcer.desk import OUTCOMES, AccountFigures, Figures
from plimsoll_enforcer.metrics import churned_at
from web_client import ask

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "enforcer.txt"
BOUNDS = ("0.25", "0.5", "2.5", "300.0", "+Inf")


def text(desk: FakeDesk) -> str:
    """The page."""
    return generate_latest(metrics(desk)).decode()


def value(desk: FakeDesk, name: str, **labels: str) -> float | None:
    """One series; ``None`` where it is absent."""
    return metrics(desk).get_sample_value(name, labels)


def fresh() -> FakeDesk:
    """A desk that has never done anything."""
    eon = AccountFigures(account="eon", mode=Mode.DRY_RUN)
    return FakeDesk(shown=Figures(accounts={"eon": eon}, times_to_flat=(), journal_failures=0, last_probe_at=None))


def test_exposition_equals_the_golden_file():
    """The page for a fixed state; ``make docs`` writes it anew."""
    if os.environ.get("PLIMSOLL_WRITE_GOLDEN"):
        GOLDEN.write_text(text(FakeDesk()), encoding="utf-8")
    assert text(FakeDesk()) == GOLDEN.read_text(encoding="utf-8")


def test_every_family_is_in_the_catalogue_and_back():
    """Names, types, help and labels on the page are those of the catalogue."""
    shown = {}
    for family in metrics(FakeDesk()).collect():
        name = family.name + ("_total" if family.type == "counter" else "")
        labels = {tuple(sorted(set(sample.labels) - {"le"})) for sample in family.samples}
        shown[name] = (family.type, family.documentation, labels)
    expected = {m.name: (m.kind.value, m.help, {tuple(sorted(m.labels))}) for m in CATALOGUE}
    assert shown == expected


@pytest.mark.parametrize("desk", [FakeDesk(), fresh()], ids=["busy", "fresh"])
def test_promtool_finds_nothing(promtool: Path, desk: FakeDesk):
    """``promtool check metrics`` is clean."""
    done = subprocess.run(  # noqa: S603 - the tool of our own cache
        [promtool, "check", "metrics"], input=text(desk), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_counters_exist_at_zero_from_the_start():
    """The first increment of a series that did not exist is invisible, so each combination is there before."""
    desk = fresh()
    for outcome in OUTCOMES:
        assert value(desk, "plimsoll_enforcer_requests_total", account="eon", outcome=outcome) == 0
    for mode, outcome in product(RUN_MODES, RUN_OUTCOMES):
        assert value(desk, "plimsoll_enforcer_runs_total", account="eon", mode=mode, outcome=outcome) == 0
    for code in CLOSE_ERROR_CODES:
        assert value(desk, "plimsoll_enforcer_close_errors_total", account="eon", code=code) == 0
    assert value(desk, "plimsoll_enforcer_lockout_recloses_total", account="eon") == 0
    assert value(desk, "plimsoll_enforcer_journal_failures_total") == 0
    assert value(desk, "plimsoll_enforcer_time_to_flat_seconds_count") == 0


@pytest.mark.parametrize(
    "name",
    [
        "last_run_timestamp_seconds",
        "failing_since_timestamp_seconds",
        "residual_exposure_usd",
        "lockout_until_timestamp_seconds",
        "lockout_churn_timestamp_seconds",
        "lockout_recloses_cost_usd",
    ],
)
def test_what_never_was_is_absent(name: str):
    """Unknown is absent, never 0."""
    assert value(fresh(), f"plimsoll_enforcer_{name}", account="eon") is None
    assert value(FakeDesk(), f"plimsoll_enforcer_{name}", account="eon") is not None


def test_probe_that_never_came_is_absent():
    """Before the first probe there is no time of it; permissions that cannot be read are absent too."""
    assert value(fresh(), "plimsoll_enforcer_last_probe_timestamp_seconds") is None
    assert "binance_api_key_permission{" not in text(fresh())


def test_lockout_until_released_is_infinite():
    """+Inf is a promise, not an unknown."""
    assert value(FakeDesk(), "plimsoll_enforcer_lockout_until_timestamp_seconds", account="eon") == math.inf


@pytest.mark.parametrize("mode", list(Mode))
def test_one_mode_is_in_force(mode: Mode):
    """The account has one series, that of the mode that is really in force."""
    eon = replace(figures().accounts["eon"], mode=mode)
    page = text(FakeDesk(shown=replace(figures(), accounts={"eon": eon})))
    assert [line for line in page.splitlines() if line.startswith("plimsoll_enforcer_mode_info{")] == [
        f'plimsoll_enforcer_mode_info{{account="eon",mode="{mode.value}"}} 1.0'
    ]


def test_unknown_codes_count_as_other():
    """A code outside the closed list makes no series of its own, and is not lost."""
    assert value(FakeDesk(), "plimsoll_enforcer_close_errors_total", account="eon", code="other") == 2
    assert '"-9999"' not in text(FakeDesk())


def test_times_to_flat_fall_into_buckets():
    """Each run counts in every bucket at or above its time."""
    buckets = {bound: value(FakeDesk(), "plimsoll_enforcer_time_to_flat_seconds_bucket", le=bound) for bound in BOUNDS}
    assert buckets == {"0.25": 0, "0.5": 1, "2.5": 2, "300.0": 2, "+Inf": 3}
    assert value(FakeDesk(), "plimsoll_enforcer_time_to_flat_seconds_sum") == pytest.approx(402.91)


@pytest.mark.parametrize(
    ("times", "at"),
    [
        ((), None),
        ((1.0, 2.0), None),
        ((0.0, 30.0, 61.0), None),
        ((0.0, 30.0, 60.0), 60.0),
        ((0.0, 1.0, 2.0, 300.0, 400.0), 2.0),
        ((0.0, 1.0, 2.0, 50.0), 50.0),
    ],
)
def test_churn_is_three_closes_within_a_minute(times: tuple[float, ...], at: float | None):
    """The time of the last close that had two others in the 60 s before it."""
    assert churned_at(times) == at


def test_account_that_cannot_be_shown_leaves_the_others():
    """A fault of one account is counted and keeps nobody else's series away."""
    shown = figures()
    broken = replace(shown.accounts["eon"], last_run_at=math.nan)
    desk = FakeDesk(shown=replace(shown, accounts={**shown.accounts, "eon": broken}))
    assert value(desk, "plimsoll_enforcer_mode_info", account="eon", mode="armed") is None
    assert value(desk, "plimsoll_enforcer_render_failures_total", account="eon") == 1
    assert value(desk, "plimsoll_enforcer_mode_info", account="live", mode="dry-run") == 1


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_page_is_served(doors: EnforcerSite, encoding: str):
    """As text, compressed where the client wants it."""
    answer = await ask(doors, "/metrics", **({"Accept-Encoding": encoding} if encoding else {}))

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers.get("Content-Encoding", "") == encoding


async def test_page_is_made_anew_for_each_scrape(doors: EnforcerSite):
    """A lockout that has ended is gone from the next page."""
    name = "plimsoll_enforcer_lockout_until_timestamp_seconds{"
    assert name in (await ask(doors, "/metrics")).text
    eon = replace(doors.desk.shown.accounts["eon"], locked_until=None, last_run_at=NOW)
    doors.desk.shown = replace(doors.desk.shown, accounts={"eon": eon})

    assert name not in (await ask(doors, "/metrics")).text
