"""Whether an account is near one of its drawdown limits, and is therefore read more often than others."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.config.model import DrawdownRule
from plimsoll.risk.drawdown import drawdowns
from plimsoll.risk.watching import Watched
from plimsoll_exporter.keeper.schedule import HASTY_USED


def is_near(watched: Watched | None, rules: Mapping[str, DrawdownRule]) -> bool:
    """Whether more than 60 % of any rule's limit was used at the last sample, or the rule is breached.

    Args:
        watched: The account; ``None`` before its first sample.
        rules: The configured rules by name.
    """
    if watched is None:
        return False
    rows = drawdowns(watched, rules, watched.last.equity)
    return any(row.breached or (row.used is not None and row.used > HASTY_USED) for row in rows)
