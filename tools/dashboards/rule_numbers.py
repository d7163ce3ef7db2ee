"""Numbers that rules type themselves, because no series tells them; a test finds each in its rule."""

from __future__ import annotations

PROBE_SECONDS = 180
"""``EnforcerChainBroken``: how old the last probe of the chain may be."""

FLAT_SECONDS = 30
"""``EnforcementFailed``: by when an account should be flat."""

STALE_SECONDS = 10
"""``AccountDataStale``: what is added to the age that the product promises."""

WEIGHT_SHARE = 0.8
"""``ApiWeightHigh``: how much of the request weight may be used."""

CLOCK_SECONDS = 1
"""``ClockSkew``: how far this machine's clock may be away."""

IN_RULES = {
    "EnforcerChainBroken": f"plimsoll_enforcer_last_probe_timestamp_seconds) > {PROBE_SECONDS}",
    "EnforcementFailed": f"plimsoll_enforcer_last_run_timestamp_seconds) < time() - {FLAT_SECONDS}",
    "AccountDataStale": f"binance_account_allowed_age_seconds) + {STALE_SECONDS}",
    "ApiWeightHigh": f"binance_api_weight_limit) > {WEIGHT_SHARE}",
    "ClockSkew": f"binance_clock_offset_seconds)) > {CLOCK_SECONDS}",
}
"""Where each stands: a piece of the alert's expression."""
