"""How references of drawdown rules begin and move, rule by rule."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from drawdown_scene import NOON, Scene, at, rule, sample, scene
from plimsoll.risk.drawdown import drawdowns
from plimsoll.risk.watching import begin, rebased, sampled


def test_a_new_high_is_the_lower_of_two_samples_a_second_apart() -> None:
    """51,000 then 50,600 make a high of 50,600, set when the second was seen."""
    account = scene(rule())
    assert account.look("51000").reference_usd == 50000
    figures = account.look("50600")
    assert (figures.reference_usd, figures.reference_at) == (50600, NOON + 2)


def test_samples_between_the_two_count_as_well() -> None:
    """A dip between two high samples keeps the mark down; a second without one raises it."""
    account = scene(rule())
    assert account.look("51000", "50100", step=0.5).reference_usd == 50000
    assert account.look("51000", "51000", step=0.5).reference_usd == 50100
    assert account.look("51000", step=0.5).reference_usd == 51000


def test_samples_in_quick_succession_are_kept_few_and_make_no_high_too_early() -> None:
    """A hundred samples a second leave about twenty points, and the mark still takes a whole second."""
    account = scene(rule())
    account.look(*["51000"] * 99, step=0.01)
    assert account.figures.reference_usd == 50000
    account.look(*["51000"] * 10, step=0.01)
    assert account.figures.reference_usd == 51000
    assert len(account.watched.points) < 30


def test_losing_trust_begins_a_pair_anew() -> None:
    """Two high samples with an untrusted moment between them are not consecutive; the figures stay."""
    account = scene(rule())
    account.look("51000")
    account.lose_trust()
    assert account.look("51000").reference_usd == 50000
    assert account.look("51000").reference_usd == 51000


def test_seeds_are_levels_of_the_first_sample() -> None:
    """A seeded mark stands above or below equity, for both kinds of limit; unseeded start is the first equity."""
    for amount in (False, True):
        high = scene(rule(limit="5000" if amount else "0.1", amount=amount, high_water_usd="60000"))
        assert (high.figures.reference_usd, high.figures.start_usd) == (60000, 50000)
        start = scene(rule("start", limit="5000" if amount else "0.1", amount=amount, start_usd="40000"))
        assert (start.figures.reference_usd, start.figures.start_usd) == (40000, 40000)


def test_start_is_fixed() -> None:
    """Neither profit nor days move it."""
    account = scene(rule("start"))
    assert account.look("60000", "60000").reference_usd == 50000
    assert account.look_at(NOON + 200000, "60000").reference_usd == 50000


def test_day_start_is_the_first_sample_of_the_local_day() -> None:
    """In Berlin's day, which begins an hour before that of UTC."""
    account = scene(rule("day-start", timezone="Europe/Berlin"))
    assert account.figures.estimated
    assert account.look_at(at("2026-11-21 00:59:59", "Europe/Berlin") - 3600, "49000").reference_usd == 50000
    figures = account.look_at(at("2026-11-21 00:00:59", "Europe/Berlin"), "48000")
    assert (figures.reference_usd, figures.estimated, figures.reference_at) == (48000, False, account.now)
    assert account.look("60000", "60000").reference_usd == 48000


@pytest.mark.parametrize(("before", "after"), [("50000", "47000"), ("47000", "50000")])
@pytest.mark.parametrize("amount", [False, True])
def test_late_day_start_is_the_higher_of_the_samples_around_it(before: str, after: str, amount: bool) -> None:  # noqa: FBT001 - a case of two
    """More than a minute late the level at the boundary is not known, so the stricter one counts, and it says so."""
    account = scene(rule("day-start", "5000" if amount else "0.1", amount=amount), "49000")
    account.look_at(at("2026-11-20 23:50"), before)
    account.restart()
    figures = account.look_at(at("2026-11-21 00:01:01"), after)
    assert (round(figures.reference_usd, 9), figures.estimated) == (50000, True)
    assert not account.look_at(at("2026-11-22 00:00:01"), "50000").estimated


def test_day_begun_a_moment_ago_is_no_estimate() -> None:
    """A rule that begins within a minute after midnight saw the day begin."""
    assert not scene(rule("day-start"), time=at("2026-11-21 00:00:30")).figures.estimated


def test_daily_high_water_moves_at_the_end_of_the_day_only() -> None:
    """It rises to the last pair of the day, not to the day's high nor to the new day's first sample."""
    account = scene(rule("high-water-daily"))
    account.look("58000", "58000")
    account.look_at(at("2026-11-20 23:59:57"), "55000")
    assert account.look("54000").reference_usd == 50000
    figures = account.look_at(at("2026-11-21 00:00:01"), "57000")
    assert (figures.reference_usd, figures.estimated) == (54000, False)
    assert account.look_at(at("2026-11-22 00:00:01"), "57000").reference_usd == 54000


