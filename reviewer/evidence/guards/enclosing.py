"""Guards on what encloses a hit: functions and classes by name, conditions, blocks, the call a closure is handed to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.evidence.guards.around import compiled
from reviewer.evidence.guards.paths import is_script
from reviewer.evidence.hit import CLASSES, FUNCTIONS, Hit, name_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_BRANCHES = frozenset(
    {
        "if_statement", "elif_clause", "else_clause", "if", "unless", "elsif", "conditional_expression", "ternary_expression",
        "conditional", "if_modifier", "unless_modifier", "switch_expression", "case", "when", "expression_switch_statement",
        "switch_case", "expression_case",
    }
)  # fmt: skip
_CLOSURES = frozenset({"lambda", "func_literal", "arrow_function", "function_expression", "lambda_expression"})


def symbol_not(hit: Hit, pattern: str) -> bool:
    """No enclosing function or class has such a name."""
    names = (name_of(node) for node in hit.above if node.kind() in FUNCTIONS | CLASSES)
    return not any(compiled(pattern).search(name) for name in names)


def not_closing(hit: Hit, _argument: str) -> bool:
    """Not in a `close()` that takes nothing: what it could still write it may lose. `close(order)` is another matter."""
    for node in hit.above:
        if node.kind() in FUNCTIONS and name_of(node).lower().endswith("close"):
            parameters = node.field("parameters")
            given = re.sub(r"\b(?:self|cls|this|ctx|context\.Context|_)\b", "", parameters.text()) if parameters else ""
            if not re.search(r"\w", given):
                return False
    return True


def not_in_branch(hit: Hit, pattern: str) -> bool:
    """No enclosing `if`, `unless`, ternary or `case` has such a condition."""
    for node in hit.above:
        if node.kind() in FUNCTIONS - _CLOSURES:
            return True
        if node.kind() in _BRANCHES:
            condition = node.field("condition") or node.field("value")
            head = condition.text() if condition else node.text().partition("\n")[0]
            if node.kind().startswith("unless"):
                head = f"not ({head})"
            if compiled(pattern).search(head):
                return False
    return True


def in_function(hit: Hit, pattern: str) -> bool:
    """The heading of some enclosing function (name, parameters, decorators) matches."""
    return any(compiled(pattern).search(heading(hit, node)) for node in hit.above if node.kind() in FUNCTIONS)


def heading(hit: Hit, node: SgNode) -> str:
    """A function's text up to its body."""
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
    return not is_script(hit.path) and not (hit.family == "go" and _in_command(hit))


_COMMAND = re.compile(r"&?(?:cobra|cli)\.Command\b")


def _in_command(hit: Hit) -> bool:
    """In what a command of a Go command-line program runs (`&cobra.Command{RunE: func(cmd *cobra.Command, …`)."""
    for node in hit.above:
        if node.kind() == "composite_literal" and _COMMAND.match(node.text()):
            return True
        if node.kind() in FUNCTIONS and re.search(r"\*(?:cobra|cli)\.(?:Command|Context)\b", heading(hit, node)):
            return True
    return False


def java_method_returns(hit: Hit, pattern: str) -> bool:
    """The enclosing Java method's return type matches."""
    method = next((node for node in hit.above if node.kind() == "method_declaration"), None)
    returns = method.field("type") if method else None
    return bool(returns and compiled(pattern).search(returns.text()))


def outermost_call(hit: Hit, _argument: str) -> bool:
    """The hit is no link inside a longer call chain."""
    parent = hit.node.parent()
    return parent is None or parent.kind() not in {"method_invocation", "member_expression", "call"}


def chain_not(hit: Hit, pattern: str) -> bool:
    """No call the enclosing closures are handed to names it (`router.post('/', validate(schema), async …)`)."""
    for node in hit.above:
        if node.kind() in {"call_expression", "call"}:
            before = hit.text.text[node.range().start.index : hit.node.range().start.index]
            if compiled(pattern).search(before):
                return False
    return True


def in_class_named(hit: Hit, pattern: str) -> bool:
    return any(compiled(pattern).search(name_of(node)) for node in hit.above if node.kind() in CLASSES)


def class_shows_not(hit: Hit, pattern: str) -> bool:
    """No enclosing class contains it, as far as shown."""
    return not any(compiled(pattern).search(node.text()) for node in hit.above if node.kind() in CLASSES)


def class_shows(hit: Hit, pattern: str) -> bool:
    """The nearest enclosing class (decorators included) contains it."""
    owner = next((node for node in hit.above if node.kind() in CLASSES), None)
    if owner is None:
        return False
    parent = owner.parent()
    whole = parent.text() if parent is not None and parent.kind() == "decorated_definition" else owner.text()
    return bool(compiled(pattern).search(whole))


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
            return bool(condition and compiled(pattern).search(condition.text()))
    return False


def not_in_case(hit: Hit, pattern: str) -> bool:
    """Not in a `case` of a Go select or switch whose heading matches."""
    for node in hit.above:
        if node.kind() in FUNCTIONS:
            return True
        if node.kind() in {"communication_case", "expression_case"} and compiled(pattern).search(
            node.text().partition("\n")[0]
        ):
            return False
    return True


def symbol_is(hit: Hit, pattern: str) -> bool:
    """The nearest named function has such a name."""
    names = (name_of(node) for node in hit.above if node.kind() in FUNCTIONS)
    nearest = next((name for name in names if name), "")
    return bool(nearest and compiled(pattern).search(nearest))


_COMMENT_LINE = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_PLUMBING = re.compile(
    r"^(?:self|cls|this|request|req|res|response|c|ctx|context|\w*session|\w*db|conn|connection|cursor|tx|trx|knex|prisma|pool|client"
    r"|args|kwargs|opts|options|sender|event|next|apps|schema_editor|logger|_\w*)$",
    re.IGNORECASE,
)


def takes_subject(hit: Hit, _argument: str) -> bool:
    """An enclosing function is given something to act on, beyond what every function of its kind gets: `revoke(user)`."""
    for node in hit.above:
        parameters = node.field("parameters") if node.kind() in FUNCTIONS else None
        for parameter in parameters.children() if parameters is not None else ():
            names = re.findall(r"[A-Za-z_]\w*", re.sub(r"=.*|@\w+(?:\([^)]*\))?", "", parameter.text()))
            if names and not _PLUMBING.match(names[-1] if hit.family == "java" else names[0]):
                return True
    return False


def callback_has(hit: Hit, argument: str) -> bool:
    """`NAME=regex`: the Ruby method that the captured symbol names contains the pattern, in this file."""
    name, _, pattern = argument.partition("=")
    wanted = hit.capture(name).removeprefix(":")
    root = hit.text.root
    methods = root.find_all(kind="method") if root is not None else []
    return any(
        name_of(method) == wanted and compiled(pattern).search(_COMMENT_LINE.sub("", method.text()))
        for method in methods
    )


def closure_parameter_unused(hit: Hit, _argument: str) -> bool:
    """The receiver of the call is not the parameter of the callback it stands in."""
    parameters = hit.function.field("parameters") or hit.function.field("parameter") if hit.function else None
    if parameters is None:
        return False
    receiver = re.split(r"[.(]", hit.node.text().removeprefix("this."))[0]
    return not re.search(rf"\b{re.escape(receiver)}\b", parameters.text())
