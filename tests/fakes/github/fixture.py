"""The fake as a pytest fixture; a conftest beside the tests imports it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.github.server import FakeGitHub


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """A fake GitHub; the test fails if anything sent or answered broke GitHub's own schemas."""
    with FakeGitHub(tmp_path) as fake:
        yield fake
    assert fake.violations == [], fake.violations
