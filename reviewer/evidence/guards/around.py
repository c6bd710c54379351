"""Guards on what stands around a hit: its function, its file, the conditions and blocks it is in.

Where only hunks are known, nothing follows from not seeing something: a guard that asks for absence agrees only if
it could see all of the function or file.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from reviewer.evidence.guards.paths import is_script
from reviewer.evidence.hit import CLASSES, FUNCTIONS, Hit, name_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_BRANCHES = frozenset(
    {
        "if_statement", "elif_clause", "else_clause", "if", "unless", "elsif", "conditional_expression", "ternary_expression",
        "conditional", "if_modifier", "unless_modifier", "switch_expression", "case", "when", "expression_switch_statement",
    }
)  # fmt: skip
_CLOSURES = frozenset({"lambda", "func_literal", "arrow_function", "function_expression", "lambda_expression"})
_COMMENT = re.compile(r"(?:^|\s)(?:#|//|/\*).*")
_COMMENTS = frozenset({"comment", "line_comment", "block_comment"})


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


def function_text(hit: Hit) -> str | None:
    """Text of the outermost enclosing function; None if part of it is unknown. Outside any function: the file."""
    function = hit.outer_function
    if function is None:
        return hit.text.text if hit.text.complete else None
    return function.text() if wholly_known(hit, function) else None


def wholly_known(hit: Hit, function: SgNode) -> bool:
    """All of a function was seen. In a hunk a parser ends it where the hunk ends, which proves nothing: there its
    braces must balance, or (Python, Ruby) a line less indented must follow.
    """
    if hit.text.complete:
        return True
    span = function.range()
    start, end = span.start.line + 1, span.end.line + 1
    if not hit.text.knows(start, end):
        return False
    text = function.text()
    if hit.family not in {"python", "ruby"}:
        return text.endswith("}") and text.count("{") == text.count("}")
    margin = len(hit.text.lines[start - 1]) - len(hit.text.lines[start - 1].lstrip())
    for number in range(end + 1, len(hit.text.lines) + 1):
        line = hit.text.lines[number - 1]
        if not hit.text.knows(start, number):
            return False
        if line.strip():
            return len(line) - len(line.lstrip()) <= margin
    return False


def function_has(hit: Hit, pattern: str) -> bool:
    function = hit.outer_function
    return bool(_compiled(pattern).search(function.text() if function else hit.text.text))


def function_has_not(hit: Hit, pattern: str) -> bool:
    text = function_text(hit)
    return text is not None and not _compiled(pattern).search(text)


def closure_has_not(hit: Hit, pattern: str) -> bool:
    """As `function_has_not`, for the nearest function or closure only."""
    if hit.function is None:
        return function_has_not(hit, pattern)
    return wholly_known(hit, hit.function) and not _compiled(pattern).search(hit.function.text())


def file_has(hit: Hit, pattern: str) -> bool:
    return bool(_compiled(pattern).search(hit.text.text))


def file_has_not(hit: Hit, pattern: str) -> bool:
    return hit.text.complete and not _compiled(pattern).search(hit.text.text)


def file_shows_not(hit: Hit, pattern: str) -> bool:
    """As `file_has_not`, but content with what is shown: for refutations that would be near."""
    return not _compiled(pattern).search(hit.text.text)


def text_has(hit: Hit, pattern: str) -> bool:
    """The match itself contains the pattern."""
    return bool(_compiled(pattern).search(hit.node.text()))


def text_has_not(hit: Hit, pattern: str) -> bool:
    return not _compiled(pattern).search(hit.node.text())


def capture_is(hit: Hit, argument: str) -> bool:
    """`NAME=regex`: the capture's text (or, for `$$$`, all of it) matches."""
    name, _, pattern = argument.partition("=")
    return bool(_compiled(pattern).search(capture_text(hit, name)))


def capture_not(hit: Hit, argument: str) -> bool:
    name, _, pattern = argument.partition("=")
    return not _compiled(pattern).search(capture_text(hit, name))


def capture_text(hit: Hit, name: str) -> str:
    return hit.capture(name) or ", ".join(node.text() for node in hit.captures(name))


def symbol_not(hit: Hit, pattern: str) -> bool:
    """No enclosing function or class has such a name."""
    names = (name_of(node) for node in hit.above if node.kind() in FUNCTIONS | CLASSES)
    return not any(_compiled(pattern).search(name) for name in names)


