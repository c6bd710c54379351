"""Safeguards a change takes away: a check, a transaction, a lock, a limit that a function had and has no more.

The best evidence there is and the worst finding: half of these removals are moves or deliberate. So it is never
posted alone; it shows the model (and the tables) where to look, and lists what may have replaced the safeguard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from reviewer.evidence.examined import DetectorResult, Examined, ExaminedFile, Text
from reviewer.evidence.guards.paths import is_foreign, is_test
from reviewer.evidence.hit import CLASSES, FUNCTIONS, name_of
from reviewer.evidence.place import place
from reviewer.evidence.reading import Reading
from reviewer.evidence.sieve import Sieve
from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.signal import Signal, Tier

if TYPE_CHECKING:
    from ast_grep_py import SgNode

KEPT = 0.4  # of a function's lines: less is a rewrite, not a removal


@dataclass(frozen=True)
class Family:
    """A kind of safeguard, how it looks in code, and which hazard its loss opens."""

    name: str
    hazard: str
    category: Category
    severity: Severity
    looks: Sieve
    loss: str


_FAMILIES = (
    Family("auth", "auth-guard-removed", Category.SECURITY, Severity.CRITICAL, Sieve(re.compile(
        r"login_required|permission_classes|permission_required|PermissionRequired|@PreAuthorize|@Secured|@RolesAllowed|UseGuards|@Roles\("
        r"|before_action\s+:?(?:authenticate|authorize|require|check|verify|ensure)|\bauthenticate_user!|\bauthorize!?[ (]|\bpolicy_scope|[rR]equired?(?:Auth|Login|Admin|Role|User|Permission|Scope|Session|Signed)\w*"
        r"|require_(?:login|admin|permission|auth|role|user|logged)\w*|has_?[pP]erm(?:ission)?\w*\(|hasRole|hasAuthority|check_?[pP]ermission\w*|[iI]sAuthenticated|ensureAuthenticated"
        r"|verify_?[tT]oken|jwt_required|\bIsAdmin\b|is_admin\b|isAdmin\b|is_staff|is_superuser|\bcan\?\(|Depends\(\s*get_current|[aA]uth(?:entication)?Middleware|reqSignIn|current_user\.(?:admin|can)"
    ), ("equire", "perm", "Perm", "@PreAuthorize", "@Secured", "@RolesAllowed", "UseGuards", "@Roles(", "before_action", "authenticate_user!", "authorize", "policy_scope", "hasRole", "hasAuthority", "Authenticated", "verify", "dmin", "is_s", "can?(", "Depends(", "Middleware", "reqSignIn", "current_user.")), "whoever can reach {symbol} may now call it"),
    Family("transaction", "multi-write-without-transaction", Category.DATA_INTEGRITY, Severity.HIGH, Sieve(re.compile(
        r"transaction\.atomic|\$transaction|@Transactional|\.transaction\s+do|\.Begin(?:Tx|x)?\(|with_transaction|begin_nested|session\.begin\(|\.transaction\(|startTransaction"
    ), ("transaction", "@Transactional", ".Begin", "begin_nested", "session.begin(", "startTransaction")), "an error between two writes of {symbol} leaves half of them"),
    Family("lock", "lost-update-no-version-check", Category.DATA_INTEGRITY, Severity.HIGH, Sieve(re.compile(
        r"select_for_update|with_for_update|with_lock|lock!|FOR UPDATE|\.Lock\(\)|\.RLock\(\)|\block\.acquire|\bsynchronized\b|SetNX|setIfAbsent|[rR]edlock|advisory_lock|@Lock\(|PESSIMISTIC|@Version|lock_version"
    ), ("_update", "lock", "FOR UPDATE", ".Lock()", ".RLock()", "synchronized", "SetNX", "setIfAbsent", "@Lock(", "PESSIMISTIC", "@Version")), "two runs of {symbol} can now interleave"),
    Family("timeout", "http-call-no-timeout", Category.RELIABILITY, Severity.HIGH, Sieve(re.compile(
        r"\b(?:\w*_)?timeout\s*[=:]|\bWithTimeout\(|\bWithDeadline\(|ReadHeaderTimeout|ReadTimeout|setConnectTimeout|setReadTimeout|\.timeout\(|AbortSignal\.timeout"
    ), ("timeout", "WithTimeout(", "WithDeadline(", "Timeout")), "a peer that stops answering now holds {symbol} up"),
    Family("rate-limit", "missing-rate-limit-on-auth", Category.SECURITY, Severity.HIGH, Sieve(re.compile(
        r"rate_?[lL]imit|[tT]hrottle|RateLimiter|\blimiter\.|@Throttle"
    ), ("rate", "hrottle", "RateLimiter", "limiter.")), "{symbol} can be called as often as a client likes"),
    Family("csrf", "session-cookie-or-csrf-weakened", Category.SECURITY, Severity.HIGH, Sieve(re.compile(
        r"csrf_protect|protect_from_forgery|verify_authenticity_token|csrfProtection|csurf|CsrfViewMiddleware"
    ), ("csrf", "protect_from_forgery", "verify_authenticity_token", "csurf", "CsrfViewMiddleware")), "another site can make a visitor's browser call {symbol}"),
    Family("signature-check", "webhook-signature-unverified", Category.SECURITY, Severity.CRITICAL, Sieve(re.compile(
        r"verify_?[sS]ignature|construct_?[eE]vent|compare_digest|timingSafeEqual|hmac\.Equal|ConstantTimeCompare|secure_compare|MessageDigest\.isEqual|validate_?[sS]ignature"
    ), ("ignature", "onstruct", "compare", "timingSafeEqual", "hmac.Equal", "ConstantTimeCompare", "MessageDigest")), "{symbol} now believes a message whoever sends it"),
    Family("idempotency", "retry-non-idempotent-operation", Category.DATA_INTEGRITY, Severity.HIGH, Sieve(re.compile(
        r"[iI]dempoten(?:cy|t)[_-]?[kK]ey|Idempotency-Key|IDEMPOTENCY"
    ), ("dempoten", "Idempotency-Key", "IDEMPOTENCY")), "a retry of {symbol} does its work twice"),
    Family("audit", "audit-trail-missing", Category.SECURITY, Severity.MEDIUM, Sieve(re.compile(
        r"\baudit(?:_?log\w*|_?event\w*|or)?[.(]|[aA]uditLog\w*[.(]|AuditEvent|record_audit|log_audit"
    ), ("audit", "uditLog", "AuditEvent")), "what {symbol} does leaves no trace any more"),
)  # fmt: skip
_BY_NAME = {family.name: family for family in _FAMILIES}
_REPLACEMENT = re.compile(r"auth|perm|role|admin|access|polic|guard|scope", re.IGNORECASE)


def detect(examined: Examined) -> DetectorResult:
    """One signal per function and family: had on base, gone on head, and not found elsewhere in the file."""
    replacements = cache(lambda: _replacements(examined))  # all lines of the change, looked at once and only if asked
    found = [(file, loss) for file in examined.files for loss in losses(examined, file)]
    return DetectorResult(
        signals=tuple(_signal(file, loss, replacements() if loss.family == "auth" else None) for file, loss in found)
    )


class Loss(NamedTuple):
    """A safeguard of a family that a function had on line `line` of base."""

    family: str
    owner: str
    line: int


def _losses(_examined: Examined, file: ExaminedFile) -> tuple[Loss, ...]:
    if file.base is None or file.head is None or not file.removed or is_test(file.path) or is_foreign(file.path):
        return ()
    return tuple(_in_file(file))


losses = Reading("safeguards", _losses)


def _in_file(file: ExaminedFile) -> Iterator[Loss]:
    removed = [(line.old or 0, line.text) for line in file.change.lines() if line.kind == "-"]
    whole = "\n".join(text for _, text in removed)  # one look at all lines before a look at each
    lost = [
        family
        for family in _FAMILIES
        if family.looks.search(whole) and any(family.looks.search(text) for _, text in removed)
    ]
    if not lost or file.base is None or file.head is None or file.base.root is None or file.head.root is None:
        return
    before, after = _index(file.base), _index(file.head)
    for family in lost:
        seen: set[str] = set()
        for number, text in removed:
            if not family.looks.search(text) or _comment(text):
                continue
            owner = _owner(before, number)
            if owner is None or owner.name in seen or owner.name not in after:
                continue
            seen.add(owner.name)
            if _gone(family, owner, after[owner.name], file):
                yield Loss(family.name, owner.name, number)


@dataclass(frozen=True)
class Piece:
    """A function or class heading of one version: lines `start`..`end` and their text."""

    name: str
    start: int
    end: int
    text: str


def _index(text: Text) -> dict[str, Piece]:
    """Named functions by qualified name, decorators and annotations included; names used twice are left out."""
    root = text.root
    assert root is not None
    found: dict[str, Piece | None] = {}
    for node in root.find_all(any=[{"kind": kind} for kind in _NAMED[text.language]]):
        name = _qualified(node)
        outer = _decorated(node)
        start, end = outer.range().start.line + 1, node.range().end.line + 1
        found[name] = None if name in found else Piece(name, start, end, text.quote(start, end))
    return {name: piece for name, piece in found.items() if piece is not None}


_NAMED = {
    "python": ("function_definition",),
    "go": ("function_declaration", "method_declaration"),
    "typescript": ("function_declaration", "method_definition", "variable_declarator"),
    "tsx": ("function_declaration", "method_definition", "variable_declarator"),
    "javascript": ("function_declaration", "method_definition", "variable_declarator"),
    "java": ("method_declaration",),
    "ruby": ("method", "singleton_method"),
}


def _decorated(node: SgNode) -> SgNode:
    parent = node.parent()
    if parent is not None and parent.kind() in {"decorated_definition", "export_statement"}:
        return parent
    first = node
    while (before := first.prev()) is not None and before.kind() == "decorator":
        first = before
    return first


def _qualified(node: SgNode) -> str:
    """`Class.method`; a Go method's receiver type stands for the class."""
    names = [name_of(node)]
    receiver = node.field("receiver")
    if receiver is not None:
        names.append(re.sub(r"[^\w]", "", receiver.text().split()[-1]))
    names += [name for above in node.ancestors() if above.kind() in FUNCTIONS | CLASSES and (name := name_of(above))]
    return ".".join(reversed(names))


