"""The catalogue's limits: the user's own numbers as series, so that no alert rule holds one of them."""

from __future__ import annotations

from plimsoll.metrics.metric import Theme

RATIO = "ratio"
CONFIGURED = "`limits` in `plimsoll.yml`"

LIMITS = Theme(
    "Limits",
    labels=("account",),
    about="What is configured, whether the account is live or not. A limit that is not set is absent: it is not "
    "watched.",
)

MARGIN_LIMIT = LIMITS.add(
    "binance_account_margin_limit_ratio",
    "Highest margin ratio wanted.",
    unit=RATIO,
    formula="margin_ratio",
    source=CONFIGURED,
)
AVAILABLE_LIMIT = LIMITS.add(
    "binance_account_available_margin_limit_ratio",
    "Least share of the equity wanted to be available.",
    unit=RATIO,
    formula="available_margin",
    source=CONFIGURED,
)
LEVERAGE_LIMIT = LIMITS.add(
    "binance_account_leverage_limit_ratio",
    "Highest effective leverage of the account wanted.",
    unit=RATIO,
    formula="leverage",
    source=CONFIGURED,
)
LIQUIDATION_LIMIT = LIMITS.add(
    "binance_account_liquidation_distance_limit_ratio",
    "Least distance from mark to liquidation price wanted, of every position.",
    unit=RATIO,
    formula="liquidation_distance",
    source=CONFIGURED,
)
COVERAGE_LIMIT = LIMITS.add(
    "binance_account_stop_coverage_limit_ratio",
    "Least share of a position wanted under stops.",
    unit=RATIO,
    formula="stop_coverage",
    source=CONFIGURED,
)
STOP_GRACE = LIMITS.add(
    "binance_account_stop_grace_seconds",
    "How long a position may be without (enough) stop, or beyond its trigger, before it counts; exists always.",
    unit="seconds",
    formula="stop_grace, 30 s unless set",
    source=CONFIGURED,
)
AT_STOPS_LIMIT = LIMITS.add(
    "binance_account_drawdown_at_stops_limit_ratio",
    "Highest drawdown wanted if every stop fills at its trigger.",
    unit=RATIO,
    formula="drawdown_at_stops",
    source=CONFIGURED,
)
SETTING_LIMIT = LIMITS.add(
    "binance_account_leverage_setting_limit_ratio",
    "Highest leverage setting of any symbol wanted at the exchange.",
    unit=RATIO,
    formula="leverage_setting",
    source=CONFIGURED,
)
SYMBOL_LEVERAGE_LIMIT = LIMITS.add(
    "binance_symbol_leverage_limit_ratio",
    "Highest effective leverage of one symbol wanted.",
    unit=RATIO,
    labels=("account", "symbol"),
    formula="leverage of the symbol under limits.symbols, else symbol_leverage; for the symbols under limits.symbols "
    "and, while the account is live, those it holds or has orders of",
    source=CONFIGURED + ", positions, open orders",
)
