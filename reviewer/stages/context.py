"""What the model needs to see beyond the hunks: enclosing code, definitions, schema, tests. Small on purpose.

Published results agree that more context dilutes attention. So what is shown is ranked, and held to a share of
the diff itself. Trees are asked at most three times (two reads of head, one list of its paths), because a
remote tree makes a request of each; the old version of a function is computed from head and the hunks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from reviewer.nouns.batch import Context, HunkId
from reviewer.nouns.changeset import ChangeSet, FileChange, FileStatus
from reviewer.nouns.plan import Budget
from reviewer.nouns.source import Tree
from reviewer.stages.before import before
from reviewer.stages.excerpt import excerpt, gaps
from reviewer.stages.mentions import Mentions, mentions
from reviewer.stages.places import Places, imports
from reviewer.stages.related import Related, definition, exercised, schema
from reviewer.stages.risk import is_test, risk
from reviewer.stages.split import HUNK_OVERHEAD, line_tokens
from reviewer.stages.symbols import Symbol, outline

SHARE = 0.15  # of the diff's own tokens; numbers and headers take as much again out of the 1.3 a prompt may be
FLOOR = 400  # tokens, for the whole change: what a three-line fix gets
_WORD = re.compile(r"[\w$]+")
_MOST_READ = 48  # related files looked into, per run
_MOST_BYTES = 400_000  # of one file
_MOST_HEAD = 12  # lines a signature may have
_MOST_CALLS = 3  # unchanged uses shown of a function whose signature changed
_WINDOW = 11  # lines of an enclosing symbol shown before or after a hunk


class Job(NamedTuple):
    """One file to explain: its hunks to review, what it may cost, what it looks like at head, what it mentions."""

    file: FileChange
    hunks: tuple[int, ...]
    room: int
    text: str
    mentions: Mentions


def gather(
    inside: ChangeSet, todo: frozenset[HunkId], *, base: Tree, head: Tree, budget: Budget
) -> Mapping[str, tuple[Context, ...]]:
    """Contexts by the path of the file they explain; each file's stay within its share of the diff."""
    del base  # the old side is in the hunks: what they do not show did not change
    jobs = _jobs(inside, todo, head, budget)
    if not jobs:
        return {}
    related = _related(jobs, inside, head)
    return {job.file.path: found for job in jobs if (found := _spend(job, related))}


