"""The fast lane put together: a look at an account finds what it has crossed, and wakes whoever posts it.

A look is cheap; texts are made when something is posted, of the state of that moment.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from plimsoll.clock import Clock
from plimsoll.config.model import Config
from plimsoll.risk.figures import AccountFigures
from plimsoll.state.market import MarketState
from plimsoll_exporter.fast_lane.alert import Alert, alert, all_annotations, bare_annotations, ended_alert
from plimsoll_exporter.fast_lane.crossing import FLATTEN, Crossing, crossings
from plimsoll_exporter.fast_lane.endings import Endings
from plimsoll_exporter.fast_lane.sender import Counted, Sender, target
from plimsoll_exporter.fast_lane.starts import Starts
from plimsoll_exporter.keeper.account import AccountKeeper
from plimsoll_exporter.rejections.counts import OrderCounts
from plimsoll_exporter.view import AccountView

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """What the lane sees.

    Attributes:
        keeper: Of an account, by its name.
        counts: How the orders of an account ended.
        market: Gives the prices.
        shown: Gives those that may be shown, as the pages do.
        figures: Makes the figures of an account; ``None`` while it shows none.
    """

    keeper: Callable[[str], AccountKeeper]
    counts: Callable[[str], OrderCounts]
    market: Callable[[], MarketState]
    shown: Callable[[], MarketState]
    figures: Callable[[AccountView, MarketState], AccountFigures | None]


class FastLane:
    """Watches for crossings, and posts them for as long as they hold; afterwards it lets them lapse.

    Args:
        config: Accounts, Alertmanagers (none turns the lane off) and links.
        sources: What it sees.
        starts: Since when alerts fire.
        clock: Time.
        counted: Told how posts ended.

    Raises:
        SecretError: The password file of an Alertmanager is unusable.
    """

    def __init__(self, config: Config, sources: Sources, starts: Starts, *, clock: Clock, counted: Counted) -> None:
        self._accounts, self._links = config.accounts, config.links
        self._sources, self._starts, self._clock = sources, starts, clock
        self._crossed: dict[str, frozenset[Crossing]] = {}
        self._failed: set[str] = set()
        targets = [target(one) for one in config.alertmanager]
        self._senders = tuple(Sender(one, alerts=self.alerts, clock=clock, counted=counted) for one in targets)
        self._endings = tuple(Endings(one, over=self.over, clock=clock) for one in targets)

    @property
    def tasks(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """What posts, by a name for the log."""
        senders = {f"fast lane {number}": sender.run for number, sender in enumerate(self._senders, 1)}
        endings = {f"fast lane {number}, ends": ends.run for number, ends in enumerate(self._endings, 1)}
        return {**senders, **endings}

    def look(self, name: str) -> None:
        """See what an account has crossed; a fault of ours is logged and holds up nobody."""
        if not self._senders:
            return
        try:
            self._look(name)
        except Exception:
            if name not in self._failed:
                log.exception("%s: the fast lane does not see it by a fault of ours", name)
            self._failed.add(name)
        else:
            self._failed.discard(name)

    def _look(self, name: str) -> None:
        watched = self._sources.keeper(name).ledger.view(trusted=False).watched
        rules = self._accounts[name].limits.drawdown
        found = crossings(name, watched, rules, self._sources.counts(name), self._clock.now())
        before = self._crossed.get(name)
        if found == before:
            return
        self._crossed[name] = found
        for crossing in sorted(found - (before or frozenset()), key=str):
            log.critical("%s: %s%s", name, crossing.alert, f", rule {crossing.rule}" if crossing.rule else "")
        for sender in self._senders:
            sender.wake()
        self._starts.keep(name, found)

    def alerts(self) -> Sequence[Alert]:
        """Every alert that fires, with the texts of this moment."""
        return [each for name, crossed in self._crossed.items() if crossed for each in self._alerts_of(name, crossed)]

    def over(self) -> Sequence[Alert]:
        """Every alert that is over, and has been for so long that nobody may report it any more."""
        found = []
        for (name, about, rule), over in self._starts.over().items():
            if name not in self._accounts:
                continue
            rules = self._accounts[name].limits.drawdown
            flatten = rule in rules and rules[rule].on_breach == FLATTEN
            crossing = Crossing(alert=about, account=name, rule=rule, flatten=flatten)
            found.append(ended_alert(crossing, self._links, starts_at=over.starts_at, over_at=over.over_at))
        return found

    def _alerts_of(self, name: str, crossed: frozenset[Crossing]) -> Iterator[Alert]:
        told = self._annotations(name, crossed)
        for crossing in sorted(crossed, key=str):
            yield alert(crossing, told[crossing], starts_at=self._starts.of(crossing), now=self._clock.now())

    def _annotations(self, name: str, crossed: frozenset[Crossing]) -> Mapping[Crossing, Mapping[str, str]]:
        """What the alerts of an account say; without figures where a fault of ours forbids them."""
        try:
            market, shown = self._sources.market(), self._sources.shown()
            view = replace(self._sources.keeper(name).view(market), order_counts=self._sources.counts(name))
            figures = self._sources.figures(view, shown)
            return {crossing: all_annotations(crossing, view, figures, self._links) for crossing in crossed}
        except Exception:
            log.exception("%s: its alerts are sent without figures by a fault of ours", name)
            return {crossing: bare_annotations(crossing, self._links) for crossing in crossed}
