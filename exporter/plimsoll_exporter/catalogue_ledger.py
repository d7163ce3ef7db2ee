"""The catalogue's ledger: what came, went and happened, counted exactly once and kept over restarts."""

from __future__ import annotations

from plimsoll.metrics.metric import Kind, Theme

USD, UNIX = "USD", "Unix seconds"
HISTORY = "`/fapi/v1/income`"

LEDGER = Theme(
    "Ledger",
    labels=("account",),
    about="What is counted in the state database from the account's first trusted sample on, each thing exactly once, "
    "over restarts too. These series exist whether the account is live or not.",
)

FLOWS = LEDGER.add(
    "binance_account_external_flow_usd_total",
    "Money that came from outside (direction in) or left (out), not by trading.",
    unit=USD,
    kind=Kind.COUNTER,
    labels=("account", "direction"),
    formula="sum of amount x the rate that equity uses when it is booked. What was booked by its event and turns out "
    "to be a rebate is taken back by the other direction; a change of the asset mode is no money and not counted",
    source="`ACCOUNT_UPDATE`, confirmed or found by " + HISTORY,
)
INCOME = LEDGER.add(
    "binance_account_income_usd",
    "Profit, fees, funding and all else that is no flow, by type, since the ledger began; signed.",
    unit=USD,
    labels=("account", "type"),
    formula="sum of amount x value of the asset when it was learned; fills and funding at once, all else within a "
    "quarter of an hour; type is the exchange's word in lower case, other for one that is not known",
    source="`ORDER_TRADE_UPDATE`, " + HISTORY,
)
MARGIN_CALLS = LEDGER.add(
    "binance_margin_calls_total",
    "Margin calls that the exchange sent.",
    unit="calls",
    kind=Kind.COUNTER,
    formula="count",
    source="`MARGIN_CALL`",
)
LAST_MARGIN_CALL = LEDGER.add(
    "binance_last_margin_call_timestamp_seconds",
    "When the product learned of the last margin call; absent before the first.",
    unit=UNIX,
    formula="as is",
    source="`MARGIN_CALL`",
)
FORCED_CLOSES = LEDGER.add(
    "binance_forced_closes_total",
    "Orders by which the exchange itself closed something: liquidation, adl or settlement.",
    unit="orders",
    kind=Kind.COUNTER,
    labels=("account", "kind"),
    formula="count of executed orders whose client id begins with autoclose-, adl_autoclose or settlement_autoclose-",
    source="`ORDER_TRADE_UPDATE`",
)
LAST_FORCED_CLOSE = LEDGER.add(
    "binance_last_forced_close_timestamp_seconds",
    "When the product learned of the last forced close of that kind; absent before the first.",
    unit=UNIX,
    labels=("account", "kind"),
    formula="as is",
    source="`ORDER_TRADE_UPDATE`",
)

STATE = Theme(
    "State database",
    labels=(),
    about="Whether what must survive a restart can be written. While it cannot, the exporter goes on from memory.",
)
WRITE_FAILING = STATE.add(
    "plimsoll_state_write_failing_since_timestamp_seconds",
    "Since when the state cannot be written (full disk, read-only); absent while it can.",
    unit=UNIX,
    formula="time of the first failure of those that go on",
    source="own observation",
)
WRITE_FAILURES = STATE.add(
    "plimsoll_state_write_failures_total",
    "Changes that could not be written when they were made, since the process started; they wait in memory.",
    unit="changes",
    kind=Kind.COUNTER,
    formula="count",
    source="own observation",
)
