"""`audit`: review many pull requests, or a range commit by commit, and write a report of each into a folder.

The calls of all reviews are made together: with `--batch` they are one batch a stage, at half the price.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from reviewer import asking, deliver, pipeline
from reviewer.acquire import raw_change, settings_for
from reviewer.arguments import add_options
from reviewer.assemble import plan_for
from reviewer.errors import DeliveryError, ExitCode, ReviewerError, UsageError
from reviewer.nouns.exchange import AskAll
from reviewer.nouns.memory import Memory
from reviewer.nouns.plan import Plan
from reviewer.nouns.progress import silent
from reviewer.nouns.review import Review, TargetKind
from reviewer.nouns.source import RawChange
from reviewer.options import REVIEW
from reviewer.providers import OFFLINE
from reviewer.settings import Settings
from reviewer.targets import options_of
from reviewer.together import together
from reviewer.world import World

MAX_TARGETS = 500
_OTHERS = frozenset(
    ["range", "staged", "diff", "pr", "repo", "full", "shard", "format", "output", "post", "check-run", "dry-run"]
)
# All reviews of an audit are asked in one way, which is the first one's.
_ASKING = (
    "provider",
    "model",
    "base_url",
    "fallback",
    "context_tokens",
    "max_cost_usd",
    "max_input_tokens",
    "deadline",
    "concurrency",
)
# From fine to worst: what could not be read weighs more than what was found.
_WORST = (ExitCode.OK, ExitCode.FINDINGS, ExitCode.INCOMPLETE, ExitCode.SOURCE, ExitCode.USAGE)


class Task(NamedTuple):
    """A change to review, and how. `name` is for people, `slug` for files."""

    name: str
    slug: str
    change: RawChange
    settings: Settings
    plan: Plan


class Entry(NamedTuple):
    """One line of the summary: a target and its review, or why there is none."""

    name: str
    title: str = ""
    slug: str = ""
    review: Review | None = None
    error: ReviewerError | None = None
    code: ExitCode = ExitCode.OK


def configure(parser: argparse.ArgumentParser) -> None:
    """Targets of its own, and the options of a review that hold for many."""
    target = parser.add_argument_group("target: what to review")
    target.add_argument("--range", metavar="A..B", help="commits of a local repository")
    target.add_argument(
        "--each-commit", action="store_true", help="review each commit of the range as a change of its own"
    )
    target.add_argument("--pr", action="append", metavar="PR", help="OWNER/REPO#N or a URL; may be repeated")
    target.add_argument("--repo", metavar="PATH", help="the repository's folder (default: the current folder)")
    add_options(parser, [option for option in REVIEW if option.name not in _OTHERS])
    parser.add_argument("--output", metavar="DIR", default="audit", help="the folder of reports (default: audit)")


def run(arguments: argparse.Namespace, world: World) -> int:
    """Review all targets; returns the worst of their exit codes. Raises ReviewerError."""
    began = world.now()
    given = vars(arguments)
    options = {name: value for name, value in options_of(given, world).items() if name not in _dests(_OTHERS)}
    if "repo" in given:
        options["repo"] = given["repo"]
    wanted = targets_of(given, world)
    folder = _folder(world.cwd / arguments.output)
    tasks: list[Task] = []
    failed: dict[int, Entry] = {}
    for number, target in enumerate(wanted):
        try:
            tasks.append(_task(number, {**options, **target}, tasks[0].settings if tasks else None, world))
        except ReviewerError as error:
            failed[number] = Entry(next(iter(target.values())), error=error, code=error.exit_code)
    reviews = iter(_reviewed(tasks, options, world, began=began))
    done = iter(tasks)
    entries = [
        failed[number] if number in failed else _entry(next(done), next(reviews), world)
        for number in range(len(wanted))
    ]
    for entry in entries:
        if entry.review is not None:
            deliver.write_outputs(entry.review, [str(folder / f"{entry.slug}{end}") for end in (".json", ".md")], world)
    _summarise(entries, folder, world)
    return int(
        ExitCode.INTERRUPTED if world.stop.is_set() else max((entry.code for entry in entries), key=_WORST.index)
    )


def targets_of(given: Mapping[str, Any], world: World) -> list[dict[str, str]]:
    """The targets as options of a single review each. Raises UsageError for none or too many, SourceError."""
    pulls = list(dict.fromkeys(given.get("pr", ())))
    if bool(pulls) == bool(given.get("range")):
        raise UsageError(
            "An audit needs a range or pull requests.", "Give --range A..B, or --pr OWNER/REPO#N (repeatable)."
        )
    if given.get("each_commit") and not given.get("range"):
        raise UsageError("--each-commit needs --range.", "Pull requests are reviewed whole.")
    if len(pulls) > MAX_TARGETS:
        raise UsageError(f"{len(pulls)} pull requests are too many for one audit.", f"Give at most {MAX_TARGETS}.")
    if pulls:
        return [{"pr": pull} for pull in pulls]
    if not given.get("each_commit"):
        return [{"range": given["range"]}]
    from reviewer.sources.commits import steps

    found = steps(given["range"], repo=Path(given.get("repo") or world.cwd), most=MAX_TARGETS)
    if not found:
        raise UsageError(f"{given['range']} has no commits.", "Give the older end first: A..B.")
    return [{"range": step.range} for step in found]


def _task(number: int, options: Mapping[str, Any], first: Settings | None, world: World) -> Task:
    """Read one change and plan its review, asked as the first one's settings say."""
    change = raw_change(options, world)
    settings = settings_for(change, options, world)
    if first is not None:
        settings = settings.model_copy(update={name: getattr(first, name) for name in _ASKING})
    plan = plan_for(change, settings, options, world, memory=Memory(), keys=asking.keys_of(world))
    target = change.target
    if target.kind is TargetKind.PULL_REQUEST:
        name = f"{target.repository}#{target.number}"
        return Task(name, f"{target.repository.replace('/', '_')}_{target.number}", change, settings, plan)
    return Task(target.head_sha[:12], f"{number + 1:04}-{target.head_sha[:12]}", change, settings, plan)


