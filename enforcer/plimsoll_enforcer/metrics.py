"""The families of one scrape, built afresh from the desk's figures: what they do not know is not on the page.

Nothing here outlives a scrape but the count of accounts that could not be shown.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import product

from prometheus_client import Metric as AnyFamily
from prometheus_client.registry import Collector

from plimsoll.metrics.distribution import Distribution
from plimsoll.metrics.metric import Metric
from plimsoll.metrics.program import KEY_PERMISSION, KEY_PERMISSIONS
from plimsoll.metrics.section import Section
from plimsoll_enforcer import catalogue
from plimsoll_enforcer.desk import OUTCOMES, AccountFigures, Figures

CHURN = 3
"""Closes during a lockout within ``CHURN_SECONDS`` that are churn."""

CHURN_SECONDS = 60.0
TRADE_KEY = "trade"

FAMILIES: tuple[Metric, ...] = (*catalogue.ENFORCER.metrics, KEY_PERMISSION)
"""The metrics made from figures; the rest of the catalogue is counted by the process itself."""

log = logging.getLogger(__name__)


class Families:
    """Makes families of figures, and remembers which accounts could not be shown."""

    def __init__(self) -> None:
        self._failures: Counter[str] = Counter()

    def of(self, figures: Figures) -> Collector:
        """What collects the families of these figures; they are made when it is asked, in whatever thread."""
        return _Moment(lambda: self._made(figures))

    def _made(self, figures: Figures) -> Iterable[AnyFamily]:
        page = Section()
        for name, account in figures.accounts.items():
            self._add_whole(page, name, account)
            page.add(catalogue.RENDER_FAILURES, (name,), float(self._failures[name]))
        page.distribute(catalogue.TIME_TO_FLAT, (), _distribution(figures.times_to_flat))
        page.add(catalogue.JOURNAL_FAILURES, (), float(figures.journal_failures))
        page.add(catalogue.LAST_PROBE, (), figures.last_probe_at)
        return list(page.families(FAMILIES))

    def _add_whole(self, page: Section, name: str, account: AccountFigures) -> None:
        section = Section()
        try:
            _add_account(section, account)
        except Exception:  # one account that cannot be shown must not take the page away
            if not self._failures[name]:
                log.exception("account %s cannot be shown in /metrics", name)
            self._failures[name] += 1
            return
        page.merge(section)


class _Moment(Collector):
    """Families of one moment."""

    def __init__(self, make: Callable[[], Iterable[AnyFamily]]) -> None:
        self._make = make

    def collect(self) -> Iterable[AnyFamily]:
        """They."""
        return self._make()


def churned_at(times: Sequence[float]) -> float | None:
    """When something was last closed again for the third time within 60 s; ``None`` where that never was.

    Args:
        times: Unix times of closes during lockouts, oldest first.
    """
    thirds = zip(times, times[CHURN - 1 :], strict=False)
    return max((last for first, last in thirds if last - first <= CHURN_SECONDS), default=None)


def _add_account(section: Section, account: AccountFigures) -> None:
    label = (account.account,)
    section.add(catalogue.MODE_INFO, (*label, account.mode.value), 1.0)
    section.add(catalogue.LAST_RUN, label, account.last_run_at)
    section.add(catalogue.FAILING_SINCE, label, account.failing_since)
    section.add(catalogue.RESIDUAL, label, account.residual_exposure_usd)
    section.add(catalogue.LOCKED_UNTIL, label, account.locked_until)
    section.add(catalogue.RECLOSES, label, float(account.recloses))
    section.add(catalogue.CHURNED_AT, label, churned_at(account.recloses_at))
    section.add(catalogue.RECLOSES_COST, label, account.recloses_cost_usd)
    _add_counts(section, account)
    for permission in KEY_PERMISSIONS:
        if permission in account.permissions:
            section.add(KEY_PERMISSION, (*label, TRADE_KEY, permission), float(account.permissions[permission]))


def _add_counts(section: Section, account: AccountFigures) -> None:
    """Add the counters with every combination of their closed labels, those at 0 too."""
    name = account.account
    for outcome in OUTCOMES:
        section.add(catalogue.REQUESTS, (name, outcome), float(account.requests.get(outcome, 0)))
    for run in product(catalogue.RUN_MODES, catalogue.RUN_OUTCOMES):
        section.add(catalogue.RUNS, (name, *run), float(account.runs.get(run, 0)))
    errors: Counter[str] = Counter()
    for code, count in account.close_errors.items():
        errors[code if code in catalogue.CLOSE_ERROR_CODES else catalogue.OTHER] += count
    for code in catalogue.CLOSE_ERROR_CODES:
        section.add(catalogue.CLOSE_ERRORS, (name, code), float(errors[code]))


def _distribution(times: Sequence[float]) -> Distribution:
    bounds = (*map(float, catalogue.TIME_BUCKETS), math.inf)
    return Distribution(
        buckets=tuple((bound, float(sum(time <= bound for time in times))) for bound in bounds), sum=math.fsum(times)
    )
