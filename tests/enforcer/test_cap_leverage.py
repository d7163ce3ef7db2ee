"""The leverage cap as a command: what it lists, what it lowers, and when it refuses."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from builders import position
from config_text import load_text
from plimsoll.clock import SystemClock
from plimsoll.config.model import Config
from plimsoll.errors import ConfigError
from plimsoll.model.account import PositionReport, SymbolSettings, Wallet
from plimsoll.model.orders import Order
from plimsoll.model.terms import MarginMode
from plimsoll_enforcer.button.cap import Capping, Wish, add_arguments, cap_all, run
from plimsoll_enforcer.trading.port import Trader
from simulator_client import SimulatorClient, simulator_client

ORDER_PATH = "POST /fapi/v1/leverage"


def arguments(*given: str) -> argparse.Namespace:
    """The command's own arguments."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(given)


def configured(folder: Path, url: str, cap: int | None = 5) -> Config:
    """The accounts live, with a cap, and eon, without one, at a simulator."""
    streams = url.replace("http://", "ws://", 1)
    limit = "{}" if cap is None else f"{{limits: {{leverage_setting: {cap}}}}}"
    return load_text(
        folder,
        f"exchange: {{environment: simulator, rest_url: '{url}', wallet_url: '{url}', "
        f"market_stream_url: '{streams}', private_stream_url: '{streams}'}}\n"
        f"accounts:\n  live: {limit}\n  eon: {{}}\n",
    )


@asynccontextmanager
async def market() -> AsyncIterator[SimulatorClient]:
    """The account live holds BNB, BTC, SOL and DOT at a setting of 6; every other symbol is flat, ETH at 12."""
    async with simulator_client("november-stops", "live") as client:
        for symbol, setting in (("ETHUSDT", 12), ("XRPUSDT", 3)):
            await client.control("config", account="live", symbol=symbol, leverage=setting)
        yield client


async def settings(client: SimulatorClient) -> dict[str, int]:
    """The settings that the exchange has."""
    reply = await client.get("/fapi/v1/symbolConfig")
    assert isinstance(reply.body, list)
    return {row["symbol"]: row["leverage"] for row in reply.body}


async def leave(client: SimulatorClient, equity: str) -> None:
    """Take money out until this much equity is left."""
    reply = await client.get("/fapi/v3/account")
    assert isinstance(reply.body, dict)
    amount = Decimal(equity) - Decimal(reply.body["totalMarginBalance"])
    assert (await client.control("transfer", account="live", asset="USDT", amount=f"{amount:f}")).status == 200


async def cap(folder: Path, client: SimulatorClient, *given: str, limit: int = 5) -> tuple[int, str]:
    """Run the command; gives its result and what it said."""
    said: list[str] = []
    config = configured(folder, client.simulator.url, limit)
    result = await cap_all(config, arguments(*given), clock=SystemClock(), write=said.append)
    return result, "\n".join(said)


async def test_without_apply_it_lists_and_changes_nothing(tmp_path: Path):
    """Every symbol above the cap is shown with what would be done; the exchange is only read."""
    async with market() as client:
        before = await settings(client)
        result, said = await cap(tmp_path, client)
        assert result == 0
        assert await settings(client) == before
        rows = {line.split()[0]: line for line in said.splitlines() if line.split()[0].endswith(("USDT", "USDC"))}
        assert rows["ETHUSDT"].split()[1:3] == ["12", "no"]
        assert "would be 5" in rows["ETHUSDT"]
        assert "kept: see --with-positions" in rows["BTCUSDT"]
        assert "XRPUSDT" not in rows
        assert "nothing was changed" in said


async def test_apply_lowers_flat_symbols_only(tmp_path: Path):
    """By default a symbol with a position keeps its setting, since lowering it binds margin; available stays."""
    async with market() as client:
        before = await settings(client)
        result, said = await cap(tmp_path, client, "--apply")
        after = await settings(client)
        assert result == 0
        assert after["ETHUSDT"] == 5
        assert after["XRPUSDT"] == 3
        assert after["BTCUSDT"] == before["BTCUSDT"] == 6
        assert all(setting <= 5 for symbol, setting in after.items() if before[symbol] != 6)
        assert said.count("Available") == 2
        assert await cap(tmp_path, client, "--apply") is not None


async def test_a_symbol_with_a_resting_order_is_not_flat(tmp_path: Path):
    """A resting order binds margin by the setting too."""
    async with market() as client:
        order = {"account": "live", "symbol": "ETHUSDT", "side": "BUY", "quantity": "0.01", "price": "2000"}
        await client.control("order", **order)
        await cap(tmp_path, client, "--apply")
        assert (await settings(client))["ETHUSDT"] == 12


async def test_with_positions_lowers_all(tmp_path: Path):
    """When it is asked for, and enough stays available, every symbol is lowered."""
    async with market() as client:
        result, said = await cap(tmp_path, client, "--apply", "--with-positions")
        assert result == 0, said
        assert max((await settings(client)).values()) <= 5
        result, said = await cap(tmp_path, client, "--apply", "--with-positions")
        assert (result, said) == (0, "Account live: 0 symbol(s) above leverage_setting 5")


async def test_it_refuses_what_would_leave_too_little(tmp_path: Path):
    """Less than a tenth of the equity available: nothing at all is changed, and the words say the way out."""
    async with market() as client:
        await leave(client, "4500")
        before = await settings(client)
        result, said = await cap(tmp_path, client, "--apply", "--with-positions", limit=1)
        assert result == 1
        assert "REFUSED" in said
        assert await settings(client) == before