def _reviewed(
    tasks: Sequence[Task], options: Mapping[str, Any], world: World, *, began: float
) -> list[Review | ReviewerError]:
    """The reviews of all tasks, in their order, with their calls made together."""
    if not tasks:
        return []
    lead = tasks[0]
    offline = lead.plan.provider == OFFLINE
    jobs: list[Callable[[AskAll], Review]] = [_Job(task, asks=not offline) for task in tasks]
    with deliver.progress_for(options, world, lead.plan.language) as progress:
        pool = asking.pool_for(lead.plan, lead.settings, options, world, progress, began=began)
        try:
            return together(jobs, pool or (lambda _: ()))
        finally:
            if pool is not None:
                pool.close()


@dataclass(frozen=True, slots=True)
class _Job:
    """The review of one task, to be given a way to ask. `asks`: a model takes part."""

    task: Task
    asks: bool

    def __call__(self, ask_all: AskAll) -> Review:
        task = self.task
        notices = asking.notices_for(task.plan, task.settings)
        return pipeline.review(task.change, task.plan, ask_all if self.asks else None, silent, notices=notices)


def _entry(task: Task, outcome: Review | ReviewerError, world: World) -> Entry:
    title = task.change.text.title
    if isinstance(outcome, ReviewerError):
        return Entry(task.name, title, error=outcome, code=outcome.exit_code)
    fail_on = task.settings.fail_on or ("high" if world.in_actions else "never")
    code = deliver.exit_code(outcome, fail_on=fail_on, on_incomplete=task.settings.on_incomplete)
    return Entry(task.name, title, task.slug, outcome, code=code)


def _summarise(entries: Sequence[Entry], folder: Path, world: World) -> None:
    """The table of all targets, to standard output and into the folder."""
    from reviewer import report_file
    from reviewer.reporters.audit_table import Line, table

    text = table(
        [
            Line(entry.name, entry.title, entry.review, entry.error.message if entry.error else "", entry.slug)
            for entry in entries
        ]
    )
    report_file.write(folder / "summary.md", text)
    world.stdout.write(text)
    world.stdout.flush()


def _folder(path: Path) -> Path:
    """The folder, made before anything is spent. Raises DeliveryError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DeliveryError(f"{path} cannot be made: {error.strerror}.", "Name another --output.") from error
    return path


def _dests(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name.replace("-", "_") for name in names)
