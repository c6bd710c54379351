from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.identity import hunk_print
from reviewer.nouns.memory import Memory
from reviewer.stages.remember import pending
from tests.stages.trees import changes, everything

LINES = [f"line {n}\n" for n in range(60)]


def edited(*places: int, shift: int = 0) -> ChangeSet:
    head = list(LINES)
    for place in places:
        head[place] = f"changed {place}\n"
    above = [f"new base {n}\n" for n in range(shift)]
    return changes({"a.py": "".join(above + LINES)}, {"a.py": "".join(above + head)})


def prints(change: ChangeSet) -> frozenset[str]:
    return frozenset(hunk_print(file.path, hunk) for file in change.files for hunk in file.hunks)


@given(st.booleans(), st.integers(0, 3))
def test_every_hunk_is_either_to_do_or_settled(full: bool, seen: int) -> None:
    change = edited(5, 25, 45)
    memory = Memory("abc", frozenset(sorted(prints(change))[:seen]))
    found = pending(change, memory, full=full)
    assert found.todo | found.settled == everything(change)
    assert not found.todo & found.settled
    assert len(found.settled) == (0 if full else seen)


def test_a_first_run_has_everything_to_do() -> None:
    change = edited(5, 25)
    assert pending(change, Memory(), full=False) == (everything(change), frozenset())


def test_a_rebase_that_moves_lines_settles_what_was_reviewed() -> None:
    memory = Memory("abc", prints(edited(5, 25)))
    found = pending(edited(5, 25, 45, shift=7), memory, full=False)
    assert found.settled == {("a.py", 0), ("a.py", 1)}
    assert found.todo == {("a.py", 2)}


def test_a_hunk_that_changed_again_is_to_do() -> None:
    memory = Memory("abc", prints(edited(5)))
    assert pending(edited(5, 6), memory, full=False).settled == frozenset()
