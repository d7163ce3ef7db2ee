"""``october-mirror``, number by number as the incident tells it, with the mirror and the bot over HTTP."""

from __future__ import annotations

from decimal import Decimal

import pytest

from october_play import october
from plimsoll_simulator.account import Account
from plimsoll_simulator.control.truth import truth
from plimsoll_simulator.figures import AccountFigures, account_figures
from plimsoll_simulator.scenarios.october_mirror import FALL_BEGINS, GAP_AT, SELL_AT, STORY_ENDS, TRANCHE_EVERY
from plimsoll_simulator.world import World

THIRD_FILL = 3 * TRANCHE_EVERY
ALL_BOUGHT = 8 * TRANCHE_EVERY
INSUFFICIENT = (-2019, "Margin is insufficient.")


def figures(world: World, name: str = "eon") -> AccountFigures:
    """The margin numbers of an account."""
    return account_figures(world.accounts[name], world.market)


def equity(world: World, name: str = "eon") -> Decimal:
    """The equity of an account, to the cent."""
    return figures(world, name).total.margin_balance.quantize(Decimal("0.01"))


def available(world: World) -> Decimal:
    """What eon may still bind as margin, to the cent."""
    return figures(world).wallets["USDT"].available.quantize(Decimal("0.01"))


def amounts(account: Account) -> dict[str, Decimal]:
    """The positions of an account."""
    return {position.symbol: position.amount for position in account.open_positions()}


async def test_the_first_three_copies_fill_at_source_size():
    """Eon gets 170,000 of BTC (3.4x) and 85,000 of ETH (1.7x), 5.1x in all: margin 42,500, available about 7,400."""
    async with october() as play:
        await play.to(THIRD_FILL)
        assert amounts(play.world.accounts["eon"]) == {"BTCUSDT": Decimal(2), "ETHUSDT": Decimal("27.2")}
        assert play.refused == []
        worth, total = equity(play.world), figures(play.world).total
        assert (worth, available(play.world)) == (Decimal("49872.03"), Decimal("7372.03"))
        assert total.position_margin + total.order_margin == 42_500
        assert [round(Decimal(usd) / worth, 1) for usd in (170_000, 85_000, 255_000)] == [
            Decimal(text) for text in ("3.4", "1.7", "5.1")
        ]


async def test_the_first_copy_is_eight_times_too_large():
    """Of 85,000 of the source eon should carry an eighth, 10,625; the mirror sends it whole."""
    async with october() as play:
        await play.to(TRANCHE_EVERY)
        mark = play.world.market.quotes["BTCUSDT"].mark
        held = [amounts(play.world.accounts[name])["BTCUSDT"] * mark for name in ("source", "eon")]
        assert held == [85_000, 85_000]


async def test_five_entries_are_refused_for_margin():
    """The other five tranches would need 14,167 each: refused with -2019, nothing changes, no order is recorded."""
    async with october() as play:
        await play.to(THIRD_FILL)
        before = truth(play.world)["accounts"]["eon"]
        await play.to(ALL_BOUGHT)
        refused = [(each.wish.symbol, each.wish.side, each.wish.intent) for each in play.refused]
        assert refused == [(f"{base}USDT", "BUY", "open") for base in ("BTC", "BTC", "BTC", "ETH", "ETH")]
        assert {(each.account, each.code, each.message) for each in play.refused} == {("eon", *INSUFFICIENT)}
        assert truth(play.world)["accounts"]["eon"] == before
        assert round(Decimal(85_000) / 6) == 14_167 > available(play.world)
        assert len(play.world.accounts["eon"].orders) == 3


async def test_source_holds_what_the_story_says():
    """The source buys 425,000 of BTC and 255,000 of ETH, all of it filled."""
    async with october() as play:
        await play.to(ALL_BOUGHT)
        assert amounts(play.world.accounts["source"]) == {"BTCUSDT": Decimal(5), "ETHUSDT": Decimal("81.6")}
        assert {order.status for order in play.world.accounts["source"].orders.values()} == {"FILLED"}


async def test_closes_and_hedges_are_refused_at_one_per_cent():
    """With 5,247 available, each close needs 14,025 more and each SOL short 14,025: all four are refused."""
    async with october() as play:
        await play.to(SELL_AT - 1)
        assert len(play.refused) == 5
        held = amounts(play.world.accounts["eon"])
        await play.to(SELL_AT)
        assert play.world.market.quotes["BTCUSDT"].mark == Decimal(85000) * Decimal("0.99")
        assert available(play.world) == Decimal("5247.03")
        told = [(each.wish.symbol, each.wish.side, each.wish.intent, each.code) for each in play.refused[5:]]
        assert told == [
            ("BTCUSDT", "SELL", "close", -2019),
            ("SOLUSDT", "SELL", "open", -2019),
            ("ETHUSDT", "SELL", "close", -2019),
            ("SOLUSDT", "SELL", "open", -2019),
        ]
        assert amounts(play.world.accounts["eon"]) == held
        assert amounts(play.world.accounts["source"]) == {}


