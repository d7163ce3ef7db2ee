"""From files to Python's TLS: what is loaded, what is refused with which words, and whose certificates count."""

from __future__ import annotations

import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from certificates import Authority, write_private
from plimsoll.errors import ConfigError, SecretError
from plimsoll.secret import Secret
from plimsoll.web.material import read_material
from plimsoll.web.model import ClientAuth, TlsConfig
from plimsoll.web.tls import IN_MEMORY, bears_allowed_name, server_context
from plimsoll.web.values import CIPHERS, CURVES


def config(folder: Path, **settings: object) -> TlsConfig:
    """A section that names the usual files."""
    files = {"cert_file": folder / "server.crt", "key_file": folder / "server.key"}
    return TlsConfig(**(files | settings))  # type: ignore[arg-type]


def context(tls: TlsConfig) -> ssl.SSLContext:
    """What a section makes."""
    return server_context(tls, read_material(tls))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a certificate and its key."""
    Authority().write_server(tmp_path)
    return tmp_path


def test_versions_and_order_are_set(folder: Path):
    """The least version and the order of suites reach the library; renegotiation is off."""
    made = context(config(folder, min_version=ssl.TLSVersion.TLSv1_3, prefer_server_cipher_suites=False))

    assert made.minimum_version is ssl.TLSVersion.TLSv1_3
    assert made.verify_mode is ssl.CERT_NONE
    assert not made.options & ssl.OP_CIPHER_SERVER_PREFERENCE
    assert made.options & ssl.OP_NO_RENEGOTIATION


def test_key_may_go_by_disk_or_by_memory(folder: Path):
    """Where the system has no files in memory, a file that is gone at once does the same."""
    tls = config(folder)

    for in_memory in {IN_MEMORY, False}:
        made = server_context(tls, read_material(tls), in_memory=in_memory)
        assert made.verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize("name", CIPHERS)
def test_every_suite_is_known_to_the_library(folder: Path, name: str):
    """Each suite that the toolkit takes is one of OpenSSL's, and the only one of TLS 1.2 when it is alone."""
    made = context(config(folder, cipher_suites=(CIPHERS[name],)))

    assert [suite["name"] for suite in made.get_ciphers() if suite["protocol"] != "TLSv1.3"] == [CIPHERS[name]]


@pytest.mark.parametrize("name", CURVES)
def test_every_curve_is_known_to_the_library(folder: Path, name: str):
    """Each curve that the toolkit takes can be set."""
    context(config(folder, curve=CURVES[name]))


def test_suite_that_the_library_lacks_is_refused(folder: Path):
    """A suite that this OpenSSL leaves out is told, not dropped."""
    suites = (CIPHERS["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"], "NO-SUCH-SUITE")
    with pytest.raises(ConfigError, match="OpenSSL here does not know NO-SUCH-SUITE"):
        context(config(folder, cipher_suites=suites))
    with pytest.raises(ConfigError, match="refuses"):
        context(config(folder, cipher_suites=("NO-SUCH-SUITE",)))


def test_inline_text_serves_like_files(folder: Path):
    """Certificate, key and authority may stand in the configuration itself, with words between them."""
    certificate, key = (folder / "server.crt").read_text(), (folder / "server.key").read_text()
    tls = TlsConfig(
        cert=f"the server: é\n{certificate}",
        key=Secret(f"Bag Attributes\n{key}"),
        client_ca=Authority().write_ca(folder / "ca.crt").read_text(),
        client_auth=ClientAuth.REQUIRED,
    )

    assert context(tls).verify_mode is ssl.CERT_REQUIRED


def test_key_with_curve_parameters_before_it_is_found(folder: Path):
    """What ``openssl ecparam -genkey`` writes before the key does not disturb."""
    key = (folder / "server.key").read_text()
    parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    write_private(folder / "server.key", parameters + key)

    context(config(folder))


def test_key_of_another_certificate_is_refused(folder: Path):
    """Certificate and key that do not belong together are one clear sentence."""
    key = (folder / "server.key").read_text()
    Authority().write_server(folder)
    write_private(folder / "server.key", key)

    with pytest.raises(
        ConfigError, match=r"server\.crt: found that it cannot be used with its key \(KEY_VALUES_MISMATCH"
    ):
        context(config(folder))


