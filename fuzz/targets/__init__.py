"""All targets by their name; each is a file of its own here."""

from __future__ import annotations

from fuzz.target import Target
from fuzz.targets import (
    config_file,
    config_secrets,
    config_variables,
    exchange_failures,
    journal_file,
    log_files,
    log_lines,
    market_stream,
    operator_wishes,
    rejection_reports,
    rest_payloads,
    state_file,
    user_stream,
    web_config,
    web_headers,
    webhook,
)

_MODULES = (
    rest_payloads,
    user_stream,
    market_stream,
    exchange_failures,
    webhook,
    operator_wishes,
    rejection_reports,
    log_lines,
    log_files,
    config_file,
    config_variables,
    config_secrets,
    web_config,
    web_headers,
    state_file,
    journal_file,
)

TARGETS: dict[str, Target] = {module.TARGET.name: module.TARGET for module in _MODULES}
