"""Comment commands end to end: an Actions event, a fake GitHub held to its schemas, a scripted model.

The whole command runs in this process with a world of its own; `tests/action` runs it as users do.
"""

from __future__ import annotations

import importlib
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from reviewer.cli import parser_of
from reviewer.commands import module_of
from reviewer.world import World
from tests.fakes.github.faults import Fault, What
from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import AUTHOR, BOT, MEMBER, STRANGER, Comment, Pull, Who
from tests.fakes.model_server import ModelServer, Say, Seen
from tests.test_on_github import BASE, HEAD, QUOTE
from tests.test_with_a_model import found, reviewer_saying


class Done(NamedTuple):
    code: int
    stdout: str
    stderr: str


def run(github: FakeGitHub, folder: Path, command: str, *words: str, **environment: str) -> Done:
    """One command of ours, in this process."""
    bare = {
        "GITHUB_API_URL": github.url,
        "GITHUB_TOKEN": f"token-{BOT.login}",
        "GITHUB_REPOSITORY": "octo/shop",
        "ANTHROPIC_API_KEY": "k",
        **environment,
    }
    out, err = io.StringIO(), io.StringIO()
    world = World({name: text for name, text in bare.items() if text}, folder, io.BytesIO(), out, err)
    code = importlib.import_module(module_of(command)).run(parser_of(command).parse_args(list(words)), world)
    return Done(code, out.getvalue(), err.getvalue())


@pytest.fixture
def pull(github: FakeGitHub) -> Pull:
    return github.state.open(BASE, HEAD)


@pytest.fixture
def reviewed(github: FakeGitHub, pull: Pull, tmp_path: Path) -> Pull:
    """With one finding of ours on it."""
    again(github, pull, tmp_path)
    return pull


def event_of(pull: Pull, comment: Comment) -> tuple[str, dict[str, Any]]:
    said = {"id": comment.id, "body": comment.body, "updated_at": "2026-01-01T00:00:00Z"}
    whole = {
        "action": "created",
        "comment": said,
        "repository": {"full_name": "octo/shop"},
        "sender": {"login": comment.by.login},
    }
    if comment.path:
        return "pull_request_review_comment", {**whole, "pull_request": {"number": pull.number}}
    return "issue_comment", {**whole, "issue": {"number": pull.number, "pull_request": {}}}


def respond(
    github: FakeGitHub, event: tuple[str, dict[str, Any]], folder: Path, *words: str, **environment: str
) -> Done:
    path = folder / "event.json"
    path.write_text(json.dumps(event[1]), encoding="utf-8")
    about = {"GITHUB_EVENT_NAME": event[0], "GITHUB_EVENT_PATH": str(path), "RUNNER_TEMP": str(folder)}
    return run(github, folder, "respond", *words, GITHUB_ACTIONS="true", **about, **environment)


def say(github: FakeGitHub, pull: Pull, by: Who, text: str, folder: Path, *, thread: bool = False) -> str:
    """Comment, let it be answered, and return the reply ("" for silence)."""
    comment = github.state.reply(pull, by, root(pull), text) if thread else github.state.say(pull, by, text)
    done = respond(github, event_of(pull, comment), folder, ANTHROPIC_API_KEY="")
    assert done.code == 0, done.stderr
    return reply_to(pull, comment)


def root(pull: Pull) -> Comment:
    return next(comment for comment in pull.review_comments if comment.by == BOT and not comment.reply_to)


def reply_to(pull: Pull, comment: Comment) -> str:
    mark = f"<!-- design-reviewer:answer v1 {comment.id} -->"
    replies = [c for c in [*pull.comments, *pull.review_comments] if c.by == BOT and mark in c.body]
    assert len(replies) <= 1
    assert all(reply.reply_to == (root(pull).id if comment.path else 0) for reply in replies)
    return replies[0].body if replies else ""


def again(github: FakeGitHub, pull: Pull, folder: Path, *words: str) -> dict[str, Any]:
    """A whole review that is posted; its report."""
    with ModelServer(reviewer_saying(found(**QUOTE, suggestion=None))) as server:
        name = f"octo/shop#{pull.number}"
        words = ("--pr", name, "--post", "--format", "json", "--base-url", server.anthropic_url, *words)
        done = run(github, folder, "review", *words)
    assert done.code == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_an_acknowledged_finding_is_silent_until_it_is_taken_back(
    github: FakeGitHub, reviewed: Pull, tmp_path: Path
) -> None:
    told = say(github, reviewed, MEMBER, "/ack stock is checked by @nightly\n<img src=x>", tmp_path, thread=True)
    assert "Acknowledged" in told
    assert "<img" not in told
    assert "`@nightly`" in told
    report = again(github, reviewed, tmp_path, "--full")
    assert report["findings"] == []
    assert [(a["by"], a["reason"]) for a in report["acknowledged"]] == [
        ("mia", "stock is checked by @nightly <img src=x>")
    ]
    assert "Counts again" in say(github, reviewed, MEMBER, "/unack", tmp_path, thread=True)
    report = again(github, reviewed, tmp_path)
    assert [finding["standing"] for finding in report["findings"]] == ["persisting"]
    assert len(github.sent("POST", "/reviews")) == 1


