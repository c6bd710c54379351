"""Secrets added by the change, in every file of it, in scope or not. The signal never repeats the value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from reviewer.evidence.examined import DetectorResult, Examined
from reviewer.evidence.guards.paths import is_test
from reviewer.evidence.reading import Reading
from reviewer.nouns.changeset import FileChange, Line, Side
from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.signal import Signal, Tier
from reviewer.stages.redact import mask
from reviewer.stages.secrets import ALL, find

HAZARD = "hardcoded-secret"
_EXAMPLE = re.compile(
    r"example|sample|\bdemo[_-]|placeholder|dummy|changeme|your[_-]|xxxx|<[a-z_]+>|fake|not-?a-?real|\btest|localhost|127\.0\.0\.1|@(?:db|postgres|mysql|redis|mongo)[:/]",
    re.IGNORECASE,
)
_SAMPLE_PATH = re.compile(
    r"\.(?:example|sample|template|dist|tmpl|md|rst|adoc|txt|ipynb)$|(?:^|/)\.env\.(?:example|sample|test|ci)|docker-compose|compose[^/]*\.ya?ml$"
    r"|(?:^|/)(?:test[-_]?utils?|testing|vendor|node_modules|third_party)/|(?:^|/)seed(?:s|er|ing)?(?:_\w+)?\.\w+$|(?:^|/)(?:settings|config)/(?:dev|local|tests?|ci)\w*\.\w+$"
    r"|(?:^|/)(?:[^/]*[._-])?(?:dev|development|test|testing|local|localhost|self-?signed|snake-?oil|dummy)(?:[._-][^/]*)?\.(?:key|pem|priv|crt|p12|jks|env)$"
    r"|(?:^|/)(?:test|dev|dummy|fake|sample)[._-]?(?:certs?|certificates|keys)/"
    r"|(?:^|/)(?:dev|devel|development|devproject|dev-?server|local|sandbox)/|(?:^|/)environments/(?:development|test)\.\w+$"
    r"|(?:^|[/_.-])(?:examples?|samples?|fake|dummy|mocks?|fixtures?|demos?|regtest)(?=[/_.-])"
    r"|(?:^|/)demo(?:app|desk|project|shop|site|store)/|(?:^|[/_.-])template[_.-][^/]*$|(?:^|/)\.(?:secretsignore|gitleaks|secrets|trufflehog)[^/]*$"
    r"|(?:^|/)(?:\.github|\.ci|\.circleci|\.devcontainer|seeds?|cypress|locales?|i18n|translations?|lang)/"
)
_EXAMPLE_BLOCK = re.compile(
    r"^[\s\"'{,]*examples?[\"']?\s*:|\b(?:sample|example)\b[\w ]*(?:response|request|payload|output|body|token)",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"(?:[A-Za-z]+\d{0,3}|\d{1,4})(?:[_.:/-]+(?:[A-Za-z]+\d{0,3}|\d{1,4}|[a-z]\d[a-z]|\d{1,3}[a-z]{1,2}))*"
)
_NAMED = frozenset({"secret-value", "password", "token", "dsn-password"})  # told by their name
_CODE = re.compile(
    r"\.(?:py|rb|go|[cm]?[jt]sx?|java|kts?|scala|groovy|rs|php|cs|swift|dart|exs?|vue|svelte|c|cc|cpp|h|lua|p[lm])$"
)
_COMMENTED = re.compile(r"\s*(?:#|//|--|;|\*|<!--)")
_CLASS = re.compile(r"^\s*class\s+(\w+)")
_NOT_LIVE = re.compile(
    r"^(?:Dev|Test|Local|CI|Sample|Demo|Docker)|(?:Dev|Development|Test|Testing|Local)(?:Config|Settings)?$"
)
_DIGEST = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})", re.IGNORECASE)
_PACKED = 1_000  # characters of a line that a person did not write
_BLOCK_LINES = 10  # an example in a comment is about so long


def detect(examined: Examined) -> DetectorResult:
    """One signal per added secret; moved values (the change also removes them) are no news."""
    files = examined.everything.files
    found = [(file, value) for file in files for value in added(examined, file)]
    removed = {value.value for file in files for value in _values(file, "-")} if found else frozenset()
    signals = [
        _signal(file, value.line, value.kind, value.value) for file, value in found if value.value not in removed
    ]
    return DetectorResult(signals=tuple(_once_per_line(signals)))


class Value(NamedTuple):
    """A secret of some kind among the added or the removed lines of a file."""

    line: Line
    kind: str
    value: str


def _added(_examined: Examined, file: FileChange) -> tuple[Value, ...]:
    return tuple(_values(file, "+"))


added = Reading("secrets", _added)


def _values(file: FileChange, kind: str) -> Iterator[Value]:
    """The secrets of all lines of one kind. One look at all of them spares most of the looks at each hunk."""
    whole = "\n".join(line.text for line in file.lines() if line.kind == kind)
    may = ALL.narrow(whole.lower())
    if may.idle:
        return
    code = _CODE.search(file.path) is not None
    for hunk in file.hunks:
        lines = [line for line in hunk.lines if line.kind == kind]
        text = "\n".join(line.text for line in lines)
        for hit in find(text, sieve=may, code=code) if text else ():
            if hit.line <= len(lines):
                yield Value(lines[hit.line - 1], hit.kind, text[hit.start : hit.end])


def _once_per_line(signals: list[Signal]) -> list[Signal]:
    """A private key is one leak, not one a line: of adjoining lines of one kind only the first speaks."""
    left: list[Signal] = []
    last: tuple[str, str, int] | None = None
    for signal in signals:
        here = (signal.path, signal.title, signal.start_line)
        adjoining = last is not None and last[:2] == here[:2] and here[2] - last[2] <= 1
        if not adjoining:
            left.append(signal)
        last = here
    return left


def _reads_as_words(value: str) -> bool:
    """Whether a value told by its name only is itself a name: `checkout_link_secret`, not `hunter2` nor `x9Qf…`."""
    value = value.rstrip("!?.")
    parts = re.split(r"[_.:/-]", value)
    named = len(parts) > 1 or not re.search(r"\d", value)
    if named and _WORDS.fullmatch(value) is not None:
        return True
    return len(parts) > 4 and sum(not part.isalpha() for part in parts) <= 1  # most of a long name are words


_HASHED = ("$2a$", "$2b$", "$2y$", "$apr1$", "$argon2", "$5$", "$6$")
_MADE = re.compile(r"(?=.*[A-Za-z])(?=(?:\D*\d){2})[A-Za-z0-9+=_.-]{16,}")


def _uncertain(kind: str, value: str, text: str) -> bool:
    """Whether the kind says too little: in replays such values were nearly always names, defaults and samples.

    A token told by its name counts if a machine made it; a password in an address if the address is written out; the
    hash of a password is no password.
    """
    if kind == "token":
        return _MADE.fullmatch(value) is None
    if kind == "url-password":
        host = text.partition(f"{value}@")[2]
        return host[:1] in {"{", "$", "%", "<", "#", "'", '"'}
    return value.startswith(_HASHED)


def _only_named(kind: str, value: str, text: str) -> bool:
    """Whether a name alone calls the value a secret, and value or line say it is none in use.

    A password as long as a digest is stored as one; what a comment shows is not in use; a packed line is a program's.
    """
    digest = kind == "password" and _DIGEST.fullmatch(value) is not None
    return digest or _reads_as_words(value) or _COMMENTED.match(text) is not None or len(text) > _PACKED


def _in_example(file: FileChange, line: Line) -> bool:
    """Whether the lines above call what follows a sample, as a comment of an API's answer does."""
    above = [
        other.text for other in file.lines() if other.new and line.new and 0 < line.new - other.new <= _BLOCK_LINES
    ]
    return any(_EXAMPLE_BLOCK.search(text) for text in above)


