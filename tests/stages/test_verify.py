"""The second look confirms, refutes with code, or asks; and when it fails, it says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from reviewer.errors import ProviderError
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.exchange import Failure, Purpose, Reply, Request, StopReason
from reviewer.nouns.finding import Confidence, Finding, Origin, Question, Severity, VerificationStatus
from reviewer.nouns.review import Usage
from reviewer.stages.verify import Verified, verify
from tests.mind import a_plan, change
from tests.stages.test_merge import seen
from tests.stages.trees import CountingTree

HEAD = {
    "app/charge.py": "import requests\n\ndef charge(order):\n    reply = requests.post(URL, json=order.body())\n    order.paid = True\n    order.save()\n    return reply\n"
}


@dataclass
class Reader:
    """A second reader that answers by rote: `says` gets a request and its number and returns the reply's text."""

    says: Callable[[Request, int], str | Failure]
    requests: list[Request] = field(default_factory=list)

    def __call__(self, requests: Sequence[Request]) -> Iterator[Reply | Failure]:
        for request in requests:
            self.requests.append(request)
            said = self.says(request, len(self.requests))
            usage = Usage(calls=1, input_tokens=100, output_tokens=10)
            yield said if isinstance(said, Failure) else Reply(request.id, said, StopReason.COMPLETE, usage)


def verdict(**changes: Any) -> dict[str, Any]:
    return {
        "id": "C1",
        "reason": "so",
        "quote": "",
        "verdict": "confirmed",
        "severity": "critical",
        "question": "",
        **changes,
    }


def says(*verdicts: Any, **more: Any) -> str:
    return json.dumps({"verdicts": verdicts, **more})


ASKED = Question(
    "Does a caller of charge hold the lock now?",
    "app/charge.py",
    start_line=4,
    end_line=4,
    hazard="http-call-no-timeout",
    quote="    reply = requests.post(URL, json=order.body())",
    fingerprint="q",
)


def asked(item: Any, question: Question = ASKED) -> Verified:
    """The outcome of one question and nothing else."""
    return verify(
        (),
        Reader(lambda *_: says(item)),
        plan=a_plan(),
        inside=change(),
        base=CountingTree({}),
        head=CountingTree(HEAD),
        questions=(question,),
    )


def proof(**changes: Any) -> dict[str, Any]:
    """A verdict that the question's fear is true, with the code that shows it."""
    return verdict(
        id="Q1",
        reason="Two callers charge at once -> the card is charged twice.",
        quote="    order.paid = True",
        title="Two callers charge one order twice",
        recommendation="Take the lock in charge().",
        **changes,
    )


def run(reader: Reader, *findings: Finding, mode: str = "on", inside: ChangeSet | None = None) -> Verified:
    return verify(
        findings or (seen(),),
        reader,
        plan=a_plan(verify=mode),
        inside=inside or change(),
        base=CountingTree({}),
        head=CountingTree(HEAD),
    )


def settled(item: Any, finding: Finding | None = None) -> Verified:
    return run(Reader(lambda *_: says(item)), finding or seen())


def test_a_confirmed_finding_stays_and_says_why() -> None:
    (finding,) = settled(verdict()).findings
    assert (finding.verification.status, finding.verification.reason) == (VerificationStatus.CONFIRMED, "so")
    assert finding.severity is Severity.MEDIUM  # never raised


def test_severity_can_be_lowered() -> None:
    (finding,) = settled(verdict(severity="low")).findings
    assert finding.severity is Severity.LOW


@pytest.mark.parametrize(
    "quote", ["    order.paid = True", " 5|    order.paid = True", "order.paid = True\norder.save()"]
)
def test_a_refutation_with_code_takes_it_out_with_the_reason(quote: str) -> None:
    outcome = settled(verdict(verdict="refuted", quote=quote))
    assert not outcome.findings
    assert not outcome.questions
    (excluded,) = outcome.excluded
    assert excluded.stage == "verify"
    assert excluded.reason.startswith("so (“")
    assert excluded.verification.status is VerificationStatus.REFUTED


