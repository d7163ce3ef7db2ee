"""Answers of the exchange's REST endpoints: the first byte picks the translation, the rest is the answer's text."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from fuzz.target import Target, demand
from fuzz.values import shown, sound
from plimsoll.errors import Malformed
from plimsoll.exchange.payload import account, keys, market, orders, scalars
from plimsoll.model.account import PositionReport
from plimsoll.model.orders import Order
from plimsoll_enforcer.trading import payload

TRANSLATIONS: tuple[Callable[[object], object], ...] = (
    account.wallet,
    account.position_reports,
    account.sound_position_reports,
    account.settings,
    account.symbol_settings,
    account.incomes,
    account.key_permissions,
    orders.plain_orders,
    orders.algo_orders,
    orders.algo_order,
    market.rules,
    market.marks,
    market.asset_rates,
    market.brackets,
    market.server_time,
    keys.listen_key,
    payload.placed,
    payload.leverage,
)


def run(data: bytes) -> None:
    """Translate an answer, and the same answer with a field more, which nobody may notice.

    Raises:
        Broken: The result is not sound, or the two differ.
    """
    if not data:
        return
    translate = TRANSLATIONS[data[0] % len(TRANSLATIONS)]
    try:
        json = scalars.parse(data[1:], "GET /fuzzed")
        found = translate(json)
    except Malformed as error:
        shown(error)
        return
    sound(found)
    for one in found if isinstance(found, tuple) else (found,):
        _none_is_not_zero(one)
    if isinstance(json, dict):
        demand(translate({**json, "zzUnknown": [None]}) == found, "an additional field changed the translation")


def _none_is_not_zero(found: object) -> None:
    """What the exchange writes as zero for "none" must have become ``None``."""
    prices: tuple[Decimal | None, ...] = ()
    if isinstance(found, PositionReport):
        prices = (found.mark_price, found.liquidation_price)
    if isinstance(found, Order):
        prices = (found.trigger_price,)
    demand(all(price is None or price > 0 for price in prices), f"a price that is none: {found!r:.200}")


TARGET = Target(
    name="rest-payloads",
    about="REST answers: only Malformed; finite decimals; unknown fields unnoticed; no price is None, not 0",
    run=run,
)
