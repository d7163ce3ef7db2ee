"""``gather``: everything that a report is made of, from whichever source is there; none of them can stop it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import requests

from plimsoll import __version__
from plimsoll.config.model import AccountConfig, Config
from plimsoll.errors import ConfigError
from plimsoll.report.material import AlertSpan, Curve, Material, MirrorSetting, RuleSetting, Settings
from plimsoll.report.model import Period, Source
from plimsoll.report.sources.alerts import read_alerts
from plimsoll.report.sources.buttons import read_buttons
from plimsoll.report.sources.history import History
from plimsoll.report.sources.journal import JournalTold, read_journal
from plimsoll.report.sources.prometheus import Prometheus, PrometheusAt, PrometheusFailed
from plimsoll.report.sources.state import StateTold, read_state
from plimsoll.report.words import SourceName

Progress = Callable[[float, str], None]
"""Told the share that is done, 0 to 1, and what is being read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Told:
    """What Prometheus told."""

    step: float
    curves: tuple[Curve, ...] = ()
    alerts: tuple[AlertSpan, ...] = ()


def gather(
    config: Config,
    account: str,
    period: Period,
    *,
    prometheus: PrometheusAt,
    made_at: float,
    progress: Progress = lambda _share, _what: None,
) -> Material:
    """Gather everything about one account in one period.

    Args:
        config: Where the programs keep what they know.
        account: Its name.
        period: From when to when.
        prometheus: Where Prometheus is.
        made_at: Now, Unix seconds.
        progress: Told how far it is.

    Raises:
        ConfigError: There is no such account; the known ones are named.
    """
    configured = config.accounts.get(account)
    if configured is None:
        raise ConfigError(f'no account "{account}"; known: {", ".join(sorted(config.accounts))}')
    progress(0.0, "state database")
    state_source, state = read_state(config.exporter.data_dir, account, period)
    progress(0.05, "enforcer journal")
    journal_source, journal = read_journal(config.enforcer.data_dir, account, period)
    button_source, buttons = read_buttons(config.enforcer.data_dir, account, period)
    progress(0.1, "Prometheus")
    moments = _moments(state, journal, period)
    history_source, told = _history(
        account, period, prometheus, moments, lambda share: progress(0.1 + 0.85 * share, "Prometheus")
    )
    progress(1.0, "done")
    return Material(
        account=account,
        period=period,
        made_at=made_at,
        version=__version__,
        settings=_settings(config, configured),
        sources=(state_source, journal_source, button_source, history_source),
        step=told.step,
        curves=told.curves,
        alerts=told.alerts,
        orders=state.orders,
        orders_whole=state.orders_whole,
        closing=state.closing,
        flows=state.flows,
        audit=state.audit,
        runs=journal.runs,
        lockouts=journal.lockouts,
        buttons=buttons,
    )


def _moments(state: StateTold, journal: JournalTold, period: Period) -> list[float]:
    """When something happened that the curves should be fine around."""
    found = [order.time for order in state.orders if order.outcome == "rejected"]
    found += [order.ended for order in state.closing if order.ended is not None and order.outcome != "cancelled"]
    found += [run.began for run in journal.runs]
    return [time for time in found if period.since <= time <= period.until]


def _history(
    account: str, period: Period, at: PrometheusAt, moments: Iterable[float], progress: Callable[[float], None]
) -> tuple[Source, _Told]:
    """What Prometheus tells, as far as it answers."""
    with requests.Session() as session:
        asked = Prometheus(at, session)
        history = History(asked, account, period)
        source = Source(name=SourceName.PROMETHEUS, present=True, detail="", place=asked.url)
        alerts: tuple[AlertSpan, ...] = ()
        failed = ""
        try:
            alerts = read_alerts(asked, account, period, step=history.step)
            history.coarse(lambda share: progress(0.8 * share))
            worst = history.worst()
            history.fine([*(() if worst is None else (worst,)), *(one.since for one in alerts), *moments])
        except PrometheusFailed as error:
            failed = str(error)
        return _judged(source, account, history, alerts, failed)


def _judged(
    source: Source, account: str, history: History, alerts: tuple[AlertSpan, ...], failed: str
) -> tuple[Source, _Told]:
    curves = history.curves()
    told = _Told(step=history.step, curves=curves, alerts=alerts)
    if not any(curve.name.startswith("binance_account_") for curve in curves):
        why = failed or f"it has no series of account {account} in this period"
        return replace(source, present=False, detail=why), _Told(step=history.step)
    if failed:
        return replace(source, detail=f"only in part: {failed}"), told
    detail = f"{len(curves)} series, a point every {history.step:g} s; {len(alerts)} times that an alert fired"
    return replace(source, detail=detail), told


def _settings(config: Config, account: AccountConfig) -> Settings:
    limits = account.limits
    return Settings(
        names=tuple(config.accounts),
        mode=account.enforcement.mode.value,
        rules=tuple(
            RuleSetting(
                name=rule.name,
                reference=rule.reference,
                on_breach=rule.on_breach,
                ratio=rule.ratio,
                amount_usd=rule.amount_usd,
            )
            for rule in limits.drawdown.values()
        ),
        leverage=limits.leverage,
        symbol_leverage=limits.symbol_leverage,
        stop_grace=limits.stop_grace,
        mirrors=tuple(
            MirrorSetting(source=one.source, scale=one.scale, tolerance=one.tolerance, grace=one.grace)
            for one in config.mirrors
            if one.destination == account.name
        ),
    )