def not_in_branch(hit: Hit, pattern: str) -> bool:
    """No enclosing `if`, `unless`, ternary or `case` has such a condition."""
    for node in hit.above:
        if node.kind() in FUNCTIONS - _CLOSURES:
            return True
        if node.kind() in _BRANCHES:
            condition = node.field("condition") or node.field("value")
            head = condition.text() if condition else node.text().partition("\n")[0]
            if _compiled(pattern).search(head):
                return False
    return True


def in_function(hit: Hit, pattern: str) -> bool:
    """The heading of some enclosing function (name, parameters, decorators) matches."""
    return any(_compiled(pattern).search(heading(hit, node)) for node in hit.above if node.kind() in FUNCTIONS)


def heading(hit: Hit, node: object) -> str:
    """A function's text up to its body."""
    from ast_grep_py import SgNode

    assert isinstance(node, SgNode)
    body = node.field("body")
    start = node.range().start.index
    parent = node.parent()
    if parent is not None and parent.kind() == "decorated_definition":
        start = parent.range().start.index
    end = body.range().start.index if body else start + 300
    return hit.text.text[start:end]


def not_in_kind(hit: Hit, argument: str) -> bool:
    """No node of these kinds (comma-separated) between the hit and its outermost function."""
    kinds = {kind.strip() for kind in argument.split(",")}
    return not any(node.kind() in kinds for node in hit.above)


def no_comment_inside(hit: Hit, _argument: str) -> bool:
    """Whoever explained it in a comment has thought of it."""
    stack = [hit.node]
    while stack:
        node = stack.pop()
        if node.kind() in _COMMENTS:
            return False
        stack.extend(node.children())
    return True


def not_main(hit: Hit, _argument: str) -> bool:
    """Not in a program's entry point: there is nobody to time out for, and an exit is normal."""
    function = hit.outer_function
    name = name_of(function) if function else ""
    if name in {"main", "init", "Main"} or name.startswith(("cli_", "cmd_")):
        return False
    if hit.family == "python" and re.search(
        r"@(?:click|app|cli|typer)\.command|@\w+\.command\(", hit.text.text[:200_000]
    ):
        return not any(re.search(r"\.command\b", heading(hit, node)) for node in hit.above if node.kind() in FUNCTIONS)
    return not is_script(hit.path)


def repo_has_not(hit: Hit, pattern: str) -> bool:
    """No manifest of the repository mentions it."""
    return not hit.facts.mentions(pattern)


def queue_not_in_database(hit: Hit, _argument: str) -> bool:
    """A queue that lives in the same database takes part in the transaction: there the enqueue belongs inside it."""
    return "database" not in hit.facts.queues


def function_shows_not(hit: Hit, pattern: str) -> bool:
    """As `function_has_not`, but content with what is shown: for refutations that would be near."""
    function = hit.outer_function
    return not _compiled(pattern).search(function.text() if function else hit.text.text)


def comment_not(hit: Hit, pattern: str) -> bool:
    """Neither the hit nor the comment lines just above it say so."""
    start = hit.node.range().start.line
    lines = hit.text.lines
    above: list[str] = []
    while start > 0 and lines[start - 1].strip().startswith(("#", "//", "*", "/*")) and len(above) < 8:
        start -= 1
        above.append(lines[start])
    body = lines[hit.node.range().start.line : hit.node.range().end.line + 1]
    inside = [found[0] for line in body if (found := _COMMENT.search(line))]
    return not _compiled(pattern).search("\n".join((*above, *inside)))


def fragment(hit: Hit, _argument: str) -> bool:
    """Only hunks are known: a sibling rule that needs the whole file cannot speak."""
    return not hit.text.complete


def java_method_returns(hit: Hit, pattern: str) -> bool:
    """The enclosing Java method's return type matches."""
    method = next((node for node in hit.above if node.kind() == "method_declaration"), None)
    returns = method.field("type") if method else None
    return bool(returns and _compiled(pattern).search(returns.text()))


