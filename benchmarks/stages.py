"""Time each stage of one review in this process, and its peak memory: `python -m benchmarks.stages REPO`.

Prints one JSON object. Run by `benchmarks.run` in a process of its own, so that memory is that of one size.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.repository import git
from reviewer import hazards, personas
from reviewer.evidence import examine
from reviewer.nouns.plan import Plan
from reviewer.nouns.source import ChangeText
from reviewer.resources import prompts
from reviewer.sources.git import Git
from reviewer.sources.trees import GitTree
from reviewer.stages import ask, batch, context, diff, redact, scope


def main(repo: Path) -> None:
    raw = git(repo, "diff", "HEAD~1", "HEAD")
    base, head = GitTree(Git(repo), "HEAD~1"), GitTree(Git(repo), "HEAD")
    plan = Plan(personas.load(personas.DEFAULT, prompts() / "personas"), hazards.load(), provider="anthropic")
    seconds: dict[str, float] = {}

    @contextmanager
    def timed(name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        seconds[name] = time.perf_counter() - start

    with timed("parse"):
        parsed = diff.parse(raw)
    parse_mb = _peak()
    with timed("scope"):
        scoped = scope.divide(parsed, plan.scope, base=base, head=head, leave_out=())
    with timed("redact"):
        clean = redact.redact(scoped.inside)
    inside = scoped.inside
    with timed("evidence"):
        evidence = examine(
            inside, everything=parsed, base=base, head=head, switches=plan.switches, user_rules=(), sarif=()
        )
    todo = frozenset((file.path, index) for file in clean.files for index in range(len(file.hunks)))
    with timed("context"):
        contexts = context.gather(clean, todo, base=base, head=head, budget=plan.budget)
    with timed("batch"):
        packed = batch.pack(clean, todo, contexts, plan.budget)
    with timed("compose"):
        ask.compose(
            packed.batches, plan=plan, text=ChangeText(), evidence=evidence, everything=parsed, skips=scoped.skips
        )
    print(json.dumps({"seconds": seconds, "parse_mb": parse_mb, "peak_mb": _peak()}))


def _peak() -> float:
    """Peak resident memory of this process so far, in MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
