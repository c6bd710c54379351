from __future__ import annotations

import tracemalloc

import pytest

from reviewer.errors import DiffError
from reviewer.nouns.changeset import ChangeSet, FileChange, FileStatus, Line
from reviewer.stages import diff
from tests.bounds import no_endless_work

HEADER = b"diff --git a/x.py b/x.py\nindex 1111111..2222222 100644\n--- a/x.py\n+++ b/x.py\n"


def only(text: bytes) -> FileChange:
    (file,) = diff.parse(text).files
    return file


def round_trip(text: bytes) -> ChangeSet:
    changes = diff.parse(text)
    assert diff.parse(diff.unparse(changes).encode()) == changes
    return changes


def test_no_input_is_an_empty_change_set():
    assert diff.parse(b"") == ChangeSet()
    assert diff.parse(b"\n \n") == ChangeSet()
    assert diff.unparse(ChangeSet()) == ""


def test_lines_are_numbered_on_both_sides():
    file = only(HEADER + b"@@ -10,3 +20,3 @@ def f():\n a\n-b\n+B\n c\n")
    (hunk,) = file.hunks
    assert hunk.section == "def f():"
    assert hunk.lines == (
        Line(" ", "a", 10, 20),
        Line("-", "b", 11, None),
        Line("+", "B", None, 21),
        Line(" ", "c", 12, 22),
    )
    assert (file.old_mode, file.new_mode, file.added, file.removed) == ("100644", "100644", 1, 1)


def test_short_hunk_headers_mean_one_line():
    (hunk,) = only(HEADER + b"@@ -1 +1 @@\n-a\n+b\n").hunks
    assert (hunk.old_count, hunk.new_count) == (1, 1)


def test_counts_decide_not_what_a_line_looks_like():
    text = (
        HEADER + b"@@ -1,3 +1,3 @@\n--- a/other.py\n+++ b/other.py\n-@@ -1 +1 @@\n+diff --git a/y b/y\n \\ No newline\n"
    )
    (hunk,) = only(text).hunks
    assert [line.text for line in hunk.lines] == [
        "-- a/other.py",
        "++ b/other.py",
        "@@ -1 +1 @@",
        "diff --git a/y b/y",
        "\\ No newline",
    ]
    round_trip(text)


def test_no_newline_at_end_of_file_on_either_side_and_in_any_language():
    text = HEADER + b"@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ Kein Zeilenumbruch am Dateiende.\n"
    old, new = only(text).hunks[0].lines
    assert old.no_newline
    assert new.no_newline
    round_trip(text)


def test_carriage_returns_are_part_of_lines_but_not_of_headers():
    text = HEADER.replace(b"\n", b"\r\n") + b"@@ -1 +1 @@\r\n-a\r\n+b\r\n"
    file = only(text)
    assert file.path == "x.py"
    assert file.new_mode == "100644"
    assert [line.text for line in file.lines()] == ["a\r", "b\r"]


def test_empty_context_lines_may_have_lost_their_space():
    (hunk,) = only(HEADER + b"@@ -1,3 +1,3 @@\n-a\n+b\n\n c\n").hunks
    assert hunk.lines[2] == Line(" ", "", 2, 2)


def test_a_last_line_without_line_feed_is_read():
    assert only(HEADER + b"@@ -0,0 +1 @@\n+b").added == 1


def test_bytes_that_are_not_utf8_are_shown_and_survive():
    changes = round_trip(HEADER + b"@@ -1 +1 @@\n-caf\xe9\n+caf\xc3\xa9\n")
    assert [line.text for line in changes.files[0].lines()] == ["caf\\xe9", "café"]


def test_form_feeds_and_line_separators_do_not_split_lines():
    assert only(HEADER + "@@ -1 +1 @@\n-a\x0cb\u2028c\x85\n+b\x1c\n".encode()).changed_lines == 2


