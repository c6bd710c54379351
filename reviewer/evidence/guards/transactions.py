"""Guards on transactions: is this hit inside one that is open, and does it run now or after the commit?"""

from __future__ import annotations

import re

from reviewer.evidence.guards.enclosing import heading
from reviewer.evidence.hit import CLASSES, FUNCTIONS, Hit, name_of

_PYTHON_BLOCK = re.compile(
    r"(?:async )?with (?:[^:\n]*\b)?(?:transaction\.atomic|atomic\(|\w*[sS]ession\.begin\b|db\.begin\b|engine\.begin\b|\w+\.transaction\()"
)
_AFTER_COMMIT = re.compile(
    r"after_?commit|on_?commit|afterCommit|after_transaction|AfterCommit|onCommit|afterCompletion"
)
_GO_BEGIN = re.compile(r"(\w*[tT]xn?\w*)\s*,\s*\w+\s*:?=\s*[\w.()]+\.Begin(?:Tx|x|Txx)?\(")


def inside_python_transaction(hit: Hit, _argument: str) -> bool:
    """Inside `with transaction.atomic()` / `session.begin()`, or in a function decorated with it; not in a closure."""
    for node in hit.above:
        if node.kind() == "with_statement" and _PYTHON_BLOCK.match(node.text()):
            return True
        if node.kind() == "lambda":
            return False
        if node.kind() == "function_definition":
            return re.search(r"@(?:\w+\.)*atomic\b", heading(hit, node)) is not None
    return False


def java_transactional(hit: Hit, _argument: str) -> bool:
    """In a method annotated `@Transactional`, not read-only, not run after commit, not in a callback."""
    method = next((node for node in hit.above if node.kind() == "method_declaration"), None)
    if method is None or any(node.kind() == "lambda_expression" for node in hit.above):
        return False
    modifiers = next((child.text() for child in method.children() if child.kind() == "modifiers"), "")
    if re.search(
        r"readOnly\s*=\s*true|AFTER_COMMIT|NOT_SUPPORTED|Propagation\.NEVER|@TransactionalEventListener|transactionManager\s*=|\(\s*\"",
        modifiers,
    ):
        return False
    before = hit.text.text[method.range().start.index : hit.node.range().start.index]
    owner = next((node for node in hit.above if node.kind() == "class_declaration"), None)
    marked = "@Transactional" in modifiers or (
        owner is not None and "public" in modifiers and "@Transactional" in _modifiers(owner)
    )
    return marked and not _AFTER_COMMIT.search(before)


def inside_ruby_block(hit: Hit, argument: str) -> bool:
    """Inside the block of a call to one of these methods (`a|b`), and not in one that runs after commit."""
    names = re.compile(rf"^(?:{argument})$")
    for node in hit.above:
        if node.kind() in {"method", "singleton_method", *CLASSES}:
            return False
        if node.kind() == "call":
            method = node.field("method")
            name = method.text() if method else ""
            if _AFTER_COMMIT.search(name):
                return False
            if names.search(name) and node.field("block") is not None:
                return True
    return False


_DEFERRING = r"load_defaults[ (]+['\"]?7\.2|enqueue_after_transaction_commit\s*=\s*:?(?:true|always)"


def enqueued_at_once(hit: Hit, _argument: str) -> bool:
    """Active Job does not wait for the commit: Rails 7.2 does by default, and what is not Active Job never does."""
    direct = re.search(r"perform_async|perform_in\b", hit.node.text()) is not None
    return direct or not hit.facts.mentions(_DEFERRING)


def not_in_block(hit: Hit, argument: str) -> bool:
    """Not inside the block of a call to one of these Ruby methods."""
    return not inside_ruby_block(hit, argument)


def same_closure_as(hit: Hit, pattern: str) -> bool:
    """The nearest function around the hit is the very callback handed to a call whose callee matches."""
    function = hit.function
    if function is None:
        return False
    call = function.parent()
    call = call.parent() if call is not None and call.kind() in {"arguments", "argument_list"} else None
    callee = call.field("function") if call is not None else None
    return bool(callee and re.search(pattern, callee.text()))


def inside_go_transaction(hit: Hit, _argument: str) -> bool:
    """After a Begin and before the Commit of the enclosing function, in the text's order; not in a closure or goroutine."""
    function = hit.function
    if function is None or function.kind() == "func_literal":
        return False
    start = function.range().start.index
    before = hit.text.text[start : hit.node.range().start.index]
    after = hit.text.text[hit.node.range().end.index : function.range().end.index]
    begun = list(_GO_BEGIN.finditer(before))
    if not begun:
        return False
    name = begun[-1][1]
    closed = re.search(
        rf"(?<!defer )\b{name}\.(?:Commit|Rollback)\(",
        re.sub(r"(?s)\{[^{}]*Rollback[^{}]*\}", "", before[begun[-1].end() :]),
    )
    return not closed and bool(re.search(rf"\b{name}\.Commit\(", after))


def java_self_call(hit: Hit, _argument: str) -> bool:
    """A method of the class calls another of its methods that is @Transactional, itself having no transaction."""
    method = next((node for node in hit.above if node.kind() == "method_declaration"), None)
    owner = next((node for node in hit.above if node.kind() == "class_declaration"), None)
    if method is None or owner is None or any(node.kind() == "object_creation_expression" for node in hit.above):
        return False
    body = owner.field("body")
    if body is None or "@Transactional" in _modifiers(owner) or "@Transactional" in _modifiers(method):
        return False
    called = hit.capture("NAME")
    arguments = _arity(hit.node.field("arguments"))
    targets = [
        member
        for member in body.children()
        if member.kind() == "method_declaration"
        and name_of(member) == called
        and _arity(member.field("parameters")) == arguments
    ]
    public = "private" not in _modifiers(targets[0]) if targets else False
    marked = [
        m for m in targets if re.search(r"@Transactional(?!EventListener)(?!\([^)]*readOnly\s*=\s*true)", _modifiers(m))
    ]
    return public and len(marked) == len(targets) > 0


def _modifiers(node: object) -> str:
    from ast_grep_py import SgNode

    assert isinstance(node, SgNode)
    return next((child.text() for child in node.children() if child.kind() == "modifiers"), "")


def _arity(node: object) -> int:
    from ast_grep_py import SgNode

    return len([child for child in node.children() if child.is_named()]) if isinstance(node, SgNode) else 0


def in_except_without(hit: Hit, pattern: str) -> bool:
    """The enclosing except clause does nothing that explains a commit: no roll-back, no failure recorded."""
    clause = next((node for node in hit.above if node.kind() == "except_clause"), None)
    if clause is None:
        return False
    before = hit.text.text[clause.range().start.index : hit.node.range().start.index]
    return not re.search(pattern, before)


def in_loop_body(hit: Hit, kinds: frozenset[str]) -> bool:
    """A loop of one of the kinds stands between the hit and its function."""
    for node in hit.above:
        if node.kind() in kinds:
            return True
        if node.kind() in FUNCTIONS:
            return False
    return False
