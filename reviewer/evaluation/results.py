"""The results of an evaluation: as JSON to keep and compare, as text for a terminal, as one HTML page."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from reviewer.errors import UsageError
from reviewer.evaluation.scoring import Figure, Matched, Scored, by_category, figures, groups

FORMAT = "design-reviewer/evaluation/1"
_PLAIN = frozenset({"tokens_per_case"})  # figures that are no shares


class Results(NamedTuple):
    """A run: what was asked (provider, model, persona, prompt hash, …) and each case's score."""

    setup: Mapping[str, str]
    cases: tuple[Scored, ...]


class Change(NamedTuple):
    """A measure in two runs, and the cases that were told differently."""

    name: str
    before: Figure
    after: Figure


def dump(results: Results) -> str:
    """The results as JSON: figures for people and programs, cases to make them again from."""
    value = {
        "format": FORMAT,
        "setup": dict(results.setup),
        "figures": {name: asdict(figure) for name, figure in figures(results.cases).items()},
        "recall_by_category": {name: asdict(figure) for name, figure in by_category(results.cases).items()},
        "cases": [asdict(case) for case in results.cases],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def load(data: bytes, name: str) -> Results:
    """Results from JSON. Raises UsageError if it is none of ours."""
    try:
        value = json.loads(data)
        if value["format"] != FORMAT:
            raise UsageError(f"{name} has the format {value['format']!r}, not {FORMAT}.")
        return Results(value["setup"], tuple(_scored(case) for case in value["cases"]))
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{name} holds no evaluation results: {error}") from error


def compare(before: Sequence[Scored], after: Sequence[Scored]) -> tuple[Change, ...]:
    """The figures of two runs on the cases they share."""
    shared = {case.name for case in before} & {case.name for case in after}
    old = figures([case for case in before if case.name in shared])
    new = figures([case for case in after if case.name in shared])
    return tuple(Change(name, old[name], new[name]) for name in new)


def told_differently(before: Sequence[Scored], after: Sequence[Scored]) -> Iterator[str]:
    """One line for each shared case whose hits or noise changed."""
    old = {case.name: case for case in before}
    for case in after:
        was = old.get(case.name)
        if was is None:
            continue
        one, two = (len(was.matched), len(was.noise)), (len(case.matched), len(case.noise))
        if one != two:
            yield f"{case.name}: {one[0]} -> {two[0]} of {case.gold} defects, {one[1]} -> {two[1]} noise"


def text(results: Results, before: Results | None = None) -> str:
    """For a terminal: figures with intervals, groups, what was missed and what was noise."""
    lines = [" ".join(f"{key}={value}" for key, value in results.setup.items()), _counted(results.cases), ""]
    lines += [f"{name:20} {_shown(name, figure)}" for name, figure in figures(results.cases).items()]
    lines += ["", "recall by category"]
    lines += [f"  {name:18} {_shown(name, figure)}" for name, figure in by_category(results.cases).items()]
    for title, key in (("language", lambda case: case.language), ("size", lambda case: case.size)):
        lines += ["", f"by {title}"]
        for name, cases in groups(results.cases, key).items():
            found = figures(cases)
            lines.append(f"  {name:18} recall {_shown('', found['recall'])} precision {_shown('', found['precision'])}")
    lines += ["", *_details(results.cases)]
    if before is not None:
        lines += ["", "against the earlier run"]
        lines += [
            f"  {change.name:20} {_shown(change.name, change.before)} -> {_shown(change.name, change.after)}"
            for change in compare(before.cases, results.cases)
        ]
        lines += [f"  {line}" for line in told_differently(before.cases, results.cases)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def page(results: Results, before: Results | None = None) -> str:
    """One HTML page, no scripts, nothing loaded from elsewhere."""
    rows = "".join(
        f"<tr><td>{html.escape(case.name)}<td>{html.escape(case.language)}<td>{case.size}"
        f"<td>{len(case.matched)} of {case.gold}<td>{len(case.noise)}<td>{len(case.duplicates)}"
        f"<td>{'yes' if case.complete else '<strong>no</strong>'}<td>{case.input_tokens + case.output_tokens}"
        f"<td>{'<br>'.join(html.escape(title) for title in (*case.missed, *(case.titles[n] for n in case.noise)))}"
        for case in results.cases
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Evaluation</title>'
        "<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
        "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #8886;padding:.3rem .5rem;"
        "text-align:left;vertical-align:top}pre{overflow:auto}:root{color-scheme:light dark}</style>"
        f"<h1>Evaluation</h1><pre>{html.escape(text(results, before))}</pre><h2>Cases</h2><table><thead><tr>"
        "<th>Case<th>Language<th>Size<th>Found<th>Noise<th>Duplicates<th>Complete<th>Tokens<th>Missed, noise"
        f"<tbody>{rows}</table></html>\n"
    )


def _counted(cases: Sequence[Scored]) -> str:
    judged = sum(case.judged for case in cases)
    return f"{len(cases)} cases" + (f", {judged} matched by a model, the others by place" if judged else "")


def _shown(name: str, figure: Figure) -> str:
    if name in _PLAIN:
        return f"{figure.value:,.0f} ({figure.low:,.0f} to {figure.high:,.0f})"
    return f"{figure.value:6.1%} ({figure.low:.0%} to {figure.high:.0%}, n={figure.of})"


def _details(cases: Iterable[Scored]) -> Iterator[str]:
    for case in cases:
        if not case.complete:
            yield f"{case.name}: the review is incomplete"
        yield from (f"{case.name}: missed: {defect}" for defect in case.missed)
        yield from (f"{case.name}: noise: {case.titles[number]}" for number in case.noise)


def _scored(value: Mapping[str, Any]) -> Scored:
    lists = {key: tuple(value[key]) for key in ("categories", "duplicates", "valid", "noise", "titles", "missed")}
    return Scored(**{**value, **lists, "matched": tuple(Matched(**match) for match in value["matched"])})
