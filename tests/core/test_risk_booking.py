"""What deposits and withdrawals do to references: nothing that a drawdown could show."""

from __future__ import annotations

from decimal import Decimal

import pytest

from drawdown_scene import NOON, Scene, at, rule, sample, scene
from plimsoll.config.model import DrawdownRule
from plimsoll.risk.booking import flowed, forgiven, settled
from plimsoll.risk.watching import rebased

BOTH = [rule(), rule(limit="5000", amount=True)]


@pytest.mark.parametrize("first", BOTH, ids=["ratio", "amount"])
@pytest.mark.parametrize("usd", ["24000", "-24000"])
def test_half_of_equity_in_or_out_moves_no_drawdown(first: DrawdownRule, usd: str) -> None:
    """A ratio stays with ratio rules, an amount with amount rules, and one second later as well."""
    account = scene(first)
    before = account.look("48000")
    after = account.flow(usd)
    assert round(after.used - before.used, 12) == 0
    assert round(account.look(account.equity).used - before.used, 12) == 0
    if first.ratio is None:
        assert (after.drawdown_usd, after.reference_usd) == (2000, 50000 + Decimal(usd))
    else:
        assert round(after.drawdown_ratio, 12) == Decimal("0.04")


@pytest.mark.parametrize("first", BOTH, ids=["ratio", "amount"])
def test_flow_in_the_middle_of_a_pair_makes_no_high(first: DrawdownRule) -> None:
    """The half of a pair is shifted with the flow: a deposit is no high, and a real one still counts."""
    account = scene(first)
    account.look("50000")
    account.flow("10000")
    assert account.look("60000").drawdown_usd == 0
    assert round(account.figures.reference_usd, 9) == 60000
    account.look("66000")
    account.flow("-6000")
    assert round(account.look("60000").reference_usd, 9) == 60000
    assert account.figures.drawdown_ratio < Decimal("1e-12")


def test_flow_begins_runs_anew() -> None:
    """Samples before and after a flow are no two samples of one breach."""
    account = scene(rule())
    account.look("44000")
    account.flow("1000")
    assert account.figures.breach_samples == 0
    assert not account.look("45000").breached


@pytest.mark.parametrize("first", BOTH, ids=["ratio", "amount"])
@pytest.mark.parametrize("dust", ["0", "0.004", "7"])
def test_full_withdrawal_keeps_the_drawdown_for_the_next_deposit(first: DrawdownRule, dust: str) -> None:
    """The last unit value serves it, whatever the dust that was left is worth by then."""
    account = scene(first)
    account.flat = True
    before = account.look("48000").used
    account.flow(Decimal(dust) - 48000)
    account.look(Decimal(dust) / 2, Decimal(dust) / 2)
    assert not account.figures.breached
    account.flow("48000")
    assert abs(account.look(account.equity).used - before) < Decimal("0.001")


def test_deposit_seen_without_its_flow_into_an_empty_account_begins_at_the_last_unit_value() -> None:
    """Money that turns up where none was is no performance; its flow, found later, changes nothing any more."""
    account = scene(rule())
    account.flat = True
    account.look("48000")
    account.flow("-48000")
    account.watched = forgiven(account.watched)
    assert round(account.look("30000", "30000").drawdown_ratio, 12) == Decimal("0.04")
    figures = account.flow("30000", late=True, included=True)
    assert round(figures.drawdown_ratio, 12) == Decimal("0.04")
    assert round(account.look("30000", "30000").drawdown_ratio, 12) == Decimal("0.04")


def test_total_loss_is_not_forgotten_by_a_deposit() -> None:
    """A flat account that lost nearly all at once is not taken for an empty one."""
    account = scene(rule())
    account.flat = True
    account.look("5")
    account.flow("50000")
    assert account.look("50005", "50005").breached
    assert account.figures.drawdown_ratio > Decimal("0.99")


@pytest.mark.parametrize("equity", ["-500", "0"])
def test_deposit_into_a_bankrupt_account_leaves_it_bankrupt_by_ratio(equity: str) -> None:
    """Units that lost everything stay beside the new ones: still a breach, nothing negative, nothing divided by 0."""
    account = scene(rule())
    account.look("1000", equity, equity)
    figures = account.flow("50000")
    assert figures.reference_usd > 0
    assert figures.drawdown_ratio > Decimal("0.9")
    assert account.look(account.equity, account.equity).breached


def test_withdrawal_below_nothing_keeps_the_units_of_a_held_position() -> None:
    """Equity below 0 with a position is a total loss; without one the account is empty."""
    account = scene(rule())
    account.flow("-50001")
    assert account.watched.standing.units == 50000
    assert account.figures.drawdown_ratio > 1
    account.flat = True
    account.flow("-1")
    account.flow("-1")
    assert account.watched.standing.units >= 0
    empty = scene(rule())
    empty.flat = True
    empty.flow("-50001")
    assert empty.watched.standing.units == 0
    assert empty.figures.reference_usd == 0


def test_rule_no_longer_configured_is_left_alone() -> None:
    """A flow between a change of configuration and the next sample finds no rule to ask."""
    account = scene(rule(limit="5000", amount=True))
    before = account.stood
    account.watched = flowed(account.watched, {}, Decimal(100), Decimal(50100), flow_time=NOON, flat=False)
    assert account.stood == before


