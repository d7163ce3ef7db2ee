"""What the alert of a drawdown breach says: the words of its rule, and the figures that the enforcer reads.

The exporter cannot know whether the enforcer is really armed, so that it never says that something will be closed.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll.config.model import Mode
from plimsoll.risk.figures import AccountFigures
from plimsoll_exporter.drawdown import ShownDrawdown, shown_drawdowns
from plimsoll_exporter.fast_lane.crossing import Crossing
from plimsoll_exporter.fast_lane.words import percent, plain, usd
from plimsoll_exporter.view import AccountView

SUMMARY = "An account has reached its drawdown limit."
BLIND = " The account cannot be read now, so this alert stays as it was."
BY_HAND = "Close the positions by hand or press the red button."
DRY_RUN = f" DRY RUN: nothing will be closed. {BY_HAND}"
PAGES_ONLY = f" This rule only pages.{DRY_RUN}"
MAYBE_ARMED = (
    " DRY RUN: nothing will be closed, unless the enforcer is really armed: this account is configured so, but the"
    " exporter cannot see it. If it is, EnforcementRan will tell. Watch it, and press the red button if that does not"
    " come within a minute."
)


def breach_annotations(crossing: Crossing, account: AccountView, figures: AccountFigures | None) -> dict[str, str]:
    """The annotations of a breach, but for links and age.

    Args:
        crossing: The breach.
        account: Its account now.
        figures: Its risk figures; ``None`` while it shows none.
    """
    shown = next(row for row in shown_drawdowns(account, figures) if row.rule.name == crossing.rule)
    equity = None if figures is None else figures.equity
    row = shown.figures
    return {
        "summary": SUMMARY,
        "description": _description(account, shown, equity, live=figures is not None) + _ending(crossing, account),
        "floor_usd": plain(None if row is None else row.floor_usd, 6),
        "reference_usd": plain(None if row is None else row.reference_usd, 6),
        "equity_usd": plain(equity, 6),
        "limit_ratio": plain(shown.limit_ratio, 8),
        "flows_until": plain(account.ledger.flows_until, 3),
        "sampled_at": plain(account.trusted_at, 3),
        "samples": plain(None if row is None else row.breach_samples, 0),
    }


def _description(account: AccountView, shown: ShownDrawdown, equity: Decimal | None, *, live: bool) -> str:
    row = shown.figures
    lost, ratio, reference, floor = (
        (None, None, None, None)
        if row is None
        else (row.drawdown_usd, row.drawdown_ratio, row.reference_usd, row.floor_usd)
    )
    return (
        f"Account {account.config.name} has lost {usd(lost)} USD, {percent(ratio)}, since its reference of"
        f" {usd(reference)} USD; rule {shown.rule.name} allows {percent(shown.limit_ratio)}. Equity is {usd(equity)}"
        f" USD, {_distance(equity, floor)} the floor of {usd(floor)} USD.{'' if live else BLIND}"
    )


def _distance(equity: Decimal | None, floor: Decimal | None) -> str:
    if equity is None or floor is None:
        return "nobody knows how far from"
    below = floor - equity
    return f"{usd(below)} USD below" if below >= 0 else f"{usd(-below)} USD above"


def _ending(crossing: Crossing, account: AccountView) -> str:
    if not crossing.flatten:
        return PAGES_ONLY
    return MAYBE_ARMED if account.config.enforcement.mode is Mode.ARMED else DRY_RUN