def axios_config_known(hit: Hit, _argument: str) -> bool:
    """No argument after the URL (and body) is a variable that may hold the timeout."""
    arguments = hit.captures("A")
    method = hit.capture("M")
    if method not in {"", "get", "delete", "head", "options", "request", "create", "post", "put", "patch"}:
        return False
    first = {"": 0, "request": 0, "create": 0, "get": 1, "delete": 1, "head": 1, "options": 1}.get(method, 2)
    if method in {"", "request"} and arguments and arguments[0].kind() in {"string", "template_string"}:
        first = 1
    return all(argument.kind() == "object" for argument in arguments[first:])


def line_not(hit: Hit, pattern: str) -> bool:
    """The line the hit begins on does not match."""
    return not _compiled(pattern).search(hit.text.lines[hit.node.range().start.line])


def outermost_call(hit: Hit, _argument: str) -> bool:
    """The hit is no link inside a longer call chain."""
    parent = hit.node.parent()
    return parent is None or parent.kind() not in {"method_invocation", "member_expression", "call"}


def chain_not(hit: Hit, pattern: str) -> bool:
    """No call the enclosing closures are handed to names it (`router.post('/', validate(schema), async …)`)."""
    for node in hit.above:
        if node.kind() in {"call_expression", "call"}:
            before = hit.text.text[node.range().start.index : hit.node.range().start.index]
            if _compiled(pattern).search(before):
                return False
    return True


def in_class_named(hit: Hit, pattern: str) -> bool:
    return any(_compiled(pattern).search(name_of(node)) for node in hit.above if node.kind() in CLASSES)


def class_shows_not(hit: Hit, pattern: str) -> bool:
    """No enclosing class contains it, as far as shown."""
    return not any(_compiled(pattern).search(node.text()) for node in hit.above if node.kind() in CLASSES)


def class_shows(hit: Hit, pattern: str) -> bool:
    """The nearest enclosing class (decorators included) contains it."""
    owner = next((node for node in hit.above if node.kind() in CLASSES), None)
    if owner is None:
        return False
    parent = owner.parent()
    whole = parent.text() if parent is not None and parent.kind() == "decorated_definition" else owner.text()
    return bool(_compiled(pattern).search(whole))


def not_form_class(hit: Hit, _argument: str) -> bool:
    """Not a form, serializer, schema or filter: those hold no column."""
    owner = next((node for node in hit.above if node.kind() in CLASSES), None)
    head = owner.text().partition("\n")[0] if owner else ""
    return not re.search(r"Form|Serializer|Schema|Filter|Input\b|Query|Type\b|Index\b|Document\b", head)


def inside_if(hit: Hit, pattern: str) -> bool:
    """In the body of an `if` of the same function whose condition matches."""
    for node in hit.above:
        if node.kind() in FUNCTIONS:
            return False
        if node.kind() in {"if_statement", "if"}:
            condition = node.field("condition")
            return bool(condition and _compiled(pattern).search(condition.text()))
    return False


def not_in_case(hit: Hit, pattern: str) -> bool:
    """Not in a `case` of a Go select or switch whose heading matches."""
    for node in hit.above:
        if node.kind() in FUNCTIONS:
            return True
        if node.kind() in {"communication_case", "expression_case"} and _compiled(pattern).search(
            node.text().partition("\n")[0]
        ):
            return False
    return True


def symbol_is(hit: Hit, pattern: str) -> bool:
    """The nearest named function has such a name."""
    names = (name_of(node) for node in hit.above if node.kind() in FUNCTIONS)
    nearest = next((name for name in names if name), "")
    return bool(nearest and _compiled(pattern).search(nearest))


def callback_has(hit: Hit, argument: str) -> bool:
    """`NAME=regex`: the Ruby method that the captured symbol names contains the pattern, in this file."""
    name, _, pattern = argument.partition("=")
    wanted = hit.capture(name).removeprefix(":")
    root = hit.text.root
    methods = root.find_all(kind="method") if root is not None else []
    return any(name_of(method) == wanted and _compiled(pattern).search(method.text()) for method in methods)


def closure_parameter_unused(hit: Hit, _argument: str) -> bool:
    """The receiver of the call is not the parameter of the callback it stands in."""
    parameters = hit.function.field("parameters") or hit.function.field("parameter") if hit.function else None
    if parameters is None:
        return False
    receiver = re.split(r"[.(]", hit.node.text().removeprefix("this."))[0]
    return not re.search(rf"\b{re.escape(receiver)}\b", parameters.text())
