"""The health series of one account and of the way to the exchange; they exist whether the account is live or not."""

from __future__ import annotations

from plimsoll.metrics.program import KEY_PERMISSION, KEY_PERMISSIONS
from plimsoll.metrics.section import Section
from plimsoll.state.compare import FIELDS
from plimsoll_exporter import catalogue_pipeline as pipeline
from plimsoll_exporter.view import SOURCES, AccountView, ExporterView


def add_health(section: Section, account: AccountView) -> None:
    """Add how far one account can be believed; ``binance_account_up`` is not part of it."""
    name = account.config.name
    section.add(pipeline.CONFIGURED_ACCOUNT, (name, account.config.enforcement.mode.value), 1)
    section.add(pipeline.STREAM_CONNECTED, (name,), account.connected)
    section.add(pipeline.TRUSTED, (name,), account.trusted_at)
    section.add(pipeline.UNEXPLAINED, (name,), account.unexplained_usd)
    section.add(pipeline.UNEXPLAINED_SINCE, (name,), account.unexplained_since)
    section.add(pipeline.ALLOWED_AGE, (name,), account.allowed_age)
    for source in SOURCES:
        section.add(pipeline.SOURCE_SUCCESS, (name, source), account.sources.get(source))
    for field, count in {**dict.fromkeys(FIELDS, 0), **account.corrections}.items():
        section.add(pipeline.CORRECTIONS, (name, field), count)
    _add_permissions(section, account)


def _add_permissions(section: Section, account: AccountView) -> None:
    for key, permissions in account.permissions.items():
        for permission in KEY_PERMISSIONS:
            labels = (account.config.name, key, permission)
            section.add(KEY_PERMISSION, labels, getattr(permissions, permission))


def add_exchange(section: Section, view: ExporterView) -> None:
    """Add what all accounts of this address share."""
    section.add(pipeline.USED_WEIGHT, (), view.weight_used)
    section.add(pipeline.WEIGHT_LIMIT, (), view.weight_limit)
    section.add(pipeline.CLOCK_OFFSET, (), view.clock_offset)
