"""What users do today, each as its own documentation says, and Plimsoll's page: all of them read the same account.

Every tool gives readings in one form. What a tool does not tell is ``None``; nothing is added to what it told.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ccxt  # type: ignore[import-untyped] # the package tells no types
import requests
from binance.client import Client

ADDRESS = "X-Simulated-IP"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One look of a tool at an account.

    Attributes:
        ended: Unix time at which the tool had it.
        stamp: Unix time of what it shows: of its oldest price where the tool tells one, else of the answer.
        equity: In USD.
        gross: Gross exposure in USD.
        positions: Symbols held.
        naked: Those of them without a stop; ``None`` where the tool cannot tell.
        refused: Orders refused until now; ``None`` where the tool cannot tell.
        breached: Whether it says so itself that the drawdown limit is crossed; ``None`` where it knows no limit.
    """

    ended: float
    stamp: float
    equity: float
    gross: float
    positions: frozenset[str]
    naked: frozenset[str] | None
    refused: float | None = None
    breached: bool | None = None


Read = Callable[[], Reading | None]


def python_binance(url: str, account: str, address: str) -> Read:
    """Account, positions and open orders, as the library's documentation has them: ``futures_get_open_orders()``."""
    client = Client(f"simulator-key-{account}", f"simulator-secret-{account}", ping=False)
    client.FUTURES_URL = f"{url}/fapi"
    client.session.headers[ADDRESS] = address

    def read() -> Reading:
        totals: dict[str, Any] = client.futures_account()
        rows: list[dict[str, Any]] = client.futures_position_information()
        answered = time.time()
        orders: list[dict[str, Any]] = client.futures_get_open_orders()
        held = {row["symbol"]: abs(float(row["notional"])) for row in rows if float(row["positionAmt"])}
        stops = {order["symbol"] for order in orders if order["type"].startswith("STOP")}
        return Reading(
            ended=time.time(),
            stamp=answered,
            equity=float(totals["totalMarginBalance"]),
            gross=sum(held.values()),
            positions=frozenset(held),
            naked=frozenset(held) - stops,
        )

    return read


def ccxt_loop(url: str, account: str, address: str) -> Read:
    """The same by ``ccxt``: ``fetch_balance``, ``fetch_positions``, ``fetch_open_orders`` of each symbol held."""
    exchange = ccxt.binanceusdm({"apiKey": f"simulator-key-{account}", "secret": f"simulator-secret-{account}"})
    exchange.headers = {ADDRESS: address}
    exchange.options["fetchCurrencies"] = False
    known = exchange.urls["api"]
    exchange.urls["api"] = {
        name: re.sub(r"^https://[^/]+", url, address) if name.startswith("fapi") else address
        for name, address in known.items()
    }

    def read() -> Reading:
        balance: dict[str, Any] = exchange.fetch_balance()
        rows: list[dict[str, Any]] = exchange.fetch_positions()
        answered = time.time()
        held = {row["symbol"]: abs(float(row["notional"])) for row in rows if row["contracts"]}
        orders = [order for symbol in held for order in exchange.fetch_open_orders(symbol)]
        stops = {order["symbol"] for order in orders if str(order["info"].get("type")).startswith("STOP")}
        plain = {symbol: symbol.replace("/", "").partition(":")[0] for symbol in held}
        return Reading(
            ended=time.time(),
            stamp=answered,
            equity=float(balance["info"]["totalMarginBalance"]),
            gross=sum(held.values()),
            positions=frozenset(plain.values()),
            naked=frozenset(plain[symbol] for symbol in held.keys() - stops),
        )

    return read


def plimsoll(url: str, account: str) -> Read:
    """The exporter's page; what is not on it is not known, and a page without equity is no reading."""
    session = requests.Session()

    def read() -> Reading | None:
        page = session.get(f"{url}/metrics", timeout=10).text
        ended, values = time.time(), _Page(page, account)
        equity, gross = values.one("binance_account_equity_usd"), values.one("binance_account_gross_exposure_usd")
        marks = values.one("binance_source_success_timestamp_seconds", source="marks")
        if equity is None or gross is None or marks is None:
            return None
        coverage = values.by_symbol("binance_position_stop_coverage_ratio")
        held = values.by_symbol("binance_position_quantity")
        breached = values.one("binance_account_drawdown_breached")
        return Reading(
            ended=ended,
            stamp=marks,
            equity=equity,
            gross=gross,
            positions=frozenset(held),
            naked=frozenset(symbol for symbol, share in coverage.items() if share == 0)
            if coverage.keys() == held.keys()
            else None,
            refused=values.total("binance_order_rejections_total"),
            breached=None if breached is None else breached > 0,
        )

    return read


class _Page:
    """The series of one account on a page."""

    def __init__(self, page: str, account: str) -> None:
        self._lines = [line for line in page.splitlines() if f'account="{account}"' in line]

    def _rows(self, name: str, **labels: str) -> list[tuple[str, float]]:
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        rows = [line.rpartition(" ") for line in self._lines if line.startswith(f"{name}{{")]
        return [(series, float(value)) for series, _, value in rows if all(label in series for label in wanted)]

    def one(self, name: str, **labels: str) -> float | None:
        """The value of the first such series."""
        found = self._rows(name, **labels)
        return found[0][1] if found else None

    def total(self, name: str) -> float:
        """The sum of all."""
        return sum(value for _, value in self._rows(name))

    def by_symbol(self, name: str) -> dict[str, float]:
        """Values by symbol."""
        return {re.findall(r'symbol="(\w+)"', series)[0]: value for series, value in self._rows(name)}
