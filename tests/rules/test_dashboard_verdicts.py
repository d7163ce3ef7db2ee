"""The verdict that Fleet sorts by and Account begins with: one word for each account, by promtool's own evaluation."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tools.dashboards import risk
from tools.dashboards.palette import AGAINST_LIMIT, VERDICTS
from tools.dashboards.query import graded

SECONDS = 60
"""When it is asked."""

LIMITS = {
    "binance_account_leverage_limit_ratio{%s}": 3,
    "binance_account_available_margin_limit_ratio{%s}": 0.1,
    "binance_account_liquidation_distance_limit_ratio{%s}": 0.05,
    "binance_account_stop_coverage_limit_ratio{%s}": 1,
    "binance_account_stop_grace_seconds{%s}": 30,
    'binance_account_drawdown_limit_ratio{%s,rule="tmad"}': 0.1,
    'binance_account_drawdown_near_ratio{%s,rule="tmad",level="warning"}': 0.06,
    'binance_account_drawdown_near_ratio{%s,rule="tmad",level="critical"}': 0.08,
}
"""What is told of an account whose limits are set, live or not; with the account's label in place of ``%s``."""

QUIET = LIMITS | {
    "binance_account_up{%s}": 1,
    "binance_account_equity_usd{%s}": 50000,
    "binance_account_positions{%s}": 1,
    "binance_account_leverage_ratio{%s}": 1,
    "binance_account_available_margin_ratio{%s}": 0.8,
    'binance_position_liquidation_distance_ratio{%s,symbol="BTCUSDT",side="long"}': 0.5,
    'binance_account_drawdown_ratio{%s,rule="tmad"}': 0.01,
    'binance_account_drawdown_breached{%s,rule="tmad",on_breach="flatten"}': 0,
}
"""A live account that holds a position under a stop, far from every limit."""

SINCE = 'binance_position_unprotected_since_timestamp_seconds{%s,symbol="BTCUSDT",side="long"}'
DRAWDOWN = 'binance_account_drawdown_ratio{%s,rule="tmad"}'
BREACHED = 'binance_account_drawdown_breached{%s,rule="tmad",on_breach="flatten"}'
EMPTY = {
    "binance_account_equity_usd{%s}": 0,
    "binance_account_positions{%s}": 0,
    "binance_account_available_margin_ratio{%s}": 0,
}

ACCOUNTS: dict[str, tuple[str, dict[str, float]]] = {
    "quiet": ("fine", QUIET),
    "warned": ("near", QUIET | {DRAWDOWN: 0.07}),
    "bare": ("UNPROTECTED", QUIET | {SINCE: 10, DRAWDOWN: 0.07}),
    "in-grace": ("no stop yet", QUIET | {SINCE: 50}),
    "unread": ("STOPS UNKNOWN", QUIET | {"account:binance_stop_data_unknown:since{%s}": 50, SINCE: 10}),
    "paged": ("CLOSE", QUIET | {DRAWDOWN: 0.085}),
    "levered": ("OVER LIMIT", QUIET | {"binance_account_leverage_ratio{%s}": 3.5, DRAWDOWN: 0.085}),
    "bound": ("OVER LIMIT", QUIET | {"binance_account_available_margin_ratio{%s}": 0.05}),
    "cornered": (
        "OVER LIMIT",
        QUIET | {'binance_position_liquidation_distance_ratio{%s,symbol="X",side="short"}': 0.04},
    ),
    "breached": ("BREACHED", QUIET | {DRAWDOWN: 0.11, BREACHED: 1}),
    "emptied": ("fine", QUIET | EMPTY),
    "blind": ("NOT LIVE", LIMITS | {"binance_account_up{%s}": 0, BREACHED: 1}),
    "never-seen": ("NOT LIVE", {}),
    "stops-alone": ("fine", {"binance_account_up{%s}": 1, "binance_account_stop_coverage_limit_ratio{%s}": 1}),
    "unlimited": ("no limits", {"binance_account_up{%s}": 1}),
}
"""An account's name, its verdict, and its series."""


def evaluated(
    promtool: Path, folder: Path, series: dict[str, float], wanted: dict[str, float], *, expr: str = risk.verdict()
) -> str:
    """What promtool says where a query gives others over some series than these labels and values; else nothing."""
    case = {
        "interval": "1s",
        "input_series": [{"series": name, "values": f"{value}+0x{SECONDS}"} for name, value in series.items()],
        "promql_expr_test": [
            {
                "expr": expr,
                "eval_time": f"{SECONDS}s",
                "exp_samples": [{"labels": f"{{{labels}}}", "value": value} for labels, value in wanted.items()],
            }
        ],
    }
    path = folder / "verdicts.yml"
    path.write_text(json.dumps({"evaluation_interval": "1s", "tests": [case]}), encoding="utf-8")
    done = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    return done.stdout + done.stderr if done.returncode else ""


