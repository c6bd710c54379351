"""A bounded run of every fuzz target: well-formed seeds, bent by hypothesis."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.seeds import SEEDS, WORDS
from tests.fuzz.targets import EXPECTED, TARGETS

EXAMPLES = 40


def bent(seed: bytes) -> st.SearchStrategy[bytes]:
    """The seed with a few places overwritten, repeated or cut."""
    edit = st.tuples(st.integers(0, len(seed)), st.integers(0, 40), st.sampled_from(WORDS) | st.binary(max_size=12))

    def apply(edits: list[tuple[int, int, bytes]]) -> bytes:
        data = seed
        for at, length, text in edits:
            data = data[:at] + text + data[at + length :]
        return data

    return st.lists(edit, max_size=5).map(apply)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_only_errors_of_ours_are_raised(name: str, data: st.DataObject) -> None:
    raw = data.draw(st.sampled_from(SEEDS[name]).flatmap(bent) | st.binary(max_size=200))
    with contextlib.suppress(EXPECTED):
        TARGETS[name](raw)


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_well_formed(name: str) -> None:
    for seed in SEEDS[name]:
        TARGETS[name](seed)
