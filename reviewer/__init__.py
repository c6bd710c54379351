"""Design review of backend changes: reliability, security and data integrity.

From Python: `from reviewer import review` (see `reviewer.api.review`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.api import review as review

__version__ = "0.1.0"
__all__ = ["__version__", "review"]


def __getattr__(name: str) -> object:
    """Load the API when it is asked for: `--help` must start in a blink."""
    if name == "review":
        from reviewer.api import review

        return review
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
