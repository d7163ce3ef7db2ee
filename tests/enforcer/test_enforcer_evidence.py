"""What a re-read says of a breach: the share of the limit used, by every way to reckon it, and what is doubted."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

import breach_scene as scene
from breach_scene import NOW, UNTIL
from plimsoll.model.market import Mark
from plimsoll_enforcer.decide.claim import claim_of
from plimsoll_enforcer.decide.evidence import Evidence, Zone, claims_breach, outlived, used_of, weigh, zone_of
from plimsoll_enforcer.decide.reads import changed_after


def weighed(**reads: object) -> Evidence:
    """A re-read against the usual claim and rule."""
    found = weigh(scene.reads(**reads), scene.claim(), scene.rule(), None)
    assert found is not None
    return found


def test_a_breach_that_the_exchange_shows_is_beyond_the_limit() -> None:
    """8,900 of a reference of 10,000 uses 110 % of a limit of 10 %, and nothing speaks against it."""
    found = weighed()
    assert (found.zone, found.used, found.equity, found.flows) == (Zone.BEYOND, Decimal("1.1"), Decimal(8900), 0)
    assert not found.doubt
    assert not found.conflict


@pytest.mark.parametrize(
    ("used", "zone"),
    [
        ("1", Zone.BEYOND),
        ("Infinity", Zone.BEYOND),
        ("0.9999", Zone.BETWEEN),
        ("0.95", Zone.BETWEEN),
        ("0.9499", Zone.BELOW),
        ("0", Zone.BELOW),
    ],
)
def test_zones_begin_at_95_and_100_percent(used: str, zone: Zone) -> None:
    """At the limit is beyond it; from 95 % of it on is between; less is below."""
    assert zone_of(Decimal(used)) is zone


@pytest.mark.parametrize(
    ("equity", "used"), [("9000", "1"), ("9500", "0.5"), ("10001", "0"), ("8000", "2")], ids=lambda text: text
)
def test_an_amount_is_measured_in_usd(equity: str, used: str) -> None:
    """A rule of 1,000 USD is used up by a loss of 1,000 USD; a gain uses nothing."""
    assert used_of(scene.rule(ratio=None, amount="1000"), Decimal(10_000), Decimal(equity)) == Decimal(used)


def test_a_reference_of_nothing_is_crossed_by_any_loss() -> None:
    """Where there was nothing to lose from, whatever is lost is beyond every ratio."""
    assert used_of(scene.rule(), Decimal(0), Decimal(-1)) == Decimal("Infinity")
    assert used_of(scene.rule(), Decimal(0), Decimal(0)) == 0


def test_a_withdrawal_since_the_alert_is_added_back() -> None:
    """Half the equity withdrawn, told by the income history: the drawdown is what it was, whichever way is reckoned."""
    gone = scene.income("-5000", at=UNTIL + 30)
    found = weigh(
        scene.reads(wallet="5000", amount="0", moved_at=UNTIL + 30, incomes=(gone,)),
        scene.claim(equity_usd="5000.0"),
        scene.rule(),
        None,
    )
    assert found is not None
    assert (found.zone, found.flows, found.doubt) == (Zone.BELOW, Decimal(-5000), "")


def test_a_flow_that_the_reference_knows_is_not_added_again() -> None:
    """What moved up to ``flows_until`` is in the alert's reference already."""
    known = scene.income("-5000", at=UNTIL)
    assert weighed(incomes=(known,)).flows == 0


def test_a_flow_in_an_amount_rule_moves_the_reference() -> None:
    """1,000 USD paid in before a loss of 1,100: an amount of 1,000 is used to 110 %."""
    paid = scene.income("1000", at=UNTIL + 1)
    reads = scene.reads(wallet="10900", moved_at=UNTIL + 1, incomes=(paid,))
    found = weigh(reads, scene.claim(), scene.rule(ratio=None, amount="1000"), None)
    assert found is not None
    assert (found.zone, found.used, found.doubt) == (Zone.BEYOND, Decimal("1.1"), "")


def test_a_deposit_before_a_loss_is_doubted_where_its_moment_matters() -> None:
    """Money doubled and then 8 % lost: added back that looks like more than 10 % of the reference, wrongly."""
    paid = scene.income("10000", at=UNTIL + 1)
    reads = scene.reads(wallet="19400", moved_at=UNTIL + 1, incomes=(paid,))  # 18,400 of 20,000
    found = weigh(reads, scene.claim(equity_usd="20000.0"), scene.rule(), None)
    assert found is not None
    assert found.zone is Zone.BEYOND
    assert "two ways" in found.doubt


