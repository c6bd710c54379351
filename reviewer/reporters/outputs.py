"""The Action's outputs as text for $GITHUB_OUTPUT."""

from __future__ import annotations

import hashlib

from reviewer.nouns.review import Review
from reviewer.reporters import view

NAMES = ("verdict", "findings-count", "highest-severity", "report", "sarif")


def outputs(review: Review, report: str = "", sarif: str = "") -> str:
    """All outputs. `report` and `sarif` are the paths of those files, empty where none was written."""
    values = (str(review.verdict), str(len(review.findings)), view.highest(review.findings), report, sarif)
    return "".join(_output(name, value) for name, value in zip(NAMES, values, strict=True))


def _output(name: str, value: str) -> str:
    """In the form for several lines, so that no line feed in a value can start an output of its own."""
    delimiter = "end_" + hashlib.sha256(f"{name}\0{value}".encode("utf-8", "replace")).hexdigest()
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"
