"""What a release does to the drawdown's reference: it begins anew, asked of the exporter, or the floor stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from plimsoll.clock import Clock
from plimsoll.config.model import AccountConfig, Config
from plimsoll.database.database import FILE_NAME
from plimsoll.errors import ConfigError, EnforcerRefused, RebaseRefused, StateError
from plimsoll.rebase import rebase
from plimsoll.risk.unknown import ZERO
from plimsoll_enforcer.decide.told import Told


async def rebase_rules(
    config: Config, account: str, rules: Iterable[str], *, reason: str, operator: str, clock: Clock
) -> str:
    """Ask the exporter that rules begin anew, and wait for it; gives a sentence for each with the new floor.

    Raises:
        EnforcerRefused: It cannot be asked, or will not.
    """
    names = tuple(rules)
    path = config.exporter.data_dir / FILE_NAME
    if not names:
        raise EnforcerRefused(f"account {account} has no drawdown rule that closes: nothing can begin anew")
    if not path.exists():
        raise EnforcerRefused(
            f"there is no state of an exporter at {path}: ask where it runs (plimsoll-exporter rebase --account"
            f" {account} --rule {names[0]}), then release and keep the reference"
        )
    sentences = []
    for name in names:
        try:
            told = await rebase(
                config, account=account, rule=name, reason=reason, clock=clock, requested_by=f"{operator} (enforcer)"
            )
        except (ConfigError, StateError, RebaseRefused) as error:
            raise EnforcerRefused(f"the rule {name} cannot begin anew: {error}") from error
        sentences.append(told)
    return " ".join(sentences)


def kept_floors(config: AccountConfig, rules: Iterable[str], told: Mapping[str, Told]) -> str:
    """Where the floors stay, as far as the exporter tells."""
    sentences = []
    for name in rules:
        rule, found = config.limits.drawdown[name], told.get(name)
        if found is None or found.reference_usd is None:
            sentences.append(
                f"Rule {name} keeps its reference; the exporter does not answer, so its floor is not known."
            )
            continue
        reference = found.reference_usd
        floor = reference - (rule.amount_usd or ZERO) if rule.ratio is None else reference * (1 - rule.ratio)
        sentences.append(f"Rule {name} keeps its reference of {reference:.2f} USD; its floor is {floor:.2f} USD.")
    return " ".join(sentences)
