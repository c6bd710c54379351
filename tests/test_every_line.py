"""Every changed line in scope reaches the model, or the ledger says which did not: proven with planted markers."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import pytest

from benchmarks.synthetic import Pull, pull_request
from reviewer import hazards, personas, pipeline
from reviewer.nouns.exchange import Purpose, Reply, Request, StopReason
from reviewer.nouns.plan import Budget, Plan
from reviewer.nouns.review import Review, Target, TargetKind, Usage, Verdict
from reviewer.nouns.source import RawChange
from reviewer.resources import prompts
from reviewer.stages.tokens import estimate_tokens
from tests.stages.trees import CountingTree

ANSWER = json.dumps({"summary": "", "signals": [], "findings": [], "questions": []})


class Model:
    """Answers every request with nothing found, and keeps what it was shown."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def __call__(self, requests: Sequence[Request]) -> Iterable[Reply]:
        self.requests += requests
        return [Reply(each.id, ANSWER, StopReason.COMPLETE, Usage(calls=1)) for each in requests]

    @property
    def shown(self) -> Counter[str]:
        """How often each marker was in a prompt's code."""
        return Counter(word for each in self.requests for word in re.findall(r"mk\d{6}\wq", _code(each)))


def _code(request: Request) -> str:
    """A prompt without the tables of facts, which repeat words of the code."""
    return re.sub(r"(?ms)^# Facts read from the change$.*?(?=^# )", "", request.user_text)


def reviewed(pull: Pull, budget: Budget) -> tuple[Review, Model, CountingTree]:
    persona = personas.load(personas.DEFAULT, prompts() / "personas")
    plan = Plan(persona, hazards.load(), provider="anthropic", model="m", budget=budget)
    head = CountingTree(pull.head)
    raw = RawChange(Target(TargetKind.DIFF), pull.diff, CountingTree(pull.base), head)
    model = Model()
    return pipeline.review(raw, plan, model), model, head


@pytest.mark.parametrize("lines", [1, 60, 800, 20_000])
def test_every_line_in_scope_is_shown_once_and_nothing_else(lines: int) -> None:
    pull = pull_request(lines, noise=True)
    review, model, _ = reviewed(pull, Budget())
    shown = model.shown
    assert set(shown) >= pull.in_scope
    assert [marker for marker in pull.markers if not marker.in_scope and marker.word in shown] == []
    assert review.coverage.in_scope_lines == review.coverage.reviewed_lines == lines
    assert review.verdict is not Verdict.INCOMPLETE


@pytest.mark.parametrize("budget", [3_000, 12_000])
def test_what_a_budget_cuts_the_ledger_says_file_by_file(budget: int) -> None:
    pull = pull_request(800)
    review, model, _ = reviewed(pull, Budget(max_input_tokens=budget))
    shown = model.shown
    sent = Counter(marker.path for marker in pull.markers if marker.word in shown)
    assert 0 < sum(sent.values()) < 800
    assert {file.path: file.reviewed_lines for file in review.coverage.files} == {
        file.path: sent[file.path] for file in review.coverage.files
    }
    cut = {skip.path: skip.lines for skip in review.skips if skip.kind == "budget"}
    planted = Counter(marker.path for marker in pull.markers)
    assert {path: planted[path] - sent[path] for path in planted if planted[path] > sent[path]} == cut
    assert review.verdict is Verdict.INCOMPLETE


def test_a_window_too_small_for_a_file_still_sees_all_of_it() -> None:
    pull = pull_request(400, per_file=400)
    _, model, _ = reviewed(pull, Budget(context_tokens=8_000, max_output_tokens=2_000))
    assert set(model.shown) >= pull.in_scope
    assert len(model.requests) > 3


@pytest.mark.parametrize("lines", [800, 5_000])
def test_a_prompt_is_hardly_larger_than_its_diff(lines: int) -> None:
    """Issue 8: at most 1.3 times the diff, the shared system prompt apart; signals and facts included."""
    pull = pull_request(lines)
    _, model, _ = reviewed(pull, Budget())
    asked = sum(estimate_tokens(each.user_text) for each in model.requests if each.purpose is Purpose.REVIEW)
    assert asked <= 1.3 * estimate_tokens(pull.diff.decode())


def test_the_same_change_gives_the_same_requests() -> None:
    pull = pull_request(800)
    first, second = (reviewed(pull, Budget())[1].requests for _ in range(2))
    assert [each.user_text for each in first] == [each.user_text for each in second]
