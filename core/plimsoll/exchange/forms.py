"""The URLs of the streams: the routed paths, and the four forms of opening the private one.

The sources disagree on which form delivers, and a wrong one looks like a quiet account; hence ``FormChoice``, which
tries them in turn and stays with one that has delivered.
"""

from __future__ import annotations

from urllib.parse import quote

from plimsoll.config.model import StreamForm

EVENTS = (
    "ACCOUNT_UPDATE",
    "ORDER_TRADE_UPDATE",
    "ALGO_UPDATE",
    "CONDITIONAL_ORDER_TRIGGER_REJECT",
    "ACCOUNT_CONFIG_UPDATE",
    "MARGIN_CALL",
    "TRADE_LITE",
    "STRATEGY_UPDATE",
    "GRID_UPDATE",
    "listenKeyExpired",
)
"""Every event of the private stream, for the list in the URL: one that is not listed may not be sent."""

AUTO_ORDER = (StreamForm.EVENTS, StreamForm.SUBSCRIBE, StreamForm.QUERY)


def private_url(base: str, form: StreamForm, listen_key: str) -> str:
    """Where the private stream is opened.

    Args:
        base: Without the routed path, e.g. ``wss://fstream.binance.com``.
        form: Any but ``AUTO``.
        listen_key: Goes into the URL, which is a secret by that; ``SUBSCRIBE`` does without.

    Raises:
        ValueError: The form is ``AUTO``.
    """
    root, key = f"{base.rstrip('/')}/private", quote(listen_key, safe="")
    if form is StreamForm.EVENTS:
        return f"{root}/ws?listenKey={key}&events={'/'.join(EVENTS)}"
    if form is StreamForm.SUBSCRIBE:
        return f"{root}/stream"
    if form is StreamForm.QUERY:
        return f"{root}/ws?listenKey={key}"
    if form is StreamForm.PATH:
        return f"{root}/ws/{key}"
    raise ValueError("AUTO is a choice of forms, not a form")


def market_url(base: str) -> str:
    """Where the market stream is opened; what it carries is subscribed by message."""
    return f"{base.rstrip('/')}/market/stream"


class FormChoice:
    """Which form is in use; a fixed setting leaves no choice."""

    def __init__(self, setting: StreamForm) -> None:
        self._forms = AUTO_ORDER if setting is StreamForm.AUTO else (setting,)
        self._index = 0
        self._proven = False

    @property
    def current(self) -> StreamForm:
        """The form to use now."""
        return self._forms[self._index]

    def prove(self) -> None:
        """An event came: this form delivers."""
        self._proven = True

    def failed(self) -> None:
        """The form was refused: take the next, unless this one has delivered before."""
        if not self._proven:
            self.distrust()

    def distrust(self) -> None:
        """The form kept something from us: take the next, whatever it did before."""
        self._index = (self._index + 1) % len(self._forms)
        self._proven = False
