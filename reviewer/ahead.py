"""What a review can begin before its change is known: loading the model's SDK, and the engine's own process."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from reviewer.options import KEYS

if TYPE_CHECKING:
    from reviewer.evidence.apart import Apart


def head_start(
    command: str, flags: Mapping[str, Any], environment: Mapping[str, str]
) -> AbstractContextManager[Apart | None]:
    """Begin, if it looks as if a model will be asked; the configuration may still decide otherwise.

    Without a model everything waits for the engine anyway, so that a second process would gain nothing.
    """
    if command != "review" or flags.get("dry_run") or flags.get("replay") or not _asks(flags, environment):
        return nullcontext()
    from reviewer.evidence.apart import Apart

    try:
        return Apart(environment)
    except OSError:
        return nullcontext()  # no more processes here: the engine runs in this one


def _asks(flags: Mapping[str, Any], environment: Mapping[str, str]) -> bool:
    provider = flags.get("provider") or environment.get("DESIGN_REVIEWER_PROVIDER", "").strip() or "auto"
    return provider in KEYS or (provider == "auto" and any(environment.get(name, "").strip() for name in KEYS.values()))
