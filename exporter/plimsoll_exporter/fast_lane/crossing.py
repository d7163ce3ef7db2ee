"""Which hard limits one account has crossed, as the rules of the same names in ``prometheus/rules`` see it.

The labels are fixed: an alert of this lane and that of its rule must be one and the same to Alertmanager.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plimsoll.config.model import DrawdownRule
from plimsoll.risk.drawdown import drawdowns
from plimsoll.risk.rejections import Intent, Reason
from plimsoll.risk.watching import Watched
from plimsoll_exporter.rejections.counts import REJECTIONS, OrderCounts

BREACHED, NO_MARGIN, CLOSE_REJECTED = "DrawdownLimitBreached", "InsufficientMarginRejection", "CloseOrderRejected"
ALERTS = (BREACHED, NO_MARGIN, CLOSE_REJECTED)
"""The alerts of this lane."""

REJECTION_SECONDS = 300.0
"""How long a rejection counts, as in ``prometheus/rules/rejections.yml``."""

FLATTEN = "flatten"


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """One limit that is crossed.

    Attributes:
        alert: Name of its alert.
        account: Name of the account.
        rule: Name of the drawdown rule; empty for rejections.
        flatten: The enforcer is to act on it.
    """

    alert: str
    account: str
    rule: str = ""
    flatten: bool = False

    @property
    def labels(self) -> dict[str, str]:
        """The full label set of its alert."""
        fixed = {"alertname": self.alert, "account": self.account, "severity": "critical", "lane": "money"}
        return fixed | ({"rule": self.rule} if self.rule else {}) | ({"enforce": FLATTEN} if self.flatten else {})


def crossings(
    account: str,
    watched: Watched | None,
    rules: Mapping[str, DrawdownRule],
    counts: OrderCounts,
    now: float,
) -> frozenset[Crossing]:
    """Every limit that an account has crossed.

    A breach stays for as long as the rule remembers it, whether or not the account can be read.

    Args:
        account: Its name.
        watched: What its drawdown rules remember; ``None`` before its first sample.
        rules: Its drawdown rules.
        counts: How its orders ended.
        now: Unix time.
    """
    return frozenset((*_breaches(account, watched, rules), *_rejections(account, counts, now)))


def _breaches(account: str, watched: Watched | None, rules: Mapping[str, DrawdownRule]) -> Iterator[Crossing]:
    if watched is None or not any(rule.breached for rule in watched.standing.rules.values()):
        return
    for row in drawdowns(watched, rules, None):
        if row.breached:
            yield Crossing(alert=BREACHED, account=account, rule=row.rule, flatten=row.on_breach == FLATTEN)


def _rejections(account: str, counts: OrderCounts, now: float) -> Iterator[Crossing]:
    recent = [
        labels
        for labels, count in counts.counts.get(REJECTIONS, {}).items()
        if count.last_at is not None and count.last_at > now - REJECTION_SECONDS
    ]
    if any(reason == Reason.INSUFFICIENT_MARGIN.value for reason, _ in recent):
        yield Crossing(alert=NO_MARGIN, account=account)
    if any(intent == Intent.CLOSE.value for _, intent in recent):
        yield Crossing(alert=CLOSE_REJECTED, account=account)
