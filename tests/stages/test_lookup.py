"""A second reader can look around the repository, and only look, and only so much."""

from __future__ import annotations

import pytest

from reviewer.stages.lookup import Library, Lookup
from tests.stages.trees import CountingTree

FILES = {
    "app/client.py": "import requests\n\n\nclass Session:\n    timeout = 5\n\n    def post(self, url):\n        return requests.post(url, timeout=self.timeout)\n",
    "app/use.py": "from app.client import Session\n\nSession().post('x')\n",
    "db/schema.sql": "CREATE TABLE orders (\n  id bigint PRIMARY KEY\n);\nCREATE UNIQUE INDEX orders_key ON orders (id);\n",
    "logo.png": "Session",
    "keys.py": 'token = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"\n',
}


def ask(kind: str, text: str = "", path: str = "", start: int = 0, end: int = 0, tree: str = "head") -> str:
    base = {"app/client.py": "class Session:\n    timeout = None\n"}
    return Library(CountingTree(FILES), CountingTree(base), ["app/x.py"]).answer(
        Lookup(kind, tree, path, text, start, end)
    )


def test_lines_are_read_with_their_numbers() -> None:
    assert ask("read", path="app/client.py", start=4, end=5).endswith(" 4|class Session:\n 5|    timeout = 5")
    assert "timeout = None" in ask("read", path="app/client.py", start=1, end=9, tree="base")


@pytest.mark.parametrize("path", ["../etc/passwd", "/etc/passwd", "app/none.py", ""])
def test_what_is_not_in_the_tree_is_not_read(path: str) -> None:
    assert ask("read", path=path, start=1, end=9).endswith("(nothing found)")


@pytest.mark.parametrize("path", ["../etc/passwd", "/etc/passwd", "a/../../b"])
def test_a_path_out_of_the_tree_is_not_even_asked_for(path: str) -> None:
    tree = CountingTree({path: "secret"})
    assert "secret" not in Library(tree, tree).answer(Lookup("read", "head", path, "", 1, 9))
    assert tree.calls == []


def test_definitions_come_with_their_bodies() -> None:
    found = ask("definition", "Session")
    assert "app/client.py:4|class Session:" in found
    assert "app/client.py:5|    timeout = 5" in found
    assert "app/use.py" not in found
    assert "db/schema.sql:1|CREATE TABLE orders (" in ask("definition", "orders")


def test_references_are_whole_words() -> None:
    found = ask("references", "Session")
    assert "app/use.py:3|Session().post('x')" in found
    assert "logo.png" not in found
    assert ask("references", "Sess").endswith("(nothing found)")


def test_grep_is_literal_and_narrowed_by_path() -> None:
    assert "app/client.py:8|" in ask("grep", "post(url, timeout")
    assert ask("grep", ".*").endswith("(nothing found)")
    assert "db/schema.sql" not in ask("grep", "orders", path="app/")


def test_masked_values_stay_masked() -> None:
    assert "ghp_" not in ask("grep", "token")
    assert "ghp_" not in ask("read", path="keys.py", start=1, end=1)


@pytest.mark.parametrize("kind", ["write", "", "grep", "references"])
def test_odd_questions_get_an_answer_and_no_more(kind: str) -> None:
    assert ask(kind, "").endswith("(no such look-up)")


def test_results_are_bounded() -> None:
    many = {f"a{n}.py": "needle = 1\n" * 100 for n in range(50)}
    library = Library(CountingTree(many), CountingTree({}))
    assert len(library.answer(Lookup("grep", "head", "", "needle", 0, 0))) < 7_000
    long = {"a.py": "".join(f"x{n} = {'1' * 100}\n" for n in range(5_000))}
    shown = Library(CountingTree(long), CountingTree({})).answer(Lookup("read", "head", "a.py", "", 1, 10**9))
    assert len(shown) < 7_000
    assert shown.endswith("(cut)")


def test_a_tree_is_fetched_once_for_many_questions() -> None:
    head = CountingTree(FILES)
    library = Library(head, CountingTree({}))
    for _ in range(5):
        library.answer(Lookup("grep", "head", "", "Session", 0, 0))
    assert head.calls == ["paths", "read_many"]
