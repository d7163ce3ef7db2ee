"""What a sound web configuration is read as, and that Prometheus' own checker takes what we take."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest

from certificates import Authority
from plimsoll.errors import ConfigError
from plimsoll.secret import Secret
from plimsoll.web.load import declared, load_web_config
from plimsoll.web.model import ClientAuth, HttpConfig, RateLimit, WebConfig
from web_files import MUTUAL, TLS, hashed, users, write

ROOT = Path(__file__).parents[2]
EVERYTHING = """\
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: ca.crt
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus, 10.0.0.7]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256]
  curve_preferences: [CurveP256]
  prefer_server_cipher_suites: false
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: "default-src 'none'"
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: ""
    Strict-Transport-Security: max-age=600
rate_limit: {interval: 1m30s, burst: 20}
"""
GOOD = {
    "everything": EVERYTHING + users(prometheus="a"),
    "tls": TLS,
    "mutual": MUTUAL,
    "optional": MUTUAL.replace("RequireAndVerifyClientCert", "VerifyClientCertIfGiven"),
    "users": users(prometheus="a", **{"näme mit Lücke": "b"}),
    "no limit": "rate_limit: {interval: 0, burst: 20}\n",
    "no limit in words": 'rate_limit: {interval: "0", burst: 20}\n',
    "nothing": "{}\n",
}


@pytest.mark.parametrize("name", GOOD)
def test_promtool_accepts_what_we_accept(tmp_path: Path, promtool: Path, name: str):
    """Every sound file here is sound for exporter-toolkit too."""
    authority = Authority()
    authority.write_server(tmp_path)
    authority.write_ca(tmp_path / "ca.crt")
    path = write(tmp_path, GOOD[name])

    load_web_config(path)
    done = subprocess.run(  # noqa: S603 - the checker that `make tools` provides
        [promtool, "check", "web-config", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_promtool_accepts_the_example(tmp_path: Path, promtool: Path):
    """The example of the documentation is sound for both."""
    Authority().write_server(tmp_path)
    path = write(tmp_path, (ROOT / "docs" / "examples" / "web.yml").read_text(encoding="utf-8"))

    assert set(load_web_config(path).users) == {"prometheus"}
    done = subprocess.run(  # noqa: S603 - as above
        [promtool, "check", "web-config", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_everything_is_read(tmp_path: Path):
    """Every key arrives, in our own terms; names of files start from the file's folder."""
    config = load_web_config(write(tmp_path, EVERYTHING))

    assert config.tls is not None
    assert config.tls.cert_file == tmp_path / "server.crt"
    assert config.tls.key_file == tmp_path / "server.key"
    assert config.tls.client_ca_file == tmp_path / "ca.crt"
    assert config.tls.client_auth is ClientAuth.REQUIRED
    assert config.tls.client_allowed_sans == ("prometheus", "10.0.0.7")
    assert config.tls.min_version is ssl.TLSVersion.TLSv1_2
    assert config.tls.max_version is ssl.TLSVersion.TLSv1_3
    assert config.tls.cipher_suites == ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305")
    assert config.tls.curve == "prime256v1"
    assert not config.tls.prefer_server_cipher_suites
    assert config.rate_limit == RateLimit(interval=90.0, burst=20)
    assert "X-XSS-Protection" not in config.http.headers
    assert config.http.headers["Strict-Transport-Security"] == "max-age=600"


def test_defaults_are_the_toolkits(tmp_path: Path):
    """TLS 1.2 or newer, the server's order of suites, no client certificates, no limit, no header, no HSTS."""
    config = load_web_config(write(tmp_path, TLS))

    assert config.tls is not None
    assert config.tls.min_version is ssl.TLSVersion.TLSv1_2
    assert config.tls.client_auth is ClientAuth.NONE
    assert config.tls.prefer_server_cipher_suites
    assert config.http == HttpConfig()
    assert config.rate_limit.interval == 0


def test_empty_table_protects_nothing(tmp_path: Path):
    """A file with no section at all, written as such, is plain HTTP for everybody, as with the toolkit."""
    assert load_web_config(write(tmp_path, "{}")) == WebConfig()


def test_hashes_hide(tmp_path: Path):
    """A hash is a secret: nothing that prints a configuration shows it."""
    made = hashed()
    config = load_web_config(write(tmp_path, f"basic_auth_users: {{prometheus: {made}}}"))

    assert config.users == {"prometheus": Secret(made)}
    assert made not in repr(config)


@pytest.mark.parametrize(
    ("text", "seconds"), [("1s", 1.0), ("250ms", 0.25), ("1m30s", 90.0), ("1.5s", 1.5), ("1h", 3600.0)]
)
def test_durations_are_gos(tmp_path: Path, text: str, seconds: float):
    """Intervals are written as Go writes durations."""
    assert (
        load_web_config(write(tmp_path, f"rate_limit: {{interval: {text}, burst: 1}}")).rate_limit.interval == seconds
    )


def test_missing_file_is_one_clear_sentence(tmp_path: Path):
    """A file that is not there is named."""
    with pytest.raises(ConfigError, match=r"nowhere\.yml: found no such file, expected the web configuration there"):
        load_web_config(tmp_path / "nowhere.yml")


def test_a_faulty_file_declares_nothing(tmp_path: Path):
    """A key that stands there twice is a fault, and then there is no configuration, not the one with the first key."""
    found = declared(write(tmp_path, "http_server_config: {http2: true, http2: false}\n"))

    assert found.fault is not None
    assert found.config is None
