"""The ledger series of one account, and whether the state can be written."""

from __future__ import annotations

from plimsoll.metrics.section import Section
from plimsoll.model.account import ZERO
from plimsoll_exporter import catalogue_ledger as catalogue
from plimsoll_exporter.count import Count
from plimsoll_exporter.view import DIRECTIONS, FORCED_KINDS, INCOME_TYPES, AccountView, ExporterView


def add_ledger(section: Section, account: AccountView) -> None:
    """Add what is counted of an account; every known combination exists from the start."""
    name, ledger = account.config.name, account.ledger
    for direction in DIRECTIONS:
        section.add(catalogue.FLOWS, (name, direction), ledger.flow_usd.get(direction, 0))
    for kind, usd in sorted({**dict.fromkeys(INCOME_TYPES, ZERO), **ledger.income_usd}.items()):
        section.add(catalogue.INCOME, (name, kind), usd)
    section.add(catalogue.MARGIN_CALLS, (name,), ledger.margin_calls.value)
    section.add(catalogue.LAST_MARGIN_CALL, (name,), ledger.margin_calls.last_at)
    for kind in FORCED_KINDS:
        count = ledger.forced_closes.get(kind, Count())
        section.add(catalogue.FORCED_CLOSES, (name, kind), count.value)
        section.add(catalogue.LAST_FORCED_CLOSE, (name, kind), count.last_at)


def add_state(section: Section, view: ExporterView) -> None:
    """Add whether the state can be written."""
    section.add(catalogue.WRITE_FAILING, (), view.state_failing_since)
    section.add(catalogue.WRITE_FAILURES, (), view.state_failures)