def _jobs(inside: ChangeSet, todo: frozenset[HunkId], head: Tree, budget: Budget) -> list[Job]:
    chosen = {
        file.path: tuple(index for index in range(len(file.hunks)) if (file.path, index) in todo)
        for file in inside.files
    }
    files = [file for file in inside.files if chosen[file.path]]
    costs = {file.path: sum(_cost(file, index) for index in chosen[file.path]) for file in files}
    total = sum(costs.values())
    if not total:
        return []
    # Tests explain themselves: what they would get goes to the code they test.
    explained = {file.path for file in files if not is_test(file.path)} or set(costs)
    room = max(SHARE * total, min(FLOOR, budget.context_tokens // 20))
    rate = room / max(1, sum(costs[path] for path in explained))
    texts = head.read_many([file.path for file in files if file.status not in {FileStatus.ADDED, FileStatus.DELETED}])
    return [
        Job(
            file,
            chosen[file.path],
            int(costs[file.path] * rate) if file.path in explained else 0,
            _decoded(texts.get(file.path, b"")),
            mentions(file, chosen[file.path]),
        )
        for file in files
    ]


def _cost(file: FileChange, index: int) -> int:
    return HUNK_OVERHEAD + sum(line_tokens(line) for line in file.hunks[index].lines)


def _decoded(content: bytes) -> str:
    return "" if len(content) > _MOST_BYTES else content.decode("utf-8", "replace")


def _related(jobs: Sequence[Job], inside: ChangeSet, head: Tree) -> dict[str, list[Related]]:
    """Files elsewhere that may define, store or test what each job mentions, read in one go, riskiest jobs first."""
    wanted = [job for job in jobs if not is_test(job.file.path) and (job.mentions.names or job.mentions.tables)]
    paths = head.paths() if wanted else ()
    if not paths:
        return {}
    places = Places(paths)
    changed = {file.path for file in inside.files}
    asked: dict[str, list[tuple[str, str, str]]] = {}
    chosen: dict[str, None] = {}
    each = max(2, _MOST_READ // len(wanted))
    for job in sorted(wanted, key=lambda job: (-risk(job.file), job.file.path)):
        found = [place for place in _places(job, places) if place[0] not in changed][: each * 2]
        for path in list(dict.fromkeys(path for path, _, _ in found))[:each]:
            if len(chosen) < _MOST_READ:
                chosen[path] = None
        asked[job.file.path] = found
    texts = {path: _decoded(content) for path, content in head.read_many(chosen).items()} if chosen else {}
    return {
        origin: [Related(path, texts[path], what, name) for path, what, name in found if texts.get(path)]
        for origin, found in asked.items()
    }


def _places(job: Job, places: Places) -> Iterator[tuple[str, str, str]]:
    """(path, what, name) of files worth reading for a job, the most useful first."""
    path = job.file.path
    known = imports(job.text or "\n".join(line.text for line in job.file.lines() if line.kind != "-"), path)
    for table in job.mentions.tables[:2]:
        yield from ((found, "schema", table) for found in places.schemas(table, path))
    for name in job.mentions.names:
        yield from ((found, "definition", name) for found in places.definitions(name, path, known))
    yield from ((found, "test", "") for found in places.tests(path))


def _spend(job: Job, related: Mapping[str, Sequence[Related]]) -> tuple[Context, ...]:
    """The ranked candidates of a file, as far as its share goes."""
    kept: list[Context] = []
    left = job.room
    for candidate in _candidates(job, related.get(job.file.path, ())):
        if left <= 0:
            break
        path, lines, start, end, why, old = candidate
        found = excerpt(path, lines, start, end, why, room=left, base=old)
        if found is not None and old and found.text.count("\n") < end - start:
            continue  # half an old version says nothing that the hunk does not
        if found is not None and not any(_same(found, other) for other in kept):
            kept.append(found)
            left -= found.tokens
    return tuple(kept)


def _same(one: Context, other: Context) -> bool:
    return (one.path, one.start_line, one.base) == (other.path, other.start_line, other.base)


_Candidate = tuple[str, Sequence[str], int, int, str, bool]  # path, lines, start, end, why, base


def _candidates(job: Job, related: Sequence[Related]) -> Iterator[_Candidate]:
    lines = job.text.split("\n") if job.text else []
    symbols = outline(job.file.path, job.text) if job.text else ()
    touched = _touched(job, symbols)
    yield from _unchanged_calls(job, lines, touched)
    yield from _enclosing(job, lines, touched)
    yield from (found for each in related if each.what == "schema" and (found := schema(each)) is not None)
    yield from _own_definitions(job, lines, symbols)
    yield from (found for each in related if each.what == "definition" and (found := definition(each)) is not None)
    yield from _old_versions(job, lines, touched)
    names = {symbol.name.rsplit(".", 1)[-1] for symbol in touched}
    yield from (found for each in related if each.what == "test" and (found := exercised(each, names)) is not None)


def _shown(job: Job) -> list[range]:
    """Head lines that the hunks show already."""
    return [range(hunk.new_start, hunk.new_start + hunk.new_count) for hunk in job.file.hunks]


def _touched(job: Job, symbols: Sequence[Symbol]) -> list[Symbol]:
    """The innermost symbols around the changes, in order. A removed line counts where it stood."""
    found: dict[Symbol, None] = {}
    for index in job.hunks:
        place = job.file.hunks[index].new_start
        for line in job.file.hunks[index].lines:
            place = line.new if line.new is not None else place
            if line.kind == " ":
                continue
            around = [symbol for symbol in symbols if symbol.start_line <= place <= symbol.end_line]
            if around:
                found[min(around, key=lambda symbol: symbol.end_line - symbol.start_line)] = None
    return list(found)


def _enclosing(job: Job, lines: Sequence[str], touched: Sequence[Symbol]) -> Iterator[_Candidate]:
    """The head of each touched symbol, then what of it lies next to the hunks."""
    path, shown = job.file.path, _shown(job)
    for symbol in touched:
        why = f"enclosing {symbol.kind} {symbol.name}"
        for start, end in gaps(symbol.start_line, symbol.end_line, shown):
            if end - start < _WINDOW:
                yield path, lines, start, end, why, False
            elif end < symbol.end_line:  # before a hunk: how it begins, and the lines that lead to the change
                yield path, lines, start, start + 2, f"{why}, its beginning", False
                yield path, lines, end - _WINDOW + 4, end, why, False
            else:
                yield path, lines, start, start + _WINDOW - 1, f"{why}, continued", False


def _unchanged_calls(job: Job, lines: Sequence[str], touched: Sequence[Symbol]) -> Iterator[_Candidate]:
    """Where the same file uses a function whose signature changed, in lines that did not change with it."""
    shown = _shown(job)
    added = {line.new for index in job.hunks for line in job.file.hunks[index].lines if line.kind == "+"}
    by_word: dict[str, list[int]] = {}
    for symbol in touched:
        bare = symbol.name.rsplit(".", 1)[-1]
        head = range(symbol.start_line, _end_of_head(lines, symbol) + 1)
        if symbol.kind != "function" or not bare.isidentifier() or not any(number in added for number in head):
            continue
        by_word = by_word or _by_word(lines)
        places = [
            number
            for number in by_word.get(bare, ())
            if number not in head and not any(number in part for part in shown)
        ]
        for number in places[:_MOST_CALLS]:
            yield (
                job.file.path,
                lines,
                max(1, number - 2),
                min(len(lines), number + 4),
                f"unchanged use of {bare}",
                False,
            )


def _by_word(lines: Sequence[str]) -> dict[str, list[int]]:
    """The numbers of the lines that hold a word."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(lines, 1):
        for word in {*_WORD.findall(line[:1_000])}:
            found.setdefault(word, []).append(number)
    return found


def _end_of_head(lines: Sequence[str], symbol: Symbol) -> int:
    """The line a function's signature ends on."""
    last = min(symbol.end_line, symbol.start_line + _MOST_HEAD - 1)
    for number in range(symbol.start_line, last + 1):
        if lines[number - 1].rstrip().endswith((":", "{", "=>", "do")):
            return number
    return symbol.start_line


def _own_definitions(job: Job, lines: Sequence[str], symbols: Sequence[Symbol]) -> Iterator[_Candidate]:
    """What the changed lines call that is defined elsewhere in the same file."""
    shown = _shown(job)
    by_name = {symbol.name.rsplit(".", 1)[-1]: symbol for symbol in symbols}
    for name in job.mentions.names:
        symbol = by_name.get(name)
        if symbol is None or any(symbol.start_line in part for part in shown):
            continue
        yield (
            job.file.path,
            lines,
            symbol.start_line,
            min(symbol.end_line, symbol.start_line + 11),
            f"definition of {name}",
            False,
        )


def _old_versions(job: Job, lines: Sequence[str], touched: Sequence[Symbol]) -> Iterator[_Candidate]:
    """How touched symbols read before, where lines were removed from them: base text made from head and hunks."""
    if not lines or not any(
        line.kind == "-" and line.text.strip() for index in job.hunks for line in job.file.hunks[index].lines
    ):
        return
    old, numbers = before(job.file, lines)
    inside = [line for line in job.file.lines() if line.kind == "-" and line.text.strip()]
    for symbol in touched:
        start, end = numbers(symbol.start_line), numbers(symbol.end_line + 1) - 1
        if symbol.kind == "function" and any(start <= (line.old or 0) <= end for line in inside):
            yield job.file.old_path or job.file.path, old, start, end, f"old version of {symbol.name}", True


__all__ = ["FLOOR", "SHARE", "gather"]