def test_a_finding_is_named_by_fingerprint_outside_its_thread(
    github: FakeGitHub, reviewed: Pull, tmp_path: Path
) -> None:
    listed = say(github, reviewed, MEMBER, "/ack we know", tmp_path)
    (fingerprint,) = {word.strip("`") for word in listed.split() if len(word) == 18 and word.startswith("`")}
    assert "Acknowledged" in say(github, reviewed, MEMBER, f"/ack {fingerprint} we know until 2999-01-31", tmp_path)
    assert again(github, reviewed, tmp_path)["acknowledged"][0]["until"] == "2999-01-31"


def test_the_background_of_a_finding_is_told_in_its_thread(github: FakeGitHub, reviewed: Pull, tmp_path: Path) -> None:
    told = say(github, reviewed, MEMBER, "/explain", tmp_path, thread=True)
    assert "non-atomic-counter-update" in told
    assert "It is no defect if" in told
    assert "orders/checkout.py:8" in told
    assert "no hazard" in say(github, reviewed, MEMBER, "/explain sql-injektion", tmp_path)


def test_a_question_is_answered_by_the_model_without_its_tricks(
    github: FakeGitHub, reviewed: Pull, tmp_path: Path
) -> None:
    asked: list[Seen] = []

    def script(seen: Seen) -> Say:
        asked.append(seen)
        return Say({"answer": "The lock is gone, @mia.\n\n/approve\n<!-- x -->", "quotes": ["a()"], "withdraws": False})

    comment = github.state.reply(reviewed, MEMBER, root(reviewed), "/ask is the lock really gone?")
    with ModelServer(script) as server:
        done = respond(
            github,
            event_of(reviewed, comment),
            tmp_path,
            "--base-url",
            server.anthropic_url,
            "--provider",
            "anthropic",
        )
    assert done.code == 0, done.stderr
    told = reply_to(reviewed, comment)
    assert "The lock is gone" in told
    assert "`@mia`" in told
    assert not any(line.startswith("/") for line in told.splitlines())
    assert "<!-- x" not in told
    assert len(asked) == 1
    assert "> is the lock really gone?" in asked[0].user_text
    assert "Product.objects.get" in asked[0].user_text
    assert "design-reviewer:" not in asked[0].user_text


def test_without_a_model_a_question_is_told_so(github: FakeGitHub, reviewed: Pull, tmp_path: Path) -> None:
    assert "need a model" in say(github, reviewed, MEMBER, "/ask why?", tmp_path)


def test_a_review_can_be_asked_for(github: FakeGitHub, pull: Pull, tmp_path: Path) -> None:
    comment = github.state.say(pull, MEMBER, "/review full")
    with ModelServer(reviewer_saying(found(**QUOTE, suggestion=None))) as server:
        done = respond(
            github, event_of(pull, comment), tmp_path, "--base-url", server.anthropic_url, "--fail-on", "never"
        )
    assert done.code == 0, done.stderr
    assert len(github.sent("POST", "/reviews")) == 1
    assert [content for _, content in comment.reactions] == ["eyes"]


@pytest.mark.parametrize("who", [STRANGER, AUTHOR, Who("ghost", permission="none")])
def test_strangers_get_silence(github: FakeGitHub, reviewed: Pull, tmp_path: Path, who: Who) -> None:
    for text in ("/ack never mind", "/review full", "/help"):
        assert not say(github, reviewed, who, text, tmp_path)
    assert again(github, reviewed, tmp_path)["acknowledged"] == []


def test_bots_and_our_own_comments_never_trigger(github: FakeGitHub, reviewed: Pull, tmp_path: Path) -> None:
    assert not say(github, reviewed, BOT, "/explain sql-injection", tmp_path)
    ours = "/explain sql-injection <!-- design-reviewer:answer v1 1 -->"
    assert not say(github, reviewed, MEMBER, ours, tmp_path)


