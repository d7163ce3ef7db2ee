"""The panel that comes first on every dashboard about one account: is the rest of the page worth anything?"""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat
from tools.dashboards.board import link_to
from tools.dashboards.palette import LIVENESS
from tools.dashboards.panels import figure
from tools.dashboards.query import ACCOUNT


def liveness(*, more: str = "", width: int = 3) -> stat.Panel:
    """Whether the account is live; one that nobody tells of any more is not.

    Args:
        more: What else to say about it on this dashboard.
        width: In Grafana's 24 columns.
    """
    return figure(
        "Data",
        "Live: stream, readings and mark prices are fresh. NOT LIVE: what this page shows of now is missing, and that"
        f" nothing is shown does not mean that nothing is wrong.{more} Look at the exchange's own page; runbook:"
        " AccountDataStale and ExporterDown.",
        f"max(binance_account_up{ACCOUNT}) or 0 * group(account:plimsoll_configured:max24h{ACCOUNT})",
        words=LIVENESS,
        no_value="NOT KNOWN",
        link=link_to("pipeline", account="$account"),
        width=width,
    )


def none_only_live(count: str) -> str:
    """A count of what streams tell: none at all is known only while the account is live, some is known for good."""
    return f"{count} > 0 or {count} and on () (max(binance_account_up{ACCOUNT}) == 1)"
