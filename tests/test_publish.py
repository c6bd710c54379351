"""One review and one summary comment, exactly once, whatever goes wrong on the way."""

from __future__ import annotations

from tests.fakes.github.scene import bug, code, run
from tests.fakes.github.server import FakeGitHub


def opened(github: FakeGitHub, *blocks: str) -> None:
    github.state.open({"app/a.py": code(*["    pass"] * max(len(blocks), 1))}, {"app/a.py": code(*blocks)})


def test_a_first_run_posts_one_review_and_one_summary(github: FakeGitHub) -> None:
    opened(github, bug("one"), bug("two", "low"))
    _, delivery = run(github.client())
    pull = github.state.pulls[7]
    assert len(pull.reviews) == 1
    assert len(pull.comments) == 1
    assert len(pull.review_comments) == 2
    assert len(delivery.posted) == 2
    assert delivery.delivered
    assert pull.reviews[0].event == "COMMENTED"
    assert len(github.calls) <= 10


def test_a_second_run_posts_nothing_twice(github: FakeGitHub) -> None:
    opened(github, bug("one"), bug("two", "low"))
    run(github.client())
    review, delivery = run(github.client())
    pull = github.state.pulls[7]
    assert (len(pull.reviews), len(pull.comments), len(pull.review_comments)) == (1, 1, 2)
    assert len(review.findings) == 2
    assert {finding.standing for finding in review.findings} == {"persisting"}
    assert delivery.posted == ()
