"""Rule files: ast-grep's YAML with our keys beside it, read into frozen rules.

hazard: http-call-no-timeout        # first document: what all rules of the file share
category: reliability
...
---
id: http-call-no-timeout.requests   # one document a rule
language: python
needs: [requests]                   # literals without which the rule cannot match: the file is not searched
rule: {pattern: requests.$M($$$A)}
guards: ["imports:requests"]
--- # fixtures
http-call-no-timeout.requests:      # never parsed by the engine, only by the tests
  positive: [...]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from reviewer.errors import UsageError
from reviewer.evidence.guards import GUARDS
from reviewer.evidence.languages import FAMILY, LANGUAGES
from reviewer.evidence.parsing import parse
from reviewer.evidence.rule import Rule
from reviewer.nouns.finding import Category, Severity
from reviewer.nouns.signal import Tier

FOLDER = Path(__file__).with_name("rules")
FIXTURES = re.compile(r"^--- # fixtures$", re.MULTILINE)
TIERS = {"A": Tier.POST, "A*": Tier.POST_MEDIUM, "B": Tier.EVIDENCE}
_KEYS = frozenset(
    "id hazard category severity tier title message fix refuted_by refs language needs rule constraints utils guards"
    " anchor like anywhere".split()
)
_REQUIRED = ("id", "hazard", "category", "severity", "tier", "title", "message", "fix", "language", "rule")
_HINT = "See docs/writing-a-rule.md for the keys of a rule file."
_LANGUAGE = re.compile(r"^language: *(\w+)$", re.MULTILINE)
_ID = re.compile(r"^id: *(\S+)$", re.MULTILINE)
_LIKE = re.compile(r"^like: *(\S+)$", re.MULTILINE)
_RULE_ID = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)?")


def built_in(languages: frozenset[str] = LANGUAGES) -> tuple[Rule, ...]:
    """The rules that come with the reviewer, sorted by id; with `languages` only theirs, which reads less.

    Once all of them have been read, nothing is read again.
    """
    if languages < LANGUAGES and _whole.cache_info().currsize == 0:
        return _read_some(languages)
    return tuple(rule for rule in _whole() if rule.language in languages)


@cache
def _whole() -> tuple[Rule, ...]:
    return _read_some(LANGUAGES)


def _read_some(languages: frozenset[str]) -> tuple[Rule, ...]:
    rules = [
        rule
        for path in sorted(FOLDER.glob("*.yml"))
        for rule in read(path.name, _of_languages(path.read_text("utf-8"), languages))
        if rule.language in languages
    ]
    return tuple(sorted(rules, key=lambda rule: rule.id))


def _of_languages(text: str, languages: frozenset[str]) -> str:
    """A rule file without the documents of other languages. What another rule is `like` stays: that one inherits."""
    if languages >= LANGUAGES:
        return text
    documents = FIXTURES.split(text, maxsplit=1)[0].split("\n---\n")
    models = set(_LIKE.findall(text))
    kept = []
    for document in documents:
        language, identity = _LANGUAGE.search(document), _ID.search(document)
        if language is None or language[1] in languages or (identity is not None and identity[1] in models):
            kept.append(document)
    return "\n---\n".join(kept)


def user_rules(files: tuple[tuple[str, bytes], ...]) -> tuple[Rule, ...]:
    """The team's own rules, from the base commit. Raises UsageError that names the file and the fault."""
    rules = tuple(rule for name, data in files for rule in read(name, data.decode("utf-8", "replace")))
    for rule in rules:
        check(rule)
    return rules


def check(rule: Rule) -> None:
    """Let the matcher compile a rule and its guards' patterns; raises UsageError with the first complaint.

    Not done on reading: compiling 300 patterns of our own takes longer than a small review needs for all else.
    """
    for guard, argument in rule.guards:
        try:
            re.compile(re.sub(r"^[A-Z]+=", "", argument))
        except re.error as error:
            raise UsageError(f"{rule.source}: rule {rule.id}: guard {guard}: {error}", _HINT) from error
    root = parse("", rule.language)
    assert root is not None
    try:
        root.find_all(dict(rule.query))  # type: ignore[call-overload]
    except (RuntimeError, ValueError, TypeError) as error:
        fault = str(error).partition("Stack backtrace")[0].strip()
        raise UsageError(f"{rule.source}: rule {rule.id} does not compile: {fault[:300]}", _HINT) from None


