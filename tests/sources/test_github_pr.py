"""A pull request reads the same whatever way its diff and files can be had."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.errors import SourceError
from reviewer.github import pull_reference
from reviewer.github.pulls import fetch
from reviewer.nouns.source import RawChange
from reviewer.sources.github_pr import load
from reviewer.stages.diff import parse
from tests.fakes.github.faults import Fault, What
from tests.fakes.github.rest import Limits
from tests.fakes.github.server import FakeGitHub

LONG = "".join(f"value_{n} = {n}\n" for n in range(400))
BASE = {
    ".github/design-reviewer.yml": "language: en\n",
    "app/orders.py": "".join(f"line {n}\n" for n in range(60)),
    "app/old name.py": "".join(f"moved {n}\n" for n in range(30)),
    "app/gone.py": "gone = True\n",
    "app/crlf.py": "a = 1\r\nb = 2\r\n",
    "app/tail.py": "no newline",
    "app/big.py": LONG,
    "logo.bin": b"\0\1\2" * 50,
    "untouched.py": "u = 1\n",
}
HEAD = {
    "app/orders.py": "".join(f"line {n}\n" for n in range(60))
    .replace("line 5\n", "line five\n")
    .replace("line 50\n", ""),
    "app/old name.py": None,
    "app/new name.py": "".join(f"moved {n}\n" for n in range(30)).replace("moved 3\n", "moved three\n"),
    "app/gone.py": None,
    "app/crlf.py": "a = 1\r\nb = 3\r\n",
    "app/tail.py": "no newline at all",
    "app/big.py": LONG.replace("value_", "v_"),
    "app/new.py": "n = 1\n",
    "app/ünï.py": "u = 'é'\n",
    "logo.bin": b"\0\1\3" * 50,
    "migrations/0001.sql": "ALTER TABLE orders ADD COLUMN paid boolean NOT NULL;\n",
}


def open_pull(github: FakeGitHub) -> None:
    github.state.open(BASE, HEAD)


def read(github: FakeGitHub, repo: Path | None = None) -> RawChange:
    client = github.client()
    return load(fetch(client, pull_reference("octo/shop#7")), client=client, repo=repo)


def the_change(raw: RawChange) -> dict[str, object]:
    """The change set, without what GitHub's file listing never says: how similar a renamed file is."""
    parsed = parse(raw.diff)
    files = (replace(file, similarity=None) for file in parsed.files)
    return {file.path: file for file in files}


def test_the_diff_comes_in_two_calls(github: FakeGitHub) -> None:
    open_pull(github)
    raw = read(github)
    assert len(github.calls) == 2
    assert {file.path for file in parse(raw.diff).files} >= {
        "app/orders.py",
        "app/gone.py",
        "app/new name.py",
        "app/ünï.py",
    }
    assert (raw.target.repository, raw.target.number) == ("octo/shop", 7)
    assert raw.target.head_sha == github.state.pulls[7].head
    assert raw.text.title == "Charge orders"


@pytest.fixture
def small(tmp_path: Path) -> FakeGitHub:
    """A GitHub that refuses any diff, and lists no patch of more than 100 lines."""
    return FakeGitHub(tmp_path / "small", limits=Limits(diff_lines=3, patch_lines=100))


@pytest.mark.parametrize("graphql", [True, False])
def test_a_diff_put_together_from_files_is_the_same_change(
    github: FakeGitHub, small: FakeGitHub, graphql: bool
) -> None:
    open_pull(github)
    with small as fake:
        fake.graphql = graphql
        open_pull(fake)
        raw = read(fake)
        assert the_change(raw) == the_change(read(github))
        assert raw.skips == ()
        assert "too large" in raw.notices[0]
        assert fake.violations == []


def test_local_objects_give_the_same_change_without_a_listing(
    github: FakeGitHub, small: FakeGitHub, tmp_path: Path
) -> None:
    open_pull(github)
    with small as fake:
        open_pull(fake)
        raw = read(fake, fake.state.checkout(fake.state.pulls[7], tmp_path / "clone"))
        assert the_change(raw) == the_change(read(github))
        assert not fake.sent("GET", "/files")
        assert raw.head.read("app/new.py") == b"n = 1\n"


def test_files_beyond_the_listing_are_found_in_the_trees(github: FakeGitHub, tmp_path: Path) -> None:
    open_pull(github)
    with FakeGitHub(tmp_path / "few", limits=Limits(diff_lines=3, pull_files=8)) as fake:
        open_pull(fake)
        raw = read(fake)
        listed = {file.path for file in parse(raw.diff).files}
        assert listed == {file.path for file in parse(read(github).diff).files}
        assert raw.skips == ()


