"""The page at ``/``: what is in force for each account, and whether it is locked.

Plain HTML without scripts or outside resources; every word that is not ours is escaped.
"""

from __future__ import annotations

import base64
import hashlib
import math
from datetime import UTC, datetime
from html import escape

from plimsoll.config.model import Mode
from plimsoll_enforcer.desk import AccountFigures, Figures

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse}th,td{padding:.3rem 1rem .3rem 0;text-align:left;border-bottom:1px solid #ddd}"
)

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Allows the page its own style sheet and nothing else."""

WORDS = {
    Mode.ARMED: "ARMED: a confirmed breach closes everything",
    Mode.DRY_RUN: "dry run: a confirmed breach is told, nothing is closed",
    Mode.OFF: "off: nothing is watched",
}

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5">
<title>Plimsoll enforcer</title>
<style>{style}</style>
</head>
<body>
<h1>Plimsoll enforcer</h1>
<table>
<tr><th>Account</th><th>In force</th><th>Trading</th><th>Now</th><th>Last run</th></tr>
{rows}
</table>
{faults}
<p>To close everything by hand, run <code>red-button ACCOUNT</code> on this machine. A red button on this page is still
to come; until then the same is <code>POST /api/v1/accounts/ACCOUNT/flatten</code> with the operator's token
(docs/operating.md).</p>
<p><a href="/metrics">Metrics</a> &middot; <a href="/-/ready">Ready?</a></p>
</body>
</html>
"""


def page(figures: Figures) -> str:
    """The page for the figures of now."""
    rows = "\n".join(_row(one) for one in figures.accounts.values())
    faults = "".join(f"<p><strong>Not working:</strong> {escape(one)}</p>" for one in figures.faults)
    return PAGE.format(style=STYLE, rows=rows, faults=faults)


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
