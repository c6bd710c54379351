"""How much it would hurt to overlook a file: what is asked first, and what a budget cuts last."""

from __future__ import annotations

import re

from reviewer.nouns.changeset import FileChange

# (score, words in the path, words in the changed code). Money and identity next to stored data come first;
# tests come last: they break nothing by themselves.
_PATH_RISKS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (50, re.compile(r"migrat|/db/|^db/|schema|\.sql$|flyway|liquibase|alembic", re.IGNORECASE)),
    (
        45,
        re.compile(
            r"auth|login|session|permission|polic(y|ies)|acl|rbac|oauth|token|security|password|crypto|tenant|guard",
            re.IGNORECASE,
        ),
    ),
    (
        45,
        re.compile(
            r"pay|billing|invoice|charge|refund|ledger|wallet|price|pricing|money|order|checkout|balance|transfer",
            re.IGNORECASE,
        ),
    ),
    (
        40,
        re.compile(r"lock|queue|worker|job|consumer|concurren|transaction|outbox|scheduler|retry|saga", re.IGNORECASE),
    ),
    (30, re.compile(r"\.proto$|openapi|swagger|\.graphqls?$|repositor|model|entit|dao|store|storage", re.IGNORECASE)),
    (25, re.compile(r"controller|handler|route|resolver|view|endpoint|api|webhook|client|service", re.IGNORECASE)),
)
_CODE_RISKS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (
        35,
        re.compile(r"\b(?:ALTER|DROP|DELETE FROM|TRUNCATE)\b|CREATE (?:UNIQUE )?INDEX|execute\(|raw\(", re.IGNORECASE),
    ),
    (30, re.compile(r"transaction|atomic|mutex|\block\b|synchronized|for_update|FOR UPDATE|goroutine|asyncio|Thread")),
    (30, re.compile(r"authori[sz]e|permission|jwt|password|secret|verify|is_admin|role", re.IGNORECASE)),
    (20, re.compile(r"amount|balance|price|currency|refund|charge", re.IGNORECASE)),
    (15, re.compile(r"timeout|retry|deadline|requests\.|fetch\(|http", re.IGNORECASE)),
)
_TEST = re.compile(
    r"(^|/)(tests?|spec|specs|__tests__|testdata|fixtures|e2e)/|(^|/)test_[^/]*$|[._-](test|spec|tests)\.[a-z]+$|Tests?\.\w+$"
)
_REMOVAL = 8  # a removed line weighs more than an added one: guards vanish silently
_SAMPLE = 400  # changed lines looked at; enough to know what a file is about


def risk(file: FileChange) -> int:
    """A score to sort by, 0 to about 140; higher is riskier. Only the order means anything."""
    path = max((score for score, words in _PATH_RISKS if words.search(file.path)), default=10)
    sample = [line for line in file.lines() if line.kind != " "][:_SAMPLE]
    text = "\n".join(line.text for line in sample)
    code = max((score for score, words in _CODE_RISKS if words.search(text)), default=0)
    removal = _REMOVAL if any(line.kind == "-" and line.text.strip() for line in sample) else 0
    if is_test(file.path):
        return (path + code) // 20
    return path + code + removal


def is_test(path: str) -> bool:
    """Whether a path is test code by the habits of the common test runners."""
    return _TEST.search(path) is not None
