"""When which alert fired, out of the series ``ALERTS``: coarsely for the whole period, then finely at each edge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plimsoll.report.material import AlertSpan
from plimsoll.report.model import Period
from plimsoll.report.sources.prometheus import Prometheus, Samples
from plimsoll.report.words import Severity

SLOWEST = 15.0
"""Seconds between two evaluations of the slowest rules: nearer looks see what is there, wider ones what was."""

STEP_AT_MOST = 100.0
"""Seconds between two looks: every alert about money fires for two minutes at least."""

FINE = 1.0
"""Seconds between two evaluations of the rules about money."""

MOST_EDGES = 200
"""Edges that are looked at finely."""

CHUNK = 8000

NOT_SHOWN = "PlimsollWatchdog|EnforcerChainProbe"

_GRAVE = {"critical": Severity.CRITICAL, "warning": Severity.WARNING}


def read_alerts(prometheus: Prometheus, account: str, period: Period, *, step: float) -> tuple[AlertSpan, ...]:
    """Every firing of an alert about the account, or about the programs themselves, by its beginning.

    Args:
        prometheus: Asked.
        account: Whose.
        period: From when to when.
        step: Seconds between two points of the curves.

    Raises:
        PrometheusFailed: A part of it was not answered.
    """
    step = min(max(step, FINE), STEP_AT_MOST)
    found: list[AlertSpan] = []
    for select in (f'account="{account}"', f'account="",alertname!~"{NOT_SHOWN}"'):
        selector = f'ALERTS{{alertstate="firing",{select}}}'
        found += _spans(prometheus, selector, period, step)
    found.sort(key=lambda span: (span.since, span.name, sorted(span.labels.items())))
    return tuple(_refined(prometheus, found, account, period, step))


def _spans(prometheus: Prometheus, selector: str, period: Period, step: float) -> list[AlertSpan]:
    query = f"max_over_time({selector}[{step:g}s])" if step > SLOWEST else selector
    times: dict[tuple[tuple[str, str], ...], list[float]] = {}
    since = period.since
    while since <= period.until:
        until = min(since + step * (CHUNK - 1), period.until)
        for samples in prometheus.range(query, since=since, until=until, step=step):
            times.setdefault(tuple(sorted(samples.labels.items())), []).extend(time for time, _ in samples.points)
        since += step * CHUNK
    return [
        span for labels, seen in times.items() for span in _stretches(dict(labels), sorted(set(seen)), period, step)
    ]


def _stretches(labels: dict[str, str], seen: Sequence[float], period: Period, step: float) -> Iterable[AlertSpan]:
    """Looks in a row make one span."""
    begin = 0
    for number, time in enumerate(seen):
        last = number + 1 == len(seen)
        if not last and seen[number + 1] - time <= step * 1.5:
            continue
        until = None if time + step * 1.5 > period.until else time
        yield _span(labels, seen[begin], until)
        begin = number + 1


def _span(labels: dict[str, str], since: float, until: float | None) -> AlertSpan:
    own = {"alertname", "alertstate", "severity", "account", "lane", "enforce"}
    return AlertSpan(
        name=labels.get("alertname", ""),
        severity=_GRAVE.get(labels.get("severity", ""), Severity.INFO),
        labels={name: value for name, value in labels.items() if name not in own},
        since=since,
        until=until,
        account=labels.get("account", ""),
    )


def _refined(
    prometheus: Prometheus, spans: Sequence[AlertSpan], account: str, period: Period, step: float
) -> Iterable[AlertSpan]:
    """The spans with their beginnings to the second."""
    for number, span in enumerate(spans):
        if number >= MOST_EDGES or step <= FINE or span.since <= period.since:
            yield span
            continue
        labels = {"alertname": span.name, "account": span.account and account, **span.labels}
        if span.severity is not Severity.INFO:
            labels["severity"] = span.severity.value
        select = ",".join(f'{name}="{value}"' for name, value in labels.items())
        query = f'ALERTS{{alertstate="firing",{select}}}'
        since = max(period.since, span.since - step)
        fine = prometheus.range(query, since=since, until=span.since, step=FINE)
        yield _from(span, fine)


def _from(span: AlertSpan, fine: Sequence[Samples]) -> AlertSpan:
    first = min((samples.points[0][0] for samples in fine if samples.points), default=span.since)
    return AlertSpan(
        name=span.name,
        severity=span.severity,
        labels=span.labels,
        since=min(first, span.since),
        until=span.until,
        account=span.account,
    )
