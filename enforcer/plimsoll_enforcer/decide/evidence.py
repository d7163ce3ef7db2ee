"""What a re-read says of a breach: how much of the limit is used, by every way to reckon it. Pure.

The ways differ where two answers of the exchange do not belong to one moment, and where money moved since the alert's
reference was made. Where they lead to different verdicts, the account is read again before anything is decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from plimsoll.config.model import DrawdownRule
from plimsoll.risk.days import local_day
from plimsoll.risk.floors import amount_of
from plimsoll.risk.references import DAY_START
from plimsoll.risk.unknown import ZERO, share
from plimsoll_enforcer.decide import reads as reading
from plimsoll_enforcer.decide.claim import TORN, Claim
from plimsoll_enforcer.decide.reads import Reads
from plimsoll_enforcer.decide.told import Told

CLEARLY_BELOW = Decimal("0.95")
"""Share of the limit under which a breach is contradicted."""

DISAGREES = Decimal("0.005")
"""Share of the reference by which the exporter's equity may differ from ours."""


class Zone(StrEnum):
    """Where the account stands against its limit."""

    BEYOND = "beyond"
    BETWEEN = "between"
    BELOW = "below"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """One re-read against one claim.

    Attributes:
        zone: By wallet, quantities and mark prices, with flows added back.
        used: Share of the limit that is used, reckoned so.
        equity: In USD.
        flows: External flows since the claim's figures, in USD.
        doubt: In words why it is read again before it is believed; empty where nothing speaks against it.
        conflict: In words how the exporter disagrees; empty where it agrees or does not answer.
        backed: The exporter, which wants two prices, holds the limit for crossed as well.
    """

    zone: Zone
    used: Decimal
    equity: Decimal
    flows: Decimal
    doubt: str = ""
    conflict: str = ""
    backed: bool = False


def weigh(reads: Reads, claim: Claim, rule: DrawdownRule, told: Told | None) -> Evidence | None:
    """Hold a re-read against a claim; ``None`` where a figure for it is missing, or it claims to know flows to come.

    Args:
        reads: The re-read.
        claim: What the alert says, or the exporter instead of it.
        rule: The rule of now, whose limit decides.
        told: The exporter's account of the same rule; ``None`` where it does not answer.
    """
    equity, reference, until = reading.equity_of(reads), claim.reference_usd, claim.flows_until
    if equity is None or reference is None or until is None or reading.is_future(reads, until):
        return None
    flows = reading.flows_after(reads, until)
    moved = reading.sum_of(flows)
    if moved is None:
        return None
    used = used_of(rule, reference, equity - moved)
    zones = {zone_of(used), *(zone_of(other) for other in _otherwise(reads, claim, rule, equity=equity, flows=flows))}
    return Evidence(
        zone=zone_of(used),
        used=used,
        equity=equity,
        flows=moved,
        doubt=_doubt(reads, until, zones, told),
        conflict=_conflict(reads, claim, rule, told, equity=equity) if zone_of(used) is Zone.BEYOND else "",
        backed=told is not None and told.breached,
    )


def used_of(rule: DrawdownRule, reference: Decimal, equity: Decimal) -> Decimal:
    """Share of the rule's limit that is used; 0 where nothing is lost, Infinity where there was nothing to lose."""
    lost = max(ZERO, reference - equity)
    if rule.ratio is None:
        return share(lost, amount_of(rule)) or ZERO
    return share(share(lost, reference), rule.ratio) or ZERO


def zone_of(used: Decimal) -> Zone:
    """Where so much of the limit is."""
    if used >= 1:
        return Zone.BEYOND
    return Zone.BELOW if used < CLEARLY_BELOW else Zone.BETWEEN


def claims_breach(claim: Claim, rule: DrawdownRule) -> bool:
    """Whether the claim's own figures are beyond the limit of now."""
    if claim.reference_usd is None or claim.equity_usd is None:
        return False
    return zone_of(used_of(rule, claim.reference_usd, claim.equity_usd)) is Zone.BEYOND


def outlived(claim: Claim, rule: DrawdownRule, now: float) -> bool:
    """Whether the claim's reference ended with its day."""
    if rule.reference != DAY_START:
        return False
    made_at = claim.arrived_at if claim.sampled_at is None else claim.sampled_at
    return local_day(made_at, rule.timezone) != local_day(now, rule.timezone)


def _otherwise(
    reads: Reads, claim: Claim, rule: DrawdownRule, *, equity: Decimal, flows: tuple[tuple[float, Decimal | None], ...]
) -> Iterator[Decimal]:
    """The share of the limit by the other ways to reckon it."""
    reference, moved = claim.reference_usd or ZERO, reading.sum_of(flows) or ZERO
    factor = _factor(claim, flows) if moved and rule.ratio is not None else None
    for held in (equity, reading.equity_by_exchange(reads)):
        if held is None:
            continue
        yield used_of(rule, reference, held - moved)
        if factor is not None:
            yield used_of(rule, reference * factor, held)


def _factor(claim: Claim, flows: tuple[tuple[float, Decimal | None], ...]) -> Decimal | None:
    """By how much flows changed the number of the account's shares, had they moved when the claim was made."""
    if claim.equity_usd is None or claim.sampled_at is None:
        return None
    before = claim.equity_usd - sum((usd or ZERO for at, usd in flows if at <= claim.sampled_at), ZERO)
    after = claim.equity_usd + sum((usd or ZERO for at, usd in flows if at > claim.sampled_at), ZERO)
    return after / before if before > 0 and after > 0 else None


def _doubt(reads: Reads, until: float, zones: set[Zone], told: Told | None) -> str:
    waiting = reading.unexplained(reads, until)
    if waiting:
        return f"the wallet changed ({', '.join(waiting)}) and neither a trade nor the income history says why"
    if told is not None and told.unexplained:
        return "the exporter waits for the explanation of a change of the wallet"
    if len(zones) > 1:
        return "two ways to reckon the drawdown lead to different verdicts"
    return ""


def _conflict(reads: Reads, claim: Claim, rule: DrawdownRule, told: Told | None, *, equity: Decimal) -> str:
    """How the exporter's state speaks against a breach that the re-read found; a difference that does not is none.

    What it remembers of an account that is not live speaks only where the reference began after the claim was made, as
    by a release: then the claim is about one that is no more.
    """
    if told is None or not (told.live or _begun_since(told, claim)):
        return ""
    reference = claim.reference_usd or ZERO
    if told.reference_usd is not None and told.flows_until is not None:
        moved = reading.sum_of(reading.flows_after(reads, told.flows_until)) or ZERO
        if zone_of(used_of(rule, told.reference_usd, equity - moved)) is not Zone.BEYOND:
            return f"the exporter measures from {told.reference_usd:f} USD, the alert from {reference:f} USD"
    if told.breached or told.equity_usd is None:
        return ""
    if abs(told.equity_usd - equity) > DISAGREES * abs(reference):
        return f"the exporter has an equity of {told.equity_usd:f} USD, the exchange now {equity:f} USD"
    return ""


def _begun_since(told: Told, claim: Claim) -> bool:
    if told.reference_at is None:
        return False
    return claim.sampled_at is None or told.reference_at > claim.sampled_at - TORN
