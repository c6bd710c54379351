"""Where our own text and data lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def prompts() -> Path:
    """The folder of prompts, personas, hazards and model data that came with this installation."""
    packaged = _HERE / "_prompts"
    return packaged if packaged.is_dir() else _HERE.parent / "prompts"


def workflows() -> Path:
    """The folder of workflow templates that `init` writes; the same files as `examples/workflows/`."""
    packaged = _HERE / "_workflows"
    return packaged if packaged.is_dir() else _HERE.parent / "examples" / "workflows"
