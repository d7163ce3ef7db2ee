"""Translation of the events that tell about balances, positions and settings.

Each function takes the whole event as a row. An event with one broken balance or position is refused whole, since the
rest of it would be half a picture; the account is then read again.
"""

from __future__ import annotations

from plimsoll.exchange.payload.fields import (
    Row,
    absent,
    boolean,
    child,
    decimal,
    integer,
    optional_children,
    optional_decimal,
    positive_integer,
    text,
)
from plimsoll.exchange.payload.words import check_position, margin_mode, position_side
from plimsoll.model.account import ZERO
from plimsoll.model.events import (
    AccountUpdate,
    AssetModeChange,
    BalanceChange,
    LeverageChange,
    ListenKeyExpired,
    MarginCall,
    PositionChange,
    UnknownEvent,
)
from plimsoll.model.terms import AssetMode


def account_update(row: Row) -> AccountUpdate:
    """Translate ``ACCOUNT_UPDATE``; a list of balances or positions that is absent changed nothing.

    Raises:
        Malformed: A change is broken, or an open position contradicts itself.
    """
    update = child(row, "a")
    return AccountUpdate(
        time_ms=integer(row, "T"),
        event_ms=integer(row, "E"),
        reason=text(update, "m"),
        balances=tuple(_balance(change) for change in optional_children(update, "B")),
        positions=tuple(_position(change) for change in optional_children(update, "P")),
    )


def _balance(row: Row) -> BalanceChange:
    return BalanceChange(
        asset=text(row, "a"),
        wallet=decimal(row, "wb"),
        cross_wallet=decimal(row, "cw"),
        change=decimal(row, "bc"),
    )


def _position(row: Row) -> PositionChange:
    amount, side, entry_price = decimal(row, "pa"), position_side(row, "ps"), decimal(row, "ep")
    if amount != 0:
        check_position(row, amount=amount, side=side, entry_price=entry_price)
    return PositionChange(
        symbol=text(row, "s"),
        position_side=side,
        amount=amount,
        entry_price=entry_price,
        unrealized_pnl=decimal(row, "up"),
        margin_mode=margin_mode(row, "mt"),
        isolated_wallet=optional_decimal(row, "iw") or ZERO,
    )


def config_update(row: Row) -> LeverageChange | AssetModeChange | UnknownEvent:
    """Translate ``ACCOUNT_CONFIG_UPDATE``: a leverage setting (``ac``) or the asset mode (``ai``).

    Both at once, or neither, is nothing that is documented: told as unknown, so that the account is read again.

    Raises:
        Malformed: The change is broken.
    """
    time_ms, event_ms = integer(row, "T"), integer(row, "E")
    has_leverage, has_mode = not absent(row, "ac"), not absent(row, "ai")
    if has_leverage == has_mode:
        return UnknownEvent(time_ms=time_ms, event_ms=event_ms, name=text(row, "e"))
    if has_leverage:
        change = child(row, "ac")
        leverage = positive_integer(change, "l")
        return LeverageChange(time_ms=time_ms, event_ms=event_ms, symbol=text(change, "s"), leverage=leverage)
    mode = AssetMode.MULTI if boolean(child(row, "ai"), "j") else AssetMode.SINGLE
    return AssetModeChange(time_ms=time_ms, event_ms=event_ms, asset_mode=mode)


def margin_call(row: Row) -> MarginCall:
    """Translate ``MARGIN_CALL``: the symbols named, each once; the time it was sent stands for both times.

    Raises:
        Malformed: The time or a position's symbol is broken.
    """
    event_ms = integer(row, "E")
    named = dict.fromkeys(text(position, "s") for position in optional_children(row, "p"))
    return MarginCall(time_ms=event_ms, event_ms=event_ms, symbols=tuple(named))


def listen_key_expired(row: Row) -> ListenKeyExpired:
    """Translate ``listenKeyExpired``; the key itself is a secret and stays unread.

    Raises:
        Malformed: The time is broken.
    """
    event_ms = integer(row, "E")
    return ListenKeyExpired(time_ms=event_ms, event_ms=event_ms)