def test_an_edited_comment_is_ignored(github: FakeGitHub, reviewed: Pull, tmp_path: Path) -> None:
    comment = github.state.say(reviewed, MEMBER, "/explain")
    event = event_of(reviewed, comment)
    comment.body, comment.edited = "/ack it is fine", True
    assert "edited" in respond(github, event, tmp_path).stderr
    bare = (event[0], {**event[1], "comment": {"id": comment.id}})
    assert "edited" in respond(github, bare, tmp_path).stderr
    assert not reply_to(reviewed, comment)


@pytest.mark.parametrize("text", ["please /review", "\n/review", " /ack x", "> /review", "/usr/bin is missing"])
def test_only_the_start_of_a_comment_counts(github: FakeGitHub, pull: Pull, tmp_path: Path, text: str) -> None:
    comment = github.state.say(pull, MEMBER, text)
    done = respond(github, event_of(pull, comment), tmp_path)
    assert done.code == 0
    assert "does not begin" in done.stderr
    assert len(github.calls) <= 1


def test_an_unknown_command_gets_one_helpful_reply(github: FakeGitHub, pull: Pull, tmp_path: Path) -> None:
    assert "/explain" in say(github, pull, MEMBER, "/deploy now", tmp_path)
    assert not say(github, pull, MEMBER, "/deploy again", tmp_path)
    assert "reason" in say(github, pull, MEMBER, "/ack", tmp_path)


def test_a_repeated_run_answers_once(github: FakeGitHub, reviewed: Pull, tmp_path: Path) -> None:
    comment = github.state.reply(reviewed, MEMBER, root(reviewed), "/explain")
    for _ in range(2):
        assert respond(github, event_of(reviewed, comment), tmp_path).code == 0
    assert reply_to(reviewed, comment)


@pytest.mark.parametrize("what", [What.DROP_BEFORE, What.DROP_AFTER, What.ERROR_AFTER, What.TRUNCATE])
def test_no_single_fault_of_a_write_loses_or_doubles_an_answer(
    github: FakeGitHub, reviewed: Pull, tmp_path: Path, what: What
) -> None:
    github.faults = [Fault(what, method=method, path="/comments") for method in ("POST", "PATCH")]
    assert "Acknowledged" in say(github, reviewed, MEMBER, "/ack known", tmp_path, thread=True)
    assert not any(fault.times for fault in github.faults)
    assert len(again(github, reviewed, tmp_path)["acknowledged"]) == 1


def test_answers_are_in_the_language_of_the_base_configuration(github: FakeGitHub, tmp_path: Path) -> None:
    pull = github.state.open({**BASE, ".github/design-reviewer.yml": "language: pt-BR\n"}, HEAD)
    assert "Não existe o risco" in say(github, pull, MEMBER, "/explain nonsense-hazard", tmp_path)


def test_an_acknowledgement_before_any_review_finds_nothing_to_acknowledge(
    github: FakeGitHub, pull: Pull, tmp_path: Path
) -> None:
    assert "no finding of mine" in say(github, pull, MEMBER, "/ack fine", tmp_path)


def test_what_is_acknowledged_while_a_review_runs_stays_acknowledged(
    github: FakeGitHub, reviewed: Pull, tmp_path: Path
) -> None:
    said: list[str] = []

    def script(seen: Seen) -> Say:
        if not said:
            said.append(say(github, reviewed, MEMBER, "/ack meanwhile", tmp_path, thread=True))
        return reviewer_saying(found(**QUOTE, suggestion=None))(seen)  # type: ignore[no-any-return]

    name = f"octo/shop#{reviewed.number}"
    with ModelServer(script) as server:
        run(github, tmp_path, "review", "--pr", name, "--post", "--full", "--base-url", server.anthropic_url)
    assert "Acknowledged" in said[0]
    assert [a["reason"] for a in again(github, reviewed, tmp_path)["acknowledged"]] == ["meanwhile"]


def test_a_job_that_does_not_post_and_a_shard_know_what_is_acknowledged(
    github: FakeGitHub, reviewed: Pull, tmp_path: Path
) -> None:
    say(github, reviewed, MEMBER, "/ack known", tmp_path, thread=True)
    name = f"octo/shop#{reviewed.number}"
    for words in (("--full",), ("--shard", "1/1"), ("--shard", "1/2"), ("--shard", "2/2")):
        with ModelServer(reviewer_saying(found(**QUOTE, suggestion=None))) as server:
            where = ("--pr", name, "--base-url", server.anthropic_url, "--format", "json")
            done = run(github, tmp_path, "review", *where, *words, GITHUB_ACTIONS="true", RUNNER_TEMP=str(tmp_path))
        report = json.loads(done.stdout.partition("\n::")[0])
        assert (report["findings"], report["fixed"]) == ([], [])
