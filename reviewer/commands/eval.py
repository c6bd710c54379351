"""`eval`: review a folder of labelled changes and say how well that went."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from reviewer import asking, pipeline
from reviewer.acquire import settings_for
from reviewer.arguments import add_options
from reviewer.assemble import plan_for
from reviewer.errors import DeliveryError, ExitCode, UsageError
from reviewer.evaluation import cases, judge, recorded, results, scoring
from reviewer.evaluation.cases import Case
from reviewer.nouns.exchange import AskAll
from reviewer.nouns.memory import Memory
from reviewer.nouns.progress import silent
from reviewer.options import REVIEW
from reviewer.targets import options_of
from reviewer.world import World

_LEFT_OUT = frozenset({"range", "staged", "diff", "pr", "repo", "output", "format", "post", "dry-run", "shard", "full"})


class _Done(NamedTuple):
    """One case reviewed: by what, and how well."""

    setup: dict[str, str]
    scored: scoring.Scored


def configure(parser: argparse.ArgumentParser) -> None:
    """The cases, where results go, and the options of a review that make sense for many."""
    parser.add_argument("cases", type=Path, metavar="CASES", help="a folder of cases (a case.json each)")
    parser.add_argument("--recorded", action="store_true", help="answer from the replies that lie beside each case")
    parser.add_argument("--judge", action="store_true", help="let the model match findings to defects, besides place")
    parser.add_argument(
        "--results", type=Path, action="append", default=[], metavar="FILE", help="write .json or .html"
    )
    parser.add_argument("--compare", type=Path, metavar="FILE", help="results (.json) of an earlier run")
    add_options(parser, [option for option in REVIEW if option.name not in _LEFT_OUT])


def run(arguments: argparse.Namespace, world: World) -> int:
    """Review every case, print the figures. Exit 0 if all were reviewed in full, 4 if not."""
    flags = vars(arguments).copy()
    folder, from_replies = flags.pop("cases"), flags.pop("recorded", False)
    with_judge = flags.pop("judge", False)
    outputs, earlier = flags.pop("results", []), flags.pop("compare", None)
    for path in outputs:
        if path.suffix not in {".json", ".html"}:
            raise UsageError(f"{path} is neither .json nor .html.", "Results are written as one of these.")
    before = results.load(_read(world.cwd / earlier), earlier.name) if earlier else None
    options = options_of(flags, world)
    scored: list[scoring.Scored] = []
    setup: dict[str, str] = {}
    for case in cases.load(world.cwd / folder):
        done = _case(case, options, world, from_replies=from_replies, with_judge=with_judge)
        setup = setup or done.setup
        scored.append(done.scored)
    outcome = results.Results(setup, tuple(scored))
    for path in outputs:
        _write(world.cwd / path, results.dump(outcome) if path.suffix == ".json" else results.page(outcome, before))
    world.stdout.write(results.text(outcome, before))
    return int(ExitCode.OK if all(case.complete for case in scored) else ExitCode.INCOMPLETE)


def _case(case: Case, options: Mapping[str, Any], world: World, *, from_replies: bool, with_judge: bool) -> _Done:
    """Review one case and score it; the judge, if asked for, has the same model and limits."""
    change = cases.change_of(case)
    settings = settings_for(change, options, world)
    keys = {"anthropic": "recorded"} if from_replies else asking.keys_of(world)
    plan = plan_for(change, settings, options, world, memory=Memory(), keys=keys)
    pool = None if from_replies else asking.pool_for(plan, settings, options, world, silent, began=world.now())
    ask_all: AskAll | None = recorded.replies_of(case.folder) if from_replies else pool
    try:
        review = pipeline.review(change, plan, ask_all)
        scored = scoring.score(case, review)
        if with_judge and ask_all is not None:
            scored = judge.judged(case, review, scored, ask_all)
    finally:
        if pool is not None:
            pool.close()
    used = review.provenance
    return _Done({"provider": used.provider, "model": used.model, "persona": used.persona}, scored)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DeliveryError(f"{path} cannot be written: {error.strerror}.") from error
