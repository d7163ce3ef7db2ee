"""The museum of bad field values, and the oddities that are accepted."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from plimsoll.errors import Malformed
from plimsoll.exchange.payload import fields
from plimsoll.exchange.payload.fields import Row
from plimsoll.exchange.payload.scalars import parse


def _row(value: object) -> Row:
    return Row(where="GET /x", data={"f": value})


NO_NUMBERS: dict[str, object] = {
    "null": None,
    "empty": "",
    "nan": "NaN",
    "infinity": "Infinity",
    "minus infinity": "-Infinity",
    "huge exponent": "1e999999999",
    "large exponent": "1e41",
    "tiny exponent": "1e-41",
    "hexadecimal": "0x10",
    "underscores": "1_000",
    "thousands": "1,000.0",
    "blank": " 1",
    "newline": "1\n",
    "plus": "+1",
    "no digit before the point": ".5",
    "other digits": "١٢",
    "very long": "1" * 100_000,
    "word": "abc",
    "true": True,
    "list": ["1"],
    "object": {"f": "1"},
    "binary float": 0.1,
    "decimal nan": Decimal("NaN"),
    "decimal infinity": Decimal("Infinity"),
    "decimal exponent": Decimal("1e500"),
    "huge integer": 10**5_000,
}


@pytest.mark.parametrize("value", NO_NUMBERS.values(), ids=NO_NUMBERS)
@pytest.mark.parametrize("read", [fields.decimal, fields.integer, fields.positive, fields.amount])
def test_what_is_no_number_is_refused_by_name(read: Callable[[Row, str], object], value: object):
    """A value that is no sane number is refused with an error that names endpoint and field and stays short."""
    with pytest.raises(Malformed, match=r"^GET /x: f should ") as error:
        read(_row(value), "f")
    assert len(str(error.value)) < 150


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0E-8", "0E-8"),
        ("-113.29772855", "-113.29772855"),
        ("0.00", "0.00"),
        (5, "5"),
        (Decimal("0.004"), "0.004"),
        ("1e3", "1E+3"),
        (Decimal("3E+2"), "3E+2"),
    ],
)
def test_numbers_come_as_text_or_as_json_numbers(value: object, expected: object):
    """A decimal is exact, whether the exchange writes it as text or as a JSON number."""
    assert str(fields.decimal(_row(value), "f")) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(7, 7), ("7", 7), (Decimal("7.0"), 7), ("-2", -2), (9_223_372_036_854_775_807, 2**63 - 1)]
)
def test_whole_numbers_come_as_numbers_or_plain_digits(value: object, expected: object):
    """An id or a time may be a JSON number or a text of digits."""
    assert fields.integer(_row(value), "f") == expected


@pytest.mark.parametrize("value", ["7.0", "1e3", Decimal("7.5"), 10**19, "9" * 20])
def test_what_is_not_whole_is_refused(value: object):
    """A fraction, an exponent in text or more digits than 64 bits need is no id and no time."""
    with pytest.raises(Malformed, match="whole number"):
        fields.integer(_row(value), "f")


@pytest.mark.parametrize("read", [fields.decimal, fields.integer, fields.text, fields.boolean, fields.child])
def test_a_missing_field_is_named(read: Callable[[Row, str], object]):
    """A field that is not there is refused with its name."""
    with pytest.raises(Malformed, match="GET /x: f is missing"):
        read(Row(where="GET /x", data={}), "f")


@pytest.mark.parametrize("value", ["0", "-1"])
def test_a_price_is_above_zero(value: object):
    """Zero and below are no price, no leverage and no limit."""
    for read in (fields.positive, fields.positive_integer):
        with pytest.raises(Malformed, match="above zero"):
            read(_row(value), "f")


def test_sound_prices_and_counts_pass():
    """What is above zero passes unchanged."""
    assert fields.positive(_row("0.1"), "f") == Decimal("0.1")
    assert fields.positive_integer(_row(1), "f") == 1


def test_a_quantity_is_not_below_zero():
    """A quantity without direction may be zero, never negative."""
    assert fields.amount(_row("0"), "f") == 0
    with pytest.raises(Malformed, match="below zero"):
        fields.amount(_row("-0.1"), "f")


@pytest.mark.parametrize("data", [{}, {"f": None}, {"f": ""}])
def test_absent_means_missing_null_or_empty(data: dict[str, object]):
    """Optional fields read the exchange's three ways of saying nothing alike."""
    row = Row(where="GET /x", data=data)
    assert fields.absent(row, "f")
    assert fields.optional_decimal(row, "f") is None
    assert fields.optional_positive(row, "f") is None
    assert fields.optional_integer(row, "f") is None
    assert fields.optional_text(row, "f") == ""
    assert fields.identifier(row, "f") == ""
    assert fields.optional_children(row, "f") == ()
    assert fields.boolean(row, "f", default=True) is True