def _for_development(file: FileChange, line: Line) -> bool:
    """Whether the value stands in a class of settings that no user meets: `class Development(Config):`."""
    hunk = next((hunk for hunk in file.hunks if line in hunk.lines), None)
    if hunk is None:
        return False
    above = [hunk.section, *(other.text for other in hunk.lines[: hunk.lines.index(line)] if other.new)]
    names = [found[1] for text in above if (found := _CLASS.match(text))]
    return bool(names) and _NOT_LIVE.search(names[-1]) is not None


def _signal(file: FileChange, line: Line, kind: str, value: str) -> Signal:
    doubtful = (
        is_test(file.path)
        or _SAMPLE_PATH.search(file.path) is not None
        or _EXAMPLE.search(line.text) is not None
        or _in_example(file, line)
        or (kind in _NAMED and _only_named(kind, value, line.text))
        or _uncertain(kind, value, line.text)
        or _for_development(file, line)
    )
    number = line.new or 0
    kind = kind.replace("-", " ").replace("_", " ")
    return Signal(
        id="",
        rule=HAZARD,
        hazard=HAZARD,
        tier=Tier.EVIDENCE if doubtful else Tier.POST,
        category=Category.SECURITY,
        severity=Severity.LOW if doubtful else Severity.CRITICAL,
        confidence=Confidence.LOW if doubtful else Confidence.HIGH,
        path=file.path,
        side=Side.RIGHT,
        start_line=number,
        end_line=number,
        quote=mask(line.text),
        title=f"A secret in the code: {kind}",
        message=f"This line adds a value that looks like a {kind}. Everyone who can read the repository, now or later, can use it.",
        fix="Revoke it and issue a new one, remove it from the history, and read it from the environment or a secret store.",
        refuted_by=("A documented example value", "A public key", "A password of a database on localhost"),
        references=("CWE-798", "OWASP ASVS V13"),
    )
