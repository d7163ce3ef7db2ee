"""When a drawdown limit counts as crossed, and the figures that say so."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from drawdown_scene import NOON, rule, sample, scene
from plimsoll.risk.drawdown import drawdowns
from plimsoll.risk.standing import Sample
from plimsoll.risk.unknown import INFINITY
from plimsoll.risk.watching import sampled


def test_two_samples_half_a_second_apart_make_a_breach() -> None:
    """At the limit counts; the first sample does not, nor one too soon after it."""
    account = scene(rule(on_breach="flatten"))
    first = account.look("45000")
    assert (first.breached, first.breach_samples, first.on_breach) == (False, 1, "flatten")
    assert not account.look("44000", step=0.4).breached
    figures = account.look("44000", step=0.1)
    assert (figures.breached, figures.breached_at, figures.breach_samples) == (True, NOON + 1.5, 2)
    assert account.look("44000").breach_samples == 3


def test_one_wild_price_makes_no_breach_however_often_it_is_looked_at() -> None:
    """Only a sample of newer prices is a second opinion; where nothing is priced, time alone decides."""
    account = scene(rule())
    for second in (1.0, 2.0, 2.9):
        account.watched = sampled(
            account.watched, account.rules, priced("44000", second, 5000), min_equity=account.min_equity
        )
    assert account.figures.breach_samples == 1
    account.watched = sampled(account.watched, account.rules, priced("44000", 3.1, 6000), min_equity=account.min_equity)
    assert account.figures.breached


def test_one_wild_price_makes_no_high_either() -> None:
    """The reference rises when a newer price agrees, and to the lower of both."""
    account = scene(rule())
    for second, equity, priced_ms, reference in (
        (1.0, "60000", 5000, 50000),
        (2.5, "60000", 5000, 50000),
        (2.6, "59000", 6000, 59000),
    ):
        one = priced(equity, second, priced_ms)
        account.watched = sampled(account.watched, account.rules, one, min_equity=account.min_equity)
        assert account.figures.reference_usd == reference


def priced(equity: str, second: float, priced_ms: int) -> Sample:
    """A sample some seconds after noon, of marks of a time."""
    return replace(sample(equity, NOON + second), priced_ms=priced_ms)


def test_a_better_sample_in_between_begins_anew() -> None:
    """Beyond, not beyond, beyond is no breach."""
    account = scene(rule())
    assert not account.look("44000", "45001", "44000").breached
    assert account.look("44000").breached


def test_a_breach_is_cleared_by_two_samples_only() -> None:
    """One good sample leaves it, as does losing trust; the time of the breach goes with it."""
    account = scene(rule())
    account.look("44000", "44000")
    assert account.look("46000").breached
    account.lose_trust()
    assert account.figures.breach_samples == 0
    assert account.look("46000").breached
    figures = account.look("46000", step=0.5)
    assert (figures.breached, figures.breached_at) == (False, None)


def test_a_breach_survives_a_restart() -> None:
    """What the standing holds is taken up; the count of samples begins anew."""
    account = scene(rule())
    account.look("44000", "44000")
    account.restart()
    assert (account.figures.breached, account.figures.breached_at) == (True, NOON + 2)
    assert account.figures.breach_samples == 0


def test_figures_of_a_ratio_rule() -> None:
    """The first figures of the October incident: 10 % from 50,000, at 46,000."""
    account = scene(rule(high_water_usd="50000"))
    figures = account.look("46000")
    assert (figures.reference_usd, figures.floor_usd, figures.start_usd) == (50000, 45000, 50000)
    assert (figures.drawdown_usd, figures.drawdown_ratio, figures.limit_ratio) == (
        4000,
        Decimal("0.08"),
        Decimal("0.1"),
    )
    assert figures.used == Decimal("0.8")


def test_figures_of_an_amount_rule() -> None:
    """5,000 USD are ten per cent of the reference; half of them is lost."""
    figures = scene(rule(limit="5000", amount=True)).look("47500")
    assert (figures.reference_usd, figures.floor_usd, figures.limit_ratio) == (50000, 45000, Decimal("0.1"))
    assert (figures.drawdown_usd, figures.drawdown_ratio, figures.used) == (2500, Decimal("0.05"), Decimal("0.5"))


@pytest.mark.parametrize(("amount", "limit", "reference"), [(False, "0.2", 62500), (True, "10000", 60000)])
def test_locked_floor_never_rises_above_the_start(amount: bool, limit: str, reference: int) -> None:  # noqa: FBT001 - a case of two
    """The mark rises, the reference stops where its floor meets the start, and only there is the limit hit."""
    account = scene(rule(limit=limit, amount=amount, lock_at_start=True))
    below = account.look("55000", "55000")
    assert below.reference_usd == 55000
    figures = account.look("90000", "90000")
    assert (figures.reference_usd, figures.floor_usd) == (reference, 50000)
    assert not account.look("50001", "50001").breached
    assert account.look("50000", "50000").breached


def test_lock_leaves_a_limit_of_everything_alone() -> None:
    """A ratio of 1 has its floor at 0, never above the start."""
    figures = scene(rule(limit="1", lock_at_start=True)).look("90000", "90000")
    assert (figures.reference_usd, figures.floor_usd) == (90000, 0)


def test_references_exist_without_equity() -> None:
    """While equity is unknown only the drawdown is."""
    account = scene(rule())
    (figures,) = drawdowns(account.watched, account.rules, None)
    assert (figures.drawdown_usd, figures.drawdown_ratio, figures.used) == (None, None, None)
    assert (figures.reference_usd, figures.floor_usd) == (50000, 45000)


def test_bankrupt_account_is_beyond_any_limit() -> None:
    """Negative equity is a drawdown above 1 and a breach."""
    figures = scene(rule(limit="1")).look("-500", "-500")
    assert (figures.drawdown_ratio, figures.breached) == (Decimal("1.01"), True)


def test_loss_from_a_reference_at_zero_is_infinite() -> None:
    """A withdrawal of more than the reference of an amount rule leaves no base for a ratio; the amount still counts."""
    account = scene(rule(limit="5000", amount=True))
    account.look("70000", step=0.1)
    account.flow("-60000")
    figures = account.look("-12500", "-12500")
    assert (figures.reference_usd, figures.drawdown_usd) == (-10000, 2500)
    assert (figures.drawdown_ratio, figures.limit_ratio, figures.used) == (INFINITY, None, Decimal("0.5"))
    assert account.look("-9000").drawdown_ratio == 0


def test_figures_come_in_the_order_of_the_configuration() -> None:
    """Whatever the order in which rules were remembered."""
    account = scene(rule(name="b"))
    account.rules = {"a": rule(name="a"), "b": rule(name="b")}
    account.look("50000")
    assert [row.rule for row in drawdowns(account.watched, account.rules, Decimal(1))] == ["a", "b"]
    account.rules = {"b": rule(name="b"), "a": rule(name="a")}
    assert [row.rule for row in drawdowns(account.watched, account.rules, Decimal(1))] == ["b", "a"]


def test_nothing_is_shown_for_levels_of_another_meaning() -> None:
    """A rule whose meaning changed has no figure until a sample begins it anew."""
    account = scene(rule())
    assert drawdowns(account.watched, {"r": rule("start")}, Decimal(50000)) == ()
