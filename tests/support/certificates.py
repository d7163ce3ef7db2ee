"""Certificates made on the spot: an authority, servers and clients, as the files that a web configuration names."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

NAMES = ("localhost", "127.0.0.1")


class Authority:
    """A certificate authority and what it signs."""

    def __init__(self) -> None:
        self._ca = trustme.CA(key_type=trustme.KeyType.ECDSA)

    def write_server(self, folder: Path, *names: str) -> None:
        """Write ``server.crt`` and ``server.key`` for these names, mode 640."""
        leaf = self._ca.issue_cert(*(names or NAMES), key_type=trustme.KeyType.ECDSA)
        (folder / "server.crt").write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        write_private(folder / "server.key", leaf.private_key_pem.bytes().decode())

    def write_ca(self, path: Path) -> Path:
        """Write the authority's own certificate."""
        path.write_bytes(self._ca.cert_pem.bytes())
        return path

    def trusting(self) -> ssl.SSLContext:
        """What a client uses that trusts this authority alone."""
        context = ssl.create_default_context(cadata=self._ca.cert_pem.bytes().decode())
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", ssl.VerifyFlags(0))
        return context

    def with_certificate(self, folder: Path, *names: str, trusts: Authority | None = None) -> ssl.SSLContext:
        """What a client uses that also shows a certificate of this authority with these names."""
        leaf = self._ca.issue_cert(*names, key_type=trustme.KeyType.ECDSA)
        file = folder / f"client-{'-'.join(names).replace('/', '_').replace(':', '_')}.pem"
        file.write_bytes(leaf.private_key_and_cert_chain_pem.bytes())
        context = (trusts or self).trusting()
        context.load_cert_chain(file)
        return context


def write_private(path: Path, text: str) -> Path:
    """Write a file that not everybody may read."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o640)
    return path