def _owner(pieces: dict[str, Piece], number: int) -> Piece | None:
    """The innermost function around a line."""
    around = [piece for piece in pieces.values() if piece.start <= number <= piece.end]
    return min(around, key=lambda piece: piece.end - piece.start) if around else None


def _gone(family: Family, before: Piece, after: Piece, file: ExaminedFile) -> bool:
    if family.looks.search(_code(after.text)) or not family.looks.search(_code(before.text)):
        return False
    old = [line.strip() for line in before.text.split("\n") if line.strip()]
    new = {line.strip() for line in after.text.split("\n")}
    if sum(line in new for line in old) < KEPT * len(old):
        return False
    added = "\n".join(line.text for line in file.change.lines() if line.kind == "+")
    return not family.looks.search(added)


def _code(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not _comment(line))


def _comment(line: str) -> bool:
    return line.lstrip().startswith(("#", "//", "*", "/*"))


def _signal(file: ExaminedFile, loss: Loss, candidates: tuple[str, ...] | None) -> Signal:
    family, owner = _BY_NAME[loss.family], loss.owner
    where = place(file, loss.line, loss.line, Side.LEFT)
    message = f"{owner} had this {family.name} safeguard and has it no more; if nothing replaces it, {family.loss.replace('{symbol}', owner)}."
    if candidates is not None:
        message += (
            f" Added lines that may replace it: {'; '.join(candidates)}."
            if candidates
            else " No added line of the change looks like a replacement."
        )
    return Signal(
        id="",
        rule=f"safeguard-removed.{family.name}",
        hazard=family.hazard,
        tier=Tier.EVIDENCE,
        category=family.category,
        severity=family.severity,
        confidence=Confidence.LOW,
        path=file.path,
        side=where.side,
        start_line=where.start,
        end_line=where.end,
        quote=where.quote,
        title=f"Safeguard removed: {family.name}",
        message=message,
        fix="Keep the safeguard, or say where its work is done now.",
        refuted_by=("The same check is now made in a helper, a middleware or the router", "The guarded code is gone"),
        references=("CWE-306", "CWE-862") if family.name == "auth" else (),
        symbol=owner,
        lines_in_diff=where.in_diff,
    )


def _replacements(examined: Examined) -> tuple[str, ...]:
    """Up to five added lines anywhere in the change that look like access control."""
    found = [
        f"{file.path}:{line.new} `{' '.join(line.text.split())[:80]}`"
        for file in examined.everything.files
        if not is_test(file.path)
        for line in file.lines()
        if line.kind == "+" and _REPLACEMENT.search(line.text) and not _comment(line.text)
    ]
    return tuple(found[:5])