def read(name: str, text: str) -> tuple[Rule, ...]:
    """The rules of one file. The fixtures document is cut off before the parser sees it."""
    shared: Mapping[str, Any] = {}
    rules: dict[str, dict[str, Any]] = {}
    for document in _documents(name, FIXTURES.split(text, maxsplit=1)[0]):
        if "rule" not in document and "like" not in document:
            shared = document
            continue
        like = rules.get(str(document.get("like")), {})
        if "like" in document and not like:
            raise UsageError(f"{name}: no earlier rule {document['like']!r} to be like", _HINT)
        whole = {**shared, **like, **document}
        rules[str(whole.get("id"))] = whole
    return tuple(_rule(name, whole) for whole in rules.values())


def _documents(name: str, text: str) -> Iterator[Mapping[str, Any]]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        documents = list(yaml.load_all(text, Loader=loader))
    except yaml.YAMLError as error:
        raise UsageError(f"{name}: not YAML: {error}", _HINT) from error
    for document in documents:
        if document is None:
            continue
        if not isinstance(document, dict):
            raise UsageError(f"{name}: a document of a rule file is a mapping, this one is not", _HINT)
        unknown = sorted(str(key) for key in document if key not in _KEYS)
        if unknown:
            raise UsageError(f"{name}: unknown key {unknown[0]!r}", _HINT)
        yield document


def _rule(name: str, whole: Mapping[str, Any]) -> Rule:
    missing = [key for key in _REQUIRED if not whole.get(key)]
    if missing:
        raise UsageError(f"{name}: rule {whole.get('id')!r} has no {missing[0]!r}", _HINT)
    identity = str(whole["id"])
    if not _RULE_ID.fullmatch(identity):
        raise UsageError(f"{name}: rule id {identity!r} is not of the form hazard or hazard.variant", _HINT)
    language = str(whole["language"])
    if language not in LANGUAGES - set(FAMILY):
        raise UsageError(f"{name}: rule {identity}: language {language!r} is not one of {_languages()}", _HINT)
    try:
        category, severity = Category(whole["category"]), Severity(whole["severity"])
        tier = TIERS[str(whole["tier"])]
    except (ValueError, KeyError) as error:
        raise UsageError(f"{name}: rule {identity}: {error} is not a known category, severity or tier", _HINT) from None
    return Rule(
        id=identity,
        hazard=str(whole["hazard"]),
        category=category,
        severity=severity,
        tier=tier,
        title=str(whole["title"]),
        message=str(whole["message"]),
        fix=str(whole["fix"]),
        language=language,
        query={key: whole[key] for key in ("rule", "constraints", "utils") if whole.get(key)},
        needs=tuple(_group(entry) for entry in whole.get("needs") or ()),
        guards=tuple(_guard(name, identity, entry) for entry in whole.get("guards") or ()),
        anchor=str(whole.get("anchor") or ""),
        refuted_by=_strings(whole.get("refuted_by")),
        references=_strings(whole.get("refs")),
        anywhere=whole.get("anywhere") is True,
        source=name,
    )


def _group(entry: object) -> tuple[str, ...]:
    return tuple(str(word) for word in entry) if isinstance(entry, list) else (str(entry),)


def _guard(name: str, identity: str, entry: object) -> tuple[str, str]:
    guard, _, argument = str(entry).partition(":")
    if guard not in GUARDS:
        raise UsageError(f"{name}: rule {identity}: no guard is called {guard!r}", _HINT)
    return guard, argument.strip()


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _languages() -> str:
    return ", ".join(sorted(LANGUAGES - set(FAMILY)))
