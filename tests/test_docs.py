"""The documentation says what the code does: generated pages are fresh, commands run, paths and options exist."""

from __future__ import annotations

import pytest

from tests.write_docs import DOCS, pages


@pytest.mark.parametrize("name", pages())
def test_generated_pages_are_fresh(name: str) -> None:
    """If this fails: `python -m tests.write_docs`."""
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name]
