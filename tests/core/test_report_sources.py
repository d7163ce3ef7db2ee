"""Where a report's material comes from: what is asked, and what is said when a source is missing or fails."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from history_server import HistoryServer, Value, history_server
from plimsoll.config.load import load
from plimsoll.config.model import Config
from plimsoll.database.database import FILE_NAME
from plimsoll.database.orders import EndedOrder
from plimsoll.database.schema import STATE
from plimsoll.errors import ConfigError
from plimsoll.report.build import build
from plimsoll.report.gather import gather
from plimsoll.report.material import Curve, Material
from plimsoll.report.model import Certainty, Period, SourceName
from plimsoll.report.sources.buttons import read_buttons
from plimsoll.report.sources.history import FINEST, POINTS, History, windows
from plimsoll.report.sources.journal import read_journal
from plimsoll.report.sources.prometheus import Prometheus, PrometheusAt, PrometheusFailed
from plimsoll.report.sources.state import read_state
from plimsoll.secret import Secret
from state_values import TIME_MS, flow, open_state, standing

ROOT = Path(__file__).resolve().parents[2]
SINCE = TIME_MS / 1000
HOUR = Period(since=SINCE, until=SINCE + 3600)
MONTH = Period(since=SINCE, until=SINCE + 30 * 86_400)
ALERT = ("ALERTS", (("account", "eon"), ("alertname", "AvailableMarginLow"), ("severity", "critical")))
REFUSED = EndedOrder(
    time=SINCE + 5, learned=SINCE + 6, source="report", outcome="rejected", intent="open", reason="insufficient_margin"
)
PASSWORD = "made-up-prometheus-password"


def named(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A series of the account."""
    return name, tuple(sorted({"account": "eon", **labels}.items()))


EQUITY, UP = named("binance_account_equity_usd"), named("binance_account_up")


def at_most(limit: float) -> Value:
    """A series that is there up to a moment."""
    return lambda then: 1.0 if then <= limit else None


def configured(folder: Path) -> Config:
    """The shipped configuration with its data in a folder."""
    environ = {
        "PLIMSOLL_EXPORTER__DATA_DIR": str(folder / "exporter"),
        "PLIMSOLL_ENFORCER__DATA_DIR": str(folder / "enforcer"),
    }
    return load(ROOT / "plimsoll.yml", environ=environ)


def gathered(folder: Path, url: str, period: Period = HOUR) -> Material:
    """What is gathered about eon."""
    return gather(configured(folder), "eon", period, prometheus=PrometheusAt(url=url), made_at=period.until)


def curve_of(curves: tuple[Curve, ...], name: str = EQUITY[0]) -> Curve:
    """The curve of a name."""
    return next(curve for curve in curves if curve.name == name)


def test_nothing_there_at_all_is_named_source_by_source(tmp_path: Path):
    """A report still comes, every source says in words why it is missing, and nothing is made."""
    material = gathered(tmp_path, "http://127.0.0.1:1")
    told = {one.name: (one.present, one.detail) for one in material.sources}
    assert told[SourceName.STATE] == (False, f"{tmp_path}/exporter/state.sqlite: there is no such file")
    assert told[SourceName.JOURNAL] == (False, f"{tmp_path}/enforcer/journal.sqlite: there is no such file")
    assert told[SourceName.RED_BUTTON] == (False, f"there is no folder {tmp_path}/enforcer")
    assert told[SourceName.PROMETHEUS] == (False, "http://127.0.0.1:1: it cannot be reached")
    assert {one.certainty for one in build(material).findings} == {Certainty.UNKNOWN}
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_account_is_an_error_that_names_the_known_ones(tmp_path: Path):
    """Nothing is asked."""
    with pytest.raises(ConfigError, match='no account "eno"; known: eon, live, source'):
        gather(configured(tmp_path), "eno", HOUR, prometheus=PrometheusAt(), made_at=0.0)


def test_the_state_database_is_read_beside_its_owner(tmp_path: Path):
    """The owner writes before, during and after; the look is of one moment, and nothing is made or held up."""
    with open_state(tmp_path) as state:
        with state.change() as change:
            change.save_standing("eon", standing())
            change.add_flow("eon", flow(transaction="t1"))
            change.add_ended_order("eon", REFUSED)
        before = sorted(path.name for path in tmp_path.iterdir())
        source, told = read_state(tmp_path, "eon", HOUR)
        with state.change() as change:
            change.add_flow("eon", flow("-3", transaction="t2"))
        assert sorted(path.name for path in tmp_path.iterdir()) == before
        assert (source.present, source.detail) == (True, "1 orders that ended, 0 orders to close, 1 flows")
        assert (told.orders, told.orders_whole) == ((REFUSED,), True)
        assert read_state(tmp_path, "live", HOUR)[0].detail == "it has never seen account live live"
    assert len(read_state(tmp_path, "eon", HOUR)[1].flows) == 2


