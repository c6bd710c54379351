"""The deterministic engine: what can be said about a change with no model and no network.

`examine` is its front. Detectors and tables plug in by one line each in `registry`; rules by one YAML file each
in `rules/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.evidence.engine import examine as examine

__all__ = ["examine"]


def __getattr__(name: str) -> object:
    """Load the engine when it is asked for: where a process of its own examines the change, nobody does."""
    if name == "examine":
        from reviewer.evidence.engine import examine

        return examine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
