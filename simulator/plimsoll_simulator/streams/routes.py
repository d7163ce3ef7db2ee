"""What a stream URL asks for: the group of streams that the path carries, the form, and the first subscriptions.

Pure: path and raw query in, a plan for the connection out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

# Streams that the unrouted paths still deliver; everything else there opens and stays silent.
_PUBLIC_MARKS = ("@bookticker", "!bookticker", "@depth", "@rpidepth", "@trade")
GROUPS = ("public", "market", "private")


@dataclass(frozen=True, kw_only=True, slots=True)
class ListenKeyUse:
    """A listen key in a URL: in which form, and which events it asks for (``None``: all)."""

    key: str
    form: str
    events: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a new connection is: ``group`` is public, market, private or legacy; ``wrapped`` names the stream."""

    group: str
    wrapped: bool
    streams: tuple[str, ...] = ()
    keys: tuple[ListenKeyUse, ...] = field(default_factory=tuple)


def plan(path: str, query: str) -> Plan | None:
    """The plan of a URL, ``None`` when it is no stream path."""
    parts = [part for part in path.split("/") if part]
    group = parts.pop(0) if parts and parts[0] in GROUPS else "legacy"
    if not parts or parts[0] not in {"ws", "stream"}:
        return None
    wrapped, named = parts[0] == "stream", parts[1:]
    pairs = parse_qsl(query, keep_blank_values=True)
    if group == "private":
        return Plan(group=group, wrapped=wrapped, keys=(*_keys_in_path(named), *_keys_in_query(pairs)))
    listed = [name for key, value in pairs if key == "streams" for name in value.split("/") if name]
    return Plan(group=group, wrapped=wrapped, streams=(*named, *listed))


def _keys_in_path(named: list[str]) -> list[ListenKeyUse]:
    return [ListenKeyUse(key=key, form="path") for key in named]


def _keys_in_query(pairs: list[tuple[str, str]]) -> list[ListenKeyUse]:
    """Each ``listenKey=`` with the ``events=`` that follows it, if one does."""
    uses: list[ListenKeyUse] = []
    for name, value in pairs:
        if name == "listenKey":
            uses.append(ListenKeyUse(key=value, form="query"))
        elif name == "events" and uses:
            events = frozenset(each for each in value.split("/") if each)
            uses[-1] = ListenKeyUse(key=uses[-1].key, form="events", events=events)
    return uses


def delivers(group: str, stream: str) -> bool:
    """Whether a path of this group delivers the market stream; the exchange says nothing when it does not."""
    public = any(mark in stream.lower() for mark in _PUBLIC_MARKS)
    return group == "market" if not public else group in {"public", "legacy"}
