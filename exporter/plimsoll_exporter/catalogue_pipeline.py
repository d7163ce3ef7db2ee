"""The catalogue's health metrics: how far an account can be believed, so most exist while it is not live too."""

from __future__ import annotations

from plimsoll.metrics.metric import Kind, Theme

UNIX, SECONDS = "Unix seconds", "seconds"
OWN = "the exporter"
CONFIGURED = "`plimsoll.yml`"

PIPELINE = Theme(
    "Health of an account",
    labels=("account",),
    about="How far each account can be believed. Most exist for every configured account, live or not.",
)

UP = PIPELINE.add(
    "binance_account_up",
    "1 only while the account is live: stream up, reconciled, marks fresh; exists for every configured account.",
    unit="0 or 1",
    formula="1 while live and its figures can be computed",
    source=OWN,
)
TRUSTED = PIPELINE.add(
    "binance_account_trusted_timestamp_seconds",
    "Time of the last trusted sample of the account.",
    unit=UNIX,
    formula="last moment at which it was live and every wallet change was explained",
    source=OWN,
)
UNEXPLAINED = PIPELINE.add(
    "binance_account_unexplained_change_usd",
    "Wallet change that no fill, fee, funding or known flow explains yet; absent where it cannot be valued.",
    unit="USD",
    formula="wallet - (last explained wallet + fills - fees + funding + flows)",
    source="`ACCOUNT_UPDATE`, `ORDER_TRADE_UPDATE`, `/fapi/v1/income`",
)
UNEXPLAINED_SINCE = PIPELINE.add(
    "binance_account_unexplained_since_timestamp_seconds",
    "Since when the unexplained change is above max(1 USD, 0.05 % of equity); absent while it is not.",
    unit=UNIX,
    formula="first moment above the tolerance",
    source=OWN,
)
ALLOWED_AGE = PIPELINE.add(
    "binance_account_allowed_age_seconds",
    "How long a lost event may stay unnoticed: 60 s, 15 s while drawdown used is above 60 %, longer when the weight "
    "budget is short.",
    unit=SECONDS,
    formula="interval of reconciliation + 5 s; near a limit 60 s again while the last one is older than that",
    source=OWN,
)
SOURCE_SUCCESS = PIPELINE.add(
    "binance_source_success_timestamp_seconds",
    "Time of the last success of each source; absent before the first.",
    unit=UNIX,
    labels=("account", "source"),
    formula="time of the last good answer or event",
    source=OWN,
)
STREAM_CONNECTED = PIPELINE.add(
    "binance_stream_connected",
    "1 while the private stream of the account is open and subscribed.",
    unit="0 or 1",
    formula="as is",
    source=OWN,
)
CORRECTIONS = PIPELINE.add(
    "binance_reconcile_corrections_total",
    "Differences that a reconcile found and mended and the stream did not tell in time, since the process started.",
    unit="corrections",
    kind=Kind.COUNTER,
    labels=("account", "field"),
    formula="count by field",
    source="snapshots against the live state",
)
CONFIGURED_ACCOUNT = PIPELINE.add(
    "plimsoll_account_configured",
    "Constant 1 for every configured account; mode is the enforcement configured.",
    unit="1",
    labels=("account", "mode"),
    formula="1",
    source=CONFIGURED,
)

EXCHANGE = Theme(
    "Health of the way to the exchange",
    labels=(),
    about="Calls and streams of this process. Counters start at 0 with the process, for every known label value.",
)

USED_WEIGHT = EXCHANGE.add(
    "binance_api_used_weight",
    "Request weight used in the running minute by this address; absent before the first answer.",
    unit="weight",
    formula="as told",
    source="header `X-MBX-USED-WEIGHT-1M`",
)
WEIGHT_LIMIT = EXCHANGE.add(
    "binance_api_weight_limit",
    "Request weight that the exchange allows this address per minute.",
    unit="weight",
    formula="as told",
    source="`/fapi/v1/exchangeInfo`",
)
CLOCK_OFFSET = EXCHANGE.add(
    "binance_clock_offset_seconds",
    "Seconds by which the exchange's clock is ahead of this machine's; absent before the first measurement.",
    unit=SECONDS,
    formula="exchange time - middle of the call",
    source="`/fapi/v1/time`",
)
API_REQUESTS = EXCHANGE.add(
    "binance_api_requests_total",
    "REST calls that ended, well or not.",
    unit="calls",
    kind=Kind.COUNTER,
    labels=("endpoint",),
    formula="count",
    source=OWN,
)
API_FAILURES = EXCHANGE.add(
    "binance_api_failures_total",
    "REST calls that failed, by what the failure calls for.",
    unit="calls",
    kind=Kind.COUNTER,
    labels=("endpoint", "kind"),
    formula="count",
    source=OWN,
)
API_DURATION = EXCHANGE.add(
    "binance_api_request_duration_seconds",
    "How long REST calls took.",
    unit=SECONDS,
    kind=Kind.HISTOGRAM,
    formula="from sending to the whole answer",
    source=OWN,
)
STREAM_RECONNECTS = EXCHANGE.add(
    "binance_stream_reconnects_total",
    "Streams opened again after a loss; stream is the account's name or market.",
    unit="reconnects",
    kind=Kind.COUNTER,
    labels=("stream",),
    formula="count",
    source=OWN,
)
STREAM_EVENTS = EXCHANGE.add(
    "binance_stream_events_total",
    "Events that streams delivered; undocumented types count as unknown, the market stream as account market.",
    unit="events",
    kind=Kind.COUNTER,
    labels=("account", "event"),
    formula="count",
    source="streams",
)
STREAM_DELAY = EXCHANGE.add(
    "binance_stream_event_delay_seconds",
    "Time from the exchange's sending of an event to the account's state.",
    unit=SECONDS,
    kind=Kind.HISTOGRAM,
    formula="our time, corrected by the clock offset, - `E` of the event",
    source="streams",
)
RENDER_FAILURES = EXCHANGE.add(
    "plimsoll_render_failures_total",
    "Times that the figures of an account could not be computed or shown; a fault of this program.",
    unit="failures",
    kind=Kind.COUNTER,
    labels=("account",),
    formula="count",
    source=OWN,
)
