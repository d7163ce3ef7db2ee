"""The catalogue's metrics of the web interface: who was not let in, and whether its configuration is up to date."""

from __future__ import annotations

from plimsoll_exporter.metric import Kind, Theme

WEB = Theme(
    "Web interface",
    labels=(),
    about="The door to this very page. All exist from the start, whether or not `web_config_file` is set.",
)

REFUSED_REASONS = ("client_certificate", "credentials", "handshake", "rate_limit")
"""The values of the label ``reason``."""

WEB_RELOAD_SUCCESS = WEB.add(
    "plimsoll_web_config_reload_success",
    "1 while the web configuration in force is what its files say; 0 while a change of them cannot be used.",
    unit="0 or 1",
    formula="outcome of the last look at the files, every 2 s",
    source="`exporter.web_config_file` and the files it names",
)
WEB_REFUSED = WEB.add(
    "plimsoll_web_refused_total",
    "Connections and requests that were not let in: 401 is credentials, 429 is rate_limit.",
    unit="requests",
    kind=Kind.COUNTER,
    labels=("reason",),
    formula="count by reason",
    source="the exporter",
)
