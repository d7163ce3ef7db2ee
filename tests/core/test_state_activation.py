"""Trailing stops stay activated: events tell it, lists do not."""

from __future__ import annotations

from dataclasses import replace

import builders
from plimsoll.model.events import AlgoUpdate
from plimsoll.model.orders import Order
from plimsoll.model.terms import OrderBook
from plimsoll.state.apply import apply, keep_newer, with_orders, without_orders
from plimsoll.state.book import Book

TRAILING = builders.order(type_="TRAILING_STOP_MARKET", book=OrderBook.ALGO, order_id=7)


def told(order: Order, time_ms: int, book: Book) -> Book:
    """The book after an event about the stop."""
    event = AlgoUpdate(time_ms=time_ms, event_ms=time_ms, order=order, average_price=None, filled=None)
    return apply(book, event, {})


def activation(book: Book) -> bool | None:
    """What the book says of the stop."""
    return (book.orders or {})[TRAILING.key].activated


def test_a_list_after_a_gap_does_not_forget_an_activation():
    """A new reading of account and orders keeps what the stream once said."""
    book = told(replace(TRAILING, activated=True), 5, builders.book())
    again = with_orders(keep_newer(builders.book(orders=None), book), [replace(TRAILING, updated_ms=6)], complete=True)
    assert activation(again) is True


def test_an_activation_told_while_the_orders_are_unknown_counts():
    """The event is not lost though there is no list to put it into."""
    book = told(replace(TRAILING, activated=True), 5, without_orders(builders.book()))
    assert book.orders is None
    assert activation(with_orders(book, [replace(TRAILING, updated_ms=6)], complete=True)) is True


def test_what_was_never_told_stays_unknown():
    """A trailing stop that a list shows first is neither activated nor not."""
    assert activation(with_orders(builders.book(), [TRAILING], complete=True)) is None
    waiting = told(replace(TRAILING, activated=False), 5, builders.book())
    assert activation(waiting) is False
    assert waiting.activated == frozenset()


def test_an_ended_stop_is_forgotten():
    """The memory holds open stops only."""
    book = told(replace(TRAILING, activated=True), 5, builders.book())
    book = told(replace(TRAILING, activated=True, status="FINISHED"), 6, book)
    assert book.activated == frozenset()
