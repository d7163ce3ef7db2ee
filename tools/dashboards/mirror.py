"""The dashboard *Mirror*: does a follower hold what its source holds, at its scale?

It shows every mirror that the chosen account is an end of. Its settings are series whether anything is known or not, so
an account that mirrors nobody is told from one of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from tools.dashboards.board import Board, link_to
from tools.dashboards.freshness import liveness
from tools.dashboards.palette import DANGER, FINE, LIMIT, LIVENESS, NEAR, REFERENCE, UNKNOWN, Word
from tools.dashboards.panels import figure, plot
from tools.dashboards.query import ACCOUNT, USD, Column, Grade, Query
from tools.dashboards.tables import matrix

NOBODY = "this account mirrors nobody"

STATES = (
    Word(value=-2, text=NOBODY, color=UNKNOWN),
    Word(value=-1, text="nothing held", color=FINE),
    Word(value=0, text="as its source", color=FINE),
    Word(value=1, text="DRIFTING", color=NEAR),
    Word(value=2, text="NOT KNOWN", color=UNKNOWN),
    Word(value=3, text="DRIFTS", color=DANGER),
)
"""How far a follower is from its source; the worst has the highest number."""

MEANING = (
    "DRIFTS: the difference is above both tolerance and least amount, for longer than the grace, so it pages. DRIFTING:"
    " the same, within the grace. NOT KNOWN: one of the two accounts is not live."
)

PAIR = "source, destination"
ROW = "source, destination, symbol, side"


def mirror() -> Board:
    """Build it."""
    return Board(
        slug="mirror",
        title="Mirror",
        question="Does it hold what its source holds, at its scale?",
        sections=[
            ("", _verdict()),
            ("Symbol by symbol, worst first", [_symbols()]),
            ("How it came to be", [_times(), _ratio(), _usd()]),
        ],
    )


def _of(name: str, by: str = ROW) -> str:
    """A series of the mirrors that the account is an end of, whoever scraped it."""
    return f'max by ({by}) ({name}{{destination="$account"}} or {name}{{source="$account"}})'


DRIFT = _of("binance_mirror_drift_ratio")
DRIFT_USD = _of("binance_mirror_drift_usd")
SINCE = _of("binance_mirror_drift_since_timestamp_seconds")
GRACE = _of("binance_mirror_grace_seconds", PAIR)
TOLERANCE = _of("binance_mirror_tolerance_ratio", PAIR)
LEAST = _of("binance_mirror_min_usd", PAIR)

OTHER_END = (
    f'label_replace({TOLERANCE}, "account", "$1", "source", "(.+)")'
    f' or label_replace({TOLERANCE}, "account", "$1", "destination", "(.+)")'
)
"""The accounts at both ends of those mirrors, the chosen one among them."""

_DEAD = "max by (account) (binance_account_up) == 0"
UNKNOWN_PAIRS = " or ".join(
    f'(label_replace({TOLERANCE}, "account", "$1", "{end}", "(.+)") and on (account) {_DEAD})'
    for end in ("source", "destination")
)
"""Mirrors of which one end is not live."""

STATE = " or ".join(
    (
        f"3 * group by ({ROW}) (time() - {SINCE} > on ({PAIR}) group_left () {GRACE})",
        f"1 * group by ({ROW}) ({SINCE})",
        f"0 * group by ({ROW}) ({DRIFT})",
        f"2 * group by ({PAIR}) ({UNKNOWN_PAIRS})",
        f"-1 * (group by ({PAIR}) ({TOLERANCE}) unless on ({PAIR}) {DRIFT})",
    )
)
"""A number for ``STATES`` per symbol; per mirror where its symbols are not known, or none is held."""


def _verdict() -> Sequence[Builder[models.Panel]]:
    return (
        liveness(more=" A mirror is compared only while both of its accounts are live."),
        figure(
            "Other account",
            "Whether the accounts that it follows, or that follow it, are live. While one is not, nothing is compared.",
            f'min by (account) (binance_account_up{{account!="$account"}} and on (account) ({OTHER_END}))',
            words=LIVENESS,
            legend="{{account}}",
            no_value="none, or not known",
            width=3,
        ),
        figure(
            "Worst symbol",
            f"The worst that can be said of a symbol. Normal is {STATES[2].text!r}. {MEANING} DRIFTS: stop the mirror,"
            " then bring the follower to what is expected, by reduce-only orders; runbook: MirrorDrift.",
            f"max({STATE}) or -2 * group(plimsoll_account_configured{ACCOUNT})",
            words=STATES,
            no_value="NOT KNOWN: no exporter",
            width=6,
        ),
        figure(
            "Largest drift, USD",
            "Difference between what is held and what should be, of the symbol where it is largest, if it is above both"
            " tolerance and least amount. Normal is none.",
            f"max({DRIFT_USD} and on ({ROW}) {SINCE}) or 0 * group({DRIFT})",
            unit=USD,
            decimals=2,
            words=(Word(value=0, text="none", color=FINE),),
            bound=0.01,
            no_value="not known, or nothing to compare",
        ),
        figure(
            "Largest drift",
            "The same as a share of the larger of the two: 87.5 % where it is eight times too much, 100 % where only"
            " one of the two holds anything, up to 200 % where they are opposite.",
            f"max({DRIFT} and on ({ROW}) {SINCE}) or 0 * group({DRIFT})",
            unit="percentunit",
            decimals=1,
            words=(Word(value=0, text="none", color=FINE),),
            bound=0.0001,
            no_value="not known, or nothing to compare",
        ),
        figure(
            "For how long",
            "How long the symbol that drifts longest does so already. PAST GRACE: it pages. 0 s: none.",
            f"time() - min({SINCE}) or 0 * group({DRIFT})",
            unit="s",
            decimals=0,
            grades=[
                Grade(when=f"max({STATE}) == 3", word="PAST GRACE", color=DANGER),
                Grade(when=f"group({SINCE})", word="within grace", color=NEAR),
            ],
            fine="none",
            no_value="not known, or nothing to compare",
        ),
    )


def _symbols() -> Builder[models.Panel]:
    quantity = "binance_mirror_{}_quantity"
    return matrix(
        "Expected and actual",
        f"One row a symbol that source or follower holds. {MEANING} Expected is the source's quantity times the scale,"
        " in base units; short is negative. Larger than expected: sized after the wrong account. Smaller: fills were"
        " missed or refused, see Orders.",
        (
            Column(title="Follower", expr=STATE, words=STATES, width=130),
            Column(title="Expected", expr=_of(quantity.format("expected")), decimals=4),
            Column(title="Actual", expr=_of(quantity.format("actual")), decimals=4),
            Column(title="Drift", expr=DRIFT, unit="percentunit", decimals=1),
            Column(title="Drift, USD", expr=DRIFT_USD, unit=USD, decimals=2),
            Column(title="For", expr=f"time() - {SINCE}", unit="s", decimals=0, empty="-"),
        ),
        labels={"source": "Source", "destination": "Follows it", "symbol": "Symbol", "side": "Side"},
        sort="Follower",
        links={
            "source": link_to("account", account="${__data.fields.source}"),
            "destination": link_to("account", account="${__data.fields.destination}"),
        },
        no_value=f"{NOBODY}, or nothing is known: see above",
        height=7,
    )


def _times() -> Builder[models.Panel]:
    actual, expected = _of("binance_mirror_actual_quantity"), _of("binance_mirror_expected_quantity")
    return plot(
        "Held, as a multiple of what is expected",
        "1 is right, 8 is eight times too much, 0 is missing altogether, below 0 is the wrong way round. No line where"
        " nothing is expected: what is held all the same is in the plots beside it.",
        (
            Query(expr=f"{actual} / on ({ROW}) ({expected} != 0)", legend="{{symbol}} {{side}}", steps=True),
            Query(expr=f"group({TOLERANCE})", legend="as expected", color=REFERENCE, dashed=True),
        ),
        decimals=2,
        lowest=0.0001,
        last=False,
        no_value=f"{NOBODY}, or nothing is known: see above",
        width=8,
    )


def _ratio() -> Builder[models.Panel]:
    return plot(
        "Drift",
        "Difference between what is held and what is expected, as a share of the larger. Normal is below the dashed"
        " tolerance, which allows for lots and for the moments until a copy fills.",
        (
            Query(expr=DRIFT, legend="{{symbol}} {{side}}", steps=True),
            Query(expr=f"min({TOLERANCE})", legend="tolerance", color=LIMIT, dashed=True),
        ),
        unit="percentunit",
        decimals=1,
        lowest=0,
        no_value=f"{NOBODY}, or nothing is known: see above",
        width=8,
    )


def _usd() -> Builder[models.Panel]:
    return plot(
        "Drift, USD",
        "The same in money. A drift counts only when it is above this dashed least amount, too: small positions cannot"
        " be copied exactly.",
        (
            Query(expr=DRIFT_USD, legend="{{symbol}} {{side}}", steps=True),
            Query(expr=f"min({LEAST})", legend="least amount", color=LIMIT, dashed=True),
        ),
        unit=USD,
        decimals=2,
        lowest=0,
        no_value=f"{NOBODY}, or nothing is known: see above",
        width=8,
    )
