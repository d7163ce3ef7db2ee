"""``RejectionReporter``: what a bot holds. Nothing in it raises into the bot, and nothing waits but ``close``."""

from __future__ import annotations

import atexit
import logging
import os
import re
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from plimsoll.reporting.body import body
from plimsoll.reporting.delivery import Deliver, HttpDelivery
from plimsoll.reporting.refusals import UNKNOWN_OUTCOME, Refusal, refusal_of
from plimsoll.reporting.spool import Spool
from plimsoll.reporting.watching import watch
from plimsoll.reporting.worker import Worker

log = logging.getLogger(__name__)

CLOSE_SECONDS = 2.0
"""The longest that the end of a bot waits for its last reports; what is not delivered then is on disk."""

_ACCOUNT = re.compile(r"[a-z0-9-]+")

Client = TypeVar("Client")


class RejectionReporter:
    """Reports orders that the exchange refused to the exporter.

    Args:
        url: The exporter's address, e.g. ``http://127.0.0.1:9713``.
        token_file: File that holds the bearer token (``rejections.token_file`` of the exporter) and nothing else.
        account: The account's name in ``plimsoll.yml``.
        spool: Folder in which reports wait; by default one a user and account below ``~/.local/state``.
        deliver: Delivers one report; tests pass their own.

    Raises:
        ValueError: The address or the account's name is none.
    """

    def __init__(
        self,
        url: str,
        token_file: str | os.PathLike[str],
        account: str,
        *,
        spool: str | os.PathLike[str] | None = None,
        deliver: Deliver | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("url must be the exporter's address, as in http://127.0.0.1:9713")
        if not _ACCOUNT.fullmatch(account):
            raise ValueError("account must be the account's name in plimsoll.yml, as in eon")
        self._account = account
        self._folder = Path(spool) if spool is not None else default_spool(account)
        self._deliver: Callable[[], Deliver] = lambda: deliver or HttpDelivery(url, Path(token_file))
        self._closed = False
        self._worker: Worker | None = self._started()
        self._pid = os.getpid()
        atexit.register(self.close)

    def report(self, exc: BaseException | None = None, **order: object) -> bool:
        """Report an order that the exchange refused; returns at once and never raises.

        Args:
            exc: What the client library raised: python-binance's, ccxt's or the official SDK's exception.
            order: What is known of the order: ``symbol``, ``side``, ``position_side``, ``quantity``, ``type``,
                ``reduce_only``, ``close_position``, ``intent`` (``open`` or ``close``), ``client_order_id``, or the
                parameters as python-binance took them. ``code`` and ``message`` stand in for an exception.

        Returns:
            Whether it is a refusal of the exchange's, and so is reported. A time-out or an unknown outcome is none.
        """
        try:
            return self._report(exc, order)
        except Exception:
            log.exception("a refused order could not be reported by a fault of ours")
            return False

    def watch(self, client: Client) -> Client:
        """Report every order that a python-binance ``Client`` or ``AsyncClient`` places and the exchange refuses.

        Exceptions pass on unchanged. The client itself is changed, and given back.
        """
        watch(client, self._told)
        return client

    def flush(self, seconds: float = CLOSE_SECONDS) -> bool:
        """Wait until everything was tried once; whether nothing waits any more."""
        return True if self._worker is None or self._pid != os.getpid() else self._worker.flush(seconds)

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Deliver what can be delivered within ``seconds`` and end; called by itself when the bot ends."""
        if self._closed or self._pid != os.getpid():
            return
        self._closed = True
        atexit.unregister(self.close)
        if self._worker is not None:
            self._worker.flush(seconds, stop=True)

    def _told(self, error: BaseException | Refusal, order: Mapping[str, object]) -> None:
        """Hear of a watched call; whatever happens here, the bot goes on."""
        try:
            if isinstance(error, Refusal):
                self._put(error, order)
            else:
                self._report(error, order)
        except Exception:
            log.exception("a refused order could not be reported by a fault of ours")

    def _report(self, error: BaseException | None, order: Mapping[str, object]) -> bool:
        refusal = _given(order)
        if refusal is None and error is not None:
            refusal = refusal_of(error)
        if refusal is None:
            return False
        self._put(refusal, order)
        return True

    def _put(self, refusal: Refusal, order: Mapping[str, object]) -> None:
        report = body(
            report_id=uuid.uuid4().hex,
            account=self._account,
            code=refusal.code,
            message=refusal.message,
            time=time.time(),
            order=order,
        )
        self._running().put(report)

    def _running(self) -> Worker:
        """The thread of this process: a fork has none of its own yet, and a closed reporter is opened again."""
        if self._worker is None or self._closed or self._pid != os.getpid():
            if self._closed:
                atexit.register(self.close)
            self._worker, self._pid, self._closed = self._started(), os.getpid(), False
        return self._worker

    def _started(self) -> Worker:
        return Worker(Spool(self._folder), self._deliver())


def default_spool(account: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Where reports wait unless a folder is given: below ``XDG_STATE_HOME``, else ``~/.local/state``."""
    base = environ.get("XDG_STATE_HOME")
    root = Path(base) if base else Path(environ.get("HOME") or ".") / ".local" / "state"
    return root / "plimsoll" / "reports" / account


def _given(order: Mapping[str, object]) -> Refusal | None:
    code = order.get("code")
    if isinstance(code, bool) or not isinstance(code, int) or code in UNKNOWN_OUTCOME:
        return None
    return Refusal(code, str(order.get("message") or ""))
