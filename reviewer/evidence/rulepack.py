"""The rule pack over a change: every rule on base and head, reported as the difference."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from reviewer.evidence.difference import Found, Trace, differing, introduced, trace
from reviewer.evidence.examined import DetectorResult, Examined, ExaminedFile, Text
from reviewer.evidence.guards import GUARDS
from reviewer.evidence.guards.paths import is_foreign, is_test
from reviewer.evidence.hit import Hit
from reviewer.evidence.languages import family_of
from reviewer.evidence.place import Place, near, place, shown_part
from reviewer.evidence.reading import Reading
from reviewer.evidence.repo import RepoFacts
from reviewer.evidence.rule import Held, Rule
from reviewer.evidence.rulefile import built_in, user_rules
from reviewer.evidence.suppressions import suppressed
from reviewer.nouns.finding import Confidence
from reviewer.nouns.review import Skip
from reviewer.nouns.signal import Signal, Tier

if TYPE_CHECKING:
    from ast_grep_py import SgNode

FILE_SECONDS = (
    1.0  # soft limit for a file of ordinary size, a hundred times what one takes; long files get LINE_SECONDS a line
)
LINE_SECONDS = 0.0005
TOTAL_SECONDS = 20.0
_NAME = re.compile(r"\{(\w+)\}")
_CONFIDENCE = {Tier.POST: Confidence.HIGH, Tier.POST_MEDIUM: Confidence.MEDIUM, Tier.EVIDENCE: Confidence.LOW}

Clock = Callable[[], float]
Families = Mapping[str, tuple[Rule, ...]]  # language family -> its rules
Answers = dict[str, "list[SgNode]"]  # question of a rule -> nodes of one text that answer it


def detect(examined: Examined) -> DetectorResult:
    """Signals of all YAML rules that the change introduced."""
    return _told(examined, [searched(examined, file) for file in examined.files], examined.rules)


def search(examined: Examined, rules: Sequence[Rule], clock: Clock) -> DetectorResult:
    """Signals of `rules`. `clock` counts seconds of this thread's work; a file over its limit keeps what was found so far."""
    families = _by_family(rules)
    return _told(examined, [_search(examined, file, families, clock) for file in examined.files], families)


def rules_for(examined: Examined) -> Families:
    """The rules of the languages spoken here and the team's own, without those switched off."""
    spoken = frozenset(family_of(file.language) for file in examined.files if file.language)
    off = examined.switches.off
    rules = (*built_in(spoken), *user_rules(examined.user_rules))
    return _by_family([rule for rule in rules if not {rule.id, rule.hazard} & off])


class Searched(NamedTuple):
    """The hits of one file that its other side does not have, which rules hit its head at all, and why it was not
    searched to the end, "" if it was.
    """

    found: Found
    rules: frozenset[str] = frozenset()
    stopped: str = ""


def _searched(examined: Examined, file: ExaminedFile) -> Searched:
    return _search(examined, file, examined.rules, time.thread_time)


searched = Reading("rules", _searched)


def _search(examined: Examined, file: ExaminedFile, families: Families, clock: Clock) -> Searched:
    """Search one file on both sides, base only for rules that hit head, until one of the time limits."""
    candidates = _candidates(file, families.get(family_of(file.language), ()))
    if not candidates:
        return Searched(Found(file.path, (), ()))
    spent = examined.seconds.get("rules", 0.0)
    if spent > TOTAL_SECONDS:
        return Searched(Found(file.path, (), ()), stopped=f"rules stopped after {TOTAL_SECONDS:.0f} s in total")
    begun = clock()
    hits = _hits(file, candidates, examined.facts, clock, begun + FILE_SECONDS + LINE_SECONDS * _length(file))
    examined.seconds["rules"] = spent + clock() - begun
    traces = [trace(hit) for hit in hits.head]
    speaker = {id(one): hit for one, hit in zip(traces, hits.head, strict=True)}
    left = differing(Found(file.path, tuple(traces), tuple(map(trace, hits.base))))
    speaking = tuple(one._replace(signal=signal_of(file, speaker[id(one)])) for one in left.head)
    return Searched(
        left._replace(head=speaking),
        frozenset(hit.rule.id for hit in hits.head),
        "" if hits.finished else "rules stopped at the time limit for one file",
    )


def _told(examined: Examined, files: Sequence[Searched], families: Families) -> DetectorResult:
    """What the searches of all files come to together: moved code cancels, and what is left speaks."""
    skips = [_skip(file, each.stopped) for file, each in zip(examined.files, files, strict=True) if each.stopped]
    found = [each.found for each in files]
    new = introduced(found)
    if new:
        hit = {each.found.path: each.rules for each in files}
        new = introduced([*found, *_moved_away(examined, new, hit, families)])
    signals = [signal for file in examined.files for signal in _signals(new.get(file.path, ()))]
    return DetectorResult(signals=tuple(signals), skips=tuple(skips))


def _moved_away(
    examined: Examined,
    new: Mapping[str, Sequence[Trace]],
    hit: Mapping[str, frozenset[str]],
    families: Families,
) -> list[Found]:
    """Base hits of the rules that seem to have found something new, in files whose head had none of them."""
    speaking = {one.rule for traces in new.values() for one in traces}
    rules = [rule for family in families.values() for rule in family if rule.id in speaking]
    away = []
    for file in examined.files:
        path = file.change.old_path or file.path
        if file.base is None or not file.removed or is_foreign(path):
            continue
        wanted = [rule for rule in rules if rule.id not in hit[file.path]]
        hits = [trace(hit) for rule in wanted for hit in matches(rule, file.base, path, examined.facts)]
        away.append(Found(file.path, (), tuple(hits)))
    return away


