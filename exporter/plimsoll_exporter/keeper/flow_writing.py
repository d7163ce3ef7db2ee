"""How the ledger makes flows and writes them: into the database, into the counters and into the log."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from decimal import Decimal

from plimsoll.database.draft import Draft, Step
from plimsoll.model.flows import Flow, FlowSource
from plimsoll.risk.unknown import ZERO
from plimsoll_exporter.keeper.flow_booking import Booked
from plimsoll_exporter.keeper.tally import FLOW_USD, Tally

log = logging.getLogger(__name__)


def unbooked(asset: str, amount: Decimal, time_ms: int, kind: str, source: FlowSource) -> Flow:
    """A flow that is not booked yet."""
    usd = amount if source is FlowSource.SWITCH else ZERO
    return Flow(asset=asset, amount=amount, usd=usd, time_ms=time_ms, kind=kind, source=source, booked_at=0.0)


def booking_drafts(account: str, booked: Booked, tally: Tally, *, at: float) -> Iterable[Draft]:
    """What was booked together, flow by flow, with its counts."""
    for flow in booked.flows:
        log.info("%s: flow of %s %s (%s), %s USD", account, flow.amount, flow.asset, flow.kind, flow.usd)
        yield Draft(steps=(_add(account, flow),))
        if flow.source is not FlowSource.SWITCH:
            yield _counted(tally, flow.usd, at)
    for flow in booked.undone:
        log.info("%s: no flow after all: %s %s (%s)", account, flow.amount, flow.asset, flow.kind)
        yield Draft(steps=(_drop(account, flow),))
        yield _counted(tally, -flow.usd, at)


def confirming_draft(account: str, confirmed: Iterable[tuple[Flow, Flow]]) -> Draft:
    """Booked flows before and after the history confirmed them."""
    return Draft(steps=tuple(_confirm(account, before, after) for before, after in confirmed))


def _counted(tally: Tally, usd: Decimal, at: float) -> Draft:
    return tally.add(FLOW_USD, {"direction": "in" if usd > 0 else "out"}, abs(usd), at=at)


def _add(account: str, flow: Flow) -> Step:
    return lambda change: change.add_flow(account, flow)


def _drop(account: str, flow: Flow) -> Step:
    return lambda change: change.drop_flow(account, flow)


def _confirm(account: str, before: Flow, after: Flow) -> Step:
    return lambda change: change.confirm_flow(account, before, after)