def test_optional_fields_that_are_there_are_read():
    """An optional field with a value is checked like any other."""
    assert fields.optional_decimal(_row("1.5"), "f") == Decimal("1.5")
    assert fields.optional_positive(_row("0"), "f") is None
    assert fields.optional_positive(_row("2"), "f") == 2
    assert fields.optional_integer(_row("3"), "f") == 3
    assert fields.optional_text(_row("word"), "f") == "word"
    with pytest.raises(Malformed):
        fields.optional_decimal(_row("NaN"), "f")


@pytest.mark.parametrize(("value", "expected"), [(12, "12"), ("12", "12"), ("a-1", "a-1"), (0, "0")])
def test_an_id_may_be_text_or_number(value: object, expected: object):
    """An id is text to us, however the exchange writes it."""
    assert fields.identifier(_row(value), "f") == expected


@pytest.mark.parametrize("value", [1, True, ["a"], {"a": 1}])
def test_text_is_text(value: object):
    """Another type is no text."""
    with pytest.raises(Malformed, match="should be text"):
        fields.text(_row(value), "f")


@pytest.mark.parametrize("value", [None, ""])
def test_required_text_is_not_empty(value: object):
    """A required word may be neither null nor empty."""
    with pytest.raises(Malformed, match="should not be"):
        fields.text(_row(value), "f")


def test_text_that_cannot_be_written_is_refused():
    """Half a surrogate pair, which JSON can carry and no label can, is refused; a Chinese symbol is not."""
    with pytest.raises(Malformed, match="characters that are none"):
        fields.text(_row("BTC\ud800"), "f")
    assert fields.text(_row("币安人生USDT"), "f") == "币安人生USDT"


@pytest.mark.parametrize(("value", "expected"), [(True, True), (False, False), ("true", True), ("false", False)])
def test_truth_values_come_as_such_or_as_words(value: object, expected: object):
    """Older answers write truth values as text."""
    assert fields.boolean(_row(value), "f") is expected
    assert fields.boolean(_row(value), "f", default=not expected) is expected


@pytest.mark.parametrize("value", [1, 0, "True", "yes", "1", [], None])
def test_nothing_else_is_true_or_false(value: object):
    """A number or another word is no truth value."""
    with pytest.raises(Malformed):
        fields.boolean(_row(value), "f")


@pytest.mark.parametrize(("value", "found"), [(None, "null"), ([], "a list"), ("a-bare-key", "text"), (3, "a number")])
def test_an_object_is_expected(value: object, found: str):
    """The error says what stood in the place of the object."""
    with pytest.raises(Malformed, match=f"GET /x: expected an object, found {found}"):
        fields.mapping(value, "GET /x")


@pytest.mark.parametrize(("value", "found"), [({}, "an object"), (True, "a truth value"), ("", "empty")])
def test_a_list_is_expected(value: object, found: str):
    """The error says what stood in the place of the list."""
    with pytest.raises(Malformed, match=f"GET /x: expected a list, found {found}"):
        fields.rows(value, "GET /x")


def test_a_row_of_a_list_is_named_by_its_place():
    """A fault inside a list says in which row it is."""
    with pytest.raises(Malformed, match=r"GET /x \[1\]: expected an object"):
        fields.rows([{}, 1], "GET /x")
    with pytest.raises(Malformed, match=r"GET /x f \[0\]: g is missing"):
        fields.text(fields.children(_row([{}]), "f")[0], "g")


def test_good_rows_leaves_broken_ones_out():
    """Of a tolerant list only the sound rows are given; one object is a list of one."""
    assert fields.good_rows([{"f": "1"}, {"f": "x"}, 7], "GET /x", lambda row: fields.decimal(row, "f")) == (1,)
    assert fields.good_rows({"f": "2"}, "GET /x", lambda row: fields.decimal(row, "f")) == (2,)
    assert fields.good_rows([], "GET /x", lambda row: fields.decimal(row, "f")) == ()


def test_good_rows_refuses_a_list_without_any_sound_row():
    """When every row is broken the format has changed, and the first fault is told."""
    with pytest.raises(Malformed, match=r"GET /x \[0\]: f is missing"):
        fields.good_rows([{}, 7], "GET /x", lambda row: fields.decimal(row, "f"))


def test_json_is_parsed_without_binary_floats():
    """A JSON number with a point keeps every digit."""
    assert parse('{"a": 0.1, "b": 1}', "GET /x") == {"a": Decimal("0.1"), "b": 1}


NO_JSON = {
    "html": "<html>502 Bad Gateway</html>",
    "empty": "",
    "cut": '{"a": 1',
    "nan": '{"a": NaN}',
    "exponent": '{"a": 1e99999999999999999999}',
    "digits": "1" * 5_000,
    "nested": "[" * 100_000,
    "bytes": b"\xff\xfe\xfa",
}


@pytest.mark.parametrize("text", NO_JSON.values(), ids=NO_JSON)
def test_what_is_not_json_is_refused(text: str | bytes):
    """Anything that cannot be read as JSON is one kind of error, without the text in it."""
    with pytest.raises(Malformed, match=r"GET /x: not JSON"):
        parse(text, "GET /x")
