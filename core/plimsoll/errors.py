"""Every error this product raises on purpose, as one tree that tells the caller what to do.

::

    PlimsollError
    |-- ConfigError            the configuration is wrong: show all faults, exit 1
    |-- SecretError            a secret file is missing, empty or too open: show, exit 1
    |-- StateError             what must survive a restart cannot be kept or read
    |   |-- StateUnavailable   full disk, read-only, locked: nothing was written; keep the change and repeat it
    |   |-- StateInUse         another program owns the folder: show, exit 1
    |   `-- StateUnreadable    damaged, not ours, or of a newer version: a human must act; left as it is
    |-- RebaseRefused          the exporter will not do a rebase that was asked for: show its reason, exit 1
    |-- EnforcerRefused        the enforcer will not do what an operator asked for: show its reason
    |-- RenderFailed           what Alertmanager and Prometheus read could not be written: show, exit 1
    |-- ReportNotWritten       the folder of an incident report cannot be written: show, exit 1
    |-- DrillFailed            Alertmanager cannot be asked to deliver a test: show, exit 1
    `-- ExchangeError          a call to the exchange did not give an answer we may use
        |-- Refused            the exchange refuses this request as it is: do not repeat it unchanged
        |   |-- KeyRefused     the key, its permissions or its address list: a human must act; try rarely
        |   `-- ClockRefused   our timestamp is off: measure the clock, then repeat once
        |-- Throttled          too many requests: stop sending until ``retry_at``
        |   `-- Banned         the address is banned until ``retry_at``: every call of this address must stop
        |-- Unavailable        certain failure on the way or at the exchange: repeat with back-off
        |-- OutcomeUnknown     may have been done or not: a read may be repeated, an order must be looked up first
        `-- Malformed          an answer that is not what the documentation says: do not use any part of it

Library errors (aiohttp, python-binance, YAML) are translated where they are caught and never leave their seam.
"""

from __future__ import annotations


class PlimsollError(Exception):
    """Base of every error raised on purpose."""


class ConfigError(PlimsollError):
    """The configuration is unusable; the message lists every fault, one a line."""


class SecretError(PlimsollError):
    """A secret file is missing, empty, unreadable or readable by everybody."""


class StateError(PlimsollError):
    """The state database or a journal cannot be kept or read; the message names the file."""


class StateUnavailable(StateError):
    """The file cannot be written or read now (full disk, read-only, locked): nothing of the change was written."""


class StateInUse(StateError):
    """Another program owns the file's folder."""


class StateUnreadable(StateError):
    """The file is damaged, another program's, or of a newer version; the message tells the way out."""


class RebaseRefused(PlimsollError):
    """The exporter will not do a rebase that was asked for; the message has its reason."""


class EnforcerRefused(PlimsollError):
    """The enforcer will not do what an operator asked for; the message has its reason."""


class RenderFailed(PlimsollError):
    """What Alertmanager and Prometheus read could not be made or written; the message has reason and remedy."""


class ReportNotWritten(PlimsollError):
    """The folder of an incident report cannot be written; the message says why and what helps."""


class DrillFailed(PlimsollError):
    """No Alertmanager could be asked to deliver a test; the message has reason and remedy, never a secret."""


class ExchangeError(PlimsollError):
    """A call to the exchange did not give an answer we may use.

    Attributes:
        kind: One word from a closed list, fit for a metric label.
        code: The exchange's own error code (e.g. -2015), when it gave one.
    """

    kind = "other"

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class Refused(ExchangeError):
    """The exchange refuses this request as it stands (HTTP 4xx): repeating it unchanged is useless."""

    kind = "refused"


class KeyRefused(Refused):
    """The key is unknown, revoked, lacks a permission or comes from a wrong address (-2014, -2015, -1002, 401)."""

    kind = "key"


class ClockRefused(Refused):
    """Our timestamp lies outside the exchange's window (-1021, -5028)."""

    kind = "clock"


class Throttled(ExchangeError):
    """Too many requests (HTTP 429, -1003, -1015).

    Attributes:
        retry_after: Seconds to stay silent from now; ``None`` where the exchange does not say.
    """

    kind = "throttled"

    def __init__(self, message: str, *, code: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class Banned(Throttled):
    """The address is banned (HTTP 418): nothing may be sent before ``retry_after`` is over."""

    kind = "banned"


class Unavailable(ExchangeError):
    """Failed for certain, on the way or at the exchange (refused connection, 5xx, -1001, -1008, -1016)."""

    kind = "unavailable"


class OutcomeUnknown(ExchangeError):
    """No answer in time, or one that says that nobody knows (timeout, 408, 503 "Unknown error", -1006, -1007)."""

    kind = "unknown"


class Malformed(ExchangeError):
    """The answer is not what is documented: HTML, broken JSON, a missing field, a number that is none."""

    kind = "malformed"


FAILURE_KINDS = tuple(
    error.kind
    for error in (Refused, KeyRefused, ClockRefused, Throttled, Banned, Unavailable, OutcomeUnknown, Malformed)
)
"""The closed list of ``kind`` values, in the order of the tree."""
