"""The report file on standard output: the same bytes as review.json."""

from __future__ import annotations

from reviewer.nouns.review import Review
from reviewer.report_file import dump
from reviewer.reporters.look import PLAIN, Look


def render(review: Review, look: Look = PLAIN) -> str:
    """review.json (DESIGN section 4)."""
    del look
    return dump(review)
