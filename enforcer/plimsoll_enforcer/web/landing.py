"""The page at ``/``: what is in force for each account, and whether it is locked.

Plain HTML without scripts or outside resources; every word that is not ours is escaped.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from html import escape

from plimsoll.config.model import Mode
from plimsoll.web.landing import framed
from plimsoll_enforcer.desk import AccountFigures, Figures

WORDS = {
    Mode.ARMED: "ARMED: a confirmed breach closes everything",
    Mode.DRY_RUN: "dry run: a confirmed breach is told, nothing is closed",
    Mode.OFF: "off: nothing is watched",
}

BODY = """<table>
<tr><th>Account</th><th>In force</th><th>Trading</th><th>Now</th><th>Last run</th></tr>
{rows}
</table>
{faults}
<p>To close everything by hand, run <code>red-button ACCOUNT</code> on this machine. A red button on this page is still
to come; until then the same is <code>POST /api/v1/accounts/ACCOUNT/flatten</code> with the operator's token
(docs/operating.md).</p>
<p><a href="/metrics">Metrics</a> &middot; <a href="/-/ready">Ready?</a></p>"""


def page(figures: Figures) -> str:
    """The page for the figures of now."""
    rows = "\n".join(_row(one) for one in figures.accounts.values())
    faults = "".join(f"<p><strong>Not working:</strong> {escape(one)}</p>" for one in figures.faults)
    return framed("Plimsoll enforcer", BODY.format(rows=rows, faults=faults))


def _row(account: AccountFigures) -> str:
    mode = WORDS[account.mode] + (f" ({account.why_mode})" if account.why_mode else "")
    cells = (account.account, mode, _trading(account), _now(account), _time(account.last_run_at) or "none")
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _trading(account: AccountFigures) -> str:
    if account.locked_until is None:
        return "allowed"
    until = "released by hand" if math.isinf(account.locked_until) else _time(account.locked_until)
    return f"locked until {until}" + (f": {account.locked_why}" if account.locked_why else "")


def _now(account: AccountFigures) -> str:
    if account.failing_since is not None:
        return f"NOT FLAT since {_time(account.failing_since)}, still closing"
    if account.watching is not None:
        return f"watching a breach since {_time(account.watching)}"
    return "quiet"


def _time(at: float | None) -> str:
    return "" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