def test_a_state_database_that_cannot_be_used_says_why(tmp_path: Path):
    """Another version, another program's, damaged: named, with what to do; the file stays as it is."""
    open_state(tmp_path).close()
    path = tmp_path / FILE_NAME
    for change, why in (
        ("PRAGMA user_version = 4", f"is of another version of Plimsoll (schema 4, this one reads {STATE.version})"),
        ("PRAGMA application_id = 7", "is another program's database"),
    ):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(change)
        source, _ = read_state(tmp_path, "eon", HOUR)
        assert not source.present
        assert why in source.detail
    path.write_bytes(b"not what you think" * 500)
    assert "damaged" in read_state(tmp_path, "eon", HOUR)[0].detail
    assert "damaged" in read_journal_of(path.rename(tmp_path / "journal.sqlite"))


def read_journal_of(path: Path) -> str:
    """What is said of a journal."""
    return read_journal(path.parent, "eon", HOUR)[0].detail


def test_records_of_the_red_button_are_those_of_the_account(tmp_path: Path):
    """A line that was cut off is counted and left out; other accounts and other files are not read."""
    folder = tmp_path / "red-button"
    folder.mkdir()
    lines = [{"time": SINCE + 1, "kind": "pressed", "text": "too much", "detail": {}},
             {"time": SINCE + 2, "kind": "flat", "text": "nothing is left", "detail": {}}]  # fmt: skip
    text = "\n".join(map(json.dumps, lines)) + '\n{"time": 17'
    for account, run in (("eon", "abcdefgh"), ("live", "abcdefgi"), ("not-eon", "abcdefgj")):
        (folder / f"red-button-20261121T080000Z-{account}-{run}.jsonl").write_text(text)
    (folder / "notes.txt").write_text("?")
    source, (press,) = read_buttons(tmp_path, "eon", HOUR)
    assert source.detail == "the button was pressed 1 times; 1 lines could not be read"
    assert (press.run_id, [step.kind for step in press.steps]) == ("abcdefgh", ["pressed", "flat"])
    assert read_buttons(tmp_path, "eon", Period(since=0, until=1))[1] == ()


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ((200, "text/html", b"<html>hello</html>"), "what answers there (200) is no Prometheus"),
        ((200, "application/json", b"[]"), "what answers there (200) is no Prometheus"),
        ((502, "text/html", b"bad gateway"), "what answers there (502) is no Prometheus"),
        ((401, "text/plain", b"no"), "it asks for a user name and a password"),
        ((422, "application/json", b'{"status":"error","error":"too many samples"}'), "too many samples"),
        ((200, "application/json", b'{"status":"success","data":{}}'), "'result'"),
        ((302, "text/html", b""), "what answers there (302) is no Prometheus"),
    ],
)
def test_a_prometheus_that_fails_is_named_with_the_reason(tmp_path: Path, broken: tuple[int, str, bytes], why: str):
    """Whatever it answers, the report comes and says what was wrong."""
    with history_server() as server:
        server.broken = broken
        material = gathered(tmp_path, server.url)
        (source,) = (one for one in material.sources if one.name is SourceName.PROMETHEUS)
        assert (source.present, source.detail) == (False, f"{server.url}: {why}")


def test_a_login_goes_to_prometheus_and_into_no_text(tmp_path: Path):
    """From the address or apart from it; what the report says of the place has neither."""
    with history_server() as server, requests.Session() as session:
        inside = server.url.replace("http://", f"http://ann:{PASSWORD}@")
        apart = PrometheusAt(url=server.url, username="ann", password=Secret(PASSWORD))
        for at in (PrometheusAt(url=inside), apart):
            Prometheus(at, session).range("up", since=SINCE, until=SINCE + 2, step=1)
        assert len(set(server.authorizations)) == 1
        assert server.authorizations[0].startswith("Basic ")
        for broken in (None, (500, "text/html", PASSWORD.encode())):
            server.broken = broken
            assert PASSWORD not in repr(gathered(tmp_path, inside))
    assert PASSWORD not in repr(gathered(tmp_path, inside))  # nobody answers any more


def test_an_account_that_prometheus_never_saw_is_no_empty_report(tmp_path: Path):
    """It is told that there are no series, instead of an equity of nothing."""
    with history_server() as server:
        (source,) = (one for one in gathered(tmp_path, server.url).sources if one.name is SourceName.PROMETHEUS)
    assert (source.present, source.detail) == (False, "it has no series of account eon in this period")


