"""Which pull requests are reviewed automatically, and that a reason is always given."""

from __future__ import annotations

from typing import Any

import pytest

from reviewer.github import PullReference
from reviewer.github.pulls import PullRequest
from reviewer.nouns.review import Target, TargetKind
from reviewer.nouns.source import RawChange
from reviewer.settings import Triggers
from reviewer.triggers import reason_to_skip

DIFF = b"diff --git a/docs/a.md b/docs/a.md\n--- a/docs/a.md\n+++ b/docs/a.md\n@@ -1 +1 @@\n-a\n+b\n"
CHANGE = RawChange(Target(TargetKind.PULL_REQUEST), DIFF)


def a_pull(**changes: Any) -> PullRequest:
    values: dict[str, Any] = {"author": "ada", "association": "MEMBER", "labels": ("Ready",)}
    return PullRequest(PullReference("octo/shop", 7), "b" * 40, "c" * 40, **{**values, **changes})


def test_by_default_every_pull_request_is_reviewed() -> None:
    for pull in (a_pull(), a_pull(draft=True), a_pull(author_is_bot=True), a_pull(association="NONE")):
        assert reason_to_skip(pull, CHANGE, Triggers()) == ""


@pytest.mark.parametrize(
    ("pull", "triggers", "word"),
    [
        (a_pull(draft=True), {"drafts": False}, "draft"),
        (a_pull(author_is_bot=True), {"bots": False}, "bot"),
        (a_pull(), {"skip_authors": ("ADA",)}, "ada"),
        (a_pull(), {"skip_labels": ("ready",)}, "label ready"),
        (a_pull(), {"require_label": "safe-to-review"}, "safe-to-review"),
        (a_pull(association="NONE"), {"associations": ("OWNER", "MEMBER")}, "none to this repository"),
        (a_pull(), {"skip_paths": ("docs/**",)}, "every changed file"),
    ],
)
def test_what_the_configuration_leaves_out_has_a_reason(pull: PullRequest, triggers: dict[str, Any], word: str) -> None:
    assert word in reason_to_skip(pull, CHANGE, Triggers(**triggers))


def test_one_other_file_is_enough_for_a_review() -> None:
    more = RawChange(CHANGE.target, DIFF + DIFF.replace(b"docs/a.md", b"app/a.py"))
    assert reason_to_skip(a_pull(), more, Triggers(skip_paths=("docs/**",))) == ""
