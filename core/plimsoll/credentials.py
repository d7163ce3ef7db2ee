"""An API key as the exchange adapter takes it."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.secret import Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """A key with either an HMAC ``secret`` or a ``private_key`` (PEM text, Ed25519 or RSA); exactly one of them."""

    key: Secret
    secret: Secret | None = None
    private_key: Secret | None = None

    def __post_init__(self) -> None:
        """Refuse a key that cannot sign, or could in two ways.

        Raises:
            ValueError: Not exactly one of ``secret`` and ``private_key`` is set.
        """
        if (self.secret is None) == (self.private_key is None):
            raise ValueError("a key needs exactly one of secret and private_key")


def simulator_credentials(account: str) -> Credentials:
    """The key that the simulator gives each of its accounts; it protects nothing."""
    return Credentials(key=Secret(f"simulator-key-{account}"), secret=Secret(f"simulator-secret-{account}"))


def simulator_trade_credentials(account: str) -> Credentials:
    """The key with which the simulator lets each of its accounts be traded; it protects nothing."""
    return Credentials(key=Secret(f"simulator-trade-key-{account}"), secret=Secret(f"simulator-trade-secret-{account}"))
