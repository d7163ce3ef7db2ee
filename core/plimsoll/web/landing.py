"""What the pages at ``/`` of every program have in common: their frame, their style, and who may load what.

Plain HTML without scripts or outside resources; whoever fills a page escapes every word that is not ours.
"""

from __future__ import annotations

import base64
import hashlib

from aiohttp import web

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse}th,td{padding:.3rem 1rem .3rem 0;text-align:left;border-bottom:1px solid #ddd}"
    "td.number{text-align:right;font-variant-numeric:tabular-nums}"
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

_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def framed(title: str, body: str) -> str:
    """A whole page, which is loaded anew every five seconds; both are HTML already."""
    return _FRAME.format(title=title, style=STYLE, body=body)


def html_answer(page: str) -> web.Response:
    """A page with what its reader's browser is to keep out."""
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "X-Frame-Options": "DENY"}
    return web.Response(text=page, content_type="text/html", headers=headers)
