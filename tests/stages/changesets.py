"""Random changes for the laws: small files of few different lines, so that equal lines are common."""

from __future__ import annotations

from hypothesis import strategies as st

from reviewer.nouns.changeset import ChangeSet
from tests.stages.trees import changes

_LINES = st.sampled_from(
    [
        "def f():",
        "    return 1",
        "    total += amount",
        "",
        "}",
        "  save(order)",
        "save(order)",
        "x",
        "\tlock()",
        "é = 1",
    ]
)
_TEXT = st.lists(_LINES, max_size=25).map(lambda lines: "".join(f"{line}\n" for line in lines))
_FILES = st.dictionaries(st.sampled_from(["a.py", "b/c.go", "d.ts"]), _TEXT, max_size=3)


def edits() -> st.SearchStrategy[tuple[dict[str, str], dict[str, str], ChangeSet]]:
    """Base files, head files and the change between them."""
    return st.tuples(_FILES, _FILES).map(lambda pair: (pair[0], pair[1], changes(*pair)))
