"""The catalogue's drawdown metrics, by rule: how far an account fell from what it is measured against."""

from __future__ import annotations

from plimsoll.metrics.metric import Theme

USD, RATIO, UNIX = "USD", "ratio", "Unix seconds"
KEPT = "trusted samples of equity, flows; kept in the state database"
CONFIGURED = "`limits.drawdown` in `plimsoll.yml`"
NOW = "equity of now, the rule's reference"

DRAWDOWN = Theme(
    "Drawdown",
    labels=("account", "rule"),
    about="How far an account fell from what each of its drawdown rules measures from. The account is cut into units: "
    "a deposit or withdrawal changes their number and not their value, so neither moves a drawdown. Rules with a ratio "
    "look at the value of a unit, rules with an amount at USD moved by every flow; all is shown in USD of now. "
    "References, floors, limits and breaches are shown whether the account is live or not; what is made of the equity "
    "of now exists only while it is live, its wallet is explained and every flow is booked. A sample is trusted while "
    "the account is live, its marks are fresh and its wallet is explained.",
)

REFERENCE = DRAWDOWN.add(
    "binance_account_drawdown_reference_usd",
    "Equity that drawdown is measured from, with every flow taken out.",
    unit=USD,
    formula="high-water: the highest of the lower of two consecutive trusted samples at least 1 s apart, "
    "of different mark prices where a position is held; high-water-daily: the same, raised at the end of a day only; "
    "day-start: the first trusted sample of the local day, or, more than 60 s late, the higher of it and the last "
    "before; start: the first ever. With lock_at_start capped, so that the floor never rises above the start",
    source=KEPT,
)
REFERENCE_AT = DRAWDOWN.add(
    "binance_account_drawdown_reference_timestamp_seconds",
    "When the reference was set.",
    unit=UNIX,
    formula="exchange time of the sample that set it",
    source=KEPT,
)
ESTIMATED = DRAWDOWN.add(
    "binance_account_drawdown_estimated",
    "1 where the start of the day was not seen in time, so that the reference is an estimate.",
    unit="0 or 1",
    formula="1 where no trusted sample lies within 60 s after the boundary of the day (high-water-daily: before it)",
    source=KEPT,
)
USD_LOST = DRAWDOWN.add(
    "binance_account_drawdown_usd",
    "What is lost from the reference.",
    unit=USD,
    formula="reference - equity, at least 0",
    source=NOW,
)
RATIO_LOST = DRAWDOWN.add(
    "binance_account_drawdown_ratio",
    "Share of the reference that is lost.",
    unit=RATIO,
    formula="drawdown / reference; +Inf where something is lost from a reference at or below 0",
    source=NOW,
)
LIMIT = DRAWDOWN.add(
    "binance_account_drawdown_limit_ratio",
    "Drawdown at which the rule is breached.",
    unit=RATIO,
    formula="ratio, or amount_usd / reference",
    source=CONFIGURED + ", the reference",
)
NEAR = DRAWDOWN.add(
    "binance_account_drawdown_near_ratio",
    "Drawdown that warns (level warning) or pages (level critical) before the limit.",
    unit=RATIO,
    labels=("account", "rule", "level"),
    formula="limit x the first, or second, share of `limits.near`",
    source=CONFIGURED + ", the reference",
)
FLOOR = DRAWDOWN.add(
    "binance_account_drawdown_floor_usd",
    "Equity at which the limit is hit.",
    unit=USD,
    formula="reference x (1 - ratio), or reference - amount_usd; with lock_at_start never above the start",
    source=CONFIGURED + ", the reference",
)
AT_STOPS = DRAWDOWN.add(
    "binance_account_drawdown_at_stops_ratio",
    "Drawdown after every stop has filled at its trigger; absent while any position is not fully covered.",
    unit=RATIO,
    formula="(reference - equity after every stop filled at its trigger, a stop-limit at its limit, less taker fees of "
    "0.05 %) / reference, at least 0",
    source="the reference, marks of now, stop orders",
)
BREACHED = DRAWDOWN.add(
    "binance_account_drawdown_breached",
    "1 from the second of two trusted samples at or beyond the limit until two below it; kept while not live.",
    unit="0 or 1",
    labels=("account", "rule", "on_breach"),
    formula="two consecutive trusted samples at least 0.5 s apart decide, of different mark prices where a position is "
    "held; on_breach is what is configured",
    source=KEPT,
)
SAMPLES = DRAWDOWN.add(
    "binance_account_breach_samples",
    "Consecutive trusted samples at the limit or beyond it, up to now; 0 where the last one was not.",
    unit="samples",
    formula="count of samples at least 0.5 s apart, and of different mark prices where a position is held; begins anew "
    "when trust is lost or a flow is booked",
    source="trusted samples of equity",
)
FLOWS_UNTIL = DRAWDOWN.add(
    "binance_account_flows_until_timestamp_seconds",
    "Exchange time up to which every flow is in the reference, and after which none is; the same for all rules.",
    unit=UNIX,
    formula="the latest moment at which the wallet was read or told with all of it explained and booked, or the time "
    "of the latest flow booked. Whoever reads equity by himself adds back the flows of the income history with a later "
    "time, and no others",
    source="account events, `/fapi/v3/account`, `/fapi/v1/income`",
)
MIN_EQUITY = DRAWDOWN.add(
    "binance_account_drawdown_min_equity_usd",
    "Equity below which an account without positions is not evaluated.",
    unit=USD,
    labels=("account",),
    formula="min_equity_usd, 10 unless set",
    source="`limits` in `plimsoll.yml`",
)
