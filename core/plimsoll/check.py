"""``plimsoll check``: what the configuration says, as a table, and whatever is wrong with it.

The pages of text are made here; asking the exchange is ``live_check``'s part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from plimsoll.clock import SystemClock
from plimsoll.config.keys import trade_credentials
from plimsoll.config.model import AccountConfig, Config, DrawdownRule, Environment, Limits
from plimsoll.credentials import Credentials
from plimsoll.errors import SecretError
from plimsoll.exchange.port import SilentObserver
from plimsoll.live_check import Finding, KeyToCheck, KeyUse, Verdict, check_exchange
from plimsoll.table import table

MISSING_EXTRA = "check --live talks to the exchange and needs more packages: pip install 'plimsoll-risk[exporter]'"


def describe_config(config: Config) -> str:
    """The accounts, their limits and the mirrors between them."""
    accounts = [
        [name, account.product, account.enforcement.mode.value, _keys(account, config)]
        for name, account in config.accounts.items()
    ]
    limits = [
        [name, key, value] for name, account in config.accounts.items() for key, value in list_limits(account.limits)
    ]
    mirrors = [
        [one.source, one.destination, str(one.scale), str(one.tolerance), f"{one.min_usd} USD", f"{one.grace:g} s"]
        for one in config.mirrors
    ]
    pages = [table(("ACCOUNT", "PRODUCT", "MODE", "KEYS"), accounts)]
    if limits:
        pages.append(table(("ACCOUNT", "LIMIT", "VALUE"), limits))
    if mirrors:
        pages.append(table(("SOURCE", "DESTINATION", "SCALE", "TOLERANCE", "FROM", "GRACE"), mirrors))
    return "\n\n".join(pages)


def list_limits(limits: Limits) -> list[tuple[str, str]]:
    """The limits that are set, by their keys; empty where none is."""
    rules = [(f"drawdown.{name}", _describe_rule(rule)) for name, rule in limits.drawdown.items()]
    single = {
        "leverage": limits.leverage,
        "symbol_leverage": limits.symbol_leverage,
        "leverage_setting": limits.leverage_setting,
        **{f"symbols.{symbol}.leverage": one.leverage for symbol, one in limits.symbols.items()},
        "margin_ratio": limits.margin_ratio,
        "liquidation_distance": limits.liquidation_distance,
        "available_margin": limits.available_margin,
        "stop_coverage": limits.stop_coverage,
        "drawdown_at_stops": limits.drawdown_at_stops,
    }
    return [*rules, *((key, str(value)) for key, value in single.items() if value is not None)]


def _describe_rule(rule: DrawdownRule) -> str:
    """A drawdown rule in a few words."""
    size = str(rule.ratio) if rule.amount_usd is None else f"{rule.amount_usd} USD"
    return f"{size} from {rule.reference}, {rule.on_breach}"


def _keys(account: AccountConfig, config: Config) -> str:
    """Which keys are configured."""
    simulated = config.exchange.environment is Environment.SIMULATOR and account.read_key is None
    read = ["read (the simulator's own)"] if simulated else ["read"]
    return ", ".join([*read, *(["trade"] if account.trade_key is not None else [])])


def describe_findings(findings: tuple[Finding, ...]) -> str:
    """The answers of the exchange as a table."""
    rows = [[one.account, one.topic, one.verdict.value, one.text] for one in findings]
    return table(("ACCOUNT", "ABOUT", "VERDICT", "FINDING"), rows)


def check_live(config: Config, read_keys: Mapping[str, Credentials]) -> tuple[Finding, ...]:
    """Ask the exchange about every key.

    Args:
        config: What is configured.
        read_keys: The read key of each account.

    Raises:
        ModuleNotFoundError: The packages that talk to the exchange are not installed.
    """
    return asyncio.run(_check_live(config, read_keys))


async def _check_live(config: Config, read_keys: Mapping[str, Credentials]) -> tuple[Finding, ...]:
    """Connect, ask, disconnect; a trade key whose files are out of reach is told and left out."""
    from plimsoll.exchange.probe import StreamProbe  # noqa: PLC0415 - the base install has no aiohttp
    from plimsoll.exchange.rest import Exchange  # noqa: PLC0415 - as above

    clock = SystemClock()
    exchange = Exchange(config.exchange, clock=clock, observer=SilentObserver())
    trade_keys, unread = _trade_keys(config)
    wanted = [*((KeyUse.READ, *item) for item in read_keys.items()), *((KeyUse.TRADE, *i) for i in trade_keys.items())]
    try:
        return unread + await check_exchange(
            exchange.market,
            exchange.clock,
            StreamProbe(config.exchange, session=exchange.session, clock=clock, exchange_clock=exchange.clock),
            [KeyToCheck(account=name, use=use, reader=exchange.account(name, key)) for use, name, key in wanted],
            permissions_expected=config.exchange.wallet_url is not None,
        )
    finally:
        await exchange.close()


def _trade_keys(config: Config) -> tuple[dict[str, Credentials], tuple[Finding, ...]]:
    """The trade keys that can be read from here, and a warning for each that cannot."""
    keys: dict[str, Credentials] = {}
    unread: list[Finding] = []
    for name in config.accounts:
        try:
            key = trade_credentials(config, name)
            if key is not None:
                keys[name] = key
        except SecretError as error:
            text = f"not checked: {error}"
            unread.append(Finding(account=name, topic="trade key", verdict=Verdict.WARNING, text=text))
    return keys, tuple(unread)
