"""The deterministic engine: what can be said about a change with no model and no network.

`examine` is its front. Detectors and tables plug in by one line each in `registry`; rules by one YAML file each
in `rules/`.
"""

from __future__ import annotations

from reviewer.evidence.engine import examine

__all__ = ["examine"]
