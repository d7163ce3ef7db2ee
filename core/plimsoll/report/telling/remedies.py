"""What must be changed: one sentence for each kind of finding, by the rule that found it. Pure; nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from plimsoll.report.model import Certainty, Finding, Remedy
from plimsoll.report.say import listed
from plimsoll.report.view import View

GENERAL: Mapping[str, str] = MappingProxyType(
    {
        "mirror-scale": "Correct the mirror's scale, or the multiplier of sizes in the program that copies trades: the "
        "scale configured here is {scale}.",
        "mirror-apart": "Let the program that copies trades compare what the account holds with what it should hold, "
        "and close what is left over.",
        "mirror-refused": "Let the program that copies trades act on refusals: it must not count a refused order as "
        "filled, and must send a refused close again, reduce-only and no larger than what is held.",
        "orders-refused": "Let whatever sends orders act on refusals, and send closes reduce-only.",
        "leverage-above-limit": "Let whatever sends orders keep the account below its leverage limit before it sends "
        "them: the limit here only alerts.",
        "symbol-leverage-above-limit": "Keep {symbols} below the leverage limit of a symbol before orders are sent.",
        "margin-low": "Leave more margin free: hold less, or take fewer positions at a time.",
        "margin-call": "Hold less, or pay in more margin: the exchange has warned.",
        "forced-close": "Hold less, and put stops well before the price at which the exchange closes by itself.",
        "no-stop": "Give {symbols} a stop; a take-profit limits no loss.",
        "stop-lost": "Put the stop of {symbols} back, and let nothing cancel a stop without placing the next one.",
        "stop-too-small": "Let the stop of {symbols} grow with the position, or use one that closes all of it.",
        "stop-slipped": "Plan the loss of {symbols} with slippage: a stop fills at what the market pays then, not at "
        "its trigger.",
        "stop-rejected": "Place the stop of {symbols} again, and find out why the exchange rejected it; let it be "
        "reduce-only.",
        "stop-passed-by-mark": "Let the stop of {symbols} watch the mark price, by which the exchange liquidates.",
        "stop-not-triggered": "Close {symbols} or replace its stop by hand, and ask the exchange why it did not "
        "trigger.",
        "stops-unknown": "Find out why the list of orders could not be read: while it cannot, nobody knows what is "
        "protected.",
        "drawdown-near": "Reduce positions before the drawdown limit is reached, or decide that it may be.",
        "enforcement-failed": "Close by hand what is left, and find out from the journal why the enforcer could not.",
        "dry-run": "Arm the enforcer: in dry run it closes nothing.",
        "not-enforced": "Let an armed enforcer run for this account, and test that breaches reach it.",
        "reopened-in-lockout": "Stop whatever goes on trading while the account is locked.",
        "blind": "Find out why the account could not be read: while it cannot, nothing can be watched.",
    }
)
"""By the rule of the finding; rules that state only what worked have none."""


def remedies(view: View, findings: Sequence[Finding]) -> tuple[Remedy, ...]:
    """One for each rule that found something for certain, in the order of the findings; also for what is unknown."""
    found: dict[str, list[str]] = {}
    for one in findings:
        if one.rule in GENERAL and (one.certainty is Certainty.ESTABLISHED or one.plain):
            found.setdefault(one.rule, []).append(one.symbol)
    scale = listed([f"{mirror.scale.normalize():f}" for mirror in view.material.settings.mirrors])
    told = {
        rule: GENERAL[rule].format(symbols=listed(list(dict.fromkeys(filter(None, symbols)))), scale=scale)
        for rule, symbols in found.items()
    }
    return tuple(Remedy(sentence=sentence, rule=rule) for rule, sentence in told.items())
