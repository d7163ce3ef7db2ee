"""Laws of drawdown, tried on made-up histories of prices, flows, days and wild samples."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from drawdown_scene import Scene, rule, sample
from plimsoll.risk.booking import forgiven, settled
from plimsoll.risk.drawdown import DrawdownFigures, drawdowns
from plimsoll.risk.watching import begin

RULES = {
    made.name: made
    for reference in ("high-water", "high-water-daily", "day-start", "start")
    for amount in (False, True)
    for lock in ((False, True) if reference.startswith("high-water") else (False,))
    for made in [
        rule(
            reference,
            "4000" if amount else "0.1",
            amount=amount,
            name=f"{reference}-{'amount' if amount else 'ratio'}{'-locked' if lock else ''}",
            lock_at_start=lock,
        )
    ]
}
TINY = Decimal("1e-9")

equities = st.decimals(Decimal("0.01"), Decimal(200000), places=2)
steps = st.sampled_from([0.1, 0.5, 1.0, 30.0, 7200.0, 50000.0])


def account(equity: Decimal) -> Scene:
    """An account with a rule of every kind."""
    return Scene(RULES, equity, begin(RULES, sample(equity)))


def figures(scene: Scene) -> dict[str, DrawdownFigures]:
    """The figures of every rule that has begun."""
    rows = drawdowns(scene.watched, RULES, scene.equity)
    return dict(zip(RULES, rows, strict=True))


@given(
    first=st.decimals(Decimal(1000), Decimal(100000), places=2),
    history=st.lists(st.tuples(equities, st.decimals(Decimal("-0.99"), Decimal(5), places=3)), max_size=12),
    step=steps,
)
def test_flows_move_no_drawdown(first: Decimal, history: list[tuple[Decimal, Decimal]], step: float) -> None:
    """Whatever prices do between them, each flow leaves ratio rules' ratio and amount rules' amount as they are."""
    scene = account(first)
    for equity, share in history:
        scene.take(equity, equity, step=step)
        before = figures(scene)
        scene.flow(equity * share)
        after = figures(scene)
        for name, limit in RULES.items():
            if limit.ratio is None:
                assert abs((after[name].drawdown_usd or 0) - (before[name].drawdown_usd or 0)) <= TINY
            else:
                assert abs((after[name].drawdown_ratio or 0) - (before[name].drawdown_ratio or 0)) <= TINY
            assert after[name].breached == before[name].breached


@given(first=st.decimals(Decimal(1000), Decimal(100000), places=2), price=equities, again=st.integers(1, 3))
def test_full_withdrawal_and_return_move_no_drawdown(first: Decimal, price: Decimal, again: int) -> None:
    """Everything out and back in, as often as one likes."""
    scene = account(first)
    scene.take(price, price)
    before = figures(scene)
    scene.flat = True
    for _ in range(again):
        scene.flow(-price)
        scene.take("0", "0")
        scene.flow(price)
    after = figures(scene)
    for name, limit in RULES.items():
        if limit.ratio is None:
            assert after[name].drawdown_usd == before[name].drawdown_usd
        elif price >= 10:
            assert abs((after[name].drawdown_ratio or 0) - (before[name].drawdown_ratio or 0)) <= TINY


@given(
    first=st.decimals(Decimal(1000), Decimal(100000), places=2),
    history=st.lists(st.tuples(st.sampled_from(["look", "deposit", "doubt"]), equities), max_size=20),
    step=steps,
)
def test_reference_falls_only_where_it_may(first: Decimal, history: list[tuple[str, Decimal]], step: float) -> None:
    """No sample, deposit or doubt lowers any level but a day's start, and drawdown is never below 0."""
    scene = account(first)
    for action, number in history:
        before = scene.watched.standing.rules
        if action == "look":
            scene.take(number, step=step)
        elif action == "deposit":
            scene.flow(number)
        else:
            scene.lose_trust()
        for name, stood in scene.watched.standing.rules.items():
            if RULES[name].reference != "day-start":
                assert stood.reference >= before[name].reference
            assert stood.start >= before[name].start
        assert all((row.drawdown_usd or 0) >= 0 and (row.drawdown_ratio or 0) >= 0 for row in figures(scene).values())


@given(
    wild=st.decimals(Decimal(-100000), Decimal(10000000), places=2),
    around=st.lists(st.decimals(Decimal(49000), Decimal(51000), places=2), min_size=2, max_size=8),
    place=st.integers(0, 8),
    step=st.sampled_from([0.01, 0.1, 0.5, 1.0, 7200.0]),
)
def test_a_single_wild_sample_makes_neither_high_nor_breach(
    wild: Decimal, around: list[Decimal], place: int, step: float
) -> None:
    """One price from nowhere among sane ones leaves marks among the sane ones and breaches nothing."""
    scene = account(Decimal(50000))
    samples = [*around[:place], wild, *around[place:]]
    for equity in samples:
        scene.take(equity, step=step)
        for name, row in figures(scene).items():
            if RULES[name].reference.startswith("high-water"):
                assert row.reference_usd <= 51000
            if RULES[name].reference != "day-start":
                assert not row.breached


@given(
    deposit=st.decimals(Decimal("0.01"), Decimal(50000), places=2),
    highs=st.lists(st.decimals(Decimal(45000), Decimal(60000), places=2), min_size=1, max_size=6),
)
def test_flow_found_later_leaves_what_would_have_been(deposit: Decimal, highs: list[Decimal]) -> None:
    """Amount rules end where they would be had the deposit been known at once, and no ratio rule loses by it."""
    scene, known = account(Decimal(50000)), account(Decimal(50000))
    scene.watched = forgiven(scene.watched)
    known.flow(deposit)
    for equity in highs:
        scene.take(equity + deposit, equity + deposit)
        known.take(equity + deposit, equity + deposit)
    scene.flow(deposit, late=True, included=True)
    scene.watched = settled(scene.watched)
    late, told = figures(scene), figures(known)
    for name in ("high-water-amount", "high-water-amount-locked", "start-amount"):
        assert abs(late[name].reference_usd - told[name].reference_usd) <= TINY
    assert late["high-water-ratio"].drawdown_usd is not None
    assert (
        abs(scene.watched.standing.rules["high-water-ratio"].reference - max([*highs, Decimal(50000)]) / 50000) <= TINY
    )


@given(
    history=st.lists(
        st.tuples(st.sampled_from(["look", "flow", "late", "forgive", "settle"]), st.integers(-60000, 60000)),
        max_size=25,
    ),
    flat=st.booleans(),
    step=steps,
)
def test_no_history_breaks_the_arithmetic(history: list[tuple[str, int]], flat: bool, step: float) -> None:  # noqa: FBT001 - an axis
    """Bankrupt, emptied, refilled, forgiven: units stay at or above 0, unit value above, and every figure exists."""
    scene = account(Decimal(50000))
    scene.flat = flat
    for action, number in history:
        if action == "look":
            scene.take(Decimal(number), step=step)
        elif action in {"flow", "late"}:
            scene.flow(number, late=action == "late", included=action == "late")
        else:
            scene.watched = forgiven(scene.watched) if action == "forgive" else settled(scene.watched)
        assert scene.watched.standing.units >= 0
        assert scene.watched.standing.unit_value > 0
        assert all((row.drawdown_usd or 0) >= 0 and (row.used or 0) >= 0 for row in figures(scene).values())
