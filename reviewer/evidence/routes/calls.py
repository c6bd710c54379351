"""Calls that leave the process: database, other services, caches and queues, each with the loop it stands in."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from reviewer.evidence.examined import Examined, ExaminedFile, Text
from reviewer.evidence.reading import Reading
from reviewer.evidence.routes.read import is_test
from reviewer.evidence.routes.route import short
from reviewer.evidence.sql.where import is_migration_path

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "database",
        re.compile(
            r"\.objects\b|(?:\b|_)(?:session|db|database|conn|connection|cursor|cur|tx|pool|knex|sequelize|em|entityManager|manager|jdbcTemplate|namedParameterJdbcTemplate|trx|sqlDB|DB|dbconn)(?:\([^)]*\))?\.(?:\w+\([^)]*\)\.)*(?:execute\w*|query\w*|Query\w*|Exec\w*|fetch\w*|scalars?|get|add|add_all|merge|find\w*|Find\w*|First|Last|Create|Save|Updates?|Delete|Where|Raw|select|insert|update|delete|persist|remove|createQuery|batchUpdate|Select|Get|NamedExec\w*|QueryRow\w*|Preload|Count|Pluck|Scan)$"
            r"|\bprisma\.\w+\.\w+$|\$queryRaw|\$executeRaw|(?:[Rr]epo|[Rr]epository|Dao|Mapper|[Ss]tore)\.(?!class)\w+$"
            r"|\b[A-Z]\w*(?:\.\w+\([^)]*\))*\.(?:find|findOne|findAll|findById|findByPk|findMany|findAndCountAll|countDocuments|aggregate|where|find_by!?|find_each|create!?|update_all|delete_all|exists\?|pluck|insert_all|upsert_all|joins|includes|bulkCreate|insertMany|updateOne|updateMany|deleteOne|deleteMany)$"
            r"|\.(?:save!?|update!|destroy!?|bulk_create|bulk_update)$"
        ),
    ),
    (
        "HTTP",
        re.compile(
            r"^(?:requests|httpx|session|client|http|self\.(?:_?client|_?session|_?http))\.(?:get|post|put|patch|delete|head|request|send)$|^(?:fetch|urlopen|got|request)$|^axios(?:\.\w+)?$|urllib\.request\.urlopen$|\bhttp\.(?:Get|Post|PostForm|Head)$|[cC]lient\.(?:Do|Get|Post)$|(?:restTemplate|restClient|webClient)\.\w+$|\bhttpClient\.send$|httpService\.\w+$|^(?:HTTParty|Faraday|RestClient|Net::HTTP)\.\w+$|\bstripe\.[\w.]+$"
        ),
    ),
    (
        "cache",
        re.compile(
            r"\b(?:redis|rdb|cache|memcache\w*|Rails\.cache|redisTemplate|cacheManager|redisClient|cacheService)(?:\.\w+\([^)]*\))*\.\w+$",
            re.IGNORECASE,
        ),
    ),
    (
        "queue",
        re.compile(
            r"\.(?:delay|apply_async|perform_later|perform_async|deliver_later|send_task|publish|sendToQueue|convertAndSend)$|(?:[qQ]ueue)\.(?:add|send|push|enqueue)$|kafkaTemplate\.send$|producer\.(?:send|produce)$"
        ),
    ),
)
_PROBE = re.compile(
    r"objects|execute|query|Query|Exec|find|Find|fetch|prisma|[Rr]epo|requests|httpx|axios|[Cc]lient|http|redis|cache|queue|delay|perform|publish|save|where|create|db\.|DB\.|session|em\.|Template|stripe",
    re.IGNORECASE,
)
_CALL_KINDS = {
    "python": ("call",),
    "go": ("call_expression",),
    "typescript": ("call_expression",),
    "javascript": ("call_expression",),
    "tsx": ("call_expression",),
    "java": ("method_invocation",),
    "ruby": ("call",),
}
_LOOPS = frozenset("for_statement while_statement for_in_statement enhanced_for_statement do_statement for while until list_comprehension set_comprehension dictionary_comprehension generator_expression for_in_clause".split())  # fmt: skip
_FUNCTIONS = frozenset("function_definition function_declaration method_declaration method_definition method singleton_method arrow_function function_expression func_literal lambda constructor_declaration lambda_expression".split())  # fmt: skip
_NAMED = frozenset(
    "function_definition function_declaration method_declaration method_definition method singleton_method constructor_declaration".split()
)
_ITERATORS = re.compile(
    r"\.(?:forEach|map|flatMap|filter|each|each_with_index|find_each|times|stream|collect|reduce|some|every)$|\.(?:each|map|each_with_index|find_each|times|flat_map|select|reject)$"
)
_BOUNDED = re.compile(
    r"\blimit\b|\.take\b|\bLIMIT\b|\bTOP\b|paginat|page_?size|pageable|\bfirst\b|\.get\(|findUnique|findFirst|findOne|find_by|QueryRow|\[:\s*\w+\]|batch|chunk|in_batches|\bexists\b|count|fetchone|\.First\b|findById|scalar_one",
    re.IGNORECASE,
)


class Call(NamedTuple):
    """One call that leaves the process. `loop` is what it repeats over, "" outside loops."""

    kind: str
    callee: str
    function: str
    loop: str
    bound: str
    line: int
    text: str


def new_calls(examined: Examined) -> dict[str, tuple[Call, ...]]:
    """The calls each changed file gains, by path."""
    found = {file.path: gained(examined, file) for file in examined.files}
    return {path: calls for path, calls in found.items() if calls}


def _gained(_examined: Examined, file: ExaminedFile) -> tuple[Call, ...]:
    if (
        file.skipped
        or file.head is None
        or file.head.language not in _CALL_KINDS
        or is_test(file.path)
        or is_migration_path(file.path)
    ):
        return ()
    added = [line.text for line in file.change.lines() if line.kind == "+"]
    if not any(_PROBE.search(line) for line in added):
        return ()
    head = _sites(file.head)
    touched = {site.said for site in head if any(line in file.added for line in site.lines)}
    if not touched:
        return ()
    # Only calls that read like one on an added line can be that call, or stand in its way: no other is looked at more.
    base = _sites(file.base) if file.base is not None and file.base.complete else []
    known = Counter(_key(_call(site)) for site in base if site.said in touched)
    fresh = []
    for site in head:
        if site.said not in touched:
            continue
        call = _call(site)
        if known[_key(call)] > 0:
            known[_key(call)] -= 1
        elif any(line in file.added for line in site.lines):
            fresh.append(call)
    return tuple(fresh)


gained = Reading("calls", _gained)


def _key(call: Call) -> tuple[str, str, str, bool]:
    return call.function, call.callee, " ".join(call.text.split()), bool(call.loop)


class _Site(NamedTuple):
    """Where a call that leaves the process stands: what is cheap to know of it. `said` is its text, whatever its spacing."""

    node: SgNode
    kind: str
    callee: str
    lines: range
    said: str


def _sites(text: Text) -> list[_Site]:
    """Every call of a file that leaves the process, by line, outermost first: a chain is one call."""
    if text.root is None:
        return []
    found: list[_Site] = []
    chains: dict[int, int] = {}  # start of a chain -> end of its longest call
    for kind in _CALL_KINDS[text.language]:
        for node in text.root.find_all(kind=kind):
            span = node.range()
            start, end = span.start, span.end
            if chains.get(start.index, -1) >= end.index:
                continue
            callee = _callee(node, text.language)
            what = kind_of_call(callee)
            if not what:
                continue
            chains[start.index] = end.index
            said = " ".join(node.text().split())
            found.append(_Site(node, what, callee, range(start.line + 1, end.line + 2), said))
    found.sort(key=lambda site: site.lines.start)
    return found


def _call(site: _Site) -> Call:
    loop, function = _surroundings(site.node)
    whole = site.node.text()
    bound = _BOUNDED.search(whole) or (_BOUNDED.search(loop) if loop else None)
    return Call(
        site.kind,
        short(site.callee, 70),
        function,
        short(loop, 70),
        bound[0].strip() if bound else "",
        site.lines.start,
        whole,
    )


@lru_cache(maxsize=4096)
def kind_of_call(callee: str) -> str:
    """`database`, `HTTP`, `cache`, `queue`, or "" for a call that stays in the process."""
    if len(callee) > 2_000 or _PROBE.search(callee) is None:
        return ""
    return next((name for name, pattern in _KINDS if pattern.search(callee)), "")


def _callee(node: SgNode, language: str) -> str:
    if language == "java":
        owner, name = node.field("object"), node.field("name")
        return ".".join(part.text() for part in (owner, name) if part is not None)
    if language == "ruby":
        owner, name = node.field("receiver"), node.field("method")
        return ".".join(part.text() for part in (owner, name) if part is not None)
    function = node.field("function")
    return function.text() if function is not None else ""


def _surroundings(node: SgNode) -> tuple[str, str]:
    """The iterable of the innermost loop around a node inside its function, and the function's name."""
    loop = ""
    inner = node
    for parent in node.ancestors():
        kind = parent.kind()
        if not loop and kind in _LOOPS and not _is_iterable(parent, inner):
            loop = _iterable(parent)
        elif (
            not loop
            and kind in {"call_expression", "call", "method_invocation"}
            and inner.kind() not in {"member_expression", "attribute", "selector_expression"}
        ):
            callee = _callee(
                parent,
                "ruby" if parent.field("receiver") is not None else "java" if kind == "method_invocation" else "",
            )
            if (
                _ITERATORS.search(callee)
                and (parent.field("block") is not None or "=>" in parent.text() or "->" in parent.text())
                and not callee.startswith(node.text())
            ):
                loop = callee.rpartition(".")[0]
        if kind in _NAMED:
            name = parent.field("name")
            return loop, name.text() if name is not None else ""
        if kind == "variable_declarator" and inner.kind() in _FUNCTIONS:
            name = parent.field("name")
            return loop, name.text() if name is not None else ""
        inner = parent
    return loop, ""


def _is_iterable(loop: SgNode, inner: SgNode) -> bool:
    """The call is what is iterated over: it runs once."""
    right = loop.field("right") or loop.field("value")
    return (
        right is not None
        and right.range().start.index == inner.range().start.index
        and right.range().end.index == inner.range().end.index
    )


def _iterable(loop: SgNode) -> str:
    for field in ("right", "value", "condition"):
        found = loop.field(field)
        if found is not None:
            return found.text()
    header = loop.text().split("\n")[0]
    match = re.search(r"\brange\s+([^{]+)|\bin\s+([^:\]\n]+)", header)
    return (match[1] or match[2]).strip() if match else header.rstrip(" {")
