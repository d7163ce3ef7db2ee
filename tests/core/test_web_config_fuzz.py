"""Whatever stands in a web configuration, it is read or refused with lines that name the file; nothing else happens."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plimsoll.errors import ConfigError
from plimsoll.web.load import load_web_config
from plimsoll.web.model import WebConfig
from web_files import write

KEYS = st.sampled_from(
    [
        *("tls_server_config", "http_server_config", "basic_auth_users", "rate_limit", "headers", "http2", "interval"),
        *("cert", "cert_file", "key", "key_file", "client_ca_file", "client_auth_type", "client_allowed_sans", "burst"),
        *("min_version", "max_version", "cipher_suites", "curve_preferences", "X-Frame-Options", "alice"),
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["TLS12", "TLS13", "1s", "deny", "X25519", "CurveP256", "RequireAndVerifyClientCert", "ca.crt"]),
)
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner), max_leaves=12)


def judged(folder: Path, text: str) -> None:
    """Read a file, or see it refused line by line."""
    path = write(folder, text)
    outcome: WebConfig | list[str]
    try:
        outcome = load_web_config(path)
    except ConfigError as error:
        outcome = str(error).split("\n")
    assert isinstance(outcome, WebConfig) or all(line.startswith(str(path)) for line in outcome)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(tree=st.dictionaries(KEYS, TREES))
def test_any_tree_is_read_or_refused(tmp_path: Path, tree: dict[str, object]):
    """Known keys with any values in any nesting."""
    judged(tmp_path, yaml.safe_dump(tree, allow_unicode=True))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_or_refused(tmp_path: Path, text: str):
    """Any text at all."""
    judged(tmp_path, text)


@pytest.mark.parametrize("value", ["&a [*a]", "!!python/object:os.system {}", "{<<: {cert: x}}", "\x00"])
def test_tricks_are_refused(tmp_path: Path, value: str):
    """Aliases without end, tags, merges and control characters are refused, not followed."""
    path = write(tmp_path, f"tls_server_config: {value}\n")
    with pytest.raises(ConfigError):
        load_web_config(path)
