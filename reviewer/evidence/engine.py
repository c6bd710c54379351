"""Run every detector over a change and put what they found into one sorted, masked, numbered whole."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from reviewer.errors import ReviewerError
from reviewer.evidence.examined import Detector, DetectorResult, Examined, ExaminedFile, Table, UserRules
from reviewer.evidence.file_by_file import read_ahead
from reviewer.evidence.registry import DETECTORS, detector, tables
from reviewer.evidence.repo import manifest_paths, repo_facts
from reviewer.evidence.texts import examined_files
from reviewer.nouns.changeset import ChangeSet, FileStatus
from reviewer.nouns.plan import Switches
from reviewer.nouns.review import Deliverable, Deliverables, Skip
from reviewer.nouns.signal import Evidence, Signal, Tier
from reviewer.nouns.source import Tree
from reviewer.stages.redact import mask
from reviewer.stages.secrets import ALL

MOST_IN_FILE, MOST_IN_CHANGE = 3, 6  # posted signals of one hazard
FAILED = "A part of the deterministic rule engine failed"  # how the notice of such a fault begins
_ONE_RELEASE = "migration-"  # hazards of a roll-out: a change is rolled out once
_TABLED = "-breaking-change"  # hazards whose every case has its row in a table: the first of a file speaks for all


def examine(
    changes: ChangeSet,
    *,
    everything: ChangeSet,
    base: Tree,
    head: Tree,
    switches: Switches,
    user_rules: UserRules = (),
    sarif: tuple[bytes, ...] = (),
) -> Evidence:
    """Everything rules, differs and other scanners say about `changes`, the part of `everything` in scope.

    The head tree is listed once and read once; base is asked only for files head cannot give. Pure otherwise: the
    same input gives the same evidence, signal for signal.
    """
    examined = look(changes, everything=everything, base=base, head=head, switches=switches, user_rules=user_rules)
    ahead = read_ahead(replace(examined, sarif=sarif), everything.changed_lines)
    examined = ahead.examined
    results = [contained(name, detector(name), examined) for name in DETECTORS]
    if ahead.lost:
        results.append(lost(ahead.lost, f"the process that read {len(ahead.lost)} files died, {ahead.how}"))
    found = masked([signal for result in results for signal in result.signals])
    signals = number(uncrowded(switched(found, switches)))
    drawn = {name: drawn_or_lost(name, table, examined, signals) for name, table in tables().items()}
    results += [lost for _, lost in drawn.values()]
    skips = [
        Skip(file.path, file.skipped, "rules", True, file.change.changed_lines)
        for file in examined.files
        if file.skipped
    ]
    return Evidence(
        signals=signals,
        deliverables=Deliverables(**{name: table for name, (table, _) in drawn.items()}),
        skips=tuple(dict.fromkeys((*skips, *(skip for result in results for skip in result.skips)))),
        notices=tuple(dict.fromkeys(notice for result in results for notice in result.notices)),
    )


def contained(name: str, detect: Detector, examined: Examined) -> DetectorResult:
    """What one detector finds. A fault of ours in it costs its findings, which is told, and nothing else."""
    try:
        return detect(examined)
    except ReviewerError:
        raise
    except Exception as error:  # noqa: BLE001  hostile code met a fault of ours: told as a shortfall of every file
        return lost(examined.files, fault(f"detector `{name}`", error))


def drawn_or_lost(
    name: str, table: Table, examined: Examined, signals: tuple[Signal, ...]
) -> tuple[Deliverable, DetectorResult]:
    """One table of facts and what it cost; contained as a detector is."""
    try:
        return table(examined, signals), DetectorResult()
    except ReviewerError:
        raise
    except Exception as error:  # noqa: BLE001  as above
        empty = replace(getattr(Deliverables(), name), inspected="lost to a fault of the reviewer")
        return empty, lost(examined.files, fault(f"table `{name}`", error))


def fault(part: str, error: Exception) -> str:
    """Which part of the engine failed, of what and where."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    return f"{part}: {type(error).__name__} in {Path(at.filename).name}:{at.lineno}"


def lost(files: Sequence[ExaminedFile], why: str) -> DetectorResult:
    """The result of a part of the engine that failed: these files did not go through it, and why."""
    return DetectorResult(
        skips=tuple(
            Skip(file.path, "a part of the rule engine failed", "rules", True, file.change.changed_lines)
            for file in files
        ),
        notices=(f"{FAILED} ({why}): what it finds is missing. Please report this as a defect of Design Reviewer.",),
    )