@pytest.mark.parametrize(
    ("header", "path", "old"),
    [
        (b"diff --git a/a b/c b/a b/c\nold mode 100644\nnew mode 100755\n", "a b/c", "a b/c"),
        (
            b'diff --git "a/\\303\\251\\t\\"x" "b/\\303\\251\\t\\"x"\nold mode 100644\nnew mode 100755\n',
            'é\t"x',
            'é\t"x',
        ),
        (b"diff --git x/y x/y\nold mode 100644\nnew mode 100755\n", "x/y", "x/y"),
        (b"diff --git i/x w/x\nold mode 100644\nnew mode 100755\n", "x", "x"),
        (b"diff --git c/a/x i/a/x\nold mode 100644\nnew mode 100755\n", "a/x", "a/x"),
        (
            b"diff --git a/" + b"x " * 300 + b"y b/" + b"x " * 300 + b"y\nold mode 100644\nnew mode 100755\n",
            "x " * 300 + "y",
            "x " * 300 + "y",
        ),
        (b"diff --git old/x fresh/x\nold mode 100644\nnew mode 100755\n", "x", "x"),
        (b"diff --git a/x y b/x z\nsimilarity index 100%\nrename from x y\nrename to x z\n", "x z", "x y"),
        (b"diff --git a/a/x a/b/x\nsimilarity index 90%\nrename from a/x\nrename to b/x\n", "b/x", "a/x"),
        (b'diff --git a/x "b/\\001"\nsimilarity index 100%\ncopy from x\ncopy to "\\001"\n', "\x01", "x"),
    ],
)
def test_names_are_found_in_every_header_git_writes(header: bytes, path: str, old: str):
    file = only(header)
    assert (file.path, file.old_path) == (path, old)
    round_trip(header)


def test_a_name_that_is_not_utf8_keeps_its_bytes():
    changes = round_trip(b'diff --git "a/caf\\351" "b/caf\\351"\nnew file mode 100644\nindex 0000000..e69de29\n')
    (file,) = changes.files
    assert (file.path, file.raw_path) == ("caf\\xe9", b"caf\xe9")
    assert (file.status, file.hunks) == (FileStatus.ADDED, ())


@pytest.mark.parametrize(
    ("marks", "path", "old", "status"),
    [
        (b"--- a/x.py\n+++ b/x.py\n", "x.py", "x.py", FileStatus.MODIFIED),
        (b"--- x.py\t2026-01-01 10:00:00\n+++ x.py\t2026-01-01 11:00:00\n", "x.py", "x.py", FileStatus.MODIFIED),
        (b"--- old/src/x.py\n+++ new/src/x.py\n", "src/x.py", "src/x.py", FileStatus.MODIFIED),
        (b"--- x.py.orig\n+++ x.py\n", "x.py", "x.py", FileStatus.MODIFIED),
        (b"--- /tmp/one.py\n+++ /srv/two.py\n", "srv/two.py", "tmp/one.py", FileStatus.RENAMED),
        (b"--- /dev/null\n+++ b/x.py\n", "x.py", None, FileStatus.ADDED),
        (b"--- a/x.py\n+++ /dev/null\n", "x.py", "x.py", FileStatus.DELETED),
        (b"--- old/x.py\t1970-01-01 00:00:00.0 +0000\n+++ new/x.py\t2026-01-01\n", "x.py", None, FileStatus.ADDED),
        (b'--- "a/a\\tb"\n+++ "b/a\\tb"\n', "a\tb", "a\tb", FileStatus.MODIFIED),
    ],
)
def test_a_plain_diff_needs_no_git_header(marks: bytes, path: str, old: str | None, status: FileStatus):
    old_range, new_range = (b"-0,0" if old is None else b"-1"), (b"+0,0" if status is FileStatus.DELETED else b"+1")
    lines = (b"" if old is None else b"-a\n") + (b"" if status is FileStatus.DELETED else b"+b\n")
    file = only(b"diff -u one two\n" + marks + b"@@ " + old_range + b" " + new_range + b" @@\n" + lines)
    assert (file.path, file.old_path, file.status) == (path, old, status)


def test_binary_files_in_both_forms():
    text = (
        b"diff --git a/x.png b/x.png\nindex 1111111..2222222 100644\nBinary files a/x.png and b/x.png differ\n"
        b"diff --git a/y.bin b/y.bin\nnew file mode 100644\nindex 0000000..2222222\nGIT binary patch\n"
        b"literal 5\nMcmZQzWMT#Y01f~L\n\nliteral 0\nHcmV?d00001\n\n"
        b"diff --git a/z b/z\nnew file mode 100644\nindex 0000000..1111111\n--- /dev/null\n+++ b/z\n@@ -0,0 +1 @@\n+a\n"
    )
    files = round_trip(text).files
    assert [(file.path, file.binary, file.changed_lines) for file in files] == [
        ("x.png", True, 0),
        ("y.bin", True, 0),
        ("z", False, 1),
    ]


def test_a_change_of_type_is_one_file():
    text = (
        b"diff --git a/x b/x\ndeleted file mode 120000\nindex 1111111..0000000\n--- a/x\n+++ /dev/null\n"
        b"@@ -1 +0,0 @@\n-target\n\\ No newline at end of file\n"
        b"diff --git a/x b/x\nnew file mode 100644\nindex 0000000..2222222\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+text\n"
    )
    (file,) = round_trip(text).files
    assert (file.status, file.old_mode, file.new_mode) == (FileStatus.TYPE_CHANGED, "120000", "100644")
    assert file.is_symlink
    assert file.changed_lines == 2


