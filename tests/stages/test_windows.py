"""The second reader sees the code as it stands at head, with the change drawn into it."""

from __future__ import annotations

from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Finding
from reviewer.stages import diff, redact, windows
from tests.builders import a_finding
from tests.stages.trees import changes

BODY = "".join(f"    step_{n}()\n" for n in range(20))
BASE = f"import x\n\n\ndef first():\n{BODY}    lock.acquire()\n    finish_everything()\n\n\nA = 1\nB = 2\nC = 3\nD = 4\n\n\ndef second():\n    pass\n"
HEAD = BASE.replace("    lock.acquire()\n", "").replace("    step_3()", "    step_three()")
EDIT = changes({"a.py": BASE}, {"a.py": HEAD})


def at(line: int, side: Side = Side.RIGHT, **changed: object) -> Finding:
    return a_finding(path="a.py", start_line=line, end_line=line, side=side, symbol="first", **changed)


def test_the_whole_function_is_shown_once_with_both_hunks_in_it() -> None:
    text = windows.around(EDIT.files[0], HEAD, [at(8), at(25, Side.LEFT)])
    lines = text.splitlines()
    assert "-8|    step_3()" in lines
    assert "+8|    step_three()" in lines
    assert "-25|    lock.acquire()" in lines
    assert " 20|    step_15()" in lines  # between the hunks
    assert len([line for line in lines if "step_15" in line]) == 1
    assert not [line for line in lines if "second" in line]


def test_without_the_file_the_hunks_are_shown() -> None:
    text = windows.around(EDIT.files[0], "", [at(8)])
    assert "+8|    step_three()" in text
    assert "step_15" not in text


def test_a_pure_deletion_is_shown_where_it_happened() -> None:
    base = "".join(f"line_{n}\n" for n in range(10))
    diffed = changes({"a.py": base}, {"a.py": base.replace("line_5\n", "")})
    lines = windows.around(diffed.files[0], base.replace("line_5\n", ""), [at(6, Side.LEFT)]).splitlines()
    assert "-6|line_5" in lines
    assert lines.index("-6|line_5") == lines.index(" 5|line_4") + 1


def test_a_deletion_without_any_context_is_shown_where_it_happened() -> None:
    bare = diff.parse(b"diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -2,1 +1,0 @@\n-lock()\n")
    lines = windows.around(bare.files[0], "first()\nsecond()\n", [at(2, Side.LEFT)]).splitlines()
    assert lines[2:] == [" 1|first()", "-2|lock()", " 2|second()"]


def test_a_long_function_is_cut_to_the_lines_around() -> None:
    head = "def long():\n" + "".join(f"    step_{n}()\n" for n in range(500))
    diffed = changes({"a.py": head.replace("step_250", "stop_250")}, {"a.py": head})
    text = windows.around(diffed.files[0], head, [at(252)])
    assert "step_200()" in text
    assert "step_100()" not in text


def test_secrets_of_the_file_are_masked() -> None:
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    head = f'def f():\n    token = "{key}"\n    call()\n'
    diffed = changes({"a.py": head.replace("call", "tell")}, {"a.py": head})
    assert key not in windows.around(redact.redact(diffed).files[0], head, [at(3)])


def test_changed_lines_elsewhere_that_share_a_name_are_listed() -> None:
    edit = changes({"b.py": ""}, {"b.py": "finish_everything()\nother = 1\n"})
    both = changes({"a.py": BASE, "b.py": ""}, {"a.py": HEAD, "b.py": "finish_everything()\nother = 1\n"})
    text = windows.Elsewhere(both).mentions([at(25, quote="    finish_everything()")])
    assert "b.py +1|finish_everything()" in text
    assert "other" not in text
    assert "finish" not in windows.Elsewhere(both).mentions([at(25, quote="    finish_everything_else()")])
    assert windows.Elsewhere(edit).mentions([at(1, quote="x = 1")]) == ""