def _by_family(rules: Iterable[Rule]) -> Families:
    families: dict[str, tuple[Rule, ...]] = {}
    for rule in rules:
        families[rule.language] = (*families.get(rule.language, ()), rule)
    return families


def _candidates(file: ExaminedFile, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Rules whose literals head holds. A hit can only be new on head, so base alone never calls for a search."""
    if file.head is None or not rules or not file.language or is_foreign(file.path):
        return ()
    held, test = Held(file.head.text), is_test(file.path)
    return tuple(rule for rule in rules if (rule.anywhere or not test) and rule.wanted(held))


class _Hits(NamedTuple):
    head: Sequence[Hit]
    base: Sequence[Hit]
    finished: bool


def _hits(file: ExaminedFile, rules: Sequence[Rule], facts: RepoFacts, clock: Clock, end: float) -> _Hits:
    """Hits of both sides, rule by rule until `end`; base is searched only for rules that hit head."""
    head: list[Hit] = []
    base: list[Hit] = []
    on_head: Answers = {}
    on_base: Answers = {}
    for rule in rules:
        if clock() > end:
            return _Hits(head, base, finished=False)
        here = matches(rule, file.head, file.path, facts, on_head)
        if here:
            head += here
            base += matches(rule, file.base, file.change.old_path or file.path, facts, on_base)
    return _Hits(head, base, finished=True)


def matches(rule: Rule, text: Text | None, path: str, facts: RepoFacts, answers: Answers | None = None) -> list[Hit]:
    """All places in one text where the rule matches and every guard agrees, in the text's order.

    `answers` holds what was found in this text before: variants of a rule differ in their guards alone.
    """
    if (
        text is None
        or not rule.wanted(Held(text.text))
        or family_of(text.language) != rule.language
        or text.root is None
    ):
        return []
    known = {} if answers is None else answers
    nodes = known.get(rule.question)
    if nodes is None:
        query = rule.plain if text.text.isascii() else rule.query
        nodes = known[rule.question] = text.root.find_all(dict(query))  # type: ignore[call-overload]
    hits = (Hit(rule, node, text, path, facts) for node in nodes)
    kept = [hit for hit in hits if all(GUARDS[name](hit, argument) for name, argument in rule.guards)]
    return _outermost(kept)


def _outermost(hits: list[Hit]) -> list[Hit]:
    """One hit per place: patterns with alternatives can match a node and its wrapper on the same lines."""
    seen: set[tuple[int, int]] = set()
    left = []
    for hit in hits:
        span = (hit.place.range().start.index, hit.place.range().end.index)
        if span not in seen:
            seen.add(span)
            left.append(hit)
    return left


def _signals(hits: Sequence[Trace]) -> list[Signal]:
    """One signal per hazard and place: of several variants that agree the strongest tier speaks."""
    ranked = sorted(hits, key=lambda hit: (list(Tier).index(hit.tier), hit.rule))
    taken: set[tuple[str, int]] = set()
    signals = []
    for hit in ranked:
        if hit.signal is not None and (hit.hazard, hit.start) not in taken:
            taken.add((hit.hazard, hit.start))
            signals.append(hit.signal)
    return signals


def signal_of(file: ExaminedFile, hit: Hit) -> Signal:
    """The hit as a signal. What no hunk shows is only evidence; what its author suppressed is less certain."""
    rule = hit.rule
    where = _where(file, hit)
    tier = rule.tier if where.in_diff else Tier.EVIDENCE
    marker = suppressed(hit.text.lines, hit.start, hit.end)
    message = render(rule.message, hit)
    if marker:
        message += f" (The author suppressed a check here: `{marker}`.)"
    return Signal(
        id="",
        rule=rule.id,
        hazard=rule.hazard,
        tier=Tier.POST_MEDIUM if marker and tier is Tier.POST else tier,
        category=rule.category,
        severity=rule.severity,
        confidence=Confidence.LOW if marker else _CONFIDENCE[tier],
        path=file.path,
        side=where.side,
        start_line=where.start,
        end_line=where.end,
        quote=where.quote,
        title=render(rule.title, hit),
        message=message,
        fix=render(rule.fix, hit),
        refuted_by=rule.refuted_by,
        references=rule.references,
        symbol=hit.symbol,
        lines_in_diff=where.in_diff,
    )


def _where(file: ExaminedFile, hit: Hit) -> Place:
    """The hit's own lines; where no hunk shows the first, the rest of them, or the change in its function that made it a hit."""
    where = place(file, hit.start, hit.end)
    function = hit.outer_function
    if where.in_diff or function is None:
        return where
    span = function.range()
    changed = near(file, hit.start, span.start.line + 1, span.end.line + 1)
    return where if changed is None else shown_part(file, hit.start, hit.end) or changed


def render(template: str, hit: Hit) -> str:
    """`{text}`, `{symbol}` and `{CAPTURE}` replaced by the code's own words; never `str.format`, the words are hostile."""

    def word(match: re.Match[str]) -> str:
        name = match[1]
        if name == "text":
            value = hit.print
        elif name == "symbol":
            value = hit.symbol or "this file"
        else:
            value = hit.capture(name) or match[0]
        value = " ".join(value.split()).replace("`", "'")
        return value if len(value) <= 80 else value[:77] + "…"

    return _NAME.sub(word, template)


def _length(file: ExaminedFile) -> int:
    return max((len(text.lines) for text in (file.base, file.head) if text), default=0)


def _skip(file: ExaminedFile, reason: str) -> Skip:
    return Skip(file.path, reason, "rules", True, file.change.changed_lines)
