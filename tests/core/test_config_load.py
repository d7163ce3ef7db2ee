"""Reading ``plimsoll.yml``: what is accepted, into which types, and how whole files fail."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

import pytest

from config_text import SIMULATOR, TWO_ACCOUNTS, faults_of, load_text
from plimsoll.config.files import MAX_BYTES
from plimsoll.config.load import load
from plimsoll.config.model import (
    AlertmanagerConfig,
    DrawdownRule,
    Environment,
    KeyFiles,
    Limits,
    Listen,
    Mirror,
    Mode,
    RejectionLog,
    StreamForm,
    SymbolLimits,
)
from plimsoll.errors import ConfigError

ROOT = Path(__file__).parents[2]

EVERYTHING = """\
exchange:
  environment: testnet
  rest_url: "https://proxy.example.com/binance/"
  wallet_url: "https://wallet.example.com"
  market_stream_url: "wss://streams.example.com"
  private_stream_url: "wss://streams.example.com:9443/"
  private_stream_form: events
accounts:
  eon:
    product: usdm
    read_key:  {key_file: secrets/exporter/eon.key, secret_file: secrets/exporter/eon.secret}
    trade_key: {key_file: /run/secrets/eon.key, private_key_file: /run/secrets/eon.pem}
    limits:
      drawdown:
        tmad:  {from: high-water, ratio: 0.10, on_breach: flatten, lockout: until-released, high_water_usd: 50000}
        daily: {from: day-start, ratio: 0.04, timezone: Europe/Zurich, on_breach: page, lockout: 2h}
        fixed: {from: start, amount_usd: 5000.5, start_usd: 50000, timezone: UTC}
        late:  {from: high-water-daily, ratio: 1, lock_at_start: true, start_usd: 40000, lockout: until-day-end}
      min_equity_usd: 25
      leverage: 3
      symbol_leverage: 2.5
      leverage_setting: 5
      symbols: {BTCUSDT: {leverage: 3}, ETHUSDT_260327: {}, "币安人生USDT": {leverage: 1}}
      margin_ratio: 0.5
      liquidation_distance: 0.05
      available_margin: 0.10
      stop_coverage: 1.0
      stop_grace: 1.5m
      drawdown_at_stops: 0.08
      near: [0.5, 0.75]
    enforcement: {mode: off, on_unverifiable: act}
  source:
    read_key: {key_file: source.key, secret_file: source.secret}
mirrors:
  - {source: source, destination: eon, scale: 0.125, tolerance: 0.1, min_usd: 0, grace: 1h}
rejections:
  token_file: report.token
  logs: [{path: /var/log/bot.log, account: eon}]
exporter:
  listen: "[::1]:9713"
  data_dir: state
  web_config_file: web.yml
  allowed_hosts: [Risk.example.com, "10.0.0.7", "[::1]"]
enforcer:
  listen: localhost:9714
  data_dir: /var/lib/plimsoll
  webhook_token_file: webhook.token
  operator_token_file: operator.token
alertmanager:
  - {url: "http://127.0.0.1:9093/", username: plimsoll, password_file: web.password}
  - {url: "https://alerts.example.com"}
enforcement_webhook: {url: "http://127.0.0.1:9714/api/v1/alerts", token_file: webhook.token}
notifications:
  pagerduty: {routing_key_file: pagerduty.key, url: "https://events.eu.pagerduty.com/v2/enqueue"}
  telegram:  {bot_token_file: telegram.token, chat_id_file: telegram.chat, api_url: "https://api.example.com"}
  webhook:   {url_file: webhook.url}
  heartbeat: {url_file: heartbeat.url}
links: {grafana: "http://127.0.0.1:3000", runbook: "https://example.com/runbook"}
"""


def test_exchange_section_is_typed(tmp_path: Path):
    """Overridden addresses are taken without their last slash, and the stream's form is a member of its enumeration."""
    exchange = load_text(tmp_path, EVERYTHING).exchange
    assert exchange.environment is Environment.TESTNET
    assert exchange.rest_url == "https://proxy.example.com/binance"
    assert exchange.wallet_url == "https://wallet.example.com"
    assert exchange.market_stream_url == "wss://streams.example.com"
    assert exchange.private_stream_url == "wss://streams.example.com:9443"
    assert exchange.private_stream_form is StreamForm.EVENTS