def test_a_submodule_is_a_pointer():
    file = only(
        b"diff --git a/lib b/lib\nindex 1111111..2222222 160000\n--- a/lib\n+++ b/lib\n"
        b"@@ -1 +1 @@\n-Subproject commit 1\n+Subproject commit 2\n"
    )
    assert file.is_submodule


def test_mail_and_log_text_around_a_patch_is_passed_over():
    mail = (
        b"From 0123456789 Mon Sep 17 00:00:00 2001\nSubject: x\n\n+ looks like a line\n- so does this\n---\n"
        b" x.py | 1 +\n\n" + HEADER + b"@@ -0,0 +1 @@\n+a\n-- \n2.39.5\n\n"
    )
    assert diff.parse(mail).changed_lines == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"hello\n", "line 1: this is not a unified diff"),
        (b"\xff\xfed\x00", "UTF-16"),
        (b"\x1b[1mdiff --git a/x b/x\x1b[m\n", "coloured"),
        (HEADER + b"\x1b[36m@@ -1 +1 @@\x1b[m\n", "first hunk"),
        (HEADER + b"@@ -1 +1 @@\n\x1b[31m-a\x1b[m\n", "line 6: the diff is coloured"),
        (HEADER + b"@@ -1,2 +1,2 @@\n a\n", "line 7: the diff is truncated"),
        (HEADER + b"@@ -1,2 +1,2 @@\n a\n?\n", "line 7: not what the hunk header promises"),
        (HEADER + b"@@ -1 +1,2 @@\n-a\n+b\ndiff --git a/y b/y\n", "line 8: not what the hunk header promises"),
        (HEADER + b"@@ -1 +1 @@\n-a\n+b\n+c\n", "line 8: the hunk above goes on longer"),
        (HEADER + b"@@ -5 +5 @@\n-a\n+b\n@@ -5 +5 @@\n-a\n+b\n", "line 8: the hunk overlaps"),
        (HEADER + b"@@ -0 +1 @@\n-a\n+b\n", "line 5: a hunk that begins at line 0"),
        (HEADER + b"@@ -1,99999999999 +1 @@\n-a\n", "line 5: a hunk header that cannot be read"),
        (HEADER, "first hunk"),
        (b"diff --git a/x b/x\nindex 1111111..2222222 100644\n", "truncated"),
        (b"diff --git a/x b/x\n--- a/x\n", "`---` without `+++`"),
        (b"diff --git a/x b/y\n", "name cannot be told"),
        (b"@@ -1 +1 @@\n-a\n+b\n", "without a file header"),
        (b"diff --cc x\nindex 1,2..3\n--- a/x\n+++ b/x\n@@@ -1 -1 +1 @@@\n- a\n -b\n++c\n", "combined diff"),
        (b"Submodule lib 111..222:\n  > x\n", "submodule"),
        (b"Only in old: x.py\n", "one side only"),
        (b"--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n", "both sides"),
        (2 * (HEADER + b"@@ -1 +1 @@\n-a\n+b\n"), "appears twice"),
        (b"diff --git a/x b/x\nnew file mode 100644\nGIT binary patch\n", "binary patch without its data"),
    ],
)
def test_what_cannot_be_accounted_for_is_refused_with_a_hint(text: bytes, says: str):
    with pytest.raises(DiffError, match=says.replace("+", "\\+")) as caught:
        diff.parse(text)
    assert caught.value.exit_code == 3
    assert caught.value.hint


def test_hundred_thousand_lines_are_read():
    hunks = b"".join(
        b"@@ -%d,4 +%d,8 @@ def handler():\n" % (1 + 10 * i, 1 + 14 * i)
        + b" context\n-    removed = line(%d)\n" % i * 2
        + b" context\n" * 0
        + b"+    added = another_line_of_code(%d, with_arguments=True)\n" % i * 6
        for i in range(12_500)
    )
    text = HEADER + hunks
    with no_endless_work():
        changes = diff.parse(text)
    assert changes.changed_lines == 100_000
    assert diff.unparse(changes).encode().endswith(hunks)


def test_a_line_of_a_megabyte_costs_a_megabyte():
    text = HEADER + b"@@ -0,0 +1 @@\n+" + b"x" * 1_000_000 + b"\n"
    tracemalloc.start()
    diff.parse(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6_000_000
