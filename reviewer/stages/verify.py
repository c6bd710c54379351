"""Judge every serious finding again, by a second reader who is told to prove it wrong.

Confirmed findings stay. One refuted with code that exists is excluded with the reason. One that hangs on unseen
code becomes a question to the author. Where the call fails, the finding stays, marked as unverified: silence
neither promotes nor drops anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reviewer.nouns.changeset import ChangeSet, Side
from reviewer.nouns.exchange import AskAll, Block, Failure, Purpose, Reply, Request
from reviewer.nouns.finding import Category, Confidence, Excluded, Finding, Origin, Question, Severity
from reviewer.nouns.hazard import Hazard
from reviewer.nouns.plan import Plan
from reviewer.nouns.review import Usage
from reviewer.nouns.source import Tree
from reviewer.stages import at_hand, behind, merge, prints, render, verdicts, windows, wire
from reviewer.stages.ask import language_name, mark_of, prompt
from reviewer.stages.exclude import exclude
from reviewer.stages.lookup import MAX_PER_ROUND, Library
from reviewer.stages.symbols import enclosing
from reviewer.stages.verdicts import Claim, Look, Settled

_PER_CALL = 4  # claims one call judges: few enough to look at each, enough to stay cheap
_ROUNDS = 3  # of look-ups before a decision, in deep mode


class Verified(NamedTuple):
    """What stands after the second look, in the order it came in."""

    findings: tuple[Finding, ...]
    questions: tuple[Question, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    notices: tuple[str, ...] = ()
    usage: Usage = Usage()


class _Group(NamedTuple):
    """Claims judged in one call, the code they are judged on, and what was looked up so far."""

    id: str
    claims: tuple[Claim, ...]
    code: str
    found: tuple[str, ...] = ()


def verify(
    findings: Sequence[Finding],
    ask_all: AskAll,
    *,
    plan: Plan,
    inside: ChangeSet,
    base: Tree,
    head: Tree,
    firm: bool = False,
    questions: Sequence[Question] = (),
) -> Verified:
    """Take a second look at all findings and questions: code the first reader was not shown may settle them.

    `plan.verify`: off | on | deep. `firm`: what a rule found is not up for a second opinion. The author's account of
    the change is not shown again: it proves nothing.
    """
    claims = tuple(
        Claim(f"C{position}", finding)
        for position, finding in enumerate(findings, 1)
        if not (firm and finding.origin is not Origin.MODEL)
    )
    claims += tuple(
        Claim(f"Q{position}", _feared(question, plan.hazards), question)
        for position, question in enumerate(questions, 1)
        if question.start_line
    )
    if plan.verify == "off" or not claims:
        return Verified(tuple(findings), tuple(questions))
    sources = at_hand.sources([claim.finding for claim in claims], inside, head)
    looks: dict[str, Look] = {}
    usage = Usage()
    deep = plan.verify == "deep"
    library = Library(head, base, near=[claim.finding.path for claim in claims])
    pending = _groups(claims, inside, sources)
    for turn in range(_ROUNDS + 1 if deep else 1):
        last = not deep or turn == _ROUNDS
        requests = tuple(_request(group, plan, deep=deep, last=last) for group in pending)
        outcomes: dict[str, Reply | Failure] = {}
        for outcome in ask_all(requests) if requests else ():
            outcomes.setdefault(outcome.request_id, outcome)
            usage += outcome.usage
        again: list[_Group] = []
        for group in pending:
            heard = verdicts.hear(outcomes.get(group.id), group.claims, "\n".join((group.code, *group.found)))
            if heard.lookups and not last:
                results = tuple(library.answer(lookup) for lookup in heard.lookups[:MAX_PER_ROUND])
                again.append(group._replace(id=f"{group.id}+", found=(*group.found, *results)))
            else:
                looks.update(heard.looks)
        pending = tuple(again)
    asked = [
        verdicts.answer(claim, looks.get(claim.id), symbol=_symbol(claim.finding, sources))
        for claim in claims
        if claim.question is not None
    ]
    asked += [verdicts.Settled(question=question) for question in questions if not question.start_line]
    return _settled(findings, asked, looks, usage)


def _feared(question: Question, hazards: Sequence[Hazard]) -> Finding:
    """The defect a question would be if the answer is the bad one: no graver than its hazard is as a rule."""
    known = next((hazard for hazard in hazards if hazard.id == question.hazard), None)
    severity = max(known.severity if known else Severity.MEDIUM, Severity.MEDIUM, key=lambda each: each.rank)
    return Finding(
        fingerprint="",
        hazard=known.id if known else "other-reliability",
        category=known.category if known else Category.RELIABILITY,
        severity=severity,
        confidence=Confidence.LOW,
        path=question.path,
        side=question.side,
        start_line=question.start_line,
        end_line=question.end_line,
        quote=question.quote,
        title=question.text[:160],
        scenario=question.text,
        recommendation="",
        references=known.references if known else (),
    )


def _symbol(finding: Finding, sources: Mapping[str, str]) -> str:
    """The function or class a question is about, where its file is at hand: part of a finding's identity."""
    found = enclosing(finding.path, sources.get(finding.path, ""), finding.start_line)
    return found.name if found and finding.side is Side.RIGHT else ""


