"""One review and one summary comment, exactly once, whatever goes wrong on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.errors import DeliveryError
from reviewer.nouns.finding import Finding, Standing
from reviewer.nouns.memory import Memory
from reviewer.nouns.review import Target, TargetKind
from reviewer.publish import publish
from reviewer.stages import diff
from reviewer.state import SUMMARY_MARK
from tests.builders import a_review
from tests.fakes.github.faults import QUICK, Fault, What
from tests.fakes.github.scene import TODAY, bug, code, defects, make_review, run
from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import AUTHOR, BOT, MEMBER, STRANGER, Pull, Who

CLEAN = "    pass"


def opened(github: FakeGitHub, *blocks: str) -> Pull:
    return github.state.open({"app/a.py": code(*[CLEAN] * max(len(blocks), 1))}, {"app/a.py": code(*blocks)})


def push(github: FakeGitHub, *blocks: str) -> None:
    github.state.push(github.state.pulls[7], {"app/a.py": code(*blocks)})


def titles(github: FakeGitHub, who: Who = BOT) -> list[str]:
    """What our inline comments say, oldest first."""
    bodies = [c.body.split("\n")[0] for c in github.state.pulls[7].review_comments if c.by == who]
    return [line.rpartition(": ")[2].strip("`") for line in bodies]


def sticky(github: FakeGitHub) -> str:
    found = [c.body for c in github.state.pulls[7].comments if c.by == BOT and SUMMARY_MARK in c.body]
    assert len(found) == 1
    return found[0]


def test_a_first_run_posts_one_review_and_one_summary(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"), bug("two", "low"))
    _, delivery = run(github.client())
    assert (len(pull.reviews), len(pull.comments), len(pull.review_comments)) == (1, 1, 2)
    assert len(delivery.posted) == 2
    assert delivery.delivered
    assert pull.reviews[0].event == "COMMENTED"
    assert all(call.body["event"] == "COMMENT" for call in github.sent("POST", "/reviews"))
    assert github.state.notifications == 2  # the review, and the summary the first time
    assert len(github.calls) <= 10


def test_a_second_run_posts_nothing_twice(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"), bug("two", "low"))
    run(github.client())
    before, calls = github.state.notifications, len(github.calls)
    review, delivery = run(github.client())
    assert (len(pull.reviews), len(pull.comments), len(pull.review_comments)) == (1, 1, 2)
    assert {finding.standing for finding in review.findings} == {"persisting"}
    assert delivery.posted == ()
    assert github.state.notifications == before
    assert len(github.calls) - calls <= 10


def test_nothing_found_says_so_in_a_screen(github: FakeGitHub) -> None:
    pull = opened(github, CLEAN + "  # changed")
    run(github.client())
    assert pull.reviews == []
    shown = sticky(github).split("<!-- design-reviewer:state")[0]
    assert len(shown.splitlines()) < 25


def test_a_fixed_finding_closes_its_thread(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"), bug("two"))
    run(github.client())
    push(github, CLEAN, bug("two"))
    review, delivery = run(github.client())
    assert review.fixed == delivery.resolved
    assert [thread.resolved for thread in pull.threads] == [True, False]
    assert len(pull.reviews) == 1


def test_a_moved_finding_is_not_posted_again(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"))
    run(github.client())
    github.state.push(pull, {"app/a.py": "import os\nimport sys\n\n" + code(bug("one"))})
    review, _ = run(github.client())
    assert [finding.standing for finding in review.findings] == ["moved"]
    assert len(pull.review_comments) == 1


def test_a_renamed_file_keeps_its_threads(github: FakeGitHub) -> None:
    pull = github.state.open({"app/a.py": code(*[CLEAN] * 6)}, {"app/a.py": code(bug("one"), *[CLEAN] * 5)})
    run(github.client())
    github.state.push(pull, {"app/a.py": None, "app/b.py": code(bug("one"), *[CLEAN] * 5)})
    review, _ = run(github.client())
    assert [(finding.path, finding.standing) for finding in review.findings] == [("app/b.py", "moved")]
    assert len(pull.review_comments) == 1


def test_a_finding_that_comes_back_gets_its_thread_back(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"))
    run(github.client())
    push(github, CLEAN + "  # better")
    run(github.client())
    push(github, bug("one"))
    review, delivery = run(github.client())
    assert len(review.findings) == len(delivery.reopened) == 1
    assert len(pull.review_comments) == 1
    assert not pull.threads[0].resolved


def test_a_force_push_and_a_rebase_repost_nothing(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"), bug("two"))
    run(github.client())
    rebased = github.state.git.commit({"other.py": "moved on\n"}, pull.base)
    pull.base = rebased
    github.state.push(pull, {"app/a.py": code(bug("one"), bug("two"))}, force_from=rebased)
    review, delivery = run(github.client())
    assert {finding.standing for finding in review.findings} == {"persisting"}
    assert delivery.posted == ()
    assert len(pull.review_comments) == 2


def test_ten_pushes_with_overlapping_findings(github: FakeGitHub) -> None:
    pull = opened(github, *[CLEAN] * 12)
    blocks = [CLEAN] * 12
    for turn in range(10):
        blocks[turn] = bug(f"call{turn}")
        if turn >= 3:
            blocks[turn - 3] = f"    fixed{turn}()"
        push(github, *blocks)
        before = len(github.calls)
        run(github.client())
        assert len(github.calls) - before <= 12
    assert titles(github) == [f"call{turn}" for turn in range(10)]
    assert [thread.resolved for thread in pull.threads] == [True] * 7 + [False] * 3
    assert len(pull.comments) == 1
    assert len(pull.reviews) == 10


def test_unchanged_code_brings_up_nothing_new_but_the_critical(github: FakeGitHub) -> None:
    opened(github, bug("one"), bug("late"), bug("worst", "critical"))

    def blind(inside: object) -> tuple[Finding, ...]:
        return tuple(f for f in defects(inside) if "one" in f.title)  # type: ignore[arg-type]

    run(github.client(), reviewer=blind)
    review, delivery = run(github.client(), reviewer=defects)
    assert len(review.findings) == 1  # it was not even asked again
    assert delivery.posted == ()


# People


def test_a_thread_people_talk_in_is_not_closed(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"))
    run(github.client())
    github.state.reply(pull, AUTHOR, pull.review_comments[0], "I do not think so.")
    push(github, CLEAN + "  # gone")
    review, delivery = run(github.client())
    assert not pull.threads[0].resolved
    assert delivery.resolved == review.fixed == ()
    assert "talking" in review.excluded[0].reason


def test_a_thread_a_person_closed_is_an_acknowledgement(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"), bug("two"))
    run(github.client())
    github.state.resolve(pull, MEMBER, pull.review_comments[0])
    review, _ = run(github.client(), full=True)
    assert [(a.by, a.title.rpartition(": ")[2]) for a in review.acknowledged] == [("mia", "one")]
    assert [f.title.rpartition(": ")[2] for f in review.findings] == ["two"]
    again, _ = run(github.client(), full=True)
    assert len(again.acknowledged) == 1
    assert len(pull.review_comments) == 2


def test_an_outsider_cannot_wave_a_finding_away_on_their_own_pull_request(github: FakeGitHub) -> None:
    outsider = Who("eve", association="NONE", permission="read")
    github.token(outsider)
    pull = opened(github, bug("one"))
    pull.author = outsider
    run(github.client())
    github.state.resolve(pull, outsider, pull.review_comments[0])
    review, _ = run(github.client())
    assert review.acknowledged == ()
    assert len(review.findings) == 1


@pytest.mark.parametrize(("who", "heard"), [(MEMBER, True), (STRANGER, False), (AUTHOR, False)])
def test_a_thumb_down_counts_from_people_with_write_permission(github: FakeGitHub, who: Who, heard: bool) -> None:
    pull = opened(github, bug("one"))
    run(github.client())
    pull.review_comments[0].reactions.append((who, "-1"))
    review, _ = run(github.client())
    assert bool(review.acknowledged) is heard
    assert bool(review.findings) is not heard


def test_an_acknowledged_finding_returns_when_its_code_changes(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"))
    run(github.client())
    github.state.resolve(pull, MEMBER, pull.review_comments[0])
    run(github.client())
    push(github, bug("one_else"))
    review, delivery = run(github.client())
    assert review.acknowledged == ()
    assert len(delivery.posted) == 1


def test_a_stranger_who_plants_our_marks_is_nobody(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"), bug("two"))
    first, _ = run(github.client())
    planted = sticky(github)
    pull.comments.clear()
    root = pull.review_comments[0]
    forged = {"path": root.path, "line": root.line, "side": root.side, "body": root.body}
    pull.review_comments.clear()
    pull.threads.clear()
    pull.reviews.clear()
    github.state.say(pull, STRANGER, planted)
    github.state.add_review(pull, STRANGER, "", [forged])
    review, delivery = run(github.client())
    assert {f.standing for f in review.findings} == {"new"}
    assert len(delivery.posted) == len(first.findings) == 2
    assert [c.body for c in pull.comments if c.by == STRANGER] == [planted]
    assert len([c for c in pull.comments if c.by == BOT]) == 1


# GitHub says no


def test_a_token_that_may_not_write_loses_nothing(github: FakeGitHub) -> None:
    reader = Who("reader[bot]", bot=True, may_write=False)
    github.token(reader)
    opened(github, bug("one"))
    review, delivery = run(github.client(reader))
    assert delivery.read_only
    assert not delivery.delivered
    assert len(review.findings) == 1
    assert "not accessible" in delivery.notices[0]


def test_a_newer_commit_means_nothing_stale_is_posted(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"))
    _, delivery = run(github.client(), before_posting=lambda: push(github, CLEAN + "  # fixed meanwhile"))
    assert delivery.superseded
    assert (pull.reviews, pull.comments) == ([], [])


def test_two_runs_at_once_post_once(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"))
    other = github.client()
    _, delivery = run(github.client(), before_posting=lambda: run(other))
    assert len(pull.review_comments) == len(pull.comments) == len(pull.reviews) == 1
    assert len(delivery.known) == 1


def stray(inside: object) -> tuple[Finding, ...]:
    """Adds a finding on a line the report shows and GitHub's diff does not."""
    found = defects(inside)  # type: ignore[arg-type]
    return (
        *found,
        replace(found[0], start_line=20, end_line=20, quote="x", fingerprint="f" * 16, title="Stray: stray"),
    )


