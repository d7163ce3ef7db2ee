"""Secrets that somebody pasted into the configuration in place of the name of their file, in any dress.

The first byte picks the key, the second how many of the next bytes stand before the secret; the rest stands behind it.
"""

from __future__ import annotations

from fuzz.faults import placed
from fuzz.folders import folder
from fuzz.target import Target, demand
from plimsoll.config.load import load
from plimsoll.errors import ConfigError
from plimsoll.web.load import declared

SECRET = "vR7qLw2Xs9Tn4Bm6Kc8Jd3Hf5Gp1ZyAe"  # noqa: S105 - made up: what must never be shown

START = "exchange: {environment: simulator}\n"
ACCOUNT = START + "accounts:\n  eon:\n"
READ_KEY = ACCOUNT + "    read_key:\n      "
REST = START + "accounts: {eon: {}}\n"

PLACES = (
    READ_KEY + "key_file: ",
    READ_KEY + "key_file: a\n      secret_file: ",
    READ_KEY + "key_file: a\n      private_key_file: ",
    ACCOUNT + "    trade_key:\n      key_file: ",
    ACCOUNT + "    read_key: ",
    READ_KEY + "secret: ",
    REST + "rejections:\n  token_file: ",
    REST + "enforcer:\n  webhook_token_file: ",
    REST + "enforcer:\n  operator_token_file: ",
    REST + "alertmanager:\n  url: http://127.0.0.1:9093\n  password_file: ",
    REST + "alertmanager:\n  url: ",
    REST + "notify:\n  telegram:\n    bot_token_file: ",
    REST + "notify:\n  pagerduty:\n    routing_key_file: ",
    REST + "notify:\n  heartbeat:\n    url_file: ",
)
WEB = (
    "tls_server_config:\n  cert_file: a\n  key_file: ",
    "tls_server_config:\n  cert_file: a\n  key: ",
    "basic_auth_users:\n  alice: ",
)


def run(data: bytes) -> None:
    """Load a configuration with a secret in it.

    Raises:
        Broken: The secret is in the error.
    """
    places = (*PLACES, *WEB)
    picked = data[0] % len(places) if data else 0
    cut = 2 + (data[1] % 8 if len(data) > 1 else 0)
    text = places[picked].encode() + data[2:cut] + SECRET.encode() + data[cut:]
    with folder() as place:
        path = place / "plimsoll.yml"
        path.write_bytes(text)
        if picked >= len(PLACES):
            error = declared(path).fault
        else:
            error = None
            try:
                load(path, environ={})
            except ConfigError as raised:
                error = raised
        if error is not None:
            demand(SECRET not in str(error), f"a secret in a fault: {error}")
            placed(error, f"{path}:")


TARGET = Target(
    name="config-secrets",
    about="secrets pasted into plimsoll.yml and the web configuration: never in a fault",
    run=run,
    longest=256,
)
