"""What the alerts of refused orders say, in the words of their rules."""

from __future__ import annotations

from decimal import Decimal

from plimsoll.config.model import Mode
from plimsoll.risk.figures import AccountFigures
from plimsoll.risk.rejections import Intent, Reason
from plimsoll_exporter.fast_lane.crossing import NO_MARGIN, Crossing
from plimsoll_exporter.fast_lane.words import multiple, usd, whole
from plimsoll_exporter.rejections.counts import REJECTIONS
from plimsoll_exporter.view import AccountView

NO_MARGIN_SUMMARY = "The exchange refused an order because the margin is insufficient."
CLOSE_SUMMARY = "The exchange refused an order that should have closed a position."
BLIND = " The account cannot be read now, so figures are missing."
DRY_RUN = " DRY RUN: nothing will be closed."
MAYBE_ARMED = (
    " DRY RUN: nothing will be closed, unless the enforcer is really armed; then it acts on a drawdown limit only."
)

MARGIN = Reason.INSUFFICIENT_MARGIN.value


def rejection_annotations(crossing: Crossing, account: AccountView, figures: AccountFigures | None) -> dict[str, str]:
    """The annotations of refused orders, but for links and age.

    Args:
        crossing: What crossed.
        account: Its account now, with the counts of its orders.
        figures: Its risk figures; ``None`` while it shows none.
    """
    if crossing.alert == NO_MARGIN:
        return {"summary": NO_MARGIN_SUMMARY, "description": _no_margin(account, figures)}
    return {"summary": CLOSE_SUMMARY, "description": _close_refused(account, figures)}


def _no_margin(account: AccountView, figures: AccountFigures | None) -> str:
    closes, entries, unknown = (_count(account, MARGIN, each) for each in (Intent.CLOSE, Intent.OPEN, Intent.UNKNOWN))
    available, equity, leverage = (
        (None, None, None) if figures is None else (figures.available, figures.equity, figures.leverage)
    )
    return (
        f"Account {account.config.name}: orders refused for insufficient margin so far: closes {whole(closes)}, entries"
        f" {whole(entries)}, unknown {whole(unknown)}. Available are {usd(available)} USD of an equity of"
        f" {usd(equity)} USD, effective leverage is {multiple(leverage)}. A refused order is gone: nobody sends it"
        f" again by itself, and a refused close leaves its position open.{_blind(figures)}{_closing(account)}"
        " Compare what is open with what should be, close with reduce-only orders, cancel entries."
    )


def _close_refused(account: AccountView, figures: AccountFigures | None) -> str:
    closes = sum((_count(account, each.value, Intent.CLOSE) for each in Reason), Decimal(0))
    exposure, available = (None, None) if figures is None else (figures.gross_exposure, figures.available)
    return (
        f"Account {account.config.name}: closes refused so far: {whole(closes)}, of these for insufficient margin"
        f" {whole(_count(account, MARGIN, Intent.CLOSE))}. The account still holds {usd(exposure)} USD,"
        f" available are {usd(available)} USD. Nobody sends the order again by itself."
        f"{_blind(figures)}{_closing(account)} Close with reduce-only orders, which need no margin."
    )


def _closing(account: AccountView) -> str:
    """What will be closed; the exporter cannot see whether the enforcer is really armed."""
    return MAYBE_ARMED if account.config.enforcement.mode is Mode.ARMED else DRY_RUN


def _blind(figures: AccountFigures | None) -> str:
    return BLIND if figures is None else ""


def _count(account: AccountView, reason: str, intent: Intent) -> Decimal:
    return account.order_counts.of(REJECTIONS)[(reason, intent.value)].value
