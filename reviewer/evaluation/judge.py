"""Let a model say whether a remark and a known defect have the same cause, where lines alone cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from reviewer.errors import UnreadableReply
from reviewer.evaluation.cases import Case
from reviewer.evaluation.scoring import Matched, Scored
from reviewer.nouns.exchange import AskAll, Block, Purpose, Reply, Request, StopReason
from reviewer.nouns.review import Review
from reviewer.stages import render, wire
from reviewer.stages.ask import mark_of, prompt
from reviewer.stages.jsontext import clean, read_object

_MAX_DIFF = 60_000  # characters of the change a judge is shown
_VERDICTS = frozenset({"same", "valid", "nit", "wrong"})


class Judgement(NamedTuple):
    """What a judge says of one remark: `defect` is the index of the known defect it names, or None."""

    verdict: str  # same | valid | nit | wrong
    defect: int | None
    reason: str


def judged(case: Case, review: Review, scored: Scored, ask_all: AskAll) -> Scored:
    """The score by the judge's word instead of by place; by place (`judged` False) where it gives no readable one.

    Whether the lines are exact is measured by place all the same.
    """
    if not review.findings:
        return replace(scored, judged=True)
    outcome = next(iter(ask_all((_request(case, review),))), None)
    if not isinstance(outcome, Reply) or outcome.stop is not StopReason.COMPLETE:
        return scored
    try:
        judgements = read(outcome.text, len(review.findings), len(case.gold))
    except UnreadableReply:
        return scored
    return _rescored(case, review, scored, judgements)


def read(text: str, remarks: int, defects: int) -> dict[int, Judgement]:
    """Judgements by the index of the remark. Raises UnreadableReply if the text holds none or misses a remark."""
    items = read_object(text, expect="judgements")["judgements"]
    found: dict[int, Judgement] = {}
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            position = _index(item.get("remark"), "R", remarks)
            defect = _index(item.get("defect"), "D", defects)
            verdict = clean(item.get("verdict"), 10)
            if position is not None and verdict in _VERDICTS and (verdict == "same") == (defect is not None):
                found.setdefault(position, Judgement(verdict, defect, clean(item.get("reason"), 500)))
    if len(found) != remarks:
        raise UnreadableReply(f"the judge gave a verdict on {len(found)} of {remarks} remarks")
    return found


def _index(value: object, letter: str, count: int) -> int | None:
    text = clean(value, 10)
    if not text.startswith(letter) or not text[1:].isdecimal():
        return None
    number = int(text[1:]) - 1
    return number if 0 <= number < count else None


def _request(case: Case, review: Review) -> Request:
    defects = "\n".join(
        f"[D{number}] {gold.places[0].path}:{gold.places[0].start_line} {gold.severity} {render.one_line(gold.defect, 600)}"
        for number, gold in enumerate(case.gold, 1)
    )
    remarks = "\n".join(
        f"[R{number}] {render.one_line(each.path)}:{each.start_line} {each.severity} {render.one_line(each.title)}: "
        f"{render.one_line(each.scenario, 900)}"
        for number, each in enumerate(review.findings, 1)
    )
    shown = f"# The change\n{review.diff[:_MAX_DIFF]}\n# Known defects\n{defects or '(none)'}\n# Remarks\n{remarks}"
    mark = mark_of((shown,))
    return Request(
        id=f"judge-{case.name}",
        purpose=Purpose.JUDGE,
        system=(Block(prompt("judge.md"), cache=True),),
        user=(Block(f"BEGIN {mark}\n{shown}\nEND {mark}\n\nJudge every remark."),),
        schema_name="judgements",
        schema=wire.JUDGEMENTS,
    )


def _rescored(case: Case, review: Review, scored: Scored, judgements: Mapping[int, Judgement]) -> Scored:
    by_place = {(match.gold, match.finding): match.exact for match in scored.matched}
    matched: dict[int, Matched] = {}
    sorted_out: dict[str, list[int]] = {"duplicates": [], "valid": [], "noise": []}
    for position in range(len(review.findings)):
        judgement = judgements[position]
        if judgement.defect is None:
            sorted_out["valid" if judgement.verdict == "valid" else "noise"].append(position)
        elif judgement.defect in matched:
            sorted_out["duplicates"].append(position)
        else:
            gold = judgement.defect
            same_severity = review.findings[position].severity is case.gold[gold].severity
            matched[gold] = Matched(gold, position, by_place.get((gold, position), False), same_severity)
    lists: dict[str, Any] = {name: tuple(positions) for name, positions in sorted_out.items()}
    return replace(
        scored,
        **lists,
        judged=True,
        matched=tuple(matched[gold] for gold in sorted(matched)),
        missed=tuple(gold.defect for index, gold in enumerate(case.gold) if index not in matched),
    )
