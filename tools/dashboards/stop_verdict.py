"""The first row of *Stops*: what a reader must see within seconds."""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat
from tools.dashboards.board import link_to
from tools.dashboards.freshness import liveness, none_only_live
from tools.dashboards.palette import DANGER, FINE, NEAR, Word
from tools.dashboards.panels import figure
from tools.dashboards.query import ACCOUNT, USD, Grade
from tools.dashboards.stop_states import (
    COVERAGE,
    KNOWN,
    MEANING,
    PASSED,
    PAST_BY_MARK,
    PAST_BY_WATCHED,
    SINCE,
    STATE,
    STATES,
    TRIGGERS,
    UNCOVERED,
)


def verdict() -> list[stat.Panel]:
    """The first row."""
    return [liveness(), _worst(), _uncovered(), _how_long(), _past(), _refused()]


def _worst() -> stat.Panel:
    return figure(
        "Worst position",
        f"What is the matter with the stops of the worst position. Normal is covered. {MEANING}"
        " Runbook, section Stops.",
        f"max({STATE}) or -1 * {KNOWN}",
        words=STATES,
        no_value="NOT KNOWN",
        width=5,
    )


def _uncovered() -> stat.Panel:
    return figure(
        "Without enough stop",
        "The part of each position that no stop covers, where that is more than the limit allows. Normal is"
        " nothing. A take-profit protects nothing. Place a reduce-only stop or close the position; runbook:"
        " PositionUnprotected and PositionUnderprotected.",
        f'({UNCOVERED}) and {SINCE} or label_replace(0 * ({KNOWN} unless on () {SINCE}), "symbol", "nothing", "", "")',
        unit=USD,
        decimals=2,
        words=(Word(value=0, text="$0", color=FINE),),
        bound=0.01,
        legend="{{symbol}} {{side}}",
        no_value="not known",
        width=6,
    )


def _how_long() -> stat.Panel:
    return figure(
        "For how long",
        "Since when the position that waits longest is without enough stop. PAST GRACE: longer than stop_grace in"
        " plimsoll.yml, so it pages. The time stands still while nobody can know. 0 s: none is.",
        f"time() - min({SINCE}) or 0 * {KNOWN}",
        unit="s",
        decimals=0,
        grades=[
            Grade(
                when=f"time() - min({SINCE}) > max(binance_account_stop_grace_seconds{ACCOUNT})",
                word="PAST GRACE",
                color=DANGER,
            ),
            Grade(when=f"group({SINCE})", word="within grace", color=NEAR),
        ],
        fine="none",
        no_value="not known",
        width=3,
    )


def _past() -> stat.Panel:
    return figure(
        "Price past a stop?",
        "Whether a stop still waits although a price is past its trigger. YES: the price that it watches is, so the"
        " exchange should have triggered it. BY MARK PRICE ONLY: it watches the last price, while liquidation goes"
        " by mark price. no with a growing loss: no stop has failed, see Distance below; no stop: none could. If you"
        " wanted out, close by hand; runbook: StopOverrun.",
        f"2 * group({PAST_BY_WATCHED}) or 1 * group({PAST_BY_MARK}) or 0 * group({TRIGGERS})"
        f" or -2 * group({COVERAGE}) or -1 * {KNOWN}",
        words=PASSED,
        no_value="NOT KNOWN",
    )


def _refused() -> stat.Panel:
    ended = 'binance_protective_orders_ended_total{account="$account", outcome="rejected"}'
    return figure(
        "Refused stops",
        "Stops that were triggered and refused in this time range. Normal is none: the position is open without"
        " them. Close by hand or place a new reduce-only stop; runbook: ProtectiveOrderRejected.",
        none_only_live(f"max({ended} - min_over_time({ended}[$__range]))"),
        words=(Word(value=0, text="none", color=FINE),),
        bound=1,
        decimals=0,
        link=link_to("orders", account="$account"),
        width=3,
    )