def _groups(claims: Sequence[Claim], inside: ChangeSet, sources: Mapping[str, str]) -> tuple[_Group, ...]:
    """A few claims a call, those on one file together."""
    ordered = sorted(claims, key=lambda claim: (claim.finding.path, claim.finding.start_line))
    chunks = [tuple(ordered[start : start + _PER_CALL]) for start in range(0, len(ordered), _PER_CALL)]
    elsewhere = windows.Elsewhere(inside)
    return tuple(
        _Group(f"verify-{number}", chunk, _code(chunk, inside, sources, elsewhere))
        for number, chunk in enumerate(chunks, 1)
    )


def _code(claims: Sequence[Claim], inside: ChangeSet, sources: Mapping[str, str], elsewhere: windows.Elsewhere) -> str:
    """The code the claims are judged on: each file round its claims, what they hang on, and lines with their names."""
    by_path: dict[str, list[Finding]] = {}
    for claim in claims:
        by_path.setdefault(claim.finding.path, []).append(claim.finding)
    parts: list[str] = []
    shown: list[behind.Span] = []
    for path, findings in by_path.items():
        file = inside.file(path)
        if file is not None:
            source = sources.get(path, "")
            parts.append(windows.around(file, source, findings))
            shown += [behind.Span(path, low, high, "") for low, high in windows.spans(file, source, findings)]
    hung = [text for claim in claims if (text := behind.behind(claim.finding, sources, shown))]
    if hung:
        parts += ["## What the claims name, at head", *dict.fromkeys(hung)]
    mentioned = elsewhere.mentions(claim.finding for claim in claims)
    return "\n".join(("# Code (mark, line number, bar, text)", *parts, *([mentioned] if mentioned else [])))


def _request(group: _Group, plan: Plan, *, deep: bool, last: bool) -> Request:
    contract = prompt("verify.md").replace("{language}", language_name(plan.language))
    if deep:
        lookups = prompt("verify-deep.md").replace("{turns}", str(_ROUNDS)).replace("{count}", str(MAX_PER_ROUND))
        contract = f"{contract}\n\n{lookups}"
    hazards = {hazard.id: hazard for hazard in plan.hazards}
    claimed = "# Claims\n" + "\n".join(
        _claim(claim, hazards[claim.finding.hazard].refuted_by if claim.finding.hazard in hazards else ())
        for claim in group.claims
    )
    found = "\n".join(("# Looked up", *group.found)) if group.found else ""
    mark = mark_of((group.code, claimed, found))
    closing = "Judge every claim." + (" No look-ups are left: decide now." if deep and last else "")
    return Request(
        id=group.id,
        purpose=Purpose.VERIFY,
        system=(Block(plan.persona.body), Block(f"\n\n{contract}", cache=True)),
        user=(Block(f"BEGIN {mark}\n{group.code}\n{found}\n{claimed}\nEND {mark}\n\n{closing}"),),
        schema_name="verification",
        schema=wire.DEEP_VERIFICATION if deep else wire.VERIFICATION,
        max_output_tokens=plan.budget.max_output_tokens,
        accept=verdicts.accept,
    )


def _claim(claim: Claim, refuted_by: Sequence[str]) -> str:
    finding = claim.finding
    if claim.question is not None:
        at = f"{render.one_line(finding.path)}:{finding.start_line}-{finding.end_line}"
        return f"[{claim.id}] question, at {at}: {render.one_line(finding.scenario, 2000)}"
    side = "base" if finding.side is Side.LEFT else "head"
    lines = [
        f"[{claim.id}] {finding.hazard}, {finding.severity}: {render.one_line(finding.title)}",
        f"at {render.one_line(finding.path)}:{finding.start_line}-{finding.end_line} ({side})",
        f"claim: {render.one_line(finding.scenario, 2000)}",
    ]
    if refuted_by:
        lines.append(f"not a defect if: {'; '.join(refuted_by)}")
    return "\n".join(lines)


def _settled(
    findings: Sequence[Finding], asked: Sequence[Settled], looks: Mapping[str, Look], usage: Usage
) -> Verified:
    """Every finding and question in its place: kept, turned into the other, or taken out."""
    outcomes = [
        verdicts.settle(finding, look) if (look := looks.get(f"C{position}")) else Settled(finding=finding)
        for position, finding in enumerate(findings, 1)
    ]
    kept = [outcome.finding for outcome in outcomes if outcome.finding]
    promoted: list[Finding] = []
    twice: list[Excluded] = []
    for finding in (outcome.finding for outcome in asked if outcome.finding):
        known = merge.told(finding, (*kept, *promoted))
        if known is None:
            promoted.append(finding)
        else:
            twice.append(exclude(finding, "merge", f"same cause as “{known.title}”"))
    outcomes += asked
    missed = [look for key, look in looks.items() if key.startswith("C") and look.missed]
    notices = (f"{len(missed)} finding(s) could not be verified: {missed[0].verification.reason}",) if missed else ()
    return Verified(
        (*kept, *prints.stamp(promoted)),
        tuple(outcome.question for outcome in outcomes if outcome.question),
        (*(outcome.excluded for outcome in outcomes if outcome.excluded), *twice),
        notices,
        usage,
    )