def test_a_flow_without_the_equity_before_it_has_one_way_only() -> None:
    """Without the sender's equity nobody can reckon shares: the flow is added back as it is."""
    paid = scene.income("100", at=UNTIL + 1)
    reads = scene.reads(wallet="10000", moved_at=UNTIL + 1, incomes=(paid,))
    found = weigh(reads, scene.claim(equity_usd=""), scene.rule(), None)
    assert found is not None
    assert (found.zone, found.doubt) == (Zone.BEYOND, "")


def test_more_withdrawn_than_was_there_has_one_way_only() -> None:
    """A share of nothing is no way to reckon."""
    gone = scene.income("-9000", at=NOW)
    found = weigh(
        scene.reads(wallet="40", amount="0", moved_at=NOW, incomes=(gone,)), scene.claim(), scene.rule(), None
    )
    assert found is not None
    assert (found.zone, found.doubt) == (Zone.BETWEEN, "")


def test_answers_of_two_moments_are_doubted() -> None:
    """A loss in the wallet and still in the position counts twice; the exchange's own sum says otherwise."""
    found = weighed(told_equity="9990")
    assert found.zone is Zone.BEYOND
    assert "two ways" in found.doubt


def test_a_wallet_that_changed_without_a_reason_is_doubted() -> None:
    """Neither a row of the income history nor a trade explains the change: it may be a withdrawal."""
    assert "USDT" in weighed(moved_at=UNTIL + 5).doubt


def test_a_trade_explains_the_wallet() -> None:
    """A position that changed at the same moment says why the wallet did, however late the history is."""
    assert not weighed(moved_at=UNTIL + 5, traded_at=UNTIL + 5).doubt


def test_a_row_of_the_history_explains_the_wallet() -> None:
    """Funding that is listed says why the wallet changed."""
    row = scene.income("-1", at=UNTIL + 5, kind="FUNDING_FEE")
    assert not weighed(moved_at=UNTIL + 5, incomes=(row,)).doubt


def test_the_exporters_doubt_is_ours() -> None:
    """While the exporter waits for an explanation, so do we."""
    found = weigh(scene.reads(), scene.claim(), scene.rule(), scene.told(unexplained=True))
    assert found is not None
    assert "exporter" in found.doubt


@pytest.mark.parametrize(
    "missing", [{"reference_usd": ""}, {"flows_until": ""}, {"reference_usd": "NaN"}, {"flows_until": "soon"}]
)
def test_an_incomplete_claim_weighs_nothing(missing: dict[str, str]) -> None:
    """Without reference or time of flows there is nothing to hold a re-read against."""
    claim = scene.claim(**missing)
    assert not claim.weighs
    assert not claim.complete
    assert weigh(scene.reads(), claim, scene.rule(), None) is None


def test_old_prices_weigh_nothing() -> None:
    """A mark price of eleven seconds ago tells no equity."""
    assert weigh(scene.reads(marked_at=NOW - 11), scene.claim(), scene.rule(), None) is None


def test_a_flow_without_a_rate_weighs_nothing() -> None:
    """A transfer of an asset without a price: nobody can say what it did."""
    reads = scene.reads(incomes=(scene.income("1", at=NOW, asset="XYZ"),))
    assert weigh(replace(reads, margin_assets=frozenset({"USDT", "XYZ"})), scene.claim(), scene.rule(), None) is None


def test_without_rules_of_the_exchange_nothing_is_weighed() -> None:
    """What counts as equity is unknown before the exchange's rules are read."""
    reads = replace(scene.reads(amount="0", moved_at=NOW), margin_assets=frozenset())
    assert weigh(reads, scene.claim(), scene.rule(), None) is None


REMEMBERED = {"breached": False, "equity": None}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"reference": "9000"}, "measures from"),
        ({"breached": False, "equity": "9000"}, "has an equity"),
        ({"breached": False, "equity": "8940"}, ""),
        ({"breached": True, "equity": "8500"}, ""),
        ({"breached": False, "equity": None}, ""),
        ({"reference": None}, ""),
        ({"until": None, "reference": "9000"}, ""),
        ({"live": False, "reference": "9000", "reference_at": NOW + 1, **REMEMBERED}, "measures from"),
        ({"live": False, "reference": "9000", "reference_at": NOW - 5, **REMEMBERED}, "measures from"),
        ({"live": False, "reference": "9000", "reference_at": NOW - 60, **REMEMBERED}, ""),
        ({"live": False, "reference": "9000", **REMEMBERED}, ""),
        ({"live": False, "reference": "10000", "reference_at": NOW + 1, **REMEMBERED}, ""),
    ],
)
def test_the_exporter_is_compared(told: dict[str, object], words: str) -> None:
    """Another reference, or an equity more than 0.5 % of it away, speaks against a breach; what agrees does not.

    Of an account that is not live its reference speaks where it began after the alert's figures, as by a release.
    """
    found = weigh(scene.reads(), scene.claim(), scene.rule(), scene.told(**told))
    assert found is not None
    assert (words in found.conflict) if words else not found.conflict