def test_broken_certificate_is_refused(folder: Path):
    """Text between the right lines that is no certificate is told."""
    (folder / "server.crt").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")

    with pytest.raises(ConfigError, match=r"server\.crt: found that it cannot be used with its key"):
        context(config(folder))


def test_broken_authority_is_refused(folder: Path):
    """The same for an authority."""
    (folder / "ca.crt").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")

    with pytest.raises(ConfigError, match="an authority for clients that cannot be used"):
        context(config(folder, client_ca_file=folder / "ca.crt", client_auth=ClientAuth.REQUIRED))


@pytest.mark.parametrize("content", [b"", b"hello", b"\x30\x82\x01\x0a\xff"])
def test_file_without_certificate_is_refused(folder: Path, content: bytes):
    """An empty file, or one in DER form, is named with what is expected."""
    (folder / "server.crt").write_bytes(content)

    with pytest.raises(ConfigError, match=r"server\.crt: found no certificate, expected PEM form"):
        read_material(config(folder))


@pytest.mark.parametrize("name", ["server.crt", "server.key"])
def test_missing_file_is_named(folder: Path, name: str):
    """A file that is not there is named."""
    (folder / name).unlink()

    with pytest.raises((ConfigError, SecretError), match=f"{name}: (found )?no such file"):
        read_material(config(folder))


def test_key_that_everybody_may_read_is_refused(folder: Path):
    """A key file is judged like every secret file."""
    (folder / "server.key").chmod(0o644)

    with pytest.raises(SecretError, match=r"readable by everybody \(mode 0644\); run: chmod 640"):
        read_material(config(folder))


@pytest.mark.parametrize("text", ["", "hello", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_file_without_key_is_refused(folder: Path, text: str):
    """A file without a private key is named, its contents are not."""
    write_private(folder / "server.key", text)

    with pytest.raises(SecretError, match=r"server\.key: not a private key in PEM form"):
        read_material(config(folder))


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
    ],
    ids=["pkcs8", "traditional"],
)
def test_key_with_a_pass_phrase_is_refused(folder: Path, text: str):
    """Nobody is there to type a pass phrase, and no prompt may hang the program."""
    write_private(folder / "server.key", text)

    with pytest.raises(SecretError, match="has a pass phrase"):
        read_material(config(folder))


def test_folder_in_place_of_a_file_is_refused(folder: Path):
    """A folder is no certificate."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_material(config(folder, cert_file=folder))


CERTIFICATE = {
    "subjectAltName": (
        ("DNS", "prometheus.example"),
        ("IP Address", "2001:DB8:0:0:0:0:0:1"),
        ("email", "ops@example.org"),
        ("URI", "spiffe://example/prometheus"),
        ("DirName", "admin"),
    )
}


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("prometheus.example", True),
        ("2001:db8::1", True),
        ("ops@example.org", True),
        ("spiffe://example/prometheus", True),
        ("PROMETHEUS.example", False),
        ("example", False),
        ("admin", False),
        ("*.example", False),
    ],
)
def test_client_bears_an_allowed_name(name: str, allowed: bool):  # noqa: FBT001 - a parameter of the test
    """One of the four kinds of names must be equal to one that is allowed; addresses in any spelling."""
    assert bears_allowed_name(CERTIFICATE, ("other", name)) is allowed


@pytest.mark.parametrize("certificate", [None, {}, {"subjectAltName": ()}, {"subjectAltName": "prometheus"}])
def test_client_without_names_is_not_allowed(certificate: dict[str, object] | None):
    """No certificate, or none with names, is allowed only where no name is asked for."""
    assert not bears_allowed_name(certificate, ("prometheus",))
    assert bears_allowed_name(certificate, ())


def test_base_install_reads_a_web_configuration():
    """Reading and checking needs neither bcrypt nor aiohttp."""
    code = "import sys, plimsoll.web.protection; sys.exit(bool({'bcrypt', 'aiohttp'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own interpreter
