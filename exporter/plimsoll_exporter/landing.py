"""The page at ``/``: which accounts are watched, how they stand, and where everything else is.

Plain HTML without scripts or outside resources; every word that is not ours is escaped.
"""

from __future__ import annotations

from decimal import Decimal
from html import escape

from plimsoll.web.landing import framed
from plimsoll_exporter.figures import Assessor
from plimsoll_exporter.rejections.counts import REJECTIONS
from plimsoll_exporter.view import AccountView, ExporterView

INTENT_WORDS = {"close": "closing", "open": "opening", "unknown": "of unknown intent"}
"""What a rejected order would have done, for people; the worst first."""

BODY = """<table>
<tr><th>Account</th><th>Status</th><th>Equity, USD</th><th>Orders rejected</th></tr>
{rows}
</table>
<p><a href="/metrics">Metrics</a> &middot; <a href="/api/v1/accounts">State as JSON</a> &middot;
<a href="/-/ready">Ready?</a></p>"""


def page(view: ExporterView, assessor: Assessor) -> str:
    """The page for a view."""
    rows = "\n".join(_row(account, view, assessor) for account in view.accounts)
    return framed("Plimsoll", BODY.format(rows=rows))


def _row(account: AccountView, view: ExporterView, assessor: Assessor) -> str:
    figures = assessor.figures(account, view.market)
    equity = None if figures is None else figures.equity
    status = account.status.value + (f": {account.reason}" if account.reason else "")
    return (
        f"<tr><td>{escape(account.config.name)}</td><td>{escape(status)}</td>"
        f'<td class="number">{escape(_money(equity))}</td><td>{escape(_rejected(account))}</td></tr>'
    )


def _rejected(account: AccountView) -> str:
    """How many orders were rejected since the ledger began, in words."""
    numbers = dict.fromkeys(INTENT_WORDS, 0)
    for (_, intent), count in account.order_counts.of(REJECTIONS).items():
        numbers[intent] += int(count.value)
    told = [f"{number} {INTENT_WORDS[intent]}" for intent, number in numbers.items() if number]
    return ", ".join(told) or "none"


def _money(amount: Decimal | None) -> str:
    return "unknown" if amount is None else f"{amount:,.2f}"