def test_a_claim_of_an_unknown_time_is_held_against_what_the_exporter_remembers() -> None:
    """Where the alert does not say when its figures were made, a remembered reference that finds no breach speaks."""
    claim = replace(scene.claim(), sampled_at=None)
    remembered = scene.told(live=False, reference="9000", reference_at=1.0, equity=None, breached=False)
    found = weigh(scene.reads(), claim, scene.rule(), remembered)
    assert found is not None
    assert "measures from" in found.conflict


def test_the_exporter_cannot_speak_for_a_breach() -> None:
    """Where the exchange shows no breach, an exporter that saw a bad tick changes nothing."""
    found = weigh(scene.reads(wallet="11000"), scene.claim(), scene.rule(), scene.told())
    assert found is not None
    assert (found.zone, found.conflict) == (Zone.BELOW, "")


def test_what_a_claim_says_is_held_against_the_limit_of_now() -> None:
    """A limit that was raised since makes yesterday's breach none."""
    assert claims_breach(scene.claim(), scene.rule())
    assert not claims_breach(scene.claim(), scene.rule(ratio="0.2"))
    assert not claims_breach(scene.claim(equity_usd=""), scene.rule())
    assert not claims_breach(scene.claim(reference_usd=""), scene.rule())


def test_a_claim_about_a_day_ends_with_it() -> None:
    """The start of yesterday says nothing of today; other references do not end."""
    day = scene.rule(reference="day-start")
    assert not outlived(scene.claim(), day, NOW + 60)
    assert outlived(scene.claim(), day, NOW + 86_400)
    assert outlived(scene.claim(sampled_at=""), day, NOW + 86_400)
    assert not outlived(scene.claim(), scene.rule(), NOW + 86_400)


def test_the_history_is_asked_only_after_the_wallet_changed() -> None:
    """A wallet that did not change since needs no explanation, held by a position or flat."""
    assert not scene.reads().flat
    assert scene.reads(amount="0").flat
    assert not changed_after(scene.reads(), UNTIL)
    assert changed_after(scene.reads(moved_at=NOW), UNTIL)


@pytest.mark.parametrize(
    ("told", "fresh"),
    [
        ({}, True),
        ({"sampled_at": f"{NOW - 11:.3f}"}, False),
        ({"sampled_at": f"{NOW + 30:.3f}"}, False),
        ({"sampled_at": ""}, False),
    ],
)
def test_a_claim_is_fresh_for_ten_seconds(told: dict[str, str], *, fresh: bool) -> None:
    """Old figures and those from the future are not fresh."""
    assert scene.claim(**told).fresh is fresh


@pytest.mark.parametrize(("samples", "believed"), [("2", True), ("7", True), ("1", False), ("", False), ("x", False)])
def test_a_claim_is_believed_from_two_samples_on(samples: str, *, believed: bool) -> None:
    """One bad tick is no breach."""
    assert scene.claim(samples=samples).believed is believed


@pytest.mark.parametrize("text", ["1e3", "Infinity", "NaN", "--1", "1_000", "٣", "1" * 31, "0x1", " "])
def test_only_plain_decimals_are_numbers(text: str) -> None:
    """Anything else is absent, whatever Python would make of it."""
    assert scene.claim(reference_usd=text).reference_usd is None


def test_a_claim_without_a_rule_names_none() -> None:
    """The label may be missing."""
    nameless = scene.alert()
    labels = {key: value for key, value in nameless.labels.items() if key != "rule"}

    assert not claim_of(replace(nameless, labels=labels)).rule


def test_a_market_without_a_mark_for_a_position_is_unknown() -> None:
    """A position without a price makes equity unknown, never zero."""
    other = (Mark(symbol="ETHUSDT", price=Decimal(1), time_ms=int(NOW * 1000)),)
    assert weigh(replace(scene.reads(), marks=other), scene.claim(), scene.rule(), None) is None


def test_a_sum_of_the_exchange_that_cannot_be_valued_is_left_out() -> None:
    """Without a price for part of the exchange's own sum, our own reckoning stands alone."""
    reads = scene.reads()
    wallet = replace(reads.wallet, margin_balances={"USDT": Decimal(1), "XYZ": Decimal(1)})
    strange = replace(reads, wallet=wallet, margin_assets=frozenset({"USDT", "XYZ"}))
    found = weigh(strange, scene.claim(), scene.rule(), None)
    assert found is not None
    assert (found.zone, found.doubt) == (Zone.BEYOND, "")