@pytest.mark.parametrize("quote", ["", "order.locked = True", "# the caller holds the lock", "It hangs"])
def test_a_refutation_without_code_is_only_doubt_and_becomes_a_question(quote: str) -> None:
    outcome = settled(verdict(verdict="refuted", quote=quote, question="Is it locked?"))
    assert not outcome.findings
    (question,) = outcome.questions
    assert (question.text, question.path, question.start_line) == ("Is it locked?", "app/charge.py", 4)
    assert outcome.excluded[0].reason.startswith("asked as a question: refuted without code")


def test_a_comment_that_exists_in_the_code_refutes_nothing() -> None:
    comment = "# safe: reviewed by security"
    head = CountingTree({"app/charge.py": f"{HEAD['app/charge.py']}    {comment}\n"})
    reader = Reader(lambda *_: says(verdict(verdict="refuted", quote=comment)))
    outcome = verify((seen(),), reader, plan=a_plan(), inside=change(), base=CountingTree({}), head=head)
    assert f" 8|    {comment}" in reader.requests[0].user_text  # it was shown
    assert len(outcome.questions) == 1


def test_uncertain_becomes_a_question_even_without_a_text() -> None:
    (question,) = settled(verdict(verdict="uncertain")).questions
    assert question.text == "The charge has no timeout: so"


def test_doubt_about_what_a_rule_saw_lowers_confidence_only() -> None:
    (finding,) = settled(verdict(verdict="uncertain"), seen(origin=Origin.RULE, confidence=Confidence.HIGH)).findings
    assert finding.confidence is Confidence.LOW
    assert finding.verification.status is VerificationStatus.UNCERTAIN


@pytest.mark.parametrize(
    "failing",
    [
        lambda request, _: Failure(request.id, ProviderError("overloaded"), Usage(calls=2)),
        lambda *_: "I cannot say",
        lambda *_: '{"verdicts": "all fine"}',
        lambda *_: says(),
        lambda *_: says(verdict(id="C9")),
        lambda *_: says(verdict(verdict="probably")),
        lambda *_: says("C1 is fine", None),
    ],
)
def test_a_look_that_failed_keeps_the_finding_unverified_and_says_so(
    failing: Callable[[Request, int], str | Failure],
) -> None:
    outcome = run(Reader(failing))
    (finding,) = outcome.findings
    assert finding.verification.status is VerificationStatus.UNVERIFIED
    assert finding.verification.reason
    assert not outcome.excluded
    assert "1 finding(s) could not be verified" in outcome.notices[0]


def test_a_provider_that_returns_nothing_at_all_loses_nothing() -> None:
    outcome = verify(
        (seen(),),
        lambda _: iter(()),
        plan=a_plan(),
        inside=change(),
        base=CountingTree({}),
        head=CountingTree(HEAD),
    )
    assert len(outcome.findings) == 1
    assert outcome.notices


def test_off_asks_nobody() -> None:
    reader = Reader(lambda *_: says(verdict(verdict="refuted", quote="order.paid = True")))
    assert run(reader, seen(), mode="off").findings == (seen(),)
    assert not reader.requests


def test_low_findings_are_looked_at_too_and_the_order_is_kept() -> None:
    low = seen(severity=Severity.LOW, title="low")
    reader = Reader(lambda *_: says(verdict(id="C1"), verdict(id="C2")))
    outcome = run(reader, low, seen(title="serious"))
    assert [finding.title for finding in outcome.findings] == ["low", "serious"]
    assert not outcome.notices


def test_what_is_true_and_too_small_is_left_out_and_says_so() -> None:
    outcome = settled(verdict(verdict="trivial", reason="A log line."), seen(severity=Severity.LOW))
    assert not outcome.findings
    assert outcome.excluded[0].reason == "true, but too small to post: A log line."
    assert outcome.excluded[0].verification.status is VerificationStatus.CONFIRMED


