"""The validated configuration: what runs accepts only this. Made by ``config.load``; every value is in its final type.

Ratios are ``Decimal`` 0..1, money ``Decimal`` in USD, times ``float`` seconds, files ``Path`` (absolute: relative ones
are taken from the folder of the configuration file).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from plimsoll.config.reading import SecretFile
from plimsoll.config.tree import At


class Environment(StrEnum):
    """Which exchange is meant; it chooses the base URLs."""

    PRODUCTION = "production"
    TESTNET = "testnet"
    DEMO = "demo"
    SIMULATOR = "simulator"


class StreamForm(StrEnum):
    """How the private stream is opened; the sources disagree, so ``auto`` tries them in turn.

    ``events``: listen key and list of events in the query; ``subscribe``: by a message after connecting; ``query``:
    listen key alone in the query; ``path``: listen key in the path.
    """

    AUTO = "auto"
    EVENTS = "events"
    SUBSCRIBE = "subscribe"
    QUERY = "query"
    PATH = "path"


class Mode(StrEnum):
    """What the enforcer may do for an account; the label ``mode``."""

    OFF = "off"
    DRY_RUN = "dry-run"
    ARMED = "armed"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangeConfig:
    """Section ``exchange``; the URLs are filled in from the environment where they are not set."""

    environment: Environment
    rest_url: str
    wallet_url: str | None
    market_stream_url: str
    private_stream_url: str
    private_stream_form: StreamForm = StreamForm.AUTO


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyFiles:
    """Where an API key lies: ``key_file`` with either ``secret_file`` (HMAC) or ``private_key_file`` (Ed25519, RSA)."""

    key_file: Path
    secret_file: Path | None = None
    private_key_file: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawdownRule:
    """One entry of ``limits.drawdown``; exactly one of ``ratio`` and ``amount_usd`` is set."""

    name: str
    reference: str
    ratio: Decimal | None = None
    amount_usd: Decimal | None = None
    timezone: str = "UTC"
    on_breach: str = "page"
    lock_at_start: bool = False
    lockout: str | float = "until-released"
    high_water_usd: Decimal | None = None
    start_usd: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SymbolLimits:
    """One entry of ``limits.symbols``."""

    leverage: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Section ``limits`` of an account; ``None`` means not watched."""

    drawdown: Mapping[str, DrawdownRule] = field(default_factory=dict)
    min_equity_usd: Decimal = Decimal(10)
    leverage: Decimal | None = None
    symbol_leverage: Decimal | None = None
    leverage_setting: int | None = None
    symbols: Mapping[str, SymbolLimits] = field(default_factory=dict)
    margin_ratio: Decimal | None = None
    liquidation_distance: Decimal | None = None
    available_margin: Decimal | None = None
    stop_coverage: Decimal | None = None
    stop_grace: float = 30.0
    drawdown_at_stops: Decimal | None = None
    near: tuple[Decimal, Decimal] = (Decimal("0.6"), Decimal("0.8"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Enforcement:
    """Section ``enforcement`` of an account."""

    mode: Mode = Mode.DRY_RUN
    on_unverifiable: str = "hold"


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountConfig:
    """One entry of ``accounts``."""

    name: str
    product: str
    read_key: KeyFiles | None = None
    trade_key: KeyFiles | None = None
    limits: Limits
    enforcement: Enforcement


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirror:
    """One entry of ``mirrors``: ``destination`` should hold ``scale`` times what ``source`` holds."""

    source: str
    destination: str
    scale: Decimal
    tolerance: Decimal = Decimal("0.05")
    min_usd: Decimal = Decimal(500)
    grace: float = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectionLog:
    """One entry of ``rejections.logs``."""

    path: Path
    account: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejections:
    """Section ``rejections``."""

    token_file: Path | None = None
    logs: tuple[RejectionLog, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Listen:
    """An address to listen on."""

    host: str
    port: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ExporterConfig:
    """Section ``exporter``."""

    listen: Listen
    data_dir: Path
    web_config_file: Path | None = None
    allowed_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EnforcerConfig:
    """Section ``enforcer``."""

    listen: Listen
    data_dir: Path
    webhook_token_file: Path | None = None
    operator_token_file: Path | None = None
    web_config_file: Path | None = None
    allowed_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertmanagerConfig:
    """One entry of ``alertmanager``."""

    url: str
    username: str | None = None
    password_file: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EnforcementWebhook:
    """Section ``enforcement_webhook``."""

    url: str
    token_file: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PagerDuty:
    """Section ``notifications.pagerduty``."""

    routing_key_file: Path
    url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Telegram:
    """Section ``notifications.telegram``."""

    bot_token_file: Path
    chat_id_file: Path
    api_url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class UrlFile:
    """Sections ``notifications.webhook`` and ``notifications.heartbeat``: the URL itself is a secret."""

    url_file: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Notifications:
    """Section ``notifications``; ``None`` means off."""

    pagerduty: PagerDuty | None = None
    telegram: Telegram | None = None
    webhook: UrlFile | None = None
    heartbeat: UrlFile | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """Section ``links``: where alerts, pages and reports find the rest."""

    grafana: str | None = None
    runbook: str | None = None
    prometheus: str | None = None
    button: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The whole of ``plimsoll.yml``, validated.

    Attributes:
        secret_files: Every secret's file and where it is named, by the path of its key, for faults to be told with.
    """

    path: Path
    exchange: ExchangeConfig
    accounts: Mapping[str, AccountConfig]
    exporter: ExporterConfig
    enforcer: EnforcerConfig
    mirrors: tuple[Mirror, ...] = ()
    rejections: Rejections = field(default_factory=Rejections)
    alertmanager: tuple[AlertmanagerConfig, ...] = ()
    enforcement_webhook: EnforcementWebhook | None = None
    notifications: Notifications = field(default_factory=Notifications)
    links: Links = field(default_factory=Links)
    secret_files: Mapping[At, SecretFile] = field(default_factory=dict, compare=False)