def test_account_section_is_typed(tmp_path: Path):
    """Limits become decimals, durations seconds, and files absolute paths from the folder of the configuration."""
    account = load_text(tmp_path, EVERYTHING).accounts["eon"]
    assert account.name == "eon"
    assert account.read_key == KeyFiles(
        key_file=tmp_path / "secrets/exporter/eon.key", secret_file=tmp_path / "secrets/exporter/eon.secret"
    )
    assert account.trade_key == KeyFiles(
        key_file=Path("/run/secrets/eon.key"), private_key_file=Path("/run/secrets/eon.pem")
    )
    assert account.enforcement.mode is Mode.OFF
    assert account.enforcement.on_unverifiable == "act"
    limits = account.limits
    assert (limits.leverage, limits.symbol_leverage, limits.leverage_setting) == (3, Decimal("2.5"), 5)
    assert limits.symbols == {
        "BTCUSDT": SymbolLimits(leverage=Decimal(3)),
        "ETHUSDT_260327": SymbolLimits(),
        "币安人生USDT": SymbolLimits(leverage=Decimal(1)),
    }
    assert limits.stop_grace == 90.0
    assert limits.near == (Decimal("0.5"), Decimal("0.75"))
    assert limits.min_equity_usd == 25


def test_drawdown_rules_are_typed(tmp_path: Path):
    """Each kind of drawdown rule is accepted with its seeds, its time zone and its lockout."""
    rules = load_text(tmp_path, EVERYTHING).accounts["eon"].limits.drawdown
    assert rules["tmad"] == DrawdownRule(
        name="tmad",
        reference="high-water",
        ratio=Decimal("0.10"),
        on_breach="flatten",
        high_water_usd=Decimal(50000),
    )
    assert rules["daily"] == DrawdownRule(
        name="daily", reference="day-start", ratio=Decimal("0.04"), timezone="Europe/Zurich", lockout=7200.0
    )
    assert rules["fixed"] == DrawdownRule(
        name="fixed", reference="start", amount_usd=Decimal("5000.5"), start_usd=Decimal(50000)
    )
    assert rules["late"] == DrawdownRule(
        name="late",
        reference="high-water-daily",
        ratio=Decimal(1),
        lock_at_start=True,
        start_usd=Decimal(40000),
        lockout="until-day-end",
    )


def test_other_sections_are_typed(tmp_path: Path):
    """Mirrors, reports, programs, channels and links arrive in their own types."""
    config = load_text(tmp_path, EVERYTHING)
    assert config.path == tmp_path / "plimsoll.yml"
    assert config.mirrors == (
        Mirror(
            source="source",
            destination="eon",
            scale=Decimal("0.125"),
            tolerance=Decimal("0.1"),
            min_usd=Decimal(0),
            grace=3600.0,
        ),
    )
    assert config.rejections.token_file == tmp_path / "report.token"
    assert config.rejections.logs == (RejectionLog(path=Path("/var/log/bot.log"), account="eon"),)
    assert config.exporter.listen == Listen(host="::1", port=9713)
    assert config.exporter.allowed_hosts == ("risk.example.com", "10.0.0.7", "[::1]")
    assert config.enforcer.listen == Listen(host="localhost", port=9714)
    assert config.alertmanager[0] == AlertmanagerConfig(
        url="http://127.0.0.1:9093", username="plimsoll", password_file=tmp_path / "web.password"
    )
    assert config.enforcement_webhook is not None
    assert config.notifications.telegram is not None
    assert config.notifications.heartbeat is not None
    assert config.links.runbook == "https://example.com/runbook"


def test_absent_sections_have_their_defaults(tmp_path: Path):
    """With the two sections that must be there, everything else stands as documented and nothing is watched."""
    config = load_text(tmp_path, SIMULATOR + "accounts: {eon: {}}\n")
    eon = config.accounts["eon"]
    assert (eon.product, eon.read_key, eon.trade_key) == ("usdm", None, None)
    assert eon.limits == Limits()
    assert eon.enforcement.mode is Mode.DRY_RUN
    assert config.exporter.listen == Listen(host="127.0.0.1", port=9713)
    assert config.exporter.data_dir == tmp_path / "data/exporter"
    assert config.enforcer.listen == Listen(host="127.0.0.1", port=9714)
    assert config.mirrors == ()
    assert config.alertmanager == ()
    assert config.notifications.pagerduty is None


