"""How a field is shown: Grafana's field configuration with its overrides, and from a value to text and colour."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tools.dashboards.preview.board import Panel
from tools.dashboards.preview.colours import Theme
from tools.dashboards.preview.frames import NUMBER, TIME, Cell, Field, Frame
from tools.dashboards.preview.raw import EMPTY, Json, at, items, mapping, number, objects, text
from tools.dashboards.preview.units import Moment, print_value

MATCHERS = frozenset({"byName", "byRegexp", "byType", "byFrameRefID", "byNames"})
"""The overrides' matchers that are understood."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """The settings of one field, overrides applied, and its place among the series of the panel."""

    settings: Mapping[str, object]
    title: str
    index: int = 0

    @property
    def unit(self) -> str:
        """Grafana's name of the unit."""
        return text(self.settings.get("unit"))

    @property
    def decimals(self) -> int | None:
        """Digits after the point, where they are set."""
        found = number(self.settings.get("decimals"))
        return None if found is None else int(found)

    @property
    def custom(self) -> Json:
        """What only this kind of panel knows."""
        return mapping(self.settings.get("custom"))

    @property
    def links(self) -> Sequence[Json]:
        """Where a click leads."""
        return objects(self.settings.get("links"))

    @property
    def steps(self) -> Sequence[tuple[float, str]]:
        """From which value on which colour holds, ascending."""
        found = objects(at(self.settings, "thresholds.steps"))
        steps = [(number(one.get("value")), text(one.get("color"))) for one in found]
        return sorted((-math.inf if value is None else value, colour) for value, colour in steps)

    def bound(self, name: str) -> float | None:
        """``min`` or ``max``."""
        return number(self.settings.get(name))


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A value as it is printed.

    Attributes:
        mapped: A value mapping gave the text or the colour.
    """

    text: str
    colour: str
    mapped: bool = False
    number: float | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


def looks_of(
    panel: Panel, frames: Sequence[Frame], given: Mapping[tuple[int, int], Json] | None = None
) -> list[list[Look]]:
    """The look of every field of every frame, numbers counted through over all of them.

    Args:
        panel: The panel.
        frames: Its frames, transformed.
        given: Settings that the data itself brought, by frame and field; they stand above the panel's defaults.
    """
    found, index = [], 0
    for place, frame in enumerate(frames):
        looks = []
        for column, (one, title) in enumerate(zip(frame.fields, frame.titles(), strict=True)):
            brought = (given or {}).get((place, column), EMPTY)
            settings = _settings(panel, frame, one, title, brought)
            looks.append(Look(settings=settings, title=_title(settings, one, title), index=index))
            index += one.kind == NUMBER
        found.append(looks)
    return found


def _settings(panel: Panel, frame: Frame, one: Field, title: str, brought: Json) -> dict[str, object]:
    settings: dict[str, object] = {**panel.defaults, **brought, "custom": dict(mapping(panel.defaults.get("custom")))}
    for override in panel.overrides:
        if matches(mapping(override.get("matcher")), frame, one, title):
            for change in objects(override.get("properties")):
                _set(settings, text(change.get("id")), change.get("value"))
    return settings


def _title(settings: Json, one: Field, title: str) -> str:
    name = text(settings.get("displayName"))
    name = name.replace("${__field.name}", title).replace("${__series.name}", title)
    name = re.sub(r"\$\{__field\.labels\.(\w+)\}", lambda match: one.labels.get(match[1], ""), name)
    return name or title


def _set(settings: dict[str, object], path: str, value: object) -> None:
    if path.startswith("custom."):
        custom = {**mapping(settings["custom"]), path.removeprefix("custom."): value}
        if "." in path.removeprefix("custom."):
            head, _, tail = path.removeprefix("custom.").partition(".")
            custom = {**mapping(settings["custom"]), head: {**mapping(at(settings, f"custom.{head}")), tail: value}}
        settings["custom"] = custom
    else:
        settings[path] = value


def matches(matcher: Json, frame: Frame, one: Field, title: str) -> bool:
    """Whether an override is meant for a field."""
    kind, options = text(matcher.get("id")), matcher.get("options")
    names = {title, one.name} if not one.title else {title, one.title}
    if kind == "byName":
        return text(options) in names
    if kind == "byRegexp":
        return any(pattern(text(options)).search(name) for name in names)
    if kind == "byType":
        return text(options) == one.kind
    if kind == "byFrameRefID":
        return text(options) == frame.ref
    if kind == "byNames":
        listed = bool(names & {text(name) for name in items(at(options, "names"))})
        return listed != (at(options, "mode") == "exclude")
    return False


def pattern(written: str) -> re.Pattern[str]:
    """A regular expression as Grafana writes it, with or without slashes."""
    match = re.fullmatch(r"/(.*)/([a-z]*)", written, re.DOTALL)
    if match is None:
        return re.compile(written)
    return re.compile(match[1], re.IGNORECASE if "i" in match[2] else 0)


def shown(value: Cell, one: Field, look: Look, theme: Theme, moment: Moment) -> Shown:
    """A value as the panel prints it, with its colour."""
    figure = value if isinstance(value, float) else None
    mapped = _mapped(value, objects(look.settings.get("mappings")))
    colour = colour_of(figure, look, theme)
    if mapped is not None and text(mapped.get("color")):
        colour = theme.colour(text(mapped.get("color")))
    if mapped is not None and isinstance(mapped.get("text"), str):
        return Shown(text=text(mapped.get("text")), colour=colour, mapped=True, number=figure)
    return Shown(text=_printed(value, one, look, moment), colour=colour, mapped=mapped is not None, number=figure)


def _printed(value: Cell, one: Field, look: Look, moment: Moment) -> str:
    if isinstance(value, str):
        return value or text(look.settings.get("noValue"))
    if value is None:
        return text(look.settings.get("noValue"))
    if one.kind == TIME and not look.unit.startswith("dateTime"):
        return str(print_value(value, "dateTimeAsSystem", None, moment))
    return str(print_value(value, look.unit, look.decimals, moment))


def _mapped(value: Cell, mappings: Sequence[Json]) -> Json | None:
    for one in mappings:
        options = mapping(one.get("options"))
        found = _MAPPINGS[text(one.get("type"))](value, options) if text(one.get("type")) in _MAPPINGS else None
        if found is not None:
            return found
    return None


def _by_value(value: Cell, options: Json) -> Json | None:
    for key, result in options.items():
        wanted = number(key)
        if key == value or (wanted is not None and isinstance(value, float) and wanted == value):
            return mapping(result)
    return None


def _by_range(value: Cell, options: Json) -> Json | None:
    low, high = number(options.get("from")), number(options.get("to"))
    inside = (
        isinstance(value, float)
        and not math.isnan(value)
        and (low is None or value >= low)
        and (high is None or value <= high)
    )
    return mapping(options.get("result")) if inside else None


def _by_regex(value: Cell, options: Json) -> Json | None:
    told = f"{value:g}" if isinstance(value, float) else value or ""
    wanted = pattern(text(options.get("pattern")))
    if not wanted.search(told):
        return None
    result = mapping(options.get("result"))
    replaced = re.sub(r"\$(\d)", r"\\\1", text(result.get("text")))
    return {**result, "text": wanted.sub(replaced, told)} if result.get("text") is not None else result


def _special(value: Cell, options: Json) -> Json | None:
    nan = isinstance(value, float) and math.isnan(value)
    kinds = {"null": value is None, "nan": nan, "null+nan": value is None or nan, "empty": value == ""}
    return mapping(options.get("result")) if kinds.get(text(options.get("match"))) else None


_MAPPINGS = {"value": _by_value, "range": _by_range, "regex": _by_regex, "special": _special}
MAPPING_KINDS = frozenset(_MAPPINGS)
"""The value mappings that are understood."""


def colour_of(value: float | None, look: Look, theme: Theme) -> str:
    """The colour that a field gives to a value."""
    mode = text(at(look.settings, "color.mode"), "thresholds")
    if mode in {"fixed", "shades"}:
        return theme.colour(text(at(look.settings, "color.fixedColor"), "text"))
    if mode == "palette-classic":
        return theme.series(look.index)
    if mode == "palette-classic-by-name":
        return theme.series_named(look.title)
    return threshold_colour(value, look, theme)


def threshold_colour(value: float | None, look: Look, theme: Theme) -> str:
    """The colour of the highest threshold that a value has reached."""
    steps = scaled_steps(look)
    figure = -math.inf if value is None or math.isnan(value) else value
    reached = [colour for start, colour in steps if figure >= start]
    return theme.colour(reached[-1] if reached else steps[0][1] if steps else "text")


def scaled_steps(look: Look) -> Sequence[tuple[float, str]]:
    """The thresholds as values of the field, those in percent among them."""
    if at(look.settings, "thresholds.mode") != "percentage":
        return look.steps
    low, high = look.bound("min") or 0.0, look.bound("max")
    high = 100.0 if high is None else high
    return [(low + (high - low) * start / 100, colour) for start, colour in look.steps]
