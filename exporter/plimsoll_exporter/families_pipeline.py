"""The health series of one account and of the way to the exchange; they exist whether the account is live or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.config.model import AccountConfig
from plimsoll.metrics.program import KEY_PERMISSION, KEY_PERMISSIONS
from plimsoll.metrics.section import Section
from plimsoll.model.account import KeyPermissions
from plimsoll.state.compare import FIELDS
from plimsoll_exporter import catalogue_pipeline as pipeline
from plimsoll_exporter.view import SOURCES, AccountView, ExporterView


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """What of an account's health seldom changes: of equal ones the series are equal."""

    config: AccountConfig
    connected: bool
    corrections: Mapping[str, int]
    permissions: Mapping[str, KeyPermissions]

    @classmethod
    def of(cls, account: AccountView) -> Health:
        """Of an account."""
        return cls(
            config=account.config,
            connected=account.connected,
            corrections=account.corrections,
            permissions=account.permissions,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Trust:
    """How far the figures of an account can be believed at this moment."""

    trusted_at: float | None
    unexplained_usd: Decimal | None
    unexplained_since: float | None
    allowed_age: float
    sources: Mapping[str, float]

    @classmethod
    def of(cls, account: AccountView) -> Trust:
        """Of an account."""
        return cls(
            trusted_at=account.trusted_at,
            unexplained_usd=account.unexplained_usd,
            unexplained_since=account.unexplained_since,
            allowed_age=account.allowed_age,
            sources=account.sources,
        )


def add_health(section: Section, name: str, health: Health) -> None:
    """Add what is configured of an account, and what went wrong; ``binance_account_up`` is not part of it."""
    section.add(pipeline.CONFIGURED_ACCOUNT, (name, health.config.enforcement.mode.value), 1)
    section.add(pipeline.STREAM_CONNECTED, (name,), health.connected)
    for field, count in {**dict.fromkeys(FIELDS, 0), **health.corrections}.items():
        section.add(pipeline.CORRECTIONS, (name, field), count)
    for key, permissions in health.permissions.items():
        for permission in KEY_PERMISSIONS:
            section.add(KEY_PERMISSION, (name, key, permission), getattr(permissions, permission))


def add_trust(section: Section, name: str, trust: Trust) -> None:
    """Add how far an account can be believed."""
    section.add(pipeline.TRUSTED, (name,), trust.trusted_at)
    section.add(pipeline.UNEXPLAINED, (name,), trust.unexplained_usd)
    section.add(pipeline.UNEXPLAINED_SINCE, (name,), trust.unexplained_since)
    section.add(pipeline.ALLOWED_AGE, (name,), trust.allowed_age)
    for source in SOURCES:
        section.add(pipeline.SOURCE_SUCCESS, (name, source), trust.sources.get(source))


def add_exchange(section: Section, view: ExporterView) -> None:
    """Add what all accounts of this address share."""
    section.add(pipeline.USED_WEIGHT, (), view.weight_used)
    section.add(pipeline.WEIGHT_LIMIT, (), view.weight_limit)
    section.add(pipeline.CLOCK_OFFSET, (), view.clock_offset)