async def test_hedges_are_tranches_of_sol():
    """Each SOL short is worth 85,000 USD to the cent of its step."""
    async with october() as play:
        await play.to(SELL_AT)
        price = play.world.market.quotes["SOLUSDT"].last
        worth = {each.wish.quantity * price for each in play.refused if each.wish.symbol == "SOLUSDT"}
        assert [round(usd) for usd in worth] == [85_000]


async def test_left_alone_eon_ends_near_42200():
    """After the fall eon is at 42,222.03, with both positions; 2 closes and 7 entries were refused."""
    async with october() as play:
        await play.to(STORY_ENDS + 30)
        assert equity(play.world) == Decimal("42222.03")
        assert amounts(play.world.accounts["eon"]) == {"BTCUSDT": Decimal(2), "ETHUSDT": Decimal("27.2")}
        intents = [each.wish.intent for each in play.refused]
        assert (intents.count("close"), intents.count("open")) == (2, 7)
        assert play.world.accounts["source"].open_positions() == []
        assert equity(play.world, "live") == 5_000
        for account in play.world.accounts.values():
            assert account.open_orders() == []
            assert account.open_algo_orders() == []


async def test_prices_fall_smoothly():
    """3 % in 150 s in steps of at most 0.05 %; each second costs eon 51 USD; before and after prices stand."""
    async with october() as play:
        await play.to(FALL_BEGINS)
        first, last, worth = play.world.market.quotes["ETHUSDT"].mark, Decimal(3_125), equity(play.world)
        assert first == last
        while play.simulator.exchange.stage.second < STORY_ENDS:
            await play.to(play.simulator.exchange.stage.second + 1)
            mark = play.world.market.quotes["ETHUSDT"].mark
            assert 0 < 1 - mark / last <= Decimal("0.0005")
            assert worth - equity(play.world) == 51
            last, worth = mark, equity(play.world)
        await play.to(STORY_ENDS + 5)
        assert play.world.market.quotes["ETHUSDT"].mark == last == first * Decimal("0.97")


async def test_fees_and_slippage_are_those_of_the_incident():
    """Every fill costs 0.05 % and slips by at most 0.03 % from the price of its moment."""
    async with october() as play:
        await play.to(STORY_ENDS)
        trades = [trade for account in play.world.accounts.values() for trade in account.trades]
        assert len(trades) > 11
        for trade in trades:
            # Tranches are bought at the first prices, everything is sold 1 % below them.
            first = Decimal(85_000) if trade.symbol == "BTCUSDT" else Decimal(3_125)
            price = first if trade.side == "BUY" else first * Decimal("0.99")
            assert abs(trade.price / price - 1) <= Decimal("0.0003")
            assert trade.commission == (trade.quantity * trade.price * Decimal("0.0005")).quantize(Decimal("1e-8"))


async def test_the_gap_comes_at_the_floor():
    """Option ``gap``: in the second in which eon would touch 45,000 everything falls by 1.5 % more, for good."""
    async with october(":gap") as play:
        await play.to(GAP_AT - 1)
        assert equity(play.world) == Decimal("45027.03")
        await play.to(GAP_AT)
        assert equity(play.world) == Decimal("45027.03") - 51 - 255_000 * Decimal("0.015")
        await play.to(STORY_ENDS)
        assert equity(play.world) == Decimal("42222.03") - 3_825


@pytest.mark.parametrize("option", ["", ":gap"])
async def test_two_runs_are_equal_event_by_event(option: str):
    """Two runs with one seed tell the same events in the same order at the same times, and end alike."""
    runs = []
    for _ in range(2):
        async with october(option, seed=7) as play:
            await play.to(STORY_ENDS)
            runs.append((play.told, truth(play.world), [(each.wish, each.code) for each in play.refused]))
    assert runs[0] == runs[1]
    assert len(runs[0][0]) > 50


async def test_without_actors_nobody_trades():
    """Prices fall all the same, and nothing is waited for."""
    async with october(actors=False) as play:
        await play.to(STORY_ENDS)
        assert (equity(play.world), equity(play.world, "source")) == (50_000, 400_000)
        assert play.world.market.quotes["BTCUSDT"].mark == Decimal(85000) * Decimal("0.97")
        assert play.told == []
