"""Pack what is to be reviewed into model calls: a feature's files together, nothing lost, nothing too large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from reviewer.nouns.batch import Batch, Context, HunkId, Piece
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.plan import Budget
from reviewer.nouns.review import Skip
from reviewer.stages.risk import risk
from reviewer.stages.seams import clusters
from reviewer.stages.split import Slice, slices

PREFIX_TOKENS = 14_000  # persona, contract, hazards, change map: what stands before the pieces in each call
MAX_BATCH_TOKENS = 24_000  # more than this in one call and models begin to overlook things
MIN_BATCH_TOKENS = 600
SLACK = 0.9  # estimates are estimates


class Packed(NamedTuple):
    """`batches` in the order they should be asked (riskiest first), and what the input budget cut off."""

    batches: tuple[Batch, ...]
    cut: tuple[Skip, ...]


def pack(
    inside: ChangeSet,
    todo: frozenset[HunkId],
    contexts: Mapping[str, tuple[Context, ...]],
    budget: Budget,
) -> Packed:
    """Every changed line of `todo` is in exactly one piece of one batch, or counted in one cut."""
    limit = batch_limit(budget)
    files = [file for file in inside.files if any((file.path, index) in todo for index in range(len(file.hunks)))]
    risks = {file.path: risk(file) for file in files}
    parts = [part for file in files for part in slices(file, todo, limit)]
    kept, cut = _within(parts, risks, limit, budget.max_input_tokens)
    sizes = {path: sum(part.tokens for part in chosen) for path, chosen in kept.items()}
    groups = clusters([file for file in files if file.path in kept], sizes, limit)
    bins = _fill([[part for file in group for part in kept[file.path]] for group in groups], limit)
    bins.sort(key=lambda chosen: -max(risks[part.file.path] for part in chosen))  # what a deadline cuts matters least
    return Packed(_batches(bins, contexts, limit), cut)


def batch_limit(budget: Budget) -> int:
    """Tokens of pieces and contexts one call may carry, from the model's window."""
    window = budget.context_tokens or Budget().context_tokens
    output = min(budget.max_output_tokens, window // 4)
    prefix = min(PREFIX_TOKENS, window // 2)
    return max(MIN_BATCH_TOKENS, min(MAX_BATCH_TOKENS, int((window - output - prefix) * SLACK)))


def _within(
    parts: Sequence[Slice], risks: Mapping[str, int], limit: int, most: int
) -> tuple[dict[str, list[Slice]], tuple[Skip, ...]]:
    """Keep the riskiest slices that fit into `most` input tokens (0: all); the rest becomes skips, one a file."""
    ranked = sorted(enumerate(parts), key=lambda entry: (-risks[entry[1].file.path], entry[0]))
    why: dict[int, str] = {}
    spent = 0
    for place, part in ranked:
        if part.tokens > limit:
            why[place] = "a line is larger than a model call can hold"
        elif most and spent + part.tokens > most:
            why[place] = f"left out by the input budget of {most} tokens, riskier code first"
        else:
            spent += part.tokens
    kept: dict[str, list[Slice]] = {}
    lost: dict[str, list[tuple[int, str]]] = {}
    for place, part in enumerate(parts):
        if place in why:
            lost.setdefault(part.file.path, []).append((part.changed_lines, why[place]))
        else:
            kept.setdefault(part.file.path, []).append(part)
    return kept, tuple(_cut(path, found) for path, found in lost.items())


def _cut(path: str, found: Sequence[tuple[int, str]]) -> Skip:
    reason = "; ".join(dict.fromkeys(why for _, why in found))
    return Skip(path=path, reason=reason, kind="budget", in_scope=True, lines=sum(lines for lines, _ in found))


def _fill(groups: Sequence[Sequence[Slice]], limit: int) -> list[list[Slice]]:
    """Groups into bins: whole where they fit (first bin with room), over several where they do not."""
    bins: list[list[Slice]] = []
    sizes: list[int] = []
    for group in groups:
        for chunk in _chunks(group, limit):
            size = sum(part.tokens for part in chunk)
            slot = next((index for index, used in enumerate(sizes) if used + size <= limit), None)
            if slot is None:
                bins.append(list(chunk))
                sizes.append(size)
            else:
                bins[slot].extend(chunk)
                sizes[slot] += size
    return bins


def _chunks(group: Sequence[Slice], limit: int) -> list[list[Slice]]:
    """A group in order, cut where the next slice would not fit."""
    chunks: list[list[Slice]] = []
    size = 0
    for part in group:
        if chunks and size + part.tokens <= limit:
            chunks[-1].append(part)
            size += part.tokens
        else:
            chunks.append([part])
            size = part.tokens
    return chunks


def _batches(
    bins: Sequence[Sequence[Slice]], contexts: Mapping[str, tuple[Context, ...]], limit: int
) -> tuple[Batch, ...]:
    """Name the bins and give each the contexts of its files, as far as they fit.

    A file spread over several batches gives its contexts to the first of them: shown once, paid once.
    """
    told: set[str] = set()
    batches: list[Batch] = []
    for number, parts in enumerate(bins, start=1):
        used = sum(part.tokens for part in parts)
        chosen: list[Context] = []
        for path in dict.fromkeys(part.file.path for part in parts):
            if path in told:
                continue
            told.add(path)
            for context in contexts.get(path, ()):
                if used + context.tokens <= limit + limit // 4:
                    chosen.append(context)
                    used += context.tokens
        batches.append(Batch(f"b{number}", _pieces(parts), tuple(dict.fromkeys(chosen)), used))
    return tuple(batches)


def _pieces(parts: Sequence[Slice]) -> tuple[Piece, ...]:
    """Slices of one file that stand next to each other become one piece again."""
    pieces: list[Piece] = []
    for part in parts:
        last = pieces[-1] if pieces else None
        mergeable = (
            last is not None and last.file.path == part.file.path and last.window is None and part.window is None
        )
        if last is not None and mergeable:
            pieces[-1] = replace(last, hunks=tuple(sorted((*last.hunks, part.hunk))))
        else:
            pieces.append(Piece(part.file, (part.hunk,), part.window))
    return tuple(pieces)


__all__ = ["Packed", "batch_limit", "pack"]
