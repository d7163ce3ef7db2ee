"""One neutral form for the answers of all foreign clients, and the differences between two of them.

Numbers become ``Decimal`` whether a client hands out text, an integer or a float; names are the exchange's own. What is
left is only what an answer means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from pydantic import BaseModel

Neutral = dict[str, "Neutral"] | list["Neutral"] | Decimal | str | bool | None

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


def neutral(answer: object) -> Neutral:
    """The neutral form of plain JSON, or of a pydantic model with its unknown fields among the known ones."""
    if isinstance(answer, BaseModel):
        return neutral(_fields(answer))
    if isinstance(answer, dict):
        return {str(name): neutral(value) for name, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [neutral(item) for item in answer]
    if answer is None or isinstance(answer, bool):
        return answer
    text = str(answer)
    return Decimal(text) if _NUMBER.fullmatch(text) else text


def _fields(model: BaseModel) -> object:
    """A model's fields by the exchange's names; a field that was not in the answer is there as ``None``."""
    if "one_of_schemas" in type(model).model_fields:
        return getattr(model, "actual_instance", None)
    known = {
        field.alias or name: getattr(model, name)
        for name, field in type(model).model_fields.items()
        if name != "additional_properties"
    }
    return known | dict(getattr(model, "additional_properties", {}))


def unknown_fields(answer: object, where: str = "") -> Iterator[str]:
    """The paths of fields that an answer had and its pydantic models do not know."""
    if isinstance(answer, BaseModel):
        yield from (f"{where}.{name}" for name in getattr(answer, "additional_properties", {}))
        for name in type(answer).model_fields:
            if name not in {"additional_properties", "one_of_schemas"}:
                yield from unknown_fields(getattr(answer, name), f"{where}.{name}")
    elif isinstance(answer, list):
        for item in answer:
            yield from unknown_fields(item, f"{where}[]")


def differences(one: Neutral, other: Neutral, where: str = "") -> list[str]:
    """Where two neutral forms differ, one line a field."""
    if isinstance(one, dict) and isinstance(other, dict):
        lines = [f"{where}.{name}: only on one side" for name in sorted(one.keys() ^ other.keys())]
        common = sorted(one.keys() & other.keys())
        return lines + [line for name in common for line in differences(one[name], other[name], f"{where}.{name}")]
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return [f"{where}: {len(one)} against {len(other)} rows"]
        pairs = enumerate(zip(one, other, strict=True))
        return [line for index, (a, b) in pairs for line in differences(a, b, f"{where}[{index}]")]
    return [] if one == other and type(one) is type(other) else [f"{where}: {one!r} against {other!r}"]


def without_absent(model: Neutral, like: Neutral, where: str = "") -> tuple[Neutral, set[str]]:
    """A model's form without the fields that the plain answer ``like`` does not have, and the paths of these fields.

    A model holds ``None`` for what it waits for in vain; rows of lists share one path, ``[]``.
    """
    if isinstance(model, dict) and isinstance(like, dict):
        absent = {f"{where}.{name}" for name in model if model[name] is None and name not in like}
        kept: dict[str, Neutral] = {}
        for name in model.keys() - {path.rpartition(".")[2] for path in absent}:
            kept[name], more = without_absent(model[name], like.get(name), f"{where}.{name}")
            absent |= more
        return kept, absent
    if isinstance(model, list) and isinstance(like, list) and len(model) == len(like):
        rows = [without_absent(a, b, f"{where}[]") for a, b in zip(model, like, strict=True)]
        return [row for row, _ in rows], {path for _, absent in rows for path in absent}
    return model, set()