async def test_an_isolated_position_is_left(tmp_path: Path):
    """The exchange lowers nothing under an isolated position: it is not even tried, and told."""
    async with market() as client:
        await client.control("config", account="live", symbol="ADAUSDT", leverage=10, margin_type="ISOLATED")
        await client.control("trade", account="live", symbol="ADAUSDT", side="BUY", quantity="20")
        _, said = await cap(tmp_path, client, "--apply", "--with-positions")
        assert "kept: isolated position" in said
        assert (await settings(client))["ADAUSDT"] == 10


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 503, "body": {"code": 0, "msg": "Unknown error, please check."}}, "unknown: no answer"),
        ({"code": -2028}, "failed"),
    ],
)
async def test_what_could_not_be_lowered_is_told(tmp_path: Path, fault: dict, words: str):
    """One symbol that fails does not keep the others from being lowered; the result says that something is left."""
    async with market() as client:
        await client.control("fail", endpoint=ORDER_PATH, times=1, **fault)
        result, said = await cap(tmp_path, client, "--apply")
        assert result == 1
        assert words in said
        assert (await settings(client))["ETHUSDT"] == 5 or words in said


async def test_a_key_that_may_withdraw_is_refused(tmp_path: Path):
    """The cap uses no key that the enforcer would refuse."""
    async with market() as client:
        await client.control("key", account="live", which="trade", permissions={"enableWithdrawals": True})
        result, said = await cap(tmp_path, client, "--apply")
        assert result == 1
        assert "may withdraw: refused" in said
        assert (await settings(client))["ETHUSDT"] == 12


async def test_an_exchange_that_does_not_answer(tmp_path: Path):
    """A read that fails ends the work on that account with its reason."""
    async with market() as client:
        await client.control("fail", endpoint="GET /fapi/v1/symbolConfig", times=9, code=-1121)
        result, said = await cap(tmp_path, client)
        assert result == 1
        assert "could not go on" in said


def report(symbol: str) -> PositionReport:
    """A position with a notional of 100."""
    return PositionReport(
        position=position(symbol, "1"),
        mark_price=Decimal(100),
        liquidation_price=None,
        maintenance_margin=Decimal(1),
        position_margin=Decimal(10),
        unrealized_pnl=Decimal(0),
    )


@dataclass(kw_only=True)
class Sinking:
    """A trader whose available balance falls by more than foreseen with every setting that is lowered."""

    available: Decimal
    falls: Decimal

    async def wallet(self) -> Wallet:
        """As it stands now, with an equity of 1000."""
        return Wallet(
            balances=(),
            margin_balances={},
            margin_balance=Decimal(1000),
            initial_margin=Decimal(0),
            maintenance_margin=Decimal(0),
            available=self.available,
        )

    async def positions(self) -> tuple[PositionReport, ...]:
        """Two positions with a notional of 100 each."""
        return tuple(report(symbol) for symbol in ("ADAUSDT", "BTCUSDT"))

    async def plain_orders(self) -> tuple[Order, ...]:
        """None."""
        return ()

    async def symbol_settings(self) -> tuple[SymbolSettings, ...]:
        """Both at 10."""
        return tuple(
            SymbolSettings(symbol=symbol, leverage=10, margin_mode=MarginMode.CROSS)
            for symbol in ("ADAUSDT", "BTCUSDT")
        )

    async def set_leverage(self, symbol: str, leverage: int) -> int:
        """Lower it; the balance sinks."""
        assert symbol
        self.available -= self.falls
        return leverage


async def test_it_stops_when_more_is_bound_than_foreseen(tmp_path: Path):
    """Before each symbol with a position the balance is read anew: what is foreseen is not believed."""
    said: list[str] = []
    account = configured(tmp_path, "http://127.0.0.1:9").accounts["live"]
    trader = Sinking(available=Decimal(200), falls=Decimal(95))
    wish = Wish(apply=True, with_positions=True)
    assert not await Capping(account, cast("Trader", trader), wish, said.append).run({"ADAUSDT", "BTCUSDT"})
    rows = [line for line in said[2].splitlines() if "USDT" in line]
    assert rows[0].endswith("now 5")
    assert rows[1].endswith("kept: less than 10 % of the equity would stay available")


def test_accounts_that_cannot_be_meant(tmp_path: Path):
    """An unknown account, and one without a cap, are told before anything is asked of the exchange."""
    config = configured(tmp_path, "http://127.0.0.1:9")
    with pytest.raises(ConfigError, match="unknown account"):
        run(config, arguments("--account", "nobody"))
    with pytest.raises(ConfigError, match="of account eon is not set"):
        run(config, arguments("--account", "eon"))
    with pytest.raises(ConfigError, match="of any account is not set"):
        run(configured(tmp_path, "http://127.0.0.1:9", None), arguments())


async def test_an_account_without_a_trading_key(tmp_path: Path):
    """On a real exchange an account without a trading key is told so, and nothing is asked of the exchange."""
    config = load_text(
        tmp_path,
        "exchange: {environment: demo}\naccounts:\n"
        "  live: {read_key: {key_file: a.key, secret_file: a.secret}, limits: {leverage_setting: 5}}\n",
    )
    said: list[str] = []
    assert await cap_all(config, arguments(), clock=SystemClock(), write=said.append) == 1
    assert said == ["Account live: no trade_key is configured."]


def test_the_command_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """As the program calls it: lines on standard output, and a result for the shell."""
    assert run(configured(tmp_path, "http://127.0.0.1:9"), arguments("--account", "live")) == 1
    assert "could not go on" in capsys.readouterr().out
