"""What the programs of a chaos run are started with: three armed accounts, every channel on, all secrets made up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from alerting_files import SECRETS, alerting_sections, write_secret, write_secrets

OPERATOR = "made-up-operator-token"
REPORT = "made-up-report-token"
WEBHOOK = SECRETS["webhook.token"]
ACCOUNTS = {"source": 400_000, "eon": 50_000, "live": 5_000}
"""What each account begins with, in USD."""

LIMIT = "0.10"
RULE, FIXED, TOP = "tmad", "base", "top"
"""The rule that closes, and two that nothing reaches: their references are known to the cent."""

BEYOND = 100
"""Times the first equity: a limit that nothing reaches."""


def write_configuration(folder: Path, urls: Mapping[str, str]) -> Path:
    """Write ``plimsoll.yml`` and the secrets beside it.

    Args:
        folder: Where they go.
        urls: Of ``simulator``, ``exporter``, ``enforcer``, ``alertmanager`` and of the channels' ``services``.
    """
    write_secrets(folder, urls["services"])
    for name, text in (("report.token", REPORT), ("operator.token", OPERATOR)):
        write_secret(folder / "secrets" / name, text)
    for path in (folder / "secrets").iterdir():
        path.chmod(0o600)
    accounts = "".join(_account(name, usd) for name, usd in ACCOUNTS.items())
    text = (
        f'exchange: {{environment: simulator, rest_url: "{urls["simulator"]}"}}\n'
        f"accounts:\n{accounts}"
        f'exporter: {{listen: "{urls["exporter"].removeprefix("http://")}", data_dir: data/exporter}}\n'
        f'enforcer: {{listen: "{urls["enforcer"].removeprefix("http://")}", data_dir: data/enforcer, '
        "webhook_token_file: secrets/webhook.token, operator_token_file: secrets/operator.token}\n"
    )
    alerting = alerting_sections(
        alertmanager=urls["alertmanager"], enforcer=f"{urls['enforcer']}/api/v1/alerts", services=urls["services"]
    )
    path = folder / "plimsoll.yml"
    path.write_text(text + alerting, encoding="utf-8")
    return path


def _account(name: str, usd: int) -> str:
    lines = (
        f"  {name}:",
        "    limits:",
        "      drawdown:",
        f"        {RULE}: {{from: high-water, ratio: {LIMIT}, on_breach: flatten, lockout: until-released}}",
        f"        {FIXED}: {{from: start, amount_usd: {usd * BEYOND}, start_usd: {usd}, on_breach: page}}",
        f"        {TOP}: {{from: high-water, amount_usd: {usd * BEYOND}, high_water_usd: {usd}, on_breach: page}}",
        "    enforcement: {mode: armed, on_unverifiable: hold}",
    )
    return "".join(f"{line}\n" for line in lines)