def look(
    changes: ChangeSet,
    *,
    everything: ChangeSet,
    base: Tree,
    head: Tree,
    switches: Switches | None = None,
    user_rules: UserRules = (),
) -> Examined:
    """Read what detectors need: changed files on both sides and the repository's facts."""
    listing = head.paths()
    wanted = [file.path for file in changes.files if file.status is not FileStatus.DELETED]
    contents = head.read_many([*wanted, *manifest_paths(listing)])
    missing = [
        file.old_path or file.path for file in changes.files if _needs_base(file.status) and file.path not in contents
    ]
    before = base.read_many(missing) if missing else {}
    return Examined(
        files=examined_files(changes, contents, before),
        everything=everything,
        facts=repo_facts(contents, listing),
        base=base,
        head=head,
        switches=switches or Switches(),
        user_rules=user_rules,
    )


def _needs_base(status: FileStatus) -> bool:
    return status not in {FileStatus.ADDED, FileStatus.DELETED}


def masked(signals: Sequence[Signal]) -> list[Signal]:
    """The signals with no secret in any of their words: they go to reports and to the model."""
    words = ["\n".join((one.quote, one.title, one.message, one.suggestion or "")) for one in signals]
    may = ALL.narrow("\n".join(words).lower())  # one look at all of them spares most of the looks at each
    return [
        one if may.narrow(said.lower()).passes(said) else _masked(one) for one, said in zip(signals, words, strict=True)
    ]


def _masked(signal: Signal) -> Signal:
    return replace(
        signal,
        quote=mask(signal.quote),
        title=mask(signal.title),
        message=mask(signal.message),
        suggestion=None if signal.suggestion is None else mask(signal.suggestion),
    )


def switched(signals: list[Signal], switches: Switches) -> list[Signal]:
    """Without the rules and hazards the user turned off, and with the severities the user gave."""
    kept = [signal for signal in signals if not {signal.rule, signal.hazard} & switches.off]
    return [
        replace(
            signal, severity=switches.severity.get(signal.rule, switches.severity.get(signal.hazard, signal.severity))
        )
        for signal in kept
    ]


def uncrowded(signals: list[Signal]) -> list[Signal]:
    """Of many equal complaints a few are posted, the worst first; the rest stay evidence, and the last one names them."""
    posted: dict[str, list[Signal]] = {}
    for signal in sorted(signals, key=lambda s: (-s.severity.rank, s.path, s.start_line, s.rule)):
        if signal.tier is not Tier.EVIDENCE:
            posted.setdefault(signal.hazard, []).append(signal)
    changed: dict[int, Signal] = {}
    for hazard, crowd in posted.items():
        in_file: Counter[str] = Counter()
        kept: list[Signal] = []
        left: list[Signal] = []
        most_in_file, most = _most(hazard)
        for signal in crowd:
            in_file[signal.path] += 1
            (kept if in_file[signal.path] <= most_in_file and len(kept) < most else left).append(signal)
        changed |= {id(signal): replace(signal, tier=Tier.EVIDENCE) for signal in left}
        if left:
            changed[id(kept[-1])] = replace(kept[-1], message=f"{kept[-1].message} ({_elsewhere(left)})")
    return [changed.get(id(signal), signal) for signal in signals]


def _most(hazard: str) -> tuple[int, int]:
    """How many signals of a hazard are posted in one file, and in one change."""
    if hazard.startswith(_ONE_RELEASE):
        return 1, 1
    return (1 if hazard.endswith(_TABLED) else MOST_IN_FILE), MOST_IN_CHANGE


def _elsewhere(left: list[Signal]) -> str:
    names = [f"`{signal.symbol}`" if signal.symbol else f"{signal.path}:{signal.start_line}" for signal in left]
    names = list(dict.fromkeys(names))
    more = f" and {len(names) - MOST_IN_FILE} more" if len(names) > MOST_IN_FILE else ""
    places = "one more place" if len(left) == 1 else f"{len(left)} more places"
    return f"The same holds in {places} of this change: {', '.join(names[:MOST_IN_FILE])}{more}."


def number(signals: list[Signal]) -> tuple[Signal, ...]:
    """Signals sorted by path, line and rule, equal ones once, named S1, S2, …."""
    unique = dict.fromkeys(signals)
    ordered = sorted(unique, key=lambda s: (s.path, s.start_line, s.end_line, s.side, s.rule, s.message))
    return tuple(replace(signal, id=f"S{index}") for index, signal in enumerate(ordered, 1))
