"""Web configurations as tests write them, with a password whose hash is quick to make."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import bcrypt

PASSWORD = "correct horse"
COST = 4
"""The least that bcrypt does, so that tests do not wait."""

TLS = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"
MUTUAL = """\
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: ca.crt
  client_auth_type: RequireAndVerifyClientCert
"""


def hashed(password: str = PASSWORD) -> str:
    """The bcrypt hash of a password, under the name that htpasswd gives it."""
    made = bcrypt.hashpw(password.encode(), bcrypt.gensalt(COST)).decode()
    return made.replace("$2b$", "$2y$", 1)


def users(**passwords: str) -> str:
    """The section ``basic_auth_users``."""
    return "basic_auth_users:\n" + "".join(f"  {name}: {hashed(password)}\n" for name, password in passwords.items())


def login(name: str, password: str = PASSWORD) -> str:
    """The header ``Authorization`` of a client."""
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


def write(folder: Path, text: str) -> Path:
    """A web configuration in a folder."""
    path = folder / "web.yml"
    path.write_text(text, encoding="utf-8")
    return path