def test_a_refused_comment_falls_back_and_loses_no_other(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"), bug("two"))
    wider = diff.parse(github.state.git.git("diff", "-U20", pull.base, pull.head))
    target = Target(TargetKind.PULL_REQUEST, "octo/shop", 7, "", pull.base, pull.head)
    review = make_review(wider, target, Memory(), reviewer=stray)
    delivery = publish(review, github.client(), today=TODAY)
    assert len(delivery.posted) == 2
    assert delivery.on_file == ("f" * 16,)
    assert sorted(titles(github)) == ["one", "stray", "two"]
    assert [c.subject_type for c in pull.review_comments if "stray" in c.body.lower()] == ["file"]
    assert "1 are on the file" in delivery.notices[0]
    again = publish(review, github.client(), today=TODAY)
    assert again.posted == again.on_file == ()
    assert len(pull.review_comments) == 3


def test_what_no_comment_can_hold_is_in_the_summary(github: FakeGitHub) -> None:
    pull = opened(github, bug("one"))
    review, _ = run(github.client())
    lost = replace(
        review.findings[0], path="app/elsewhere.py", fingerprint="e" * 16, title="Lost: lost", standing=Standing.NEW
    )
    pull.review_comments.clear()
    pull.threads.clear()
    delivery = publish(replace(review, findings=(*review.findings, lost)), github.client(), today=TODAY)
    assert delivery.in_summary == ("e" * 16,)
    assert "Lost: lost" in sticky(github)
    assert "listed here only" in sticky(github)


def test_only_so_many_comments_and_the_rest_in_one_review(github: FakeGitHub) -> None:
    pull = opened(github, *[bug(f"call{n}", "critical" if n % 2 else "low") for n in range(60)])
    _, delivery = run(github.client())
    assert len(pull.reviews) == 1
    assert len(pull.review_comments) == 50
    assert len(delivery.in_summary) == 10
    assert all(f"call{n}" in pull.reviews[0].body + sticky(github) for n in range(60))
    assert len(github.calls) <= 12
    run(github.client())
    assert len(pull.review_comments) == 50


def test_max_findings_keeps_the_most_severe(github: FakeGitHub) -> None:
    opened(github, bug("low", "low"), bug("worst", "critical"), bug("mid", "medium"))
    _, delivery = run(github.client(), max_findings=1)
    assert titles(github) == ["worst"]
    assert len(delivery.in_summary) == 2


def test_a_hundred_thousand_findings_fit_in_one_comment(github: FakeGitHub) -> None:
    opened(github, bug("one"))
    review, _ = run(github.client())
    many = tuple(replace(review.findings[0], fingerprint=f"{n:016x}", title=f"Finding {n} " * 9) for n in range(5_000))
    publish(replace(review, findings=many), github.client(), today=TODAY)
    assert len(sticky(github)) <= 65_536


def test_a_check_run_tells_three_states(github: FakeGitHub) -> None:
    opened(github, *[bug(f"call{n}") for n in range(60)])
    run(github.client(), check_run=True)
    (check,) = github.state.check_runs.values()
    assert check["conclusion"] == "failure"
    assert len(check["annotations"]) == 60


def test_a_check_run_that_may_not_be_made_is_a_notice(github: FakeGitHub) -> None:
    plain = Who("plain[bot]", bot=True, may_check=False)
    github.token(plain)
    opened(github, bug("one"))
    _, delivery = run(github.client(plain), check_run=True)
    assert delivery.delivered
    assert "checks: write" in delivery.notices[0]


def test_a_review_of_no_pull_request_cannot_be_posted(github: FakeGitHub) -> None:
    local = a_review(target=Target(TargetKind.RANGE, description="a...b"))
    with pytest.raises(DeliveryError):
        publish(local, github.client(), today=TODAY)


def test_an_unreachable_github_is_a_delivery_error(github: FakeGitHub) -> None:
    opened(github, bug("one"))
    review, _ = run(github.client())
    github.faults.append(Fault(What.ERROR_BEFORE, times=999))
    with pytest.raises(DeliveryError, match="octo/shop#7") as caught:
        publish(review, github.client(), today=TODAY)
    assert caught.value.hint


@pytest.mark.parametrize("what", [What.DELAY_BEFORE, What.DELAY_AFTER])
def test_a_server_that_falls_silent_during_a_write(github: FakeGitHub, what: What) -> None:
    pull = opened(github, bug("one"))
    github.faults.append(Fault(what, method="POST", path="/reviews", seconds=1.0))
    run(github.client(timeout=0.7))
    assert (len(pull.reviews), len(pull.review_comments), len(pull.comments)) == (1, 1, 1)


# Any single fault, at any call


AFTER = (What.DROP_AFTER, What.ERROR_AFTER, What.TRUNCATE, What.GARBLE)


@pytest.mark.parametrize(
    ("what", "graphql"),
    [*((what, True) for what in QUICK), *((what, False) for what in AFTER)],
    ids=lambda value: {True: "graphql", False: "rest"}.get(value) if isinstance(value, bool) else None,
)
def test_any_single_fault_at_any_call_loses_and_doubles_nothing(tmp_path: Path, what: What, graphql: bool) -> None:
    """First run, then a push that fixes one finding and adds one, each with the fault at its nth call."""
    with FakeGitHub(tmp_path, graphql=graphql) as github:
        pull = opened(github, bug("one"), bug("two"), CLEAN)
        base = github.state.pulls[7]
        first_head = pull.head
        number = 0
        while True:
            number += 1
            pull = Pull(7, base.base, first_head)
            github.state.pulls[7] = pull
            fault = Fault(what, call=github.number + number)
            github.faults = [fault]
            run(github.client())
            assert titles(github) == ["one", "two"], number
            assert len(sticky(github)) > 100
            struck = fault.times == 0
            github.state.push(pull, {"app/a.py": code(CLEAN + "  # ok", bug("two"), bug("three"))})
            second = Fault(what, call=github.number + number)
            github.faults = [second]
            run(github.client())
            assert titles(github) == ["one", "two", "three"], number
            assert len(sticky(github)) > 100
            if graphql:
                assert [thread.resolved for thread in pull.threads] == [True, False, False]
            if not struck and second.times:
                break
        assert number > 6
        assert github.violations == []