def test_daily_high_water_says_when_the_end_of_the_day_was_not_seen() -> None:
    """The last pair hours before midnight is an estimate of the day's end."""
    account = scene(rule("high-water-daily"))
    account.look("58000", "58000")
    figures = account.look_at(at("2026-11-21 08:00"), "51000")
    assert (figures.reference_usd, figures.estimated) == (58000, True)


def test_clock_that_steps_back_over_midnight_is_no_new_day() -> None:
    """The day before comes again and changes nothing."""
    account = scene(rule("day-start"), time=at("2026-11-21 00:00:01"))
    assert account.look_at(at("2026-11-20 23:59:59"), "40000").reference_usd == 50000


def test_changed_limit_keeps_levels_and_changed_meaning_begins_anew() -> None:
    """Ten per cent become eight: same mark. A seed, a zone of days or a lock: a new beginning at this sample."""
    account = scene(rule("high-water-daily"))
    account.look("60000")
    for changed, expected in [
        (rule("high-water-daily", "0.08", timezone="UTC"), 50000),
        (rule("high-water-daily", timezone="Asia/Tokyo"), 60000),
        (rule("high-water-daily", high_water_usd="70000.00"), 70000),
        (rule("high-water-daily", lock_at_start=True), 60000),
        (rule("high-water-daily", "5000", amount=True), 60000),
    ]:
        after = sampled(
            account.watched, {"r": changed}, sample("60000", account.now + 1), min_equity=account.min_equity
        )
        assert drawdowns(after, {"r": changed}, Decimal(60000))[0].reference_usd == expected


def test_zone_means_nothing_to_a_rule_without_days() -> None:
    """A trailing rule whose zone changes keeps its mark: the zone is for its lockout only."""
    account = scene(rule())
    account.look("60000", "60000")
    account.rules = {"r": rule(timezone="Asia/Tokyo")}
    assert account.look("58000").reference_usd == 60000


def test_rule_that_means_something_else_is_not_breached_by_older_samples() -> None:
    """Samples beyond the old limit are no half of a pair for the new one."""
    account = scene(rule("start"))
    account.look("44000")
    account.rules = {"r": rule("start", start_usd="60000")}
    assert account.look("44000").breach_samples == 1
    assert account.look("44000").breached


def test_new_rule_begins_and_dropped_rule_goes() -> None:
    """What is no longer configured is forgotten; a figure exists from the first sample on."""
    account = scene(rule())
    account.rules = {"other": rule("start", name="other")}
    assert drawdowns(account.watched, account.rules, account.equity) == ()
    account.look("49000")
    assert account.figures.rule == "other"
    assert set(account.watched.standing.rules) == {"other"}


def test_empty_account_begins_when_there_is_something_to_watch() -> None:
    """Without money, with pocket money, or bankrupt: no rule; with the deposit seeds take hold."""
    rules = {"r": rule(high_water_usd="50000")}
    for equity, flat in [("0", True), ("9.99", True), ("-5", False)]:
        account = Scene(rules, Decimal(equity), begin(rules, sample(equity, flat=flat)), flat=flat)
        account.take(equity)
        assert drawdowns(account.watched, rules, account.equity) == ()
        assert account.look("45000").drawdown_ratio == Decimal("0.1")


def test_no_rule_begins_while_equity_is_gone() -> None:
    """A bankrupt account with positions gives a new rule nothing to begin at."""
    account = scene(rule())
    account.rules = {"r": rule("start")}
    account.watched = sampled(account.watched, account.rules, sample("-1", NOON + 1), min_equity=Decimal(10))
    assert drawdowns(account.watched, account.rules, Decimal(-1)) == ()


@pytest.mark.parametrize("reference", ["high-water", "high-water-daily", "day-start", "start"])
def test_rebase_begins_at_this_sample_without_seeds(reference: str) -> None:
    """By hand: reference and start are equity of now, the breach is gone, nothing is estimated."""
    seeds = {"start_usd": "60000"} if reference == "start" else {}
    account = scene(rule(reference, **seeds))
    account.look("40000", "40000")
    assert account.figures.breached
    account.watched = rebased(account.watched, account.rules, "r", sample("40000", account.now))
    figures = account.figures
    assert (figures.reference_usd, figures.start_usd, figures.drawdown_usd) == (40000, 40000, 0)
    assert (figures.breached, figures.breached_at, figures.estimated, figures.breach_samples) == (False, None, False, 0)


def test_rebase_refuses_unknown_rule_and_nothing_left() -> None:
    """A rule that is not configured, and an equity of 0, are errors."""
    account = scene(rule())
    with pytest.raises(KeyError):
        rebased(account.watched, account.rules, "other", sample("1"))
    with pytest.raises(ValueError, match="nothing to begin at"):
        rebased(account.watched, account.rules, "r", sample("0"))


def test_below_min_equity_without_positions_nothing_moves() -> None:
    """Pocket money is no drawdown and no breach; with a position it is."""
    account = scene(rule(), "100")
    account.flat = True
    before = account.watched
    account.look("9.99", "9.99")
    assert account.watched == replace(before, points=(), runs={})
    account.flat = False
    assert account.look("9.99", "9.99").breached