def lost_deposit(first: DrawdownRule) -> Scene:
    """10,000 come in unseen; after a minute they count as performance, and make a high."""
    account = scene(first)
    account.look("49500")
    account.lose_trust()
    account.now += 60
    account.watched = forgiven(account.watched)
    account.look("60600", "60600")
    return account


@pytest.mark.parametrize("first", BOTH, ids=["ratio", "amount"])
def test_deposit_found_later_takes_its_high_back(first: DrawdownRule) -> None:
    """Of the high of 60,600 only 50,600 were earned, so nothing is lost afterwards."""
    account = lost_deposit(first)
    assert account.figures.reference_usd == 60600
    figures = account.flow("10000", late=True, included=True)
    assert round(figures.reference_usd, 9) == 60600
    assert figures.drawdown_ratio < Decimal("1e-12")
    assert account.look("60600", "60600").drawdown_ratio < Decimal("1e-12")
    account.watched = settled(account.watched)
    assert account.stood.checkpoint is None


@pytest.mark.parametrize("first", BOTH, ids=["ratio", "amount"])
def test_deposit_found_later_restores_an_older_mark(first: DrawdownRule) -> None:
    """Without the deposit the account would have lost 4,000: the mark from before stands again."""
    account = scene(first)
    account.look("50000")
    account.watched = forgiven(account.watched)
    account.look("56000", "56000")
    figures = account.flow("10000", late=True, included=True)
    assert round(figures.used, 9) == Decimal("0.8")
    assert round(account.look("56000", "56000").used, 9) == Decimal("0.8")


@pytest.mark.parametrize("first", BOTH, ids=["ratio", "amount"])
def test_withdrawal_found_later_ends_the_breach_it_made(first: DrawdownRule) -> None:
    """Ten thousand gone unseen are a loss at first; found, two samples clear the breach."""
    account = scene(first)
    account.look("50000")
    account.watched = forgiven(forgiven(account.watched))
    assert account.look("40000", "40000").breached
    figures = account.flow("-10000", late=True, included=True)
    assert figures.breached
    assert figures.drawdown_ratio < Decimal("1e-12")
    assert not account.look("40000", "40000").breached


def test_flow_of_now_is_no_cause_of_forgiven_money() -> None:
    """A deposit that its event tells while forgiven money counts is booked as any other."""
    for flow_time_after, late in [(0.0, False), (1.0, True)]:
        account = lost_deposit(rule())
        account.now += flow_time_after
        figures = account.flow("10000", late=late)
        assert round(figures.reference_usd, 9) == 70600


def test_day_that_began_with_unexplained_money_gives_it_back() -> None:
    """The start of the day is taken without the deposit, and without the mark of the day before."""
    account = scene(rule("day-start"))
    account.look("55000")
    account.watched = forgiven(account.watched)
    account.look("62000")
    account.look_at(at("2026-11-21 00:00:01"), "60000")
    figures = account.flow("10000", late=True, included=True)
    assert round(figures.reference_usd, 9) == 60000
    assert round(figures.drawdown_usd, 9) == 0


def test_late_day_start_keeps_the_sample_from_before_the_money() -> None:
    """Of the samples around midnight the one before had no deposit in it: it is the higher without it."""
    account = scene(rule("day-start"))
    account.look("48000")
    account.watched = forgiven(account.watched)
    account.look_at(at("2026-11-21 00:30"), "57000")
    assert account.stood.reference == Decimal("1.14")
    figures = account.flow("10000", late=True, included=True)
    assert (account.stood.reference, figures.estimated) == (Decimal("0.96"), True)


def test_late_day_start_between_samples_with_the_money_gives_it_back() -> None:
    """Both samples around midnight had the deposit in them."""
    account = scene(rule("day-start"))
    account.watched = forgiven(account.watched)
    account.look("60000")
    account.restart()
    account.look_at(at("2026-11-21 00:30"), "59000")
    account.flow("10000", late=True, included=True)
    assert account.stood.reference == 1


def test_rule_begun_with_unexplained_money_begins_without_it() -> None:
    """By hand or by configuration: start and reference are those of the account without the deposit."""
    account = lost_deposit(rule())
    account.rules = {"r": rule(), "fixed": rule("start", name="fixed")}
    account.look("60600")
    account.watched = rebased(account.watched, account.rules, "r", sample(account.equity, account.now))
    account.flow("10000", late=True, included=True)
    for stood in account.watched.standing.rules.values():
        assert round(stood.reference, 9) == round(stood.start, 9) == Decimal("1.012")


def test_reversal_of_a_provisional_flow_makes_it_performance() -> None:
    """A rebate that came as a deposit counts as profit once the opposite is booked."""
    account = scene(rule())
    account.look("48000")
    account.flow("100")
    figures = account.flow("-100", included=True)
    assert round(figures.drawdown_ratio, 5) == round(1 - Decimal(48100) / 50000, 5)


def test_flow_learned_before_any_sample_counted_it_moves_nothing_back() -> None:
    """Forgiven and explained at once: the references are as they were."""
    account = scene(rule())
    account.watched = forgiven(account.watched)
    account.now = NOON + 70
    account.equity = Decimal(60000)
    figures = account.flow("10000", late=True, included=True)
    assert (round(figures.reference_usd, 9), round(figures.drawdown_ratio, 9)) == (60000, 0)
