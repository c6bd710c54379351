"""The engine in its own process says what it says in this one, and costs no review when it fails."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from reviewer.ahead import head_start
from reviewer.child import Child, Pipe, without_secrets
from reviewer.errors import SourceError, UsageError
from reviewer.evidence.apart import Apart
from reviewer.evidence.engine import examine
from reviewer.evidence.worker import get_ready
from reviewer.nouns.plan import Switches
from reviewer.nouns.signal import Evidence
from reviewer.nouns.source import EmptyTree, Tree
from reviewer.world import World
from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import BOT
from tests.stages.trees import CountingTree, changes

BASE = {"requirements.txt": "django\npsycopg2\n", "app/a.py": "import requests\n", "app/old.py": "def f():\n    pass\n"}
HEAD = {
    "requirements.txt": "django\npsycopg2\n",
    "app/a.py": "import requests\n\ndef pay(url):\n    return requests.get(url)\n",
    "db/migrations/001_x.sql": "ALTER TABLE orders ADD COLUMN x integer NOT NULL;\n",
}


class Unreadable(EmptyTree):
    """A tree whose server is down."""

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        raise SourceError("down", "Try again.")

    def paths(self) -> Sequence[str]:
        return ["a"]


@contextmanager
def started(environment: Mapping[str, str] | None = None) -> Iterator[Apart]:
    with Child("reviewer.evidence.worker", environment or {}) as child:
        yield Apart(child)


def apart(engine: Apart, *, head: Tree | None = None, rules: tuple[tuple[str, bytes], ...] = ()) -> Evidence:
    change = changes(BASE, HEAD)
    tree = head or CountingTree(HEAD)
    return engine(
        change, everything=change, base=CountingTree(BASE), head=tree, switches=Switches(), user_rules=rules
    )()


def test_the_evidence_is_the_same_in_both_processes() -> None:
    change = changes(BASE, HEAD)
    here = examine(change, everything=change, base=CountingTree(BASE), head=CountingTree(HEAD), switches=Switches())
    assert {signal.hazard for signal in here.signals} >= {"http-call-no-timeout", "migration-add-required-column"}
    with started() as engine:
        assert apart(engine) == here


def test_what_the_engine_raises_is_raised_here() -> None:
    with started() as engine, pytest.raises(UsageError, match=r"broken\.yml") as caught:
        apart(engine, rules=(("broken.yml", b"id: [\n"),))
    assert caught.value.hint


def test_a_tree_that_cannot_be_read_is_an_error_here() -> None:
    with started() as engine, pytest.raises(SourceError, match="down"):
        apart(engine, head=Unreadable())


def test_an_engine_that_died_costs_the_evidence_and_says_so() -> None:
    with started() as engine:
        engine._child.kill()
        evidence = apart(engine)
    assert not evidence.signals
    assert {skip.path for skip in evidence.skips} == {"app/a.py", "app/old.py", "db/migrations/001_x.sql"}
    assert "signal 9" in evidence.notices[0]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_engine_holds_no_key() -> None:
    environment = {"PATH": "/bin", "OPENAI_API_KEY": "sk-1", "GITHUB_TOKEN": "t", "DB_PASSWORD": "p"}
    with started(without_secrets(environment)) as engine:
        assert apart(engine).signals  # it has started by now: before, /proc may still show what it was forked from
        held = Path(f"/proc/{engine._child.pid}/environ").read_bytes()
    assert held.startswith(b"PATH=/bin")
    assert b"sk-1" not in held
    assert b"TOKEN" not in held
    assert b"PASSWORD" not in held


@pytest.mark.parametrize(
    ("command", "flags", "environment", "named"),
    [
        ("review", {"provider": "openai"}, {}, "openai"),
        ("review", {}, {"ANTHROPIC_API_KEY": "k"}, "anthropic"),
        ("review", {}, {"DESIGN_REVIEWER_PROVIDER": "anthropic"}, "anthropic"),
        ("review", {"batch": True}, {"OPENAI_API_KEY": "k"}, "openai"),
        ("review", {}, {}, ""),
        ("review", {"provider": "offline"}, {"ANTHROPIC_API_KEY": "k"}, ""),
        ("review", {"provider": "openai", "dry_run": True}, {}, ""),
        ("explain", {}, {"ANTHROPIC_API_KEY": "k"}, ""),
    ],
)
def test_a_process_is_started_only_where_a_model_will_be_asked(
    command: str, flags: Mapping[str, object], environment: Mapping[str, str], named: str, tmp_path: Path
) -> None:
    starts = bool(named)
    world = World(environment, tmp_path, io.BytesIO(), io.StringIO(), io.StringIO())
    with head_start(command, flags, world) as begun:
        assert (begun.engine is not None) == starts
        assert (begun.aside is not None) == (starts and not flags.get("batch"))
        if begun.aside is not None:
            assert begun.aside.provider == named


def test_a_process_gets_ready_only_until_its_job_is_there() -> None:
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as source, os.fdopen(theirs, "wb") as sink:
        pipe = Pipe(source, sink)
        taken: list[str] = []
        get_ready(pipe, [lambda: taken.append("first"), lambda: pipe.send("job"), lambda: taken.append("too late")])
        assert taken == ["first"]
        assert pipe.receive() == "job"


def test_a_process_is_ready_for_every_language_before_its_job_comes() -> None:
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as source, os.fdopen(theirs, "wb") as sink:
        get_ready(Pipe(source, sink))
    assert "sqlglot" in sys.modules


def test_a_pull_request_is_on_its_way_before_the_command_runs(github: FakeGitHub, tmp_path: Path) -> None:
    github.state.open({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"})
    environment = {"GITHUB_API_URL": github.url, "GITHUB_TOKEN": github.token(BOT)}
    world = World(environment, tmp_path, io.BytesIO(), io.StringIO(), io.StringIO())
    with head_start("review", {"pr": "octo/shop#7", "post": True}, world) as begun:
        assert begun.arriving is not None
        arrived = begun.arriving.result(20)
    assert arrived.change.diff.startswith(b"diff --git")
    assert arrived.pull.head_sha == github.state.pulls[7].head
    arrived.client.close()


@pytest.mark.parametrize(
    ("flags", "hint"),
    [({"pr": "octo/shop#7", "post": True}, "permissions"), ({"pr": "not a pull request"}, "OWNER/REPO")],
)
def test_what_is_wrong_with_a_pull_request_is_told_by_the_command(
    flags: Mapping[str, object], hint: str, tmp_path: Path
) -> None:
    world = World({}, tmp_path, io.BytesIO(), io.StringIO(), io.StringIO())
    with head_start("review", flags, world) as begun:
        assert begun.arriving is not None
        with pytest.raises(UsageError) as caught:
            begun.arriving.result(20)
    assert hint in caught.value.hint


def test_a_process_that_cannot_look_for_its_job_waits_for_it() -> None:
    taken: list[str] = []
    get_ready(Pipe(io.BytesIO(), io.BytesIO()), [lambda: taken.append("never")])
    assert taken == []
