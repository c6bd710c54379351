"""An Actions event names its pull request, or says why it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reviewer.errors import ReviewerError, SourceError, UsageError
from reviewer.github import PullReference
from reviewer.sources.actions_event import load, parse, read
from tests.fakes.github import shapes
from tests.fakes.github.server import FakeGitHub

HERE = PullReference("octo/shop", 7)


def pull_event(github: FakeGitHub, **more: Any) -> dict[str, Any]:
    pull = github.state.open({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"})
    payload = {"action": "synchronize", "number": 7, "pull_request": shapes.pull(github.state, pull)}
    return {**payload, "repository": {"full_name": "octo/shop"}, "sender": {"login": "ada"}, **more}


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_a_pull_request_event_carries_all_but_the_diff(github: FakeGitHub, tmp_path: Path, event: str) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(pull_event(github)))
    trigger = read(file, event, "octo/shop")
    raw = load(trigger, client=github.client())
    assert trigger.reference == HERE
    assert raw.target.head_sha == github.state.pulls[7].head
    assert len(github.calls) == 1


@pytest.mark.parametrize("name", ["pr", "pr_number", "number"])
@pytest.mark.parametrize("value", ["7", "#7", "octo/shop#7", "https://github.com/octo/shop/pull/7/files"])
def test_a_dispatch_names_it_in_an_input(name: str, value: str) -> None:
    assert parse({"inputs": {name: value}}, "workflow_dispatch", "octo/shop").reference[:2] == HERE[:2]


def test_a_comment_on_a_pull_request(github: FakeGitHub) -> None:
    payload = {
        "action": "created",
        "issue": {"number": 7, "pull_request": {}},
        "comment": {"id": 5},
        "sender": {"login": "m"},
    }
    trigger = parse(payload, "issue_comment", "octo/shop")
    assert (trigger.reference, trigger.comment_id, trigger.comment_in_thread) == (HERE, 5, False)
    github.state.open({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"})
    assert load(trigger, client=github.client()).target.number == 7


def test_a_workflow_run_names_the_pull_request_it_ran_for() -> None:
    payload = {"workflow_run": {"pull_requests": [{"number": 7}]}}
    assert parse(payload, "workflow_run", "octo/shop").reference == HERE


@pytest.mark.parametrize(
    ("payload", "event", "error"),
    [
        ({}, "push", SourceError),
        ({}, "pull_request", SourceError),
        ({"pull_request": {"number": 7}}, "pull_request", SourceError),
        ({"pull_request": {"number": "7; rm -rf"}}, "pull_request", SourceError),
        ({"pull_request": {"number": True}}, "pull_request", SourceError),
        ({"issue": {"number": 7}}, "issue_comment", SourceError),
        ({"inputs": {}}, "workflow_dispatch", UsageError),
        ({"inputs": {"pr": "seven"}}, "workflow_dispatch", UsageError),
        ({"inputs": {"pr": "0"}}, "workflow_dispatch", UsageError),
        ({"workflow_run": {"pull_requests": []}}, "workflow_run", SourceError),
    ],
)
def test_other_events_say_what_to_do(payload: dict[str, Any], event: str, error: type[ReviewerError]) -> None:
    with pytest.raises(error) as caught:
        parse(payload, event, "octo/shop")
    assert caught.value.hint


@pytest.mark.parametrize("content", ["", "[]", "{", "nul", "[" * 100_000])
def test_a_broken_event_file(tmp_path: Path, content: str) -> None:
    file = tmp_path / "event.json"
    file.write_text(content)
    with pytest.raises(SourceError, match="event file"):
        read(file, "pull_request", "octo/shop")
    with pytest.raises(SourceError, match="cannot be read"):
        read(tmp_path / "missing.json", "pull_request", "octo/shop")
