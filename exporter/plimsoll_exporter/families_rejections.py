"""The series about ended orders of one account, whether it is live or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate

from plimsoll.metrics.distribution import Distribution
from plimsoll.metrics.metric import Metric
from plimsoll.metrics.section import Section
from plimsoll_exporter import catalogue_rejections as catalogue
from plimsoll_exporter.rejections import counts
from plimsoll_exporter.view import AccountView

SHOWN: tuple[tuple[str, Metric, Metric | None], ...] = (
    (counts.REJECTIONS, catalogue.REJECTED, catalogue.LAST_REJECTED),
    (counts.BY_SYMBOL, catalogue.BY_SYMBOL, None),
    (counts.BY_SOURCE, catalogue.BY_SOURCE, None),
    (counts.ORDERS, catalogue.ENDED, None),
    (counts.PROTECTIVE, catalogue.PROTECTIVE, catalogue.LAST_PROTECTIVE),
)
"""Each counter of the ledger, its metric, and the metric of its last time."""


def add_rejections(section: Section, account: AccountView) -> None:
    """Add how orders of an account ended; every known combination exists from the start."""
    name = account.config.name
    for counter, metric, last in SHOWN:
        for labels, count in sorted(account.order_counts.of(counter).items()):
            section.add(metric, (name, *labels), count.value)
            if last is not None:
                section.add(last, (name, *labels), count.last_at)
    section.distribute(catalogue.SLIPPAGE, (name,), _slippage(account))


def _slippage(account: AccountView) -> Distribution:
    """Cumulative, as Prometheus wants it; the ledger counts each bound by itself."""
    alone = {Decimal(bound): count.value for (bound,), count in account.order_counts.of(counts.SLIPPAGE).items()}
    bounds = sorted(alone)
    return Distribution(
        buckets=tuple((float(bound), float(total)) for bound, total in zip(bounds, _sums(alone, bounds), strict=True)),
        sum=float(account.order_counts.of(counts.SLIPPAGE_SUM)[()].value),
    )


def _sums(alone: Mapping[Decimal, Decimal], bounds: Sequence[Decimal]) -> Iterable[Decimal]:
    return accumulate(alone[bound] for bound in bounds)