def asked(server: HistoryServer, period: Period) -> History:
    """The history of eon, asked for coarsely."""
    session = requests.Session()
    history = History(Prometheus(PrometheusAt(url=server.url), session), "eon", period)
    history.coarse(lambda _share: None)
    session.close()
    return history


def test_gaps_stay_gaps():
    """Where a series was absent a gap begins, once; what never comes back ends with one."""
    holes = {EQUITY: lambda then: None if 10 <= then - SINCE < 20 else 50_000.0, UP: at_most(SINCE + 30)}
    with history_server(holes) as server:
        history = asked(server, Period(since=SINCE, until=SINCE + 40))
    equity = [(then - SINCE, value) for then, value in curve_of(history.curves()).points]
    assert (10.0, None) in equity
    assert [value for then, value in equity if 10 < then < 20] == []
    assert curve_of(history.curves(), UP[0]).points[-1] == (SINCE + 32, None)


def test_a_month_is_asked_for_coarsely_with_its_extremes_and_finely_where_it_matters():
    """No more points than a picture needs, the dip of a minute is not lost, and around it is every scrape."""
    dip = SINCE + 1_234_567
    series = {EQUITY: lambda then: 40_000.0 if dip <= then < dip + 60 else 50_000.0}
    with history_server(series) as server:
        history = asked(server, MONTH)
        assert history.step == 720
        assert "min_over_time(binance_account_equity_usd" in " ".join(query for query, _ in server.asked)
        assert len(curve_of(history.curves()).points) <= POINTS + 1
        history.fine([dip])
    points = [point for point in curve_of(history.curves()).points if dip - 10 <= point[0] <= dip + 10]
    assert [value for _, value in points].count(Decimal(40_000)) >= 5
    assert {step for _, step in server.asked} == {720.0, FINEST}


def test_windows_that_touch_are_one():
    """Moments near together are asked for once, and never outside the period."""
    period = Period(since=0, until=1000)
    assert windows([500, 10, 520, 995], period) == [(0, 40), (470, 550), (965, 1000)]
    assert windows([5000], period) == []


def test_alerts_begin_to_the_second_and_end(tmp_path: Path):
    """Also where the grid is coarse; one that fires at the end has no end."""
    begin, end = SINCE + 86_407, SINCE + 90_000
    late = (ALERT[0], (("account", "eon"), ("alertname", "MirrorDrift"), ("symbol", "BTCUSDT")))
    firing = {
        EQUITY: lambda _: 50_000.0,
        ALERT: lambda then: 1.0 if begin <= then <= end else None,
        late: lambda then: 1.0 if then >= MONTH.until - 3600 else None,
    }
    with history_server(firing) as server:
        margin, drift = gathered(tmp_path, server.url, MONTH).alerts
    assert (margin.name, margin.since) == ("AvailableMarginLow", begin)
    assert margin.until is not None
    assert abs(margin.until - end) <= 100
    assert (drift.name, drift.until, drift.labels) == ("MirrorDrift", None, {"symbol": "BTCUSDT"})


def test_a_history_that_breaks_off_is_told_as_a_part(tmp_path: Path):
    """What came is kept, and the source says that it is not all."""

    def breaking(then: float) -> float | None:
        if then > SINCE + 2000:
            server.broken = (503, "text/plain", b"overloaded")
        return 50_000.0

    with history_server({EQUITY: breaking}) as server:
        material = gathered(tmp_path, server.url)
    (source,) = (one for one in material.sources if one.name is SourceName.PROMETHEUS)
    assert source.present
    assert source.detail.startswith("only in part: ")


def test_progress_goes_from_nothing_to_all(tmp_path: Path):
    """It never goes back, and names what is read."""
    told: list[tuple[float, str]] = []
    with history_server({EQUITY: lambda _: 50_000.0}) as server:
        gather(
            configured(tmp_path),
            "eon",
            MONTH,
            prometheus=PrometheusAt(url=server.url),
            made_at=0.0,
            progress=lambda share, what: told.append((share, what)),
        )
    assert told[0][0] == 0.0
    assert told[-1] == (1.0, "done")
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert {"state database", "enforcer journal", "Prometheus"} <= {what for _, what in told}


def test_an_address_without_scheme_is_one():
    """As ``plimsoll render --prometheus`` takes it."""
    with requests.Session() as session:
        prometheus = Prometheus(PrometheusAt(url="127.0.0.1:1"), session)
        assert prometheus.url == "http://127.0.0.1:1"
        with pytest.raises(PrometheusFailed, match="cannot be reached"):
            prometheus.range("up", since=0, until=1, step=1)
