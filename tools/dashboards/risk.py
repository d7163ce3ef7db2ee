"""How near an account is to its limits, in PromQL: what Fleet and Account judge by.

No number of the user's stands here: every limit and level is a series. What is not known stays absent, and whatever
cannot be known of an account that is not live stays absent with it; only ``verdict`` is there for every account.
"""

from __future__ import annotations

from tools.dashboards.palette import DANGER, NEAR
from tools.dashboards.query import Grade, modes, named, worst

BY_RULE = '"limit", "drawdown $1", "rule", "(.+)"'
BY_SYMBOL = '"limit", "leverage of $1", "symbol", "(.+)"'


def known(selector: str = "") -> str:
    """1 for every configured account; while nobody tells, for those of the last day, so that none goes unmissed."""
    told = f"max by (account) (plimsoll_account_configured{selector})"
    return f"({told} or (account:plimsoll_configured:max24h{selector} unless on () count(plimsoll_account_configured)))"


def not_live(selector: str = "") -> str:
    """1 for every account that is not live."""
    return f"({known(selector)} unless on (account) (max by (account) (binance_account_up{selector}) == 1))"


def age(selector: str = "") -> str:
    """Seconds since an account's last trusted sample; absent where there was none in the last day."""
    told = f"max by (account) (binance_account_trusted_timestamp_seconds{selector})"
    last = f"max by (account) (last_over_time(binance_account_trusted_timestamp_seconds{selector}[1d]))"
    return f"time() - ({told} or ({last} and on (account) {known(selector)}))"


def shares(selector: str = "") -> str:
    """How much of each limit that is set is used, per account and ``limit`` (its name in words); 1 is at it."""
    leverage = _share("binance_account_leverage_ratio", "binance_account_leverage_limit_ratio", selector)
    margin = _share("binance_account_margin_ratio", "binance_account_margin_limit_ratio", selector)
    # Of these two little is bad: what is bound against what may be bound, and the limit against the distance.
    free = worst(f"binance_account_available_margin_ratio{selector}")
    kept = worst(f"binance_account_available_margin_limit_ratio{selector}")
    spare = f"(1 - {free}) / (1 - {kept})"
    empty = (
        f"max by (account) (binance_account_equity_usd{selector}) <= 0"
        f" and max by (account) (binance_account_positions{selector}) == 0"
    )
    spare = f"({spare} unless on (account) ({empty}))"
    room = _share(
        "binance_account_liquidation_distance_limit_ratio",
        "binance_position_liquidation_distance_ratio",
        selector,
        how="min",
    )
    drawdown = drawdown_used(selector)
    symbol = _share(
        "binance_symbol_leverage_ratio", "binance_symbol_leverage_limit_ratio", selector, by="account, symbol"
    )
    union = [
        f"label_replace({drawdown}, {BY_RULE})",
        f"label_replace({symbol}, {BY_SYMBOL})",
        named(
            "limit",
            {"leverage": leverage, "margin ratio": margin, "available margin": spare, "liquidation distance": room},
        ),
    ]
    return f"max by (account, limit) ({' or '.join(union)})"


def drawdown_used(selector: str = "") -> str:
    """How much of each drawdown limit is used, per account and rule."""
    return _share(
        "binance_account_drawdown_ratio", "binance_account_drawdown_limit_ratio", selector, by="account, rule"
    )


def too_old(selector: str = "") -> str:
    """Accounts whose data is older than the product allows itself; what it last allowed, while nobody tells."""
    allowed = f"max by (account) (last_over_time(binance_account_allowed_age_seconds{selector}[1d]))"
    return f"({age(selector)}) > on (account) {allowed}"


def age_grades(selector: str = "") -> list[Grade]:
    """Judgements of an age, or of the oldest one."""
    return [
        Grade(when=too_old(selector), word="TOO OLD", color=DANGER),
        Grade(when=not_live(selector), word="NOT LIVE", color=DANGER),
    ]


def drawdown_grades(selector: str = "") -> list[Grade]:
    """Judgements of ``drawdown_used`` by the levels that the configuration sets, and by the breach that is kept."""
    breached = f"binance_account_drawdown_breached{selector} == 1"
    return [
        Grade(when=f"({breached}) or {_at_level(selector, 'limit')}", word="BREACHED", color=DANGER),
        Grade(when=_at_level(selector, "critical"), word="CLOSE", color=DANGER),
        Grade(when=_at_level(selector, "warning"), word="near", color=NEAR),
    ]


