from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reviewer.stages.excerpt import HEADER_TOKENS, excerpt, gaps
from reviewer.stages.tokens import estimate_tokens


def test_the_estimate_errs_on_the_high_side() -> None:
    """Counts of the o200k vocabulary, noted down: the estimate may not be below them."""
    known = {
        "def settle(order):\n    return order.total * 2\n": 12,
        "SELECT id, state FROM orders WHERE tenant_id = $1 FOR UPDATE;": 15,
        "注文の合計を計算する": 8,
        "x" * 12: 2,
    }
    for text, counted in known.items():
        assert estimate_tokens(text) >= counted


@given(st.text(), st.text())
def test_parts_never_cost_less_than_the_whole(one: str, other: str) -> None:
    assert estimate_tokens(one + other) <= estimate_tokens(one) + estimate_tokens(other)
    assert (estimate_tokens(one) == 0) == (one == "")


@given(
    st.lists(st.text(st.characters(exclude_characters="\n"), max_size=80), min_size=1, max_size=30),
    st.integers(1, 30),
    st.integers(0, 200),
)
def test_an_excerpt_fits_its_room(lines: list[str], start: int, room: int) -> None:
    found = excerpt("a.txt", lines, start, len(lines), "why", room=room)
    if found is not None:
        assert found.tokens <= max(room, HEADER_TOKENS)
        assert found.text.split("\n") == lines[start - 1 : start - 1 + found.text.count("\n") + 1]


@given(st.integers(1, 30), st.integers(0, 30), st.lists(st.tuples(st.integers(1, 40), st.integers(0, 10)), max_size=5))
def test_gaps_and_what_is_shown_make_the_whole(start: int, length: int, parts: list[tuple[int, int]]) -> None:
    shown = [range(first, first + count) for first, count in parts]
    end = start + length
    found = [line for first, last in gaps(start, end, shown) for line in range(first, last + 1)]
    assert found == [line for line in range(start, end + 1) if not any(line in part for part in shown)]
