"""Laws of the diff stage, held against git itself and against whatever hypothesis thinks of."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer.errors import DiffError
from reviewer.nouns.changeset import ChangeSet, FileChange, FileStatus, Hunk, Line
from reviewer.stages import diff
from tests.gitrepo import GitRepo

slow = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Names git finds awkward: spaces, tabs, quotes, backslashes, leading dashes, not UTF-8, looking like prefixes or marks.
NAMES = st.sampled_from(
    [
        b"a",
        b"b",
        b"a b",
        b"a/b",
        b"b/a b",
        b"tab\there",
        b'"q"',
        b"back\\slash",
        b"-dash",
        b"caf\xc3\xa9",
        b"caf\xe9",
        b"new\nline",
        b"d/dev/null",
        b"x => y",
        b"{x}",
        b" lead",
        b"trail ",
        b"rename from",
        b"@@ -1 +1 @@",
        b"\x01",
        b"#",
    ]
)
LINES = st.sampled_from(
    [
        b"",
        b"a",
        b"b",
        b"-- x",
        b"++ x",
        b"@@ -1 +1 @@",
        b"diff --git a/x b/x",
        b"\\ No newline at end of file",
        b"\r",
        b"tr\r",
        b"caf\xe9",
        b"\xe2\x80\xa8",
        b"\x0c",
        b"  ",
        b"--- a/x",
        b"+++ b/x",
        b"Subproject commit 1",
        b"\x1b[31mred",
    ]
)
CONTENTS = st.one_of(
    st.lists(LINES, max_size=12).map(b"\n".join),
    st.lists(LINES, max_size=30).map(lambda lines: b"".join(line + b"\n" for line in lines)),
    st.sampled_from([b"", b"\0binary", b"x" * 3000 + b"\n"]),
)
NODES = st.tuples(st.sampled_from(["file", "file", "file", "exec", "link", "submodule"]), CONTENTS)
TREES = st.dictionaries(NAMES, NODES, max_size=7)


OPTIONS = st.sampled_from(
    [["-M"], ["-C", "-C"], ["--no-renames"], ["--no-prefix"], ["--binary"], ["-U0"], ["-U99"], ["-B"], ["--patience"]]
)
MODES = {"file": "100644", "exec": "100755", "link": "120000", "submodule": "160000"}


@pytest.fixture(scope="module")
def repo(tmp_path_factory) -> GitRepo:
    return GitRepo(tmp_path_factory.mktemp("laws") / "repo")


def lay(repo: GitRepo, *trees: dict[bytes, tuple[str, bytes]]) -> list[str]:
    """Commits with exactly these trees: written as objects, so that any name and mode goes."""
    stream = b"".join(map(_commit, trees, range(len(trees))))
    repo.git("fast-import", "--quiet", "--force", stdin=stream)
    return [f"refs/heads/t{index}" for index in range(len(trees))]


def _commit(tree: dict[bytes, tuple[str, bytes]], index: int) -> bytes:
    parts = [
        b"reset refs/heads/t%d\ncommit refs/heads/t%d\ncommitter A <a@b> 0 +0000\ndata 0\ndeleteall\n" % (index, index)
    ]
    for name, (kind, content) in sorted(tree.items()):
        quoted = b'"' + b"".join(b"\\%03o" % byte for byte in name) + b'"'
        if kind == "submodule":
            parts.append(b"M 160000 %s %s\n" % (hashlib.sha1(content).hexdigest().encode(), quoted))
        else:
            data = (content.replace(b"\0", b"")[:50] or b"x") if kind == "link" else content
            parts.append(b"M %s inline %s\ndata %d\n%s\n" % (MODES[kind].encode(), quoted, len(data), data))
    return b"".join(parts) + b"\n"


@slow
@given(TREES, TREES, st.data(), OPTIONS)
def test_our_numbers_are_gits_numbers(repo, before, after, data, options):
    keep = data.draw(st.lists(st.sampled_from(sorted(before)), unique=True)) if before else []
    moved = {data.draw(NAMES): before[name] for name in keep}  # exact renames and copies
    old, new = lay(repo, before, {**after, **moved})
    changes = diff.parse(repo.git("diff", *options, old, new))
    ours = {file.raw_path or file.path.encode(): (file.added, file.removed) for file in changes.files}
    shape = [option for option in options if option in {"-M", "-C", "--no-renames", "-B", "--patience"}]
    theirs = repo.numstat(*shape, old, new)
    retyped = {file.raw_path or file.path.encode() for file in changes.files if file.status is FileStatus.TYPE_CHANGED}
    assert ours.keys() == theirs.keys()
    for name in ours.keys() - retyped:  # there, numstat compares a link's target with a file's text
        assert ours[name] == (theirs[name] or (0, 0))
    shown_binary = {file.raw_path or file.path.encode() for file in changes.files if file.binary}
    assert shown_binary <= {name for name, count in theirs.items() if count is None}
    assert diff.parse(diff.unparse(changes).encode()) == changes


@slow
@given(TREES, TREES)
def test_what_we_write_applies(repo, before, after):
    """git takes our text for the same change: applied to the old tree, it makes the new one."""
    before, after = (
        {
            name: (kind, body.replace(b"\0", b"").replace(b"\xe9", b"e"))
            for name, (kind, body) in tree.items()
            if kind != "submodule"
        }
        for tree in (before, after)
    )
    old, new = lay(repo, before, after)
    ours = diff.unparse(diff.parse(repo.git("diff", old, new))).encode()
    repo.git("read-tree", old)
    if ours:
        repo.git("apply", "--cached", "--whitespace=nowarn", "-", stdin=ours)
    assert repo.git("write-tree") == repo.git("rev-parse", f"{new}^{{tree}}")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 60))
def test_damaged_input_is_a_diff_or_a_diff_error(noise, at, cut):
    whole = (
        b"diff --git a/x b/x\nsimilarity index 90%\nrename from x\nrename to y\nindex 1111111..2222222 100644\n"
        b"--- a/x\n+++ b/y\n@@ -1,2 +1,3 @@ f\n a\n-b\n+c\n+d\n\\ No newline at end of file\n"
        b'diff --git "a/\\351" "b/\\351"\nBinary files "a/\\351" and "b/\\351" differ\n'
    )
    try:
        changes = diff.parse(whole[:at] + noise + whole[at + cut :])
    except DiffError:
        return
    assert diff.parse(diff.unparse(changes).encode()).changed_lines == changes.changed_lines


PATHS = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=8).filter(
    lambda path: path not in {".", ".."}
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=12)


@st.composite
def hunks(draw):
    kinds = draw(st.lists(st.sampled_from(" +-"), min_size=1, max_size=8))
    old = new = start = draw(st.integers(1, 50))
    lines = []
    for kind in kinds:
        lines.append(Line(kind, draw(TEXTS), old if kind != "+" else None, new if kind != "-" else None))
        old, new = old + (kind != "+"), new + (kind != "-")
    lines[-1] = lines[-1]._replace(no_newline=draw(st.booleans()))
    return Hunk(start, old - start, start, new - start, draw(TEXTS).strip(), tuple(lines))


@st.composite
def files(draw, path: str):
    status = draw(st.sampled_from([FileStatus.MODIFIED, FileStatus.RENAMED, FileStatus.COPIED]))
    old_path = path if status is FileStatus.MODIFIED else "old " + path
    mode = draw(st.sampled_from([None, "100644", "100755"]))
    return FileChange(path, status, (draw(hunks()),), old_path, mode, mode, similarity=None if old_path == path else 90)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_reading_undoes_writing(data):
    names = data.draw(st.lists(PATHS, unique=True, max_size=4))
    changes = ChangeSet(tuple(data.draw(files(name)) for name in names))
    assert diff.parse(diff.unparse(changes).encode()) == changes