def _at_level(selector: str, level: str) -> str:
    """Drawdown rules that have reached a level under ``near``, or their ``limit``."""
    matchers = selector.strip("{}") + ", " if selector else ""
    near = f'binance_account_drawdown_near_ratio{{{matchers}level="{level}"}}'
    bound = f"binance_account_drawdown_limit_ratio{selector}" if level == "limit" else near
    by = "account, rule"
    return f"{worst(f'binance_account_drawdown_ratio{selector}', by)} >= {worst(bound, by)}"


def against_limits(selector: str = "") -> str:
    """A number for ``palette.AGAINST_LIMIT`` for each limit of an account that is set."""
    over = f"{shares(selector)} >= 1 or label_replace(binance_account_drawdown_breached{selector} == 1, {BY_RULE})"
    close, near = (f"label_replace({_at_level(selector, level)}, {BY_RULE})" for level in ("critical", "warning"))
    judged = [(3, over), (2, close), (1, near), (0, shares(selector))]
    return " or ".join(f"{value} * group by (account, limit) ({condition})" for value, condition in judged)


def of_each(expr: str, *, how: str = "max") -> str:
    """The worst of an account's, with all its labels."""
    return f"{'topk' if how == 'max' else 'bottomk'} by (account) (1, {expr})"


def unprotected_too_long(selector: str = "") -> str:
    """Accounts that want stops and hold a position without one for longer than their grace."""
    return (
        f"max by (account) (time() - binance_position_unprotected_since_timestamp_seconds{selector})"
        f" > on (account) max by (account) (binance_account_stop_grace_seconds{selector})"
        f" and on (account) {wanting_stops(selector)}"
    )


def wanting_stops(selector: str = "") -> str:
    """Accounts whose configuration asks for stops."""
    return f"(binance_account_stop_coverage_limit_ratio{selector} > 0)"


def breaches(selector: str = "") -> str:
    """1 for every limit that is reached or passed; a breach of drawdown as the exporter keeps it."""
    kept = f"label_replace(binance_account_drawdown_breached{selector} == 1, {BY_RULE})"
    return f"group by (account, limit) ({shares(selector)} >= 1 or max by (account, limit) ({kept}))"


def verdict(selector: str = "") -> str:
    """A number for ``palette.VERDICTS`` for every account: the worst that can be said of it."""
    unprotected = f"binance_position_unprotected_since_timestamp_seconds{selector}"
    judged = [
        (7, not_live(selector)),
        (6, f"binance_account_drawdown_breached{selector} == 1"),
        (5, f"{shares(selector)} >= 1"),
        (4, _at_level(selector, "critical")),
        (3, f"account:binance_stop_data_unknown:since{selector} and on (account) {wanting_stops(selector)}"),
        (2, unprotected_too_long(selector)),
        (1, _at_level(selector, "warning")),
        (0.5, f"{unprotected} and on (account) {wanting_stops(selector)}"),
        (0, f"{shares(selector)} or {wanting_stops(selector)}"),
        (-1, known(selector)),
    ]
    return " or ".join(f"{value} * group by (account) ({condition})" for value, condition in judged)


def mode_or_silent(selector: str = "") -> str:
    """A number for ``palette.MODES_OR_SILENT`` for every account; off where that is configured and nobody is asked."""
    matchers = selector.strip("{}")
    unused = f'plimsoll_account_configured{{mode="off"{", " + matchers if matchers else ""}}}'
    told = modes("plimsoll_enforcer_mode_info", matchers)
    return f"({told} or 0 * group by (account) ({unused}) or -1 * {known(selector)})"


def refused(selector: str = "", span: str = "1h") -> str:
    """Orders that were refused within a time, exactly: the counter outlives restarts, so a difference counts."""
    total = f"binance_order_rejections_total{selector}"
    return f"sum by (account) ({total} - min_over_time({total}[{span}]))"


def _share(figure: str, limit: str, selector: str, *, by: str = "account", how: str = "max") -> str:
    return f"{worst(figure + selector, by)} / {worst(limit + selector, by, how)}"
