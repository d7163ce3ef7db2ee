"""The drawdown series of one account: references and breaches always, what is made of equity while it is trusted."""

from __future__ import annotations

from plimsoll.metrics.section import Section
from plimsoll.risk.figures import AccountFigures
from plimsoll_exporter import catalogue_drawdown as catalogue
from plimsoll_exporter.drawdown import ShownDrawdown, shown_drawdowns
from plimsoll_exporter.view import AccountView


def add_drawdown(section: Section, account: AccountView, figures: AccountFigures | None) -> None:
    """Add every rule of an account; ``figures`` is ``None`` while it shows none."""
    name = account.config.name
    section.add(catalogue.MIN_EQUITY, (name,), account.config.limits.min_equity_usd)
    for shown in shown_drawdowns(account, figures):
        _add_rule(section, (name, shown.rule.name), shown)
        section.add(catalogue.FLOWS_UNTIL, (name, shown.rule.name), account.ledger.flows_until)


def _add_rule(section: Section, labels: tuple[str, str], shown: ShownDrawdown) -> None:
    section.add(catalogue.LIMIT, labels, shown.limit_ratio)
    for level, ratio in shown.near.items():
        section.add(catalogue.NEAR, (*labels, level), ratio)
    row = shown.figures
    if row is None:
        return
    for metric, value in (
        (catalogue.REFERENCE, row.reference_usd),
        (catalogue.REFERENCE_AT, row.reference_at),
        (catalogue.ESTIMATED, row.estimated),
        (catalogue.USD_LOST, row.drawdown_usd),
        (catalogue.RATIO_LOST, row.drawdown_ratio),
        (catalogue.FLOOR, row.floor_usd),
        (catalogue.AT_STOPS, shown.at_stops),
        (catalogue.SAMPLES, row.breach_samples),
    ):
        section.add(metric, labels, value)
    section.add(catalogue.BREACHED, (*labels, row.on_breach), row.breached)
