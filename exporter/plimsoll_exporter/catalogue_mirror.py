"""The catalogue's metrics of mirrors: what an account that copies another should hold, and what it holds."""

from __future__ import annotations

from plimsoll.metrics.metric import Theme

USD, RATIO = "USD", "ratio"
PAIR = ("source", "destination")
HELD = "positions of both accounts, `mirrors` in `plimsoll.yml`"
CONFIGURED = "`mirrors` in `plimsoll.yml`"

MIRROR = Theme(
    "Mirrors",
    labels=(*PAIR, "symbol", "side"),
    about="Each symbol that source or destination of a configured mirror holds, while both accounts are live. `side` "
    "is empty, which to Prometheus is the same as absent, while both are in one-way mode; as soon as one is in hedge "
    "mode, long and short are compared each for itself, a one-way position on the side of its sign. The settings have "
    "the labels `source` and `destination` only and exist always: join with "
    "`on (source, destination) group_left ()`.",
)

EXPECTED = MIRROR.add(
    "binance_mirror_expected_quantity",
    "What the destination should hold; short is negative.",
    unit="base units",
    formula="quantity of the source x scale, not rounded to lots",
    source=HELD,
)
ACTUAL = MIRROR.add(
    "binance_mirror_actual_quantity",
    "What the destination holds; short is negative.",
    unit="base units",
    formula="as held, 0 where it holds nothing",
    source=HELD,
)
DRIFT_RATIO = MIRROR.add(
    "binance_mirror_drift_ratio",
    "How far what is held is from what should be; 1 when only one of the two is there, up to 2 when they are opposite.",
    unit=RATIO,
    formula="|actual - expected| / the larger of |actual| and |expected|",
    source=HELD,
)
DRIFT_USD = MIRROR.add(
    "binance_mirror_drift_usd",
    "The difference at the mark price; absent without one.",
    unit=USD,
    formula="|actual - expected| x mark price",
    source=HELD + ", mark prices",
)
DRIFT_SINCE = MIRROR.add(
    "binance_mirror_drift_since_timestamp_seconds",
    "Since when the drift is above both tolerance and minimum; absent unless it is.",
    unit="Unix seconds",
    formula="first look at which it was; moves on while an account is not live, so that its age stands still; begins "
    "anew after a restart",
    source=HELD + ", mark prices",
)
TOLERANCE = MIRROR.add(
    "binance_mirror_tolerance_ratio",
    "Drift ratio that is tolerated: what rounding to lots causes.",
    unit=RATIO,
    labels=PAIR,
    formula="tolerance",
    source=CONFIGURED,
)
GRACE = MIRROR.add(
    "binance_mirror_grace_seconds",
    "How long a mirror may drift before it counts.",
    unit="seconds",
    labels=PAIR,
    formula="grace",
    source=CONFIGURED,
)
MIN_USD = MIRROR.add(
    "binance_mirror_min_usd",
    "Drift that is tolerated whatever its ratio: what lots leave over in small positions.",
    unit=USD,
    labels=PAIR,
    formula="min_usd",
    source=CONFIGURED,
)
