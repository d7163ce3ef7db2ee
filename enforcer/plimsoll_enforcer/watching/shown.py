"""What is shown of an account: figures for the metrics, and the gate that bots ask."""

from __future__ import annotations

import math
from collections import Counter
from decimal import Decimal

from plimsoll.config.model import AccountConfig
from plimsoll_enforcer.catalogue import CLOSE_ERROR_CODES
from plimsoll_enforcer.desk import AccountFigures, Gate
from plimsoll_enforcer.journal.journal import OTHER, Journal
from plimsoll_enforcer.journal.values import Lockout
from plimsoll_enforcer.watching.parts import Stance
from plimsoll_enforcer.watching.running import DRY_RUN


def gate_of(lockout: Lockout | None, *, doubt: str, running: bool) -> Gate:
    """Whether an account may trade.

    Args:
        lockout: The one that stands.
        doubt: In words why nobody knows whether it is locked.
        running: A run is in progress, or waits to go on.
    """
    if lockout is not None:
        until = None if math.isinf(lockout.until) else lockout.until
        return Gate(open=False, reason=_cause(lockout), until=until)
    if running:
        return Gate(open=False, reason="everything is being closed")
    if doubt:
        return Gate(open=False, reason=f"{doubt}; release it by hand")
    return Gate(open=True)


def _cause(lockout: Lockout) -> str:
    """Why it is locked, for everybody: neither figures nor what an operator wrote."""
    if not lockout.rules:
        return "locked out by hand"
    return f"locked out: drawdown limit {', '.join(lockout.rules)} was reached"


def figures_of(
    config: AccountConfig,
    stance: Stance,
    journal: Journal,
    *,
    lockout: Lockout | None = None,
    failing_since: float | None = None,
    residual: Decimal | None = None,
    recloses_at: tuple[float, ...] = (),
    recloses_cost: Decimal | None = None,
    watching: float | None = None,
) -> AccountFigures:
    """One account's figures of now."""
    name = config.name
    runs = [run for run in journal.runs() if run.account == name]
    if residual is None:
        real = (run.result for run in runs if run.result is not None and run.mode != DRY_RUN)
        residual = next((result.residual_exposure_usd for result in real), None)
    return AccountFigures(
        account=name,
        mode=stance.mode,
        why_mode=stance.why,
        requests=journal.counts(name, "requests"),
        runs=_runs(journal.counts(name, "runs")),
        last_run_at=max((run.began_at for run in runs), default=None),
        failing_since=failing_since,
        residual_exposure_usd=residual,
        locked_until=None if lockout is None else lockout.until,
        locked_why="" if lockout is None else lockout.reason,
        recloses=journal.counts(name, "recloses").get("", 0),
        recloses_at=recloses_at,
        recloses_cost_usd=recloses_cost,
        close_errors=_errors(journal.counts(name, "close_errors")),
        permissions=stance.permissions,
        watching=watching,
    )


def _runs(counts: dict[str, int]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for label, count in counts.items():
        mode, _, outcome = label.partition(" ")
        found[mode, outcome] = count
    return found


def _errors(counts: dict[str, int]) -> dict[str, int]:
    """By the closed list of codes."""
    found: Counter[str] = Counter()
    for code, count in counts.items():
        found[code if code in CLOSE_ERROR_CODES else OTHER] += count
    return dict(found)
