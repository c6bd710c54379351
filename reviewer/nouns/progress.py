"""What a run tells about itself while it runs, as events a terminal, a log or a trace can show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Event:
    """`name` is stable (`diff.parsed`, `call.started`, `call.finished`, …); `fields` are numbers and short words.

    Never carries code, prompts, replies or keys.
    """

    name: str
    fields: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


Progress = Callable[[Event], None]


def silent(event: Event) -> None:
    """A progress that shows nothing."""
    del event
