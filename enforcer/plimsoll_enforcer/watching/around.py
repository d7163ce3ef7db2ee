"""What goes in and out of a watch: one look, a breach that is to be acted on, and those whom the watch asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from plimsoll.config.model import DrawdownRule, Mode
from plimsoll_enforcer.decide.decision import Decision
from plimsoll_enforcer.decide.reads import Reads
from plimsoll_enforcer.decide.told import Told
from plimsoll_enforcer.desk import AuditLine


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A breach that is to be acted on.

    Attributes:
        rules: The confirmed rules.
        decision: The one of the first of them.
        reads: The re-read; ``None`` where there was none.
        audit: What was read and decided so far.
    """

    rules: tuple[DrawdownRule, ...]
    decision: Decision
    reads: Reads | None
    audit: tuple[AuditLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """What a watch asks of those around it.

    Attributes:
        mode: What is in force now.
        busy: Whether a run is in progress.
        act: Does what was decided.
        came_to: Told an outcome that is to be counted, once for each watch.
        pace: Seconds that one re-read every so often keeps within the weight of all watching.
    """

    mode: Callable[[], Mode]
    busy: Callable[[], bool]
    act: Callable[[Found], Awaitable[None]]
    came_to: Callable[[str], None]
    pace: Callable[[], float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One re-read and what the exporter said beside it.

    Attributes:
        began: Monotonic seconds.
        reads: ``None`` where it failed; ``why`` says so.
    """

    began: float
    reads: Reads | None = None
    why: str = ""
    told: Mapping[str, Told] = field(default_factory=dict)
