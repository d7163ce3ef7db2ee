"""The pictures of a report, each with what can be seen in it in words. Pure; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plimsoll.report.curves import known
from plimsoll.report.material import Curve
from plimsoll.report.pictures import Gallery, Picture, PictureKind, Role, Series, Unit
from plimsoll.report.telling.alternatives import described
from plimsoll.report.telling.markers import markers
from plimsoll.report.view import EQUITY, View
from plimsoll.report.words import SourceName


def gallery(view: View) -> Gallery:
    """All pictures for which there is data."""
    if not view.has(SourceName.PROMETHEUS):
        return Gallery(pictures=(), missing="There are no pictures: they are drawn from Prometheus, which is missing.")
    parts = (_equity, _drawdown, _exposure, _mirror, _marks)
    pictures = tuple(one for part in parts for one in part(view) if _measured(one.series))
    return Gallery(pictures=pictures)


def _measured(series: Sequence[Series]) -> bool:
    return any(one.role is Role.MEASURED and known(one.points) for one in series)


def _series(curve: Curve, name: str, unit: Unit, role: Role = Role.MEASURED) -> Series:
    return Series(name=name, unit=unit, role=role, points=curve.points)


def _picture(
    view: View, kind: PictureKind, title: str, unit: Unit, series: Sequence[Series], *, symbol: str = ""
) -> Picture:
    shown = tuple(one for one in series if one.points)
    marked = markers(view, symbol) if kind is PictureKind.MARKS else ()
    return Picture(
        kind=kind,
        title=title,
        unit=unit,
        series=shown,
        alternative=described(title, unit, shown, marked),
        symbol=symbol,
        markers=marked,
    )


def _rules(view: View) -> list[str]:
    curves = view.curves.all("binance_account_drawdown_floor_usd")
    return list(dict.fromkeys(curve.labels.get("rule", "") for curve in curves))


def _equity(view: View) -> Iterator[Picture]:
    series = [_series(view.curves.one(EQUITY), "equity", Unit.USD)]
    for rule in _rules(view):
        floor = view.curves.one("binance_account_drawdown_floor_usd", rule=rule)
        reference = view.curves.one("binance_account_drawdown_reference_usd", rule=rule)
        series.append(_series(floor, f"floor of {rule}", Unit.USD, Role.LIMIT))
        series.append(_series(reference, f"reference of {rule}", Unit.USD, Role.REFERENCE))
    yield _picture(view, PictureKind.EQUITY, "Equity", Unit.USD, series)


def _drawdown(view: View) -> Iterator[Picture]:
    for rule in _rules(view):
        series = [
            _series(view.curves.one("binance_account_drawdown_ratio", rule=rule), "drawdown", Unit.RATIO),
            _series(
                view.curves.one("binance_account_drawdown_limit_ratio", rule=rule), "limit", Unit.RATIO, Role.LIMIT
            ),
        ]
        for level, name in (("warning", "warns at"), ("critical", "pages at")):
            near = view.curves.one("binance_account_drawdown_near_ratio", rule=rule, level=level)
            series.append(_series(near, name, Unit.RATIO, Role.REFERENCE))
        yield _picture(view, PictureKind.DRAWDOWN, f"Drawdown, rule {rule}", Unit.RATIO, series)


def _exposure(view: View) -> Iterator[Picture]:
    exposure = [
        _series(view.curves.one("binance_account_gross_exposure_usd"), "gross exposure", Unit.USD),
        _series(view.curves.one("binance_account_unprotected_exposure_usd"), "of it without stop", Unit.USD),
    ]
    yield _picture(view, PictureKind.EXPOSURE, "Exposure", Unit.USD, exposure)
    leverage = [
        _series(view.curves.one("binance_account_leverage_ratio"), "leverage", Unit.TIMES),
        _series(view.curves.one("binance_account_leverage_limit_ratio"), "limit", Unit.TIMES, Role.LIMIT),
    ]
    yield _picture(view, PictureKind.EXPOSURE, "Leverage of the account", Unit.TIMES, leverage)
    margin = [
        _series(view.curves.one("binance_account_available_margin_ratio"), "available margin", Unit.RATIO),
        _series(view.curves.one("binance_account_available_margin_limit_ratio"), "limit", Unit.RATIO, Role.LIMIT),
    ]
    title = "Available margin, share of equity"
    yield _picture(view, PictureKind.EXPOSURE, title, Unit.RATIO, margin)
    for curve in view.curves.all("binance_symbol_leverage_ratio"):
        symbol = curve.labels["symbol"]
        limit = view.curves.one("binance_symbol_leverage_limit_ratio", symbol=symbol)
        series = [
            _series(curve, "leverage", Unit.TIMES),
            _series(limit, "limit", Unit.TIMES, Role.LIMIT),
        ]
        if limit.points:
            title = f"Leverage of {symbol}"
            yield _picture(view, PictureKind.EXPOSURE, title, Unit.TIMES, series, symbol=symbol)


def _mirror(view: View) -> Iterator[Picture]:
    for curve in view.curves.all("binance_mirror_expected_quantity"):
        symbol = curve.labels.get("symbol", "")
        actual = view.curves.one("binance_mirror_actual_quantity", **curve.labels)
        series = [
            _series(actual, "held", Unit.QUANTITY),
            _series(curve, "asked for by the mirror", Unit.QUANTITY, Role.EXPECTED),
        ]
        title = f"{symbol}: held and asked for by the mirror"
        yield _picture(view, PictureKind.MIRROR, title, Unit.QUANTITY, series, symbol=symbol)


def _marks(view: View) -> Iterator[Picture]:
    for curve in view.curves.all("binance_position_mark_price_usd"):
        symbol, side = curve.labels["symbol"], curve.labels["side"]
        stop = view.curves.one("binance_position_stop_price_usd", symbol=symbol, side=side)
        entry = view.curves.one("binance_position_entry_price_usd", symbol=symbol, side=side)
        series = [
            _series(curve, "mark price", Unit.PRICE),
            _series(stop, "stop", Unit.PRICE, Role.LIMIT),
            _series(entry, "average entry", Unit.PRICE, Role.REFERENCE),
        ]
        yield _picture(view, PictureKind.MARKS, f"{symbol} ({side})", Unit.PRICE, series, symbol=symbol)