def test_a_file_that_cannot_be_had_is_a_skip_in_scope(tmp_path: Path) -> None:
    with FakeGitHub(tmp_path, limits=Limits(diff_lines=3, patch_lines=100), graphql=False) as fake:
        fake.state.open({**BASE, "app/huge.py": "x\n" * 600_000}, {**HEAD, "app/huge.py": "y\n" * 600_000})
        raw = read(fake)
        assert [(skip.path, skip.in_scope, skip.lines) for skip in raw.skips] == [("app/huge.py", True, 1_200_000)]
        assert "app/big.py" in the_change(raw)


def test_both_trees_come_with_one_query(github: FakeGitHub) -> None:
    open_pull(github)
    raw = read(github)
    before = len(github.calls)
    assert raw.base.read(".github/design-reviewer.yml") == b"language: en\n"
    assert raw.base.read(".gitattributes") is None
    assert raw.head.read("app/orders.py") == HEAD["app/orders.py"].encode()
    assert raw.base.read("app/orders.py") == BASE["app/orders.py"].encode()
    assert raw.base.read_many(["app/gone.py", "app/crlf.py"]) == {
        "app/gone.py": b"gone = True\n",
        "app/crlf.py": b"a = 1\r\nb = 2\r\n",
    }
    assert len(github.calls) == before + 1


def test_trees_without_graphql_read_file_by_file_within_their_allowance(github: FakeGitHub) -> None:
    github.graphql = False
    open_pull(github)
    raw = read(github)
    assert raw.base.read(".github/design-reviewer.yml") == b"language: en\n"
    assert raw.base.read(".gitattributes") is None
    got = [path for path in HEAD if raw.head.read(path) is not None]
    assert 1 <= len(got) <= 4
    assert len(github.calls) <= 12


def test_paths_are_listed_once(github: FakeGitHub) -> None:
    open_pull(github)
    raw = read(github)
    before = len(github.calls)
    assert "untouched.py" in raw.head.paths()
    assert "app/gone.py" not in raw.head.paths()
    assert len(github.calls) == before + 1


def test_links_are_not_followed(github: FakeGitHub) -> None:
    base = github.state.git.commit({"a.py": "x = 1\n"})
    head = github.state.git.commit({"a.py": "x = 2\n", "secret": "/etc/passwd"}, base, modes={"secret": "120000"})
    github.state.open({"z": "z"}, {"z": "y"})
    github.state.pulls[7].base, github.state.pulls[7].head = base, head
    raw = read(github)
    assert "secret" not in raw.head.paths()
    assert raw.head.read("secret") is None
    assert raw.head.read("../../etc/passwd") is None


def test_a_pull_request_that_is_not_there(github: FakeGitHub) -> None:
    with pytest.raises(SourceError, match=r"octo/shop#7 cannot be read") as caught:
        read(github)
    assert caught.value.hint


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("what", [What.DROP_BEFORE, What.ERROR_BEFORE, What.TRUNCATE, What.SECONDARY, What.TOO_MANY])
def test_reading_survives_any_single_fault(github: FakeGitHub, call: int, what: What) -> None:
    open_pull(github)
    github.faults.append(Fault(what, call=call))
    assert len(parse(read(github).diff).files) == 10


def test_an_enterprise_server_is_read_under_its_prefix(tmp_path: Path) -> None:
    with FakeGitHub(tmp_path, prefix="/api/v3") as fake:
        open_pull(fake)
        raw = read(fake)
        assert len(parse(raw.diff).files) == 10
        assert all(call.path.startswith("/api/v3/") for call in fake.calls)


def test_files_that_could_not_be_had_ahead_are_asked_for_when_they_are_wanted(github: FakeGitHub) -> None:
    open_pull(github)
    client = github.client()
    pull = fetch(client, pull_reference("octo/shop#7"))
    assert client.query("{ viewer { login } }", {}) is not None  # so that files are asked for ahead
    github.faults.append(Fault(What.DROP_BEFORE, method="POST", path="/graphql", times=4))
    raw = load(pull, client=client)
    for thread in threading.enumerate():
        if thread.name == "ahead":
            thread.join(20)
    failed = len(github.sent("POST", "/graphql"))
    assert raw.base.read(".github/design-reviewer.yml") == BASE[".github/design-reviewer.yml"].encode()  # type: ignore[attr-defined]
    assert raw.head.read("app/new.py") == b"n = 1\n"
    assert len(github.sent("POST", "/graphql")) == failed + 1
