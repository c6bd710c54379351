"""A quote is found where it stands, and what is found is a range GitHub takes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.nouns.changeset import ChangeSet, FileChange, Side
from reviewer.stages import locate
from reviewer.stages.locate import Place
from tests.bounds import no_endless_work
from tests.mind import change
from tests.stages.changesets import edits
from tests.stages.trees import changes


def charge() -> FileChange:
    return change().files[0]


def found(quote: str, **hints: object) -> tuple[Side, int, int] | None:
    place = locate.find(charge(), quote, **hints)  # type: ignore[arg-type]
    return (place.side, place.start, place.end) if place else None


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("    reply = requests.post(URL, json=order.body())", (Side.RIGHT, 4, 4)),
        ("reply = requests.post(URL,json", None),  # white space folds, it does not vanish
        ("reply   =  requests.post(URL, json=order.body())", (Side.RIGHT, 4, 4)),
        ("with lock(order.id):", (Side.LEFT, 4, 4)),
        (
            "    with lock(order.id):\n        reply = requests.post(URL, json=order.body(), timeout=5)",
            (Side.LEFT, 4, 5),
        ),
        ("json=order.body())\n    order.paid", (Side.RIGHT, 4, 5)),  # part of the first and of the last line
        ("order.paid = True", (Side.RIGHT, 5, 5)),  # context of a hunk
        ("import requests\ndef charge(order):", (Side.RIGHT, 1, 3)),  # a blank line between them is in the range
        ("+4|    reply = requests.post(URL, json=order.body())", (Side.RIGHT, 4, 4)),  # copied with our numbers
        (" 5|    order.paid = True\n 6|    order.save()", (Side.RIGHT, 5, 6)),
        ("+    reply = requests.post(URL, json=order.body())", (Side.RIGHT, 4, 4)),  # copied with the diff's mark
        ("timeout=5)\n    reply = requests.post(URL, json=order.body())", (Side.RIGHT, 4, 4)),  # both sides mixed
        ("def charge(order):\n...\n    order.paid = True\n    order.save()", (Side.RIGHT, 5, 6)),  # the longer part
        ("order.unpaid = True", None),
        ("", None),
        ("...", None),
    ],
)
def test_quotes_and_their_places(quote: str, expected: tuple[Side, int, int] | None) -> None:
    assert found(quote) == expected


def test_changed_lines_go_before_context_and_whole_lines_before_parts() -> None:
    head = "a = load()\nsave(order)\nb = 2\n"
    (file,) = changes({"a.py": "save(order)\nb = 2\n"}, {"a.py": "save(order)\nb = 2\nif x: save(order)\n"}).files
    place = locate.find(file, "save(order)")
    assert place
    assert (place.start, place.whole) == (3, False)
    (file,) = changes({"a.py": "b = 2\n"}, {"a.py": head + "x = save(order)\n"}).files
    place = locate.find(file, "save(order)", hint=4)
    assert place
    assert (place.start, place.whole) == (2, True)


def test_equal_lines_are_told_apart_by_the_hint() -> None:
    (file,) = changes({}, {"a.py": "".join(f"save(order)\nx{n} = 1\n" for n in range(5))}).files
    assert [locate.find(file, "save(order)", hint=hint).start for hint in (1, 4, 9)] == [1, 3, 9]  # type: ignore[union-attr]


def test_the_hinted_side_decides_between_a_line_taken_out_and_put_back() -> None:
    (file,) = changes({"a.py": "total += 1\n"}, {"a.py": "  total += 1\n"}).files
    assert locate.find(file, "total += 1", side=Side.LEFT).side is Side.LEFT  # type: ignore[union-attr]
    assert locate.find(file, "total += 1").side is Side.RIGHT  # type: ignore[union-attr]


def test_a_brace_stands_nowhere_unless_the_hint_confirms_it() -> None:
    (file,) = changes({}, {"a.go": "func f() {\n\treturn\n}\n"}).files
    assert locate.find(file, "}") is None
    assert locate.find(file, "}", hint=3).start == 3  # type: ignore[union-attr]
    assert locate.find(file, "}", hint=30) is None


def test_nearest_prefers_added_lines_and_takes_removed_ones_where_there_are_no_others() -> None:
    assert locate.nearest(charge(), 1).side is Side.RIGHT  # type: ignore[union-attr]
    (gone,) = changes({"a.py": "x = 1\ny = 2\n"}, {"a.py": "x = 1\n"}).files
    place = locate.nearest(gone, 1)
    assert place
    assert (place.side, place.start) == (Side.LEFT, 2)


def test_span_cuts_a_range_to_what_one_hunk_shows() -> None:
    place = locate.span(charge(), Side.RIGHT, 6, 40)
    assert place
    assert (place.start, place.end) == (6, 7)
    assert locate.span(charge(), Side.RIGHT, 40, 50) is None
    assert locate.span(charge(), Side.LEFT, 1, 3) is None  # no removed line there


def accepted(file: FileChange, place: Place) -> bool:
    """GitHub's rule: both ends on lines of one hunk, on the side they are counted on, in order."""
    lines = file.hunks[place.hunk].lines
    left = place.side is Side.LEFT
    numbers = {
        line.old if left else line.new
        for line in lines
        if line.kind == ("-" if left else "+") or (line.kind == " " and not left)
    }
    return place.start <= place.end and place.start in numbers and place.end in numbers


@settings(max_examples=150, deadline=None)
@given(edits(), st.data())
def test_whatever_is_quoted_from_a_hunk_is_found_on_an_acceptable_range(
    edit: tuple[object, object, ChangeSet], data: st.DataObject
) -> None:
    hunks = [(file, hunk) for file in edit[2].files for hunk in file.hunks]
    if not hunks:
        return
    file, hunk = data.draw(st.sampled_from(hunks))
    side = data.draw(st.sampled_from(Side))
    lines = [line for line in hunk.lines if line.kind != ("+" if side is Side.LEFT else "-")]
    if not lines:
        return
    low = data.draw(st.integers(0, len(lines) - 1))
    part = lines[low : data.draw(st.integers(low, len(lines) - 1)) + 1]
    quote = "\n".join(line.text for line in part)
    number = (part[0].old if side is Side.LEFT else part[0].new) or 0
    place = locate.find(file, quote, hint=number, side=side)
    if sum(char.isalnum() for char in quote) >= locate.MIN_WORD:
        assert place is not None
    if place:
        assert accepted(file, place)


@settings(max_examples=100, deadline=None)
@given(edits(), st.text(max_size=60), st.integers(0, 40), st.sampled_from([None, *Side]))
def test_any_text_at_all_gives_an_acceptable_range_or_none(
    edit: tuple[object, object, ChangeSet], quote: str, hint: int, side: Side | None
) -> None:
    for file in edit[2].files:
        for place in (locate.find(file, quote, hint=hint, side=side), locate.nearest(file, hint)):
            assert place is None or accepted(file, place)


def test_a_large_hunk_of_equal_lines_is_searched_in_linear_time() -> None:
    (file,) = changes({}, {"a.py": "return value\n" * 20_000}).files
    with no_endless_work():
        assert locate.find(file, "return value", hint=15_000).start == 15_000  # type: ignore[union-attr]
