"""Where a key may travel without TLS: to this machine and to the simulator; the refusals are in the museum."""

from __future__ import annotations

from pathlib import Path

import pytest

from config_text import faults_of, load_text

SIMULATED = {"PLIMSOLL_EXCHANGE__SIMULATOR_URL": "http://simulator:9715"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9:8080", "[::1]:9715", "localhost:9715", "LOCALHOST"])
@pytest.mark.parametrize("environment", ["production", "testnet", "demo"])
def test_this_machine_may_be_spoken_to_plainly(tmp_path: Path, environment: str, host: str):
    """A proxy on loopback may stand between us and a real exchange without TLS."""
    text = (
        f'exchange: {{environment: {environment}, rest_url: "http://{host}", private_stream_url: "ws://{host}"}}\n'
        "accounts: {eon: {read_key: {key_file: eon.key, secret_file: eon.secret}}}\n"
    )
    assert load_text(tmp_path, text).exchange.rest_url == f"http://{host}"


def test_a_simulator_anywhere_may_be_spoken_to_plainly(tmp_path: Path):
    """The simulator's keys protect nothing, so it may run on another machine without TLS."""
    text = 'exchange: {environment: simulator, rest_url: "http://simulator:9715"}\naccounts: {eon: {}}\n'
    assert load_text(tmp_path, text).exchange.private_stream_url == "ws://simulator:9715"


def test_a_plain_url_from_a_variable_is_told_by_its_name(tmp_path: Path):
    """Where a variable sends the key over the network in the clear, the fault names the variable."""
    text = "exchange: {environment: demo}\naccounts: {eon: {read_key: {key_file: eon.key, secret_file: eon.secret}}}\n"
    (fault,) = faults_of(tmp_path, text, {"PLIMSOLL_EXCHANGE__REST_URL": "http://example.com"})
    assert fault.startswith("PLIMSOLL_EXCHANGE__REST_URL: exchange.rest_url: found http:// to another machine")


def test_plain_urls_are_left_alone_while_the_environment_is_unknown(tmp_path: Path):
    """Without a sound environment only that is told: nobody knows yet whether the address is wrong."""
    faults = faults_of(tmp_path, 'exchange: {environment: moon, rest_url: "http://example.com"}\naccounts: {eon: {}}\n')
    assert len(faults) == 1
    assert "exchange.environment" in faults[0]


def test_the_address_of_a_simulator_moves_it_as_a_whole(tmp_path: Path):
    """Compose says by one variable where its simulator is, and everything of the simulated exchange follows."""
    exchange = load_text(tmp_path, "exchange: {environment: simulator}\naccounts: {eon: {}}\n", SIMULATED).exchange
    assert exchange.rest_url == exchange.wallet_url == "http://simulator:9715"
    assert exchange.market_stream_url == exchange.private_stream_url == "ws://simulator:9715"


@pytest.mark.parametrize("environment", ["production", "testnet", "demo"])
def test_a_real_exchange_ignores_the_address_of_the_simulator(tmp_path: Path, environment: str):
    """A real key never goes to the simulator, wherever a variable says that the simulator is."""
    text = (
        f"exchange: {{environment: {environment}}}\n"
        "accounts: {eon: {read_key: {key_file: eon.key, secret_file: eon.secret}}}\n"
    )
    assert load_text(tmp_path, text, SIMULATED).exchange == load_text(tmp_path, text).exchange