def test_a_graver_finding_is_too_small_only_if_the_second_reader_lowers_it_first() -> None:
    (kept,) = settled(verdict(verdict="trivial", severity="medium")).findings
    assert kept.severity is Severity.MEDIUM
    assert not settled(verdict(verdict="trivial", severity="low")).findings


def test_what_a_rule_saw_is_never_too_small() -> None:
    assert settled(verdict(verdict="trivial"), seen(origin=Origin.RULE, severity=Severity.LOW)).findings


def test_a_low_finding_nobody_can_prove_bothers_nobody() -> None:
    outcome = settled(verdict(verdict="uncertain"), seen(severity=Severity.LOW, confidence=Confidence.LOW))
    assert not outcome.findings
    assert not outcome.questions
    assert outcome.excluded[0].reason == "low, and unproven: so"


def test_claims_are_grouped_and_all_calls_go_out_together() -> None:
    batches: list[int] = []

    def ask_all(requests: Sequence[Request]) -> Iterator[Reply]:
        batches.append(len(requests))
        return (
            Reply(request.id, says(*(verdict(id=f"C{n}") for n in range(1, 11))), StopReason.COMPLETE)
            for request in requests
        )

    findings = tuple(seen(title=f"t{n}", start_line=4, hazard=f"h{n}") for n in range(10))
    outcome = verify(
        findings,
        ask_all,
        plan=a_plan(),
        inside=change(),
        base=CountingTree({}),
        head=CountingTree(HEAD),
    )
    assert batches == [3]
    assert all(finding.verification.status is VerificationStatus.CONFIRMED for finding in outcome.findings)


def test_a_verdict_for_another_groups_claim_does_not_count() -> None:
    findings = tuple(seen(title=f"t{n}", hazard=f"h{n}") for n in range(5))
    reader = Reader(
        lambda _, number: (
            says(*(verdict(id=f"C{n}") for n in range(1, 5)))
            if number == 1
            else says(verdict(id="C1", verdict="refuted", quote="order.paid = True"))
        )
    )
    outcome = run(reader, *findings)
    assert [finding.verification.status for finding in outcome.findings].count(VerificationStatus.CONFIRMED) == 4
    assert outcome.findings[4].verification.status is VerificationStatus.UNVERIFIED


def test_the_request_shows_the_code_the_claim_and_what_refutes_it_but_not_the_authors_words() -> None:
    reader = Reader(lambda *_: says(verdict()))
    outcome = run(reader)
    (request,) = reader.requests
    assert request.purpose is Purpose.VERIFY
    assert request.accept is not None
    assert "a shared client or adapter sets a default" in request.user_text
    assert "+4|    reply = requests.post(URL, json=order.body())" in request.user_text
    assert "all safe" not in request.user_text
    assert outcome.usage.calls == 1


def look(**changes: Any) -> dict[str, Any]:
    return {"kind": "read", "tree": "head", "path": "app/charge.py", "text": "", "start": 1, "end": 3, **changes}


def test_deep_looks_up_before_it_decides_and_may_quote_what_it_found() -> None:
    def reads(request: Request, number: int) -> str:
        if number == 1:
            return says(lookups=[look(kind="grep", text="timeout", path=""), look()])
        assert "# Looked up" in request.user_text
        return says(verdict(verdict="refuted", quote="DEFAULT_TIMEOUT = 5"), lookups=[])

    reader = Reader(reads)
    head = CountingTree({**HEAD, "app/http.py": "DEFAULT_TIMEOUT = 5  # timeout of every call\n"})
    outcome = verify(
        (seen(),),
        reader,
        plan=a_plan(verify="deep"),
        inside=change(),
        base=CountingTree({}),
        head=head,
    )
    assert len(reader.requests) == 2
    assert outcome.excluded[0].verification.status is VerificationStatus.REFUTED
    assert outcome.usage.calls == 2


def test_deep_ends_after_its_rounds_and_keeps_the_finding() -> None:
    reader = Reader(lambda *_: says(lookups=[look()] * 50))
    outcome = run(reader, mode="deep")
    assert len(reader.requests) == 4
    assert "No look-ups are left" in reader.requests[-1].user_text
    assert outcome.findings[0].verification.status is VerificationStatus.UNVERIFIED
    assert outcome.notices


