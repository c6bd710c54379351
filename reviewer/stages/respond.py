"""Answer a person's question about a review: the same persona and masks, and no power to do anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reviewer.errors import UnreadableReply
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.exchange import Block, Failure, Purpose, Reply, Request, StopReason
from reviewer.nouns.finding import Finding
from reviewer.nouns.plan import Plan
from reviewer.nouns.source import Tree
from reviewer.stages import render, windows, wire
from reviewer.stages.ask import language_name, mark_of, prompt
from reviewer.stages.jsontext import clean, read_object
from reviewer.stages.redact import mask

_MAX_CODE = 60_000  # characters of the change shown where the question is about no finding
_MAX_QUESTION = 4_000
_MAX_THREAD = 8_000
_MAX_ANSWER = 6_000


class Response(NamedTuple):
    """The answer as untrusted Markdown, the code it rests on, and whether the finding is taken back."""

    answer: str
    quotes: tuple[str, ...]
    withdraws: bool


def compose(
    question: str,
    *,
    plan: Plan,
    inside: ChangeSet,
    head: Tree,
    finding: Finding | None = None,
    thread: Sequence[str] = (),
) -> Request:
    """The request that puts `question` to the model. `thread` are the earlier comments, oldest first."""
    code = _code(inside, head, finding)
    about = (
        f"# The finding\n{finding.hazard}, {finding.severity}: {finding.title}\n{finding.scenario}\n" if finding else ""
    )
    before = "\n".join(f"> {line}" for comment in thread for line in mask(comment).splitlines())[-_MAX_THREAD:]
    asked = "\n".join(f"> {line}" for line in mask(question)[:_MAX_QUESTION].splitlines())
    said = f"{about}# Earlier comments\n{before or '> (none)'}\n# The question\n{asked}"
    seal = mark_of((code, said))
    contract = prompt("ask.md").replace("{language}", language_name(plan.language))
    return Request(
        id="ask",
        purpose=Purpose.ASK,
        system=(Block(plan.persona.body), Block(f"\n\n{contract}")),
        user=(Block(f"BEGIN {seal}\n{code}\n{said}\nEND {seal}\n\nAnswer the question."),),
        schema_name="answer",
        schema=wire.ANSWER,
        max_output_tokens=plan.budget.max_output_tokens,
        accept=accept,
    )


def accept(text: str) -> object:
    """Whether a text answers an ask request; raises UnreadableReply if not (`Request.accept`)."""
    value = read_object(text, expect="answer")
    if not clean(value["answer"], _MAX_ANSWER).strip():
        raise UnreadableReply("the answer is empty")
    return value


def read(outcome: Reply | Failure) -> Response:
    """The answer of an outcome. Raises UnreadableReply, or the error that ended the call."""
    if isinstance(outcome, Failure):
        raise outcome.error
    if outcome.stop is not StopReason.COMPLETE:
        raise UnreadableReply(f"the answer is {outcome.stop}")
    accept(outcome.text)
    value = read_object(outcome.text, expect="answer")
    quotes = value.get("quotes")
    kept = tuple(clean(quote, 1_000) for quote in quotes[:10]) if isinstance(quotes, list) else ()
    return Response(clean(value["answer"], _MAX_ANSWER), tuple(filter(None, kept)), value.get("withdraws") is True)


def _code(inside: ChangeSet, head: Tree, finding: Finding | None) -> str:
    file = inside.file(finding.path) if finding else None
    if finding and file:
        source = (head.read(file.path) or b"").decode("utf-8", "replace")
        return f"# Code\n{windows.around(file, source, [finding])}"
    shown = "\n".join(
        f"## {render.heading(each)}\n" + "\n".join(f"@@\n{render.lines(hunk.lines)}" for hunk in each.hunks)
        for each in inside.files
    )
    return f"# The change\n{shown[:_MAX_CODE]}" + ("\n(cut)" if len(shown) > _MAX_CODE else "")