def told(accounts: dict[str, dict[str, float]]) -> dict[str, float]:
    """The series of some accounts, each configured in dry run."""
    return {
        name % f'account="{account}"': value
        for account, series in accounts.items()
        for name, value in ({'plimsoll_account_configured{%s,mode="dry-run"}': 1.0} | series).items()
    }


def test_each_account_gets_the_worst_that_can_be_said_of_it(promtool: Path, tmp_path: Path):
    """Not live stands above a breach, that above any other limit, that above levels and stops."""
    number = {word.text: word.value for word in VERDICTS}
    series = told({account: series for account, (_, series) in ACCOUNTS.items()})
    wanted = {f'account="{account}"': number[word] for account, (word, _) in ACCOUNTS.items()}
    assert evaluated(promtool, tmp_path, series, wanted) == ""


def test_nobody_goes_missing_with_the_exporter(promtool: Path, tmp_path: Path):
    """While the exporter does not answer, every account of the last day is not live; none is simply gone."""
    series = {f'account:plimsoll_configured:max24h{{account="{name}"}}': 1.0 for name in ("eon", "live")}
    assert evaluated(promtool, tmp_path, series, {'account="eon"': 7, 'account="live"': 7}) == ""


def test_the_word_over_drawdown_is_that_of_its_levels(promtool: Path, tmp_path: Path):
    """Used drawdown is called by the levels that are set and by the breach that is kept."""
    words = {
        "quiet": ("within", 0.01, 0.0),
        "warned": ("near", 0.07, 0.0),
        "paged": ("CLOSE", 0.085, 0.0),
        "at-limit": ("BREACHED", 0.1, 0.0),
        "recovered": ("BREACHED", 0.01, 1.0),
    }
    series = told({name: QUIET | {DRAWDOWN: ratio, BREACHED: kept} for name, (_, ratio, kept) in words.items()})
    expr = graded(risk.drawdown_used(), risk.drawdown_grades(), by="account, rule", otherwise="within")
    wanted = {f'account="{name}", rule="tmad", state="{word}"': ratio / 0.1 for name, (word, ratio, _) in words.items()}
    assert evaluated(promtool, tmp_path, series, wanted, expr=expr) == ""


def test_a_limit_is_not_within_while_its_drawdown_is_close(promtool: Path, tmp_path: Path):
    """Against its limit a drawdown has the word of its level, and one that was breached stays over."""
    number = {word.text: word.value for word in AGAINST_LIMIT}
    words = {"within": {}, "near": {DRAWDOWN: 0.07}, "CLOSE": {DRAWDOWN: 0.085}, "OVER": {BREACHED: 1.0}}
    series = told({word: QUIET | more for word, more in words.items()})
    wanted = {f'account="{word}", limit="drawdown tmad"': number[word] for word in words}
    expr = f'({risk.against_limits()}) and on (limit) label_replace(vector(1), "limit", "drawdown tmad", "", "")'
    assert evaluated(promtool, tmp_path, series, wanted, expr=expr) == ""


def test_an_enforcer_that_does_not_answer_is_silent(promtool: Path, tmp_path: Path):
    """What is configured is no mode in force: only where nothing is to be closed may the enforcer be missing."""
    configured = {"eon": "armed", "live": "dry-run", "source": "off", "told": "armed"}
    series = {
        f'plimsoll_account_configured{{account="{name}",mode="{mode}"}}': 1.0 for name, mode in configured.items()
    } | {'plimsoll_enforcer_mode_info{account="told",mode="armed"}': 1.0}
    wanted = {'account="eon"': -1.0, 'account="live"': -1.0, 'account="source"': 0.0, 'account="told"': 2.0}
    assert evaluated(promtool, tmp_path, series, wanted, expr=risk.mode_or_silent()) == ""


def test_data_that_is_older_than_allowed_is_too_old(promtool: Path, tmp_path: Path):
    """An account whose exporter has gone is judged by the age that was allowed last."""
    series = {
        'plimsoll_account_configured{account="eon",mode="dry-run"}': 1.0,
        'binance_account_allowed_age_seconds{account="eon"}': 15.0,
        'binance_account_trusted_timestamp_seconds{account="eon"}': 20.0,
    }
    assert evaluated(promtool, tmp_path, series, {'account="eon"': SECONDS - 20}, expr=risk.too_old()) == ""
