"""The fake's schema cut is GitHub's: its own examples hold, but for those that GitHub leaves incomplete."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.github import GitHubFailure
from tests.fakes.github import schema
from tests.fakes.github.schema import graphql_schema
from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import BOT, STRANGER

# GitHub's own examples that lack a property its schema requires.
INCOMPLETE = {
    "GET /repos/{owner}/{repo}": "language",
    "GET /repos/{owner}/{repo}/collaborators/{username}/permission": "role_name",
    "GET /repos/{owner}/{repo}/commits/{ref}": "contents_url",
    "GET /repos/{owner}/{repo}/pulls/{pull_number}": "type",
}


def test_githubs_own_examples_hold() -> None:
    failed = {}
    for operation, entry in schema.document()["operations"].items():
        for status, response in entry["responses"].items():
            for example in response.get("examples", []):
                if error := schema.response_error(operation, int(status), example):
                    failed[operation] = error
        for example in entry.get("request_examples", []):
            assert schema.request_error(operation, example) == ""
    assert failed.keys() == INCOMPLETE.keys()
    assert all(INCOMPLETE[operation] in error for operation, error in failed.items())


def test_the_cut_names_its_source_and_licence() -> None:
    assert "MIT" in schema.document()["x-source"]
    assert "Permission is hereby granted" in schema.document()["x-license"]
    assert "resolveReviewThread" in graphql_schema().mutation_type.fields


def test_a_misspelt_key_is_a_violation(tmp_path: Path) -> None:
    with FakeGitHub(tmp_path) as fake:
        fake.state.open({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"})
        comment = {"path": "a.py", "body": "b", "line": 1, "star_line": 1}
        with pytest.raises(GitHubFailure) as caught:
            fake.client().send("POST", "/repos/octo/shop/pulls/7/reviews", {"event": "COMMENT", "comments": [comment]})
    assert caught.value.status == 422
    assert len(fake.violations) == 1
    assert "star_line" in fake.violations[0]


BASE = "".join(f"line {n}\n" for n in range(1, 41))
HEAD = BASE.replace("line 2\n", "line two\n").replace("line 30\n", "line thirty\n")


@pytest.mark.parametrize(
    ("comment", "status"),
    [
        ({"line": 2}, 200),
        ({"line": 2, "side": "LEFT"}, 200),
        ({"line": 20}, 422),  # outside every hunk
        ({"start_line": 1, "line": 2}, 200),
        ({"start_line": 2, "line": 2}, 422),  # must start before it ends
        ({"start_line": 2, "line": 30}, 422),  # two hunks
        ({"line": 2, "path": "other.py"}, 422),
        ({"line": 2, "body": "x" * 65_537}, 422),
    ],
)
def test_a_comment_must_lie_in_the_diff(github: FakeGitHub, comment: dict[str, object], status: int) -> None:
    github.state.open({"a.py": BASE}, {"a.py": HEAD})
    body = {
        "event": "COMMENT",
        "body": "hello",
        "comments": [{"path": "a.py", "body": "b", "side": "RIGHT", **comment}],
    }
    got = 200
    try:
        github.client().send("POST", "/repos/octo/shop/pulls/7/reviews", body)
    except GitHubFailure as failure:
        got = failure.status
    assert got == status


def test_state_survives_between_identities(github: FakeGitHub) -> None:
    pull = github.state.open({"a.py": BASE}, {"a.py": HEAD})
    github.client(BOT).send("POST", "/repos/octo/shop/issues/7/comments", {"body": "mine"})
    github.client(STRANGER).send("POST", "/repos/octo/shop/issues/7/comments", {"body": "theirs"})
    assert [(c.by.login, c.body) for c in pull.comments] == [("github-actions[bot]", "mine"), ("mallory", "theirs")]
    assert [c["body"] for c in github.client().pages("/repos/octo/shop/issues/7/comments")] == ["mine", "theirs"]
