"""The exporter's own interface, asked what it holds of an account: to compare with, and for alerts that are incomplete.

It need not be there. Where it does not answer at once, asks for a login, or tells nonsense, it does not answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol, cast

import aiohttp

from plimsoll.config.model import ExporterConfig
from plimsoll_enforcer.decide.claim import LATEST
from plimsoll_enforcer.decide.told import Told
from plimsoll_enforcer.watching.body import whole_body

TIMEOUT = 0.5
"""Real seconds: an alert must not wait for who is not needed."""

LIMIT = 4 * 1024 * 1024
OK = 200

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,40})?")
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to call, not to listen


class Exporter(Protocol):
    """Who may be asked."""

    async def told(self, account: str) -> Mapping[str, Told]:
        """What it holds of every rule; empty where it does not answer."""


class HttpExporter:
    """Asks over HTTP; ``close`` it at the end.

    Args:
        config: Where it listens.
    """

    def __init__(self, config: ExporterConfig) -> None:
        host = _ANYWHERE.get(config.listen.host, config.listen.host)
        shown = f"[{host}]" if ":" in host else host
        self._base = f"http://{shown}:{config.listen.port}/api/v1/accounts/"
        self._session: aiohttp.ClientSession | None = None

    async def told(self, account: str) -> Mapping[str, Told]:
        """``GET /api/v1/accounts/{account}``."""
        try:
            return read_account(await self._get(account))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError):
            return {}

    async def close(self) -> None:
        """End its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _get(self, account: str) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        async with self._session.get(self._base + account, allow_redirects=False) as answer:
            if answer.status != OK:
                return b"{}"
            return await whole_body(answer, LIMIT)


def read_account(content: bytes) -> Mapping[str, Told]:
    """An answer's rules; of an account that is not live, their references alone.

    Raises:
        ValueError: It is no JSON.
    """
    found = _table(json.loads(content))
    live = found.get("status") == "live"
    drawdown, equity = _table(found.get("drawdown")), _decimal(_table(found.get("figures")).get("equity"))
    until = _seconds(drawdown.get("flows_until_timestamp"))
    return {
        name: Told(
            live=live,
            equity_usd=equity if live else None,
            reference_usd=_decimal(_table(row).get("reference_usd")),
            reference_at=_seconds(_table(row).get("reference_timestamp")),
            flows_until=until,
            unexplained=live and found.get("unexplained_since_timestamp") is not None,
            breached=live and _table(row).get("breached") is True,
        )
        for name, row in _table(drawdown.get("rules")).items()
    }


def _table(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _seconds(value: object) -> float | None:
    """A time; NaN, infinity and what no calendar knows are none."""
    return float(value) if isinstance(value, int | float) and 0 <= value <= LATEST else None


def _decimal(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else None
