"""Syntax trees stay as far as there is room; beyond that a tree stays while its file is worked on."""

from __future__ import annotations

from reviewer.evidence.parsing import Forest

TEXTS = [f"x = {number}\n" for number in range(6)]


def test_a_tree_is_parsed_once_and_shared() -> None:
    forest = Forest()
    first = [forest.root(text, "python") for text in TEXTS]
    assert all(forest.root(text, "python") is tree for text, tree in zip(TEXTS, first, strict=True))


def test_without_room_only_the_latest_trees_stay() -> None:
    forest = Forest(room=0)
    oldest = forest.root(TEXTS[0], "python")
    assert oldest is not None
    assert forest.root(TEXTS[0], "python") is oldest
    for text in TEXTS[1:]:
        forest.root(text, "python")
    again = forest.root(TEXTS[0], "python")
    assert again is not oldest
    assert again is not None
    assert again.text() == oldest.text()


def test_one_text_is_another_tree_in_another_language() -> None:
    forest = Forest()
    assert forest.root("x = 1\n", "python") is not forest.root("x = 1\n", "ruby")
    assert forest.root("x = 1\n", "no-such-language") is None
