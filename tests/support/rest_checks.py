"""How a Binance verifies the three kinds of signatures, for ``fake_rest_server``."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable

from Crypto.Hash import SHA256
from Crypto.PublicKey import ECC, RSA
from Crypto.Signature import eddsa, pkcs1_15

Verify = Callable[[bytes, str], bool]
"""Whether a signature, percent-decoded, signs the payload."""


def hmac_check(secret: str) -> Verify:
    """Signatures with a shared secret: HMAC-SHA256, hexadecimal."""

    def verify(payload: bytes, signature: str) -> bool:
        expected = hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, signature.lower())

    return verify


def ed25519_check(key: ECC.EccKey) -> Verify:
    """Signatures with an Ed25519 key: over the raw payload, base64."""

    def verify(payload: bytes, signature: str) -> bool:
        try:
            eddsa.new(key.public_key(), "rfc8032").verify(payload, base64.b64decode(signature, validate=True))
        except ValueError:
            return False
        return True

    return verify


def rsa_check(key: RSA.RsaKey) -> Verify:
    """Signatures with an RSA key: PKCS #1 v1.5 over SHA-256, base64."""

    def verify(payload: bytes, signature: str) -> bool:
        try:
            pkcs1_15.new(key.public_key()).verify(SHA256.new(payload), base64.b64decode(signature, validate=True))
        except ValueError:
            return False
        return True

    return verify
