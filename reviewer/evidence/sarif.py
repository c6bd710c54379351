"""Reports of other scanners (SARIF 2.1.0) as evidence: what touches the change becomes a signal.

A scanner's result is a candidate, never a verdict: its tier is EVIDENCE, so that with a model it is confirmed or
refuted like any other, and without one it is shown as evidence and never posted as ours. A report that cannot be read
is said in a notice. Its content is as hostile as the change: sizes are bounded, text is plain, paths are only compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from reviewer.evidence.examined import DetectorResult, Examined
from reviewer.nouns.changeset import FileChange, Side
from reviewer.nouns.finding import Category, Confidence, Origin, Severity
from reviewer.nouns.signal import Signal, Tier

MAX_BYTES = 50_000_000
MAX_RESULTS = 20_000
MAX_SIGNALS = 200
_LEVELS = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "note": Severity.LOW, "none": Severity.LOW}
_SPACE = re.compile(r"\s+")


def detect(examined: Examined) -> DetectorResult:
    """Signals of all reports handed in, at most MAX_SIGNALS; what was left out is said."""
    signals: list[Signal] = []
    notices: list[str] = []
    for index, data in enumerate(examined.sarif, 1):
        try:
            report = _read(data)
        except (ValueError, RecursionError) as error:
            notices.append(f"Evidence report {index} cannot be read as SARIF: {_plain(str(error), 120)}")
            continue
        found = list(_signals(report, examined))
        if len(found) > MAX_SIGNALS:
            notices.append(f"Evidence report {index}: {len(found) - MAX_SIGNALS} results on changed lines left out")
        signals += found[:MAX_SIGNALS]
    return DetectorResult(signals=tuple(signals), notices=tuple(notices))


def _read(data: bytes) -> Mapping[str, Any]:
    if len(data) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES // 1_000_000} MB")
    report = json.loads(data.decode("utf-8-sig", "replace"))
    if not isinstance(report, dict) or not isinstance(report.get("runs"), list):
        raise ValueError("no list of runs")  # noqa: TRY004  one error type for whatever is wrong with a report
    return report


def _signals(report: Mapping[str, Any], examined: Examined) -> Iterator[Signal]:
    seen = 0
    for run in _dicts(report.get("runs")):
        driver = _dict(_dict(run.get("tool")).get("driver"))
        rules = {str(rule.get("id")): rule for rule in _dicts(driver.get("rules"))}
        tool = _plain(str(driver.get("name") or "scanner"), 40)
        for result in _dicts(run.get("results")):
            seen += 1
            if seen > MAX_RESULTS:
                return
            if result.get("suppressions") or result.get("kind") in {"pass", "notApplicable", "informational"}:
                continue
            signal = _signal(result, rules, tool, examined)
            if signal is not None:
                yield signal


def _signal(
    result: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]], tool: str, examined: Examined
) -> Signal | None:
    """A result on changed lines as a signal; None if it points elsewhere or nowhere."""
    location = _dict(next(_dicts(result.get("locations")), {}))
    physical = _dict(location.get("physicalLocation"))
    uri = _dict(physical.get("artifactLocation")).get("uri")
    region = _dict(physical.get("region"))
    start, end = _line(region.get("startLine")), _line(region.get("endLine"))
    if not isinstance(uri, str) or start == 0:
        return None
    file = _file(examined, uri)
    end = max(start, end)
    changed = (
        [line for line in file.lines() if line.kind == "+" and line.new and start <= line.new <= end] if file else []
    )
    if file is None or not changed:
        return None
    first = changed[0].new or start
    last = next((line.new for line in reversed(changed) if line.new and line.new - first < 10), first)
    identity = _plain(str(result.get("ruleId") or _dict(result.get("rule")).get("id") or "result"), 80)
    rule = _dict(rules.get(identity))
    text = _plain(str(_dict(result.get("message")).get("text") or _short(rule) or identity), 600)
    return Signal(
        id="",
        rule=f"{tool}/{identity}",
        hazard=f"{_slug(tool)}-{_slug(identity)}"[:60],
        tier=Tier.EVIDENCE,
        category=_category(rule),
        severity=_severity(result, rule),
        confidence=Confidence.LOW,
        path=file.path,
        side=Side.RIGHT,
        start_line=first,
        end_line=last,
        quote="\n".join(line.text for line in changed if line.new and first <= line.new <= last),
        title=f"{tool}: {_short(rule) or identity}",
        message=text,
        fix=_plain(str(_dict(rule.get("help")).get("text") or f"See the description of {identity} in {tool}."), 400),
        references=_references(rule),
        origin=Origin.SARIF,
    )


def _file(examined: Examined, uri: str) -> FileChange | None:
    """The changed file a URI names: equal, or ending in a changed path after a slash (scanners write absolute URIs)."""
    path = unquote(uri.partition("#")[0]).replace("\\", "/")
    path = re.sub(r"^file:(?://)?", "", path).removeprefix("./")
    exact = examined.everything.file(path.lstrip("/"))
    if exact is not None:
        return exact
    if not uri.startswith(("file:", "/")):
        return None
    ending = [file for file in examined.everything.files if path.endswith("/" + file.path)]
    return max(ending, key=lambda file: len(file.path)) if ending else None


def _severity(result: Mapping[str, Any], rule: Mapping[str, Any]) -> Severity:
    """From `security-severity` (a CVSS score) where the rule has one, else from the level."""
    try:
        score = float(str(_dict(rule.get("properties")).get("security-severity")))
    except ValueError:
        score = -1.0
    for floor, severity in (
        (9.0, Severity.CRITICAL),
        (7.0, Severity.HIGH),
        (4.0, Severity.MEDIUM),
        (0.0, Severity.LOW),
    ):
        if score >= floor:
            return severity
    level = result.get("level") or _dict(rule.get("defaultConfiguration")).get("level")
    return _LEVELS.get(str(level), Severity.MEDIUM)


def _category(rule: Mapping[str, Any]) -> Category:
    properties = _dict(rule.get("properties"))
    tags = properties.get("tags")
    words = " ".join(str(tag) for tag in tags).lower() if isinstance(tags, list) else ""
    if "security" in words or "cwe" in words or "security-severity" in properties:
        return Category.SECURITY
    return Category.PERFORMANCE if "performance" in words else Category.RELIABILITY


def _references(rule: Mapping[str, Any]) -> tuple[str, ...]:
    tags = _dict(rule.get("properties")).get("tags")
    text = " ".join(str(tag) for tag in tags) if isinstance(tags, list) else ""
    return tuple(dict.fromkeys(f"CWE-{int(number)}" for number in re.findall(r"(?i)cwe[-/](\d{1,5})", text)))[:5]


def _short(rule: Mapping[str, Any]) -> str:
    return _plain(str(_dict(rule.get("shortDescription")).get("text") or rule.get("name") or ""), 100)


def _line(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10_000_000 else 0


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> Iterator[Mapping[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def _plain(text: str, limit: int) -> str:
    """One line of printable text of bounded length."""
    folded = _SPACE.sub(" ", "".join(c if c.isprintable() or c.isspace() else " " for c in text[: limit * 4])).strip()
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"