@pytest.mark.parametrize(
    ("environment", "rest", "wallet", "streams"),
    [
        ("production", "https://fapi.binance.com", "https://api.binance.com", "wss://fstream.binance.com"),
        ("testnet", "https://testnet.binancefuture.com", None, "wss://fstream.binancefuture.com"),
        ("demo", "https://demo-fapi.binance.com", None, "wss://fstream.binancefuture.com"),
        ("simulator", "http://127.0.0.1:9715", "http://127.0.0.1:9715", "ws://127.0.0.1:9715"),
    ],
)
def test_each_environment_knows_its_addresses(
    tmp_path: Path, environment: str, rest: str, wallet: str | None, streams: str
):
    """Without overrides the environment alone says where the exchange is."""
    key = "{key_file: eon.key, secret_file: eon.secret}"
    exchange = load_text(
        tmp_path, f"exchange: {{environment: {environment}}}\naccounts: {{eon: {{read_key: {key}}}}}\n"
    ).exchange
    assert (exchange.rest_url, exchange.wallet_url) == (rest, wallet)
    assert (exchange.market_stream_url, exchange.private_stream_url) == (streams, streams)


def test_a_moved_simulator_moves_as_a_whole(tmp_path: Path):
    """For the simulator the REST address alone moves wallet and streams with it."""
    text = 'exchange: {environment: simulator, rest_url: "http://127.0.0.1:9999"}\naccounts: {eon: {}}\n'
    exchange = load_text(tmp_path, text).exchange
    assert exchange.wallet_url == "http://127.0.0.1:9999"
    assert exchange.market_stream_url == exchange.private_stream_url == "ws://127.0.0.1:9999"


def test_an_alias_stands_for_what_it_names(tmp_path: Path):
    """Accounts may share limits through a YAML alias."""
    text = SIMULATOR + "accounts:\n  eon: {limits: &shared {leverage: 3}}\n  live: {limits: *shared}\n"
    accounts = load_text(tmp_path, text).accounts
    assert accounts["eon"].limits == accounts["live"].limits
    assert accounts["live"].limits.leverage == 3


def test_a_byte_order_mark_and_crlf_do_no_harm(tmp_path: Path):
    """A file from another system's editor is read all the same."""
    path = tmp_path / "plimsoll.yml"
    path.write_bytes(b"\xef\xbb\xbf" + TWO_ACCOUNTS.replace("\n", "\r\n").encode())
    assert set(load(path, environ={}).accounts) == {"eon", "source"}


def test_the_shipped_file_loads_and_watches_the_simulated_world():
    """The file at the root loads on a fresh clone and sets the limits of the incident for eon."""
    config = load(ROOT / "plimsoll.yml", environ={})
    assert config.exchange.environment is Environment.SIMULATOR
    assert list(config.accounts) == ["source", "eon", "live"]
    limits = config.accounts["eon"].limits
    assert limits.drawdown["tmad"].ratio == Decimal("0.10")
    assert limits.drawdown["tmad"].high_water_usd == Decimal(50000)
    assert (limits.symbol_leverage, limits.leverage) == (2, 3)
    assert config.mirrors[0].scale == Decimal("0.125")


def test_a_missing_file_names_the_remedy(tmp_path: Path):
    """Where there is no file the message says how to name another."""
    with pytest.raises(ConfigError, match=r"found no such file, expected .* --config or PLIMSOLL_CONFIG"):
        load(tmp_path / "absent.yml", environ={})


def test_a_folder_is_no_configuration(tmp_path: Path):
    """A folder in place of the file is told as what the system says of it."""
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)"):
        load(tmp_path, environ={})


def test_an_impossible_name_is_told(tmp_path: Path):
    """A file name that no system takes gives a fault, on one line."""
    with pytest.raises(ConfigError, match=r"impossible\\x00name: found that it cannot be read \(an impossible name\)"):
        load(tmp_path / "impossible\x00name", environ={})


def test_an_endless_file_is_refused(tmp_path: Path):
    """A file far beyond the size of a configuration is not even parsed."""
    assert "found an endless file" in faults_of(tmp_path, "#" * (MAX_BYTES + 1))[0]


def test_faults_keep_to_one_line_each(tmp_path: Path):
    """A line break inside a key or a value cannot break the list of faults."""
    faults = faults_of(tmp_path, TWO_ACCOUNTS + 'links: {"gra\\nfana": 1}\nexporter: {data_dir: "x\\ny"}\n')
    assert faults == [
        'plimsoll.yml:3: links.gra\\nfana: found an unknown key, expected "grafana"',
        'plimsoll.yml:4: exporter.data_dir: found "x\\ny", expected a folder',
    ]


@pytest.mark.parametrize("brackets", ["[" * 100_000, "[[]," * 20_000, "{a: " * 20_000, '["", ' * 20_000])
def test_endless_brackets_are_soon_refused(tmp_path: Path, brackets: str):
    """A file of nothing but brackets is refused in milliseconds; it took ten seconds of the whole process once."""
    begin = time.process_time()
    [fault] = faults_of(tmp_path, f"exchange: {brackets}")

    assert "endless nesting" in fault
    assert time.process_time() - begin < 3.0