def test_lookups_are_not_offered_or_followed_unless_deep() -> None:
    reader = Reader(lambda *_: says(lookups=[look()]))
    outcome = run(reader)
    assert len(reader.requests) == 1
    assert "Look-ups" not in reader.requests[0].system_text
    assert len(outcome.findings) == 1


def test_a_question_that_code_answers_harmlessly_is_not_asked_and_says_why() -> None:
    outcome = asked(verdict(id="Q1", verdict="refuted", quote="    order.save()", reason="It is saved."))
    assert not outcome.questions
    assert not outcome.findings
    assert outcome.excluded[0].reason.startswith("a question the code answers: It is saved.")
    assert outcome.excluded[0].scenario == ASKED.text


def test_a_question_that_code_proves_becomes_a_finding_in_the_second_readers_words() -> None:
    outcome = asked(proof())
    (finding,) = outcome.findings
    assert not outcome.questions
    assert (finding.title, finding.recommendation) == (
        "Two callers charge one order twice",
        "Take the lock in charge().",
    )
    assert finding.scenario.startswith("Two callers charge at once")
    assert (finding.path, finding.start_line, finding.quote) == (ASKED.path, 4, ASKED.quote)
    assert (finding.confidence, finding.symbol) == (Confidence.MEDIUM, "charge")
    assert finding.verification.status is VerificationStatus.CONFIRMED
    assert finding.fingerprint


def test_a_question_is_no_graver_than_its_hazard() -> None:
    (finding,) = asked(proof(severity="critical")).findings
    assert finding.severity is Severity.HIGH
    (finding,) = asked(proof(severity="low")).findings
    assert finding.severity is Severity.LOW


@pytest.mark.parametrize(
    "said",
    [
        verdict(id="Q1", verdict="uncertain", question="Another question?"),
        proof() | {"quote": "", "note": "nothing shown"},
        proof() | {"quote": "order.locked = True"},
        proof() | {"title": ""},
        verdict(id="Q1", verdict="refuted", quote="not in the code"),
        verdict(id="Q7"),
        "no verdict",
    ],
)
def test_any_other_answer_leaves_the_question_to_the_author(said: Any) -> None:
    outcome = asked(said)
    assert outcome.questions == (ASKED,)
    assert not outcome.findings
    assert not outcome.excluded
    assert not outcome.notices


def test_a_question_without_a_place_is_asked_as_it_is() -> None:
    nowhere = replace(ASKED, path="", start_line=0, end_line=0)
    reader = Reader(lambda *_: says())
    outcome = verify(
        (),
        reader,
        plan=a_plan(),
        inside=change(),
        base=CountingTree({}),
        head=CountingTree(HEAD),
        questions=(nowhere,),
    )
    assert outcome.questions == (nowhere,)
    assert not reader.requests


def test_a_question_is_put_to_the_second_reader_as_one() -> None:
    reader = Reader(lambda *_: says())
    verify(
        (seen(),),
        reader,
        plan=a_plan(),
        inside=change(),
        base=CountingTree({}),
        head=CountingTree(HEAD),
        questions=(ASKED,),
    )
    (request,) = reader.requests
    assert "[Q1] question, at app/charge.py:4-4: Does a caller of charge hold the lock now?" in request.user_text


def test_a_proven_question_that_a_finding_tells_already_is_not_told_twice() -> None:
    said = [verdict(id="C1"), proof()]
    outcome = verify(
        (seen(title="Two callers charge an order twice", scenario="Both callers pass.", start_line=6, end_line=6),),
        Reader(lambda *_: says(*said)),
        plan=a_plan(),
        inside=change(),
        base=CountingTree({}),
        head=CountingTree(HEAD),
        questions=(ASKED,),
    )
    assert [finding.title for finding in outcome.findings] == ["Two callers charge an order twice"]
    assert not outcome.questions
    assert outcome.excluded[0].reason == "same cause as “Two callers charge an order twice”"
