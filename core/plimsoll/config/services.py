"""What may stand in the sections about programs and notifications, and the whole file's declaration, ``ROOT``."""

from __future__ import annotations

from plimsoll.config.kinds import Field, ListOf, Section
from plimsoll.config.model import (
    AlertmanagerConfig,
    EnforcementWebhook,
    EnforcerConfig,
    ExporterConfig,
    Links,
    Notifications,
    PagerDuty,
    RejectionLog,
    Rejections,
    Telegram,
    UrlFile,
)
from plimsoll.config.sections import ACCOUNTS, EXCHANGE, MIRRORS
from plimsoll.config.texts import file, host, listen, text, url
from plimsoll.config.tree import Table, raw

_EMPTY = Table(place=raw("").place)
_WEB = url("https", "http")
_HOSTS = ListOf(expected="a list of host names", item=host())
_HOSTS_DOC = "Further values of the Host header that are answered."
_WEB_CONFIG_DOC = "TLS and basic auth, in exporter-toolkit's format."

REJECTIONS = Section(
    expected="a section such as {token_file: ...}",
    make=Rejections,
    fields={
        "token_file": Field(kind=file(secret=True), doc="Bearer token of the bots' reports."),
        "logs": Field(
            kind=ListOf(
                expected="a list of logs",
                item=Section(
                    expected="a log such as {path: bot.log, account: eon}",
                    make=RejectionLog,
                    fields={
                        "path": Field(kind=file(), required=True, doc="Log file of a bot."),
                        "account": Field(kind=text("the name of an account"), required=True, doc="Whose bot it is."),
                    },
                ),
            ),
            doc="Logs that are read for rejected orders.",
        ),
    },
)

EXPORTER = Section(
    expected='a section such as {listen: "127.0.0.1:9713"}',
    make=ExporterConfig,
    fields={
        "listen": Field(kind=listen(), default=raw("127.0.0.1:9713"), doc="Address of /metrics."),
        "data_dir": Field(kind=file("a folder"), default=raw("data/exporter"), doc="Where state is kept."),
        "web_config_file": Field(kind=file(), doc=_WEB_CONFIG_DOC),
        "allowed_hosts": Field(kind=_HOSTS, doc=_HOSTS_DOC),
    },
)

ENFORCER = Section(
    expected='a section such as {listen: "127.0.0.1:9714"}',
    make=EnforcerConfig,
    fields={
        "listen": Field(kind=listen(), default=raw("127.0.0.1:9714"), doc="Address of the red button page."),
        "data_dir": Field(kind=file("a folder"), default=raw("data/enforcer"), doc="Where the journal is kept."),
        "webhook_token_file": Field(kind=file(secret=True), doc="Bearer token of Alertmanager's webhook."),
        "operator_token_file": Field(kind=file(secret=True), doc="Bearer token of the operator."),
        "web_config_file": Field(kind=file(), doc=_WEB_CONFIG_DOC),
        "allowed_hosts": Field(kind=_HOSTS, doc=_HOSTS_DOC),
    },
)

ALERTMANAGER = ListOf(
    expected="a list of Alertmanagers",
    item=Section(
        expected='an Alertmanager such as {url: "http://127.0.0.1:9093"}',
        make=AlertmanagerConfig,
        fields={
            "url": Field(kind=url("https", "http", base=True), required=True, doc="Base of its API."),
            "username": Field(kind=text("a user name"), doc="User name of basic auth."),
            "password_file": Field(kind=file(secret=True), doc="File that holds the password."),
        },
    ),
)

WEBHOOK = Section(
    expected='a section such as {url: "http://127.0.0.1:9714/api/v1/alerts"}',
    make=EnforcementWebhook,
    fields={
        "url": Field(kind=_WEB, required=True, doc="Where Alertmanager posts what must be enforced."),
        "token_file": Field(kind=file(secret=True), doc="Bearer token it sends."),
    },
)

_URL_FILE = Section(
    expected="a section such as {url_file: ...}",
    make=UrlFile,
    fields={"url_file": Field(kind=file(secret=True), required=True, doc="File that holds the URL, itself a secret.")},
)

NOTIFICATIONS = Section(
    expected="a section of channels",
    make=Notifications,
    fields={
        "pagerduty": Field(
            kind=Section(
                expected="a section such as {routing_key_file: ...}",
                make=PagerDuty,
                fields={
                    "routing_key_file": Field(kind=file(secret=True), required=True, doc="Events API v2 routing key."),
                    "url": Field(kind=_WEB, doc="For the EU region."),
                },
            ),
            doc="Pages by PagerDuty.",
        ),
        "telegram": Field(
            kind=Section(
                expected="a section such as {bot_token_file: ..., chat_id_file: ...}",
                make=Telegram,
                fields={
                    "bot_token_file": Field(kind=file(secret=True), required=True, doc="Token of the bot."),
                    "chat_id_file": Field(kind=file(secret=True), required=True, doc="Chat that it writes to."),
                    "api_url": Field(kind=url("https", "http", base=True), doc="Another Bot API server."),
                },
            ),
            doc="Messages by Telegram.",
        ),
        "webhook": Field(kind=_URL_FILE, doc="Alertmanager's own webhook, to anywhere."),
        "heartbeat": Field(kind=_URL_FILE, doc="A dead man's switch that is pinged while all is well."),
    },
)

LINKS = Section(
    expected="a section such as {grafana: ...}",
    make=Links,
    fields={
        "grafana": Field(kind=_WEB, doc="Grafana, for the links in alerts."),
        "runbook": Field(kind=_WEB, doc="The runbook, for the links in alerts."),
        "prometheus": Field(kind=_WEB, doc="Prometheus as this machine reaches it, for incident reports."),
        "button": Field(kind=_WEB, doc="The enforcer's page as browsers reach it, for the status page."),
    },
)

_FIELDS = {
    "exchange": Field(kind=EXCHANGE, required=True, doc="Which exchange, and where it is."),
    "accounts": Field(kind=ACCOUNTS, required=True, doc="The accounts by name; the name becomes the label account."),
    "mirrors": Field(kind=MIRRORS, doc="Pairs of accounts of which one should copy the other."),
    "rejections": Field(kind=REJECTIONS, doc="How bots tell of orders that were refused."),
    "exporter": Field(kind=EXPORTER, default=_EMPTY, doc="The program plimsoll-exporter."),
    "enforcer": Field(kind=ENFORCER, default=_EMPTY, doc="The program plimsoll-enforcer."),
    "alertmanager": Field(kind=ALERTMANAGER, doc="Where the Alertmanagers are; empty turns the fast lane off."),
    "enforcement_webhook": Field(kind=WEBHOOK, doc="Where Alertmanager finds the enforcer."),
    "notifications": Field(kind=NOTIFICATIONS, doc="Channels to people; absent means off."),
    "links": Field(kind=LINKS, doc="Where alerts and pages point to."),
}

ROOT = Section(expected="the sections of plimsoll.yml", make=dict, fields=_FIELDS)
"""The whole file; ``load`` makes the ``Config`` of it."""
