"""A folder with ``plimsoll.yml`` and made-up secret files, ready to be rendered; tests stand in for the services."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from plimsoll.config.load import load
from plimsoll.config.model import Config

USER = "plimsoll"
PASSWORD = "made-up-web-password"
SECRETS = {
    "web.password": PASSWORD,
    "webhook.token": "made-up-webhook-token",
    "pagerduty.key": "madeuppagerdutyroutingkey0000000",
    "telegram.token": "123456:made-up-telegram-token-0000000000",
    "telegram.chat": "-1001234567890",
}
CHANNEL_FILES = {
    "pagerduty": ("pagerduty.key",),
    "telegram": ("telegram.token", "telegram.chat"),
    "webhook": ("webhook.url",),
    "heartbeat": ("heartbeat.url",),
}
"""The secret files of each channel."""

_ALERTMANAGER = 'alertmanager: [{{url: "{alertmanager}", username: plimsoll, password_file: secrets/web.password}}]\n'
_CHANNELS = """\
notifications:
  pagerduty: {{routing_key_file: secrets/pagerduty.key, url: "{services}/v2/enqueue"}}
  telegram: {{bot_token_file: secrets/telegram.token, chat_id_file: secrets/telegram.chat, api_url: "{services}"}}
  webhook: {{url_file: secrets/webhook.url}}
  heartbeat: {{url_file: secrets/heartbeat.url}}
"""
_CONFIG = f"""\
exchange: {{{{environment: simulator}}}}
accounts: {{accounts}}
{_ALERTMANAGER}{{enforcement}}
{_CHANNELS}exporter: {{{{listen: "{{exporter}}"}}}}
"""
_ENFORCEMENT = 'enforcement_webhook: {{url: "{enforcer}", token_file: secrets/webhook.token}}'


def alerting_config(
    folder: Path,
    *,
    alertmanager: str = "http://127.0.0.1:9093",
    services: str = "http://127.0.0.1:1",
    without: Collection[str] = (),
    exporter: str = "127.0.0.1:9713",
    accounts: str = "{eon: {}}",
) -> Config:
    """Write configuration and secrets into a folder and load them.

    Args:
        folder: Where they go.
        alertmanager: Base URL of the Alertmanager.
        services: Base URL of what stands in for PagerDuty, Telegram and the webhooks.
        exporter: Where the exporter listens.
        accounts: The section ``accounts``, on one line.
        without: Channels whose secret files are missing; ``enforcer`` leaves its webhook out.
    """
    write_secrets(folder, services)
    for channel in without:
        for name in CHANNEL_FILES.get(channel, ()):
            (folder / "secrets" / name).unlink()
    enforcement = "" if "enforcer" in without else _ENFORCEMENT.format(enforcer=f"{services}/enforce")
    path = folder / "plimsoll.yml"
    path.write_text(
        _CONFIG.format(
            alertmanager=alertmanager,
            services=services,
            enforcement=enforcement,
            exporter=exporter,
            accounts=accounts,
        ),
        encoding="utf-8",
    )
    return load(path, environ={})


def alerting_sections(*, alertmanager: str, enforcer: str, services: str) -> str:
    """What turns every channel of the shipped ``plimsoll.yml`` on, to be written after it.

    Args:
        alertmanager: Base URL of the Alertmanager.
        enforcer: URL of the enforcer's webhook.
        services: Base URL of what stands in for PagerDuty, Telegram and the webhooks.
    """
    text = f"\n{_ALERTMANAGER}{_ENFORCEMENT}\n{_CHANNELS}rejections: {{{{token_file: secrets/report.token}}}}\n"
    return text.format(alertmanager=alertmanager, enforcer=enforcer, services=services)


def write_secrets(folder: Path, services: str) -> None:
    """Every secret file, of good mode."""
    (folder / "secrets").mkdir(exist_ok=True)
    urls = {
        "webhook.url": f"{services}/hook/made-up-secret-path",
        "heartbeat.url": f"{services}/beat/made-up-id",
    }
    for name, text in (SECRETS | urls).items():
        write_secret(folder / "secrets" / name, text)


def write_secret(path: Path, text: str) -> None:
    """One secret file."""
    path.write_text(f"{text}\n", encoding="utf-8")
    path.chmod(0o640)
