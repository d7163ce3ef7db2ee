"""A dashboard with a panel of every kind that the preview draws, in few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

WORDS = [
    {"type": "value", "options": {"0": {"text": "fine", "color": "#006B4E"}, "1": {"text": "BAD", "color": "#C4162A"}}}
]
ORANGE_FROM_80 = {"mode": "absolute", "steps": [{"value": None, "color": "green"}, {"value": 0.8, "color": "orange"}]}


def panel(
    kind: str,
    title: str,
    *targets: Mapping[str, object],
    options: Mapping[str, object] | None = None,
    defaults: Mapping[str, object] | None = None,
    overrides: Sequence[Mapping[str, object]] = (),
    **more: object,
) -> dict[str, object]:
    """A panel of 8 by 6 at the grid's origin, unless more says otherwise."""
    return {
        "id": 1,
        "type": kind,
        "title": title,
        "description": f"What **{title}** means.",
        "gridPos": {"x": 0, "y": 0, "w": 8, "h": 6},
        "targets": list(targets),
        "options": options or {},
        "fieldConfig": {"defaults": {"noValue": "nothing there", **(defaults or {})}, "overrides": list(overrides)},
        **more,
    }


def target(expr: str, ref: str = "A", **more: object) -> dict[str, object]:
    """A query for this moment."""
    return {"refId": ref, "expr": expr, "instant": True, "legendFormat": "__auto", **more}


def over_time(expr: str, ref: str = "A", **more: object) -> dict[str, object]:
    """A query over the range."""
    return target(expr, ref, **{"instant": False, "range": True, **more})


def board(*panels: Mapping[str, object], **more: object) -> dict[str, object]:
    """A dashboard of those panels, about one account."""
    account = {
        "name": "account",
        "type": "query",
        "label": "Account",
        "query": {"query": "label_values(up, account)", "refId": "account"},
        "sort": 1,
    }
    source = {"name": "datasource", "type": "datasource", "query": "prometheus", "hide": 2}
    return {
        "uid": "plimsoll-sample",
        "title": "Plimsoll / Sample",
        "description": "How is it?",
        "tags": ["plimsoll"],
        "timezone": "utc",
        "refresh": "5s",
        "time": {"from": "now-10m", "to": "now"},
        "templating": {"list": [source, account]},
        "links": [
            {"type": "dashboards", "title": "Dashboards", "tags": ["plimsoll"], "keepTime": True, "includeVars": True}
        ],
        "panels": list(panels),
        **more,
    }
