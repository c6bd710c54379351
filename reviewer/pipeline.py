"""The walk of a review. Read this first.

    diff -> scope -> redact -> evidence -> remember -> context -> batch -> ask -> parse -> anchor -> verify
         -> gate -> reconcile -> ledger -> Review

Sources hand in a `RawChange`; reporters and publish take the `Review` from here. Everything between is pure,
except that trees are read and `ask` talks to a model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from reviewer import __version__
from reviewer.evidence.spell import Spell, spell
from reviewer.nouns.answered import Answered
from reviewer.nouns.batch import Batch, HunkId
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.exchange import AskAll, Request
from reviewer.nouns.plan import Plan, Switches
from reviewer.nouns.progress import Event, Progress, silent
from reviewer.nouns.review import Provenance, Review, Skip, Tool
from reviewer.nouns.signal import Evidence
from reviewer.nouns.source import RawChange, Tree
from reviewer.stages import (
    anchor,
    ask,
    batch,
    context,
    diff,
    facts,
    gate,
    ledger,
    merge,
    offline,
    parse,
    reconcile,
    redact,
    remember,
    scope,
    shard,
    summary,
    verify,
)

__all__ = ["prepare", "review"]


class Prepared(NamedTuple):
    """Everything up to the first model call; `--dry-run` stops here.

    `inside` is the change set in scope, redacted; `todo` are its hunks that have not been reviewed in an
    earlier run (all of them on a first run), `settled` those that have.
    """

    inside: ChangeSet
    todo: frozenset[HunkId]
    settled: frozenset[HunkId]
    skips: tuple[Skip, ...]
    evidence: Evidence
    spell: Spell
    batches: tuple[Batch, ...]
    requests: tuple[Request, ...]


class Engine(Protocol):
    """Takes a change and trees as `examine` does, and gives a way to wait for the evidence."""

    def __call__(
        self,
        changes: ChangeSet,
        *,
        everything: ChangeSet,
        base: Tree,
        head: Tree,
        switches: Switches,
        user_rules: tuple[tuple[str, bytes], ...] = (),
        sarif: tuple[bytes, ...] = (),
    ) -> Callable[[], Evidence]: ...


def at_once(changes: ChangeSet, **circumstances: Any) -> Callable[[], Evidence]:
    """The engine in this process: done before anything else goes on."""
    from reviewer.evidence import examine

    evidence = examine(changes, **circumstances)
    return lambda: evidence


def prepare(raw: RawChange, plan: Plan, progress: Progress = silent, *, engine: Engine = at_once) -> Prepared:
    """Walk from the raw change to the requests a model would get. Reads trees, asks nobody."""
    parsed = diff.parse(raw.diff)
    progress(Event("diff.parsed", {"files": len(parsed.files), "lines": parsed.changed_lines}))
    scoped = scope.divide(parsed, plan.scope, base=raw.base, head=raw.head, leave_out=plan.persona.scope_exclude)
    mine = shard.take(scoped.inside, plan.shard)
    examination = engine(
        mine.inside,
        everything=parsed,
        base=raw.base,
        head=raw.head,
        switches=plan.switches,
        user_rules=plan.user_rules,
        sarif=plan.sarif,
    )
    clean = redact.redact(mine.inside)
    pending = remember.pending(clean, plan.memory, full=plan.full)
    skips = (*raw.skips, *scoped.skips, *mine.skips)
    if plan.provider == "offline":
        evidence = examination()
        progress(Event("evidence.found", {"signals": len(evidence.signals)}))
        return Prepared(
            clean, pending.todo, pending.settled, skips, evidence, spell(evidence, parsed, raw.text), (), ()
        )
    contexts = context.gather(clean, pending.todo, base=raw.base, head=raw.head, budget=plan.budget)
    packed = batch.pack(clean, pending.todo, contexts, plan.budget)
    evidence = examination()
    progress(Event("evidence.found", {"signals": len(evidence.signals)}))
    spoken = spell(evidence, parsed, raw.text)
    requests = ask.compose(packed.batches, plan=plan, text=raw.text, evidence=evidence, everything=parsed, skips=skips)
    progress(Event("batches.packed", {"batches": len(packed.batches)}))
    return Prepared(
        clean, pending.todo, pending.settled, (*skips, *packed.cut), evidence, spoken, packed.batches, requests
    )


def review(
    raw: RawChange,
    plan: Plan,
    ask_all: AskAll | None,
    progress: Progress = silent,
    *,
    notices: tuple[str, ...] = (),
    engine: Engine = at_once,
) -> Review:
    """Review a change. `ask_all` is None where no model takes part (the offline engine speaks alone).

    `notices` are the caller's own words to the reader, put before those of the stages.

    Raises SourceError if the diff cannot be read. A failed, refused or unreadable model call is never raised:
    it becomes a skip, and the verdict `incomplete`.
    """
    prepared = prepare(raw, plan, progress, engine=engine)
    if ask_all is None:
        answered = offline.answer(prepared.inside, prepared.todo, prepared.evidence)
    else:
        answered = _ask(prepared, raw, plan, ask_all, progress)
    gated = gate.gate(answered.findings, plan.gate, plan.switches)
    settled = reconcile.reconcile(
        gated.kept,
        answered.questions,
        memory=plan.memory,
        inside=prepared.inside,
        settled=prepared.settled,
        reviewed=answered.pieces,
    )
    skips = (*prepared.skips, *answered.lost)
    coverage = ledger.balance(prepared.inside, skips, answered.pieces, prepared.settled)
    review_ = Review(
        verdict=summary.verdict(settled.findings, coverage, skips),
        target=raw.target,
        summary="",
        tool=Tool(version=__version__),
        findings=settled.findings,
        questions=settled.questions,
        excluded=(*answered.excluded, *gated.excluded, *settled.excluded),
        acknowledged=settled.acknowledged,
        fixed=settled.fixed,
        deliverables=summary.deliverables(
            facts.explained(prepared.evidence.deliverables, answered.notes), settled.findings, plan.hazards
        ),
        coverage=coverage,
        skips=skips,
        usage=answered.usage,
        provenance=_provenance(prepared, raw, plan),
        notices=(*notices, *raw.notices, *prepared.evidence.notices, *answered.notices),
        language=plan.language,
        diff=diff.unparse(prepared.inside),
    )
    return replace(review_, summary=summary.sentence(review_, answered.summaries))


def _ask(prepared: Prepared, raw: RawChange, plan: Plan, ask_all: AskAll, progress: Progress) -> Answered:
    """Put the requests to the model, then make findings of what it said: parse, anchor, merge, verify."""
    heard = parse.read_all(ask_all(prepared.requests), prepared.requests, prepared.batches, plan.hazards)
    progress(Event("replies.read", {"answers": len(heard.answers), "lost": len(heard.lost)}))
    anchored = anchor.anchor(heard.drafts, prepared.inside, head=raw.head, base=raw.base)
    firm = prepared.spell.firm
    merged = merge.merge(anchored.findings, prepared.evidence.signals, heard.signal_answers, prepared.inside, firm=firm)
    verified = verify.verify(
        merged.findings,
        ask_all,
        plan=plan,
        inside=prepared.inside,
        base=raw.base,
        head=raw.head,
        firm=firm,
        questions=merge.questions(anchored.questions, merged.findings),
    )
    progress(Event("findings.verified", {"findings": len(verified.findings)}))
    return Answered(
        findings=verified.findings,
        questions=merge.questions(verified.questions, verified.findings),
        excluded=(*heard.excluded, *anchored.excluded, *merged.excluded, *verified.excluded),
        pieces=heard.pieces,
        lost=heard.lost,
        summaries=heard.summaries,
        notices=(*prepared.spell.notices, *heard.notices, *verified.notices),
        usage=heard.usage + verified.usage,
        notes=heard.notes,
    )


def _provenance(prepared: Prepared, raw: RawChange, plan: Plan) -> Provenance:
    """Hashes of what was used, so that a report can be traced to its persona, prompts and diff."""
    prompt = prepared.requests[0].system_text if prepared.requests else ""
    return Provenance(
        provider=plan.provider,
        model=plan.model,
        persona=plan.persona.name,
        persona_sha256=plan.persona.sha256,
        prompt_sha256=hashlib.sha256(prompt.encode()).hexdigest() if prompt else "",
        diff_sha256=hashlib.sha256(raw.diff).hexdigest(),
    )
