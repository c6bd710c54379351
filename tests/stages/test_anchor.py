"""From quotes to places: what is anchored can be posted, what cannot be anchored says why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.nouns.changeset import ChangeSet, Side
from reviewer.nouns.finding import Category, Confidence, Draft, Finding, Severity
from reviewer.nouns.source import EmptyTree
from reviewer.stages import redact
from reviewer.stages.anchor import Anchored, anchor
from tests.mind import change
from tests.stages.changesets import edits
from tests.stages.trees import CountingTree, changes

NO_TREE = EmptyTree()


def draft(**changes: object) -> Draft:
    base = Draft(
        hazard="http-call-no-timeout",
        category=Category.RELIABILITY,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        path="app/charge.py",
        quote="    reply = requests.post(URL, json=order.body())",
        title="No timeout",
        scenario="It hangs.",
        recommendation="Set one.",
        line_hint=4,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def one(outcome: Anchored) -> Finding:
    assert len(outcome.findings) == 1, outcome.excluded
    return outcome.findings[0]


def test_a_finding_stands_on_its_quote_with_the_whole_lines_kept() -> None:
    finding = one(anchor([draft(quote="requests.post(URL")], change(), head=NO_TREE, base=NO_TREE))
    assert (finding.path, finding.side, finding.start_line, finding.end_line) == ("app/charge.py", Side.RIGHT, 4, 4)
    assert finding.quote == "    reply = requests.post(URL, json=order.body())"
    assert len(finding.fingerprint) == 16


def test_a_removed_guard_is_anchored_on_the_old_side() -> None:
    finding = one(
        anchor([draft(quote="with lock(order.id):", side_hint=Side.LEFT)], change(), head=NO_TREE, base=NO_TREE)
    )
    assert (finding.side, finding.start_line) == (Side.LEFT, 4)


@pytest.mark.parametrize(
    "path", ["./app/charge.py", "a/app/charge.py", "b/app/charge.py", "`app/charge.py`", "charge.py", "app\\charge.py"]
)
def test_small_slips_in_a_path_do_not_lose_a_finding(path: str) -> None:
    assert one(anchor([draft(path=path)], change(), head=NO_TREE, base=NO_TREE)).path == "app/charge.py"


def test_a_renamed_file_is_known_by_its_old_name() -> None:
    (file,) = changes({}, {"new.py": "value = load()\n"}).files
    renamed = ChangeSet((replace(file, old_path="old.py"),))
    assert (
        one(anchor([draft(path="old.py", quote="value = load()")], renamed, head=NO_TREE, base=NO_TREE)).path
        == "new.py"
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"path": "app/other.py"}, "not part of the reviewed change"),
        ({"path": ""}, "not part of the reviewed change"),
        ({"quote": "reply = requests.put(URL)"}, "the quote is not in the change"),
    ],
)
def test_what_stands_on_nothing_is_excluded_with_the_reason(changed: dict[str, object], reason: str) -> None:
    outcome = anchor([draft(**changed)], change(), head=NO_TREE, base=NO_TREE)
    assert not outcome.findings
    assert reason in outcome.excluded[0].reason
    assert outcome.excluded[0].stage == "anchor"
    assert outcome.excluded[0].title == "No timeout"


BASE = {
    "a.py": "".join(f"line_{n} = {n}\n" for n in range(5))
    + "\ndef pay(order):\n"
    + "".join(f"    step_{n}()\n" for n in range(12))
    + "    commit(order)\n\n\ndef other():\n    nothing()\n"
}
HEAD = {"a.py": BASE["a.py"].replace("    step_0()", "    begin_zero()")}


def test_a_quote_elsewhere_in_the_changed_function_moves_to_the_changed_line() -> None:
    edited = changes(BASE, HEAD)
    outcome = anchor(
        [draft(path="a.py", quote="    commit(order)")], edited, head=CountingTree(HEAD), base=CountingTree(BASE)
    )
    finding = one(outcome)
    assert finding.symbol == "pay"
    assert finding.quote == "    commit(order)"
    assert (finding.side, finding.start_line) == (Side.RIGHT, 8)
    assert finding.suggestion is None


def test_a_quote_from_an_untouched_function_is_excluded() -> None:
    outcome = anchor(
        [draft(path="a.py", quote="    nothing()")],
        changes(BASE, HEAD),
        head=CountingTree(HEAD),
        base=CountingTree(BASE),
    )
    assert not outcome.findings
    assert "does not touch" in outcome.excluded[0].reason


def test_a_question_keeps_its_place_or_goes_without_one() -> None:
    asked = draft(question="Is URL internal?")
    lost = draft(question="Who calls this?", path="nowhere.py", quote="x")
    outcome = anchor([asked, lost], change(), head=NO_TREE, base=NO_TREE)
    assert [(question.path, question.start_line) for question in outcome.questions] == [("app/charge.py", 4), ("", 0)]
    assert not outcome.findings
    assert not outcome.excluded


GOOD = "    reply = requests.post(URL, json=order.body(), timeout=5)"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, GOOD),
        (
            {"quote": "reply = requests.post(URL, json=order.body())", "suggestion": GOOD.strip()},
            GOOD,
        ),  # indented again
        ({"quote": "requests.post(URL, json=order.body())"}, None),  # part of a line: it would replace too much
        ({"quote": "with lock(order.id):"}, None),  # nothing on the new side to replace
        ({"suggestion": "    reply = requests.post(URL, json=order.body())"}, None),  # no change at all
        ({"suggestion": "    reply = post(‹secret:token:1›)"}, None),
        ({"suggestion": "\n" + GOOD + "\n"}, GOOD),
    ],
)
def test_a_suggestion_replaces_exactly_the_anchored_lines_or_is_dropped(
    changed: dict[str, object], expected: str | None
) -> None:
    outcome = anchor([draft(**{"suggestion": GOOD, **changed})], change(), head=NO_TREE, base=NO_TREE)
    assert one(outcome).suggestion == expected


def test_masked_lines_are_anchored_and_never_suggested_over() -> None:
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    masked = redact.redact(changes({}, {"a.py": f'token = "{key}"\n'}))
    shown = masked.files[0].hunks[0].lines[0].text
    assert key not in shown
    finding = one(
        anchor([draft(path="a.py", quote=shown, suggestion="token = load()")], masked, head=NO_TREE, base=NO_TREE)
    )
    assert finding.start_line == 1
    assert finding.suggestion is None


def test_equal_lines_get_two_prints_and_one_line_gets_one() -> None:
    edited = changes({}, {"a.py": "save(order)\nx = 1\nsave(order)\n"})
    drafts = [draft(path="a.py", quote="save(order)", line_hint=line) for line in (3, 1, 3)]
    first, second, third = anchor(drafts, edited, head=NO_TREE, base=NO_TREE).findings
    assert first.fingerprint != second.fingerprint
    assert first.fingerprint == third.fingerprint


def test_prints_survive_rewording_and_moving() -> None:
    base = {"a.py": "import x\n"}
    before = changes(base, {"a.py": "import x\nsave(order)\n"})
    after = changes(base, {"a.py": "import y\n\n\nimport x\nsave(order)\n"})
    one_ = one(anchor([draft(path="a.py", quote="save(order)", title="A")], before, head=NO_TREE, base=NO_TREE))
    two = one(anchor([draft(path="a.py", quote="save(order)", title="B")], after, head=NO_TREE, base=NO_TREE))
    assert one_.start_line != two.start_line
    assert one_.fingerprint == two.fingerprint


def test_trees_are_asked_once_a_side_for_all_drafts() -> None:
    head, base = CountingTree(HEAD), CountingTree(BASE)
    anchor([draft(path="a.py", quote="begin_zero()")] * 5, changes(BASE, HEAD), head=head, base=base)
    assert (head.calls, base.calls) == (["read_many"], ["read_many"])


@settings(max_examples=150, deadline=None)
@given(edits(), st.data())
def test_whatever_anchor_returns_github_accepts(
    edit: tuple[dict[str, str], dict[str, str], ChangeSet], data: st.DataObject
) -> None:
    base, head, edited = edit
    texts = [line for text in (*base.values(), *head.values()) for line in text.splitlines()] or ["x"]
    quotes = st.one_of(st.text(max_size=20), st.lists(st.sampled_from(texts), min_size=1, max_size=4).map("\n".join))
    drafts = data.draw(
        st.lists(
            st.builds(
                draft,
                path=st.sampled_from(["a.py", "b/c.go", "d.ts", "nowhere"]),
                quote=quotes,
                line_hint=st.one_of(st.none(), st.integers(1, 30)),
                side_hint=st.sampled_from([None, *Side]),
                question=st.sampled_from(["", "", "why?"]),
                suggestion=st.one_of(st.none(), st.just("y()")),
            ),
            max_size=5,
        )
    )
    outcome = anchor(drafts, edited, head=CountingTree(head), base=CountingTree(base))
    assert len(outcome.findings) + len(outcome.questions) + len(outcome.excluded) == len(drafts)
    for finding in outcome.findings:
        assert_accepted(edited, finding)


def assert_accepted(edited: ChangeSet, finding: Finding) -> None:
    """Both ends on lines of one hunk, on one side, in order; a suggestion only on the new side."""
    file = edited.file(finding.path)
    assert file
    assert finding.start_line <= finding.end_line
    kinds = {"-"} if finding.side is Side.LEFT else {"+", " "}
    sides = [
        {(line.old if finding.side is Side.LEFT else line.new) for line in hunk.lines if line.kind in kinds}
        for hunk in file.hunks
    ]
    assert any({finding.start_line, finding.end_line} <= numbers for numbers in sides)
    assert finding.suggestion is None or finding.side is Side.RIGHT
