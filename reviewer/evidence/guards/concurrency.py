"""Guards on who waits for whom: async functions, request handlers, transactions, counters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.evidence.guards.around import function_text
from reviewer.evidence.guards.enclosing import heading
from reviewer.evidence.hit import FUNCTIONS, Hit

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_HANDLER = {
    "python": re.compile(
        r"@\w[\w.]*\.(?:get|post|put|patch|delete|route|websocket|api_route)\(|@(?:api_view|require_http_methods|require_POST|csrf_exempt)\b"
        r"|def \w+\((?:self, )?request\b|def (?:get|post|put|patch|delete)\(self, request\b"
    ),
    "go": re.compile(
        r"http\.ResponseWriter|\*gin\.Context|echo\.Context|\*fiber\.Ctx|fasthttp\.RequestCtx|\*context\.Context\b.*\bflamego"
    ),
    "typescript": re.compile(
        r"\(\s*_?req(?:uest)?\b[^)]*,\s*_?(?:res|response|reply|rep|h)\b|\(\s*(?:ctx|c)\s*(?::\s*(?:Context|\w*Context)\b[^)]*)?[,)]"
        r"|:\s*(?:Request|NextRequest|FastifyRequest|NextApiRequest|Express\.Request)\b"
    ),
    "java": re.compile(
        r"@(?:Get|Post|Put|Patch|Delete|Request)Mapping\b|HttpServletRequest|HttpServletResponse|@(?:GET|POST|PUT|DELETE)\b"
    ),
    "ruby": re.compile(r"(?!)"),
}
_NEST_HANDLER = re.compile(r"@(?:Get|Post|Put|Patch|Delete|All)\(")


def nearest_async(hit: Hit, _argument: str) -> bool:
    """The nearest enclosing function is async: the call stops the event loop itself, not a worker thread."""
    function = hit.function
    if function is None:
        return False
    head = heading(hit, function)
    return bool(re.match(r"(?:@[^\n]*\n\s*)*(?:(?:public|private|protected|static|override)\s+)*async\b", head))


def in_handler(hit: Hit, _argument: str) -> bool:
    """Some enclosing function serves requests, by its signature, decorator or class."""
    pattern = _HANDLER[hit.family]
    for node in hit.above:
        if node.kind() in FUNCTIONS:
            if pattern.search(heading(hit, node)):
                return True
            before = node.prev()
            if (
                hit.family == "typescript"
                and before is not None
                and before.kind() == "decorator"
                and _NEST_HANDLER.match(before.text())
            ):
                return True
        if hit.family == "ruby" and node.kind() == "class" and re.match(r"class \w[\w:]*Controller\b", node.text()):
            return True
    return False


def go_context_at_hand(hit: Hit, _argument: str) -> bool:
    """The nearest Go function declaration has a live request or context parameter (and the hit is not in a closure)."""
    function = hit.function
    if function is None or function.kind() == "func_literal":
        return False
    parameters = function.field("parameters")
    return bool(
        parameters
        and re.search(
            r"\b(?!_\b)\w+\s+(?:context\.Context|\*http\.Request|\*gin\.Context|echo\.Context)\b", parameters.text()
        )
    )


def handler_with_body(hit: Hit, _argument: str) -> bool:
    """Statements follow this one in the same block (it is not the last of its branch or function)."""
    statement = next(iter(hit.above), None) if hit.node.kind() != "expression_statement" else hit.node
    if statement is None or statement.kind() != "expression_statement":
        return False
    return _flows_on(statement)


def _flows_on(statement: SgNode) -> bool:
    """Control reaches more work after `statement`: the next statement is no jump, or the block ends inside an `if` followed by more."""
    node: SgNode | None = statement
    while node is not None:
        following = [sibling for sibling in node.next_all() if sibling.is_named() and "comment" not in sibling.kind()]
        if following:
            same_branch = node is statement and _in_if(statement)
            jumps = any(_JUMP.match(sibling.text()) for sibling in (following if same_branch else following[:1]))
            return not jumps and _works(following)
        parent = node.parent()
        while parent is not None and parent.kind() in {"block", "statement_block", "statement_list", "else_clause"}:
            parent = parent.parent()
        if parent is None or parent.kind() != "if_statement":
            return False
        node = parent
        while (above := node.parent()) is not None and above.kind() in {"else_clause", "if_statement"}:
            node = above
    return False


_JUMP = re.compile(r"(?:return|panic\(|continue|break|goto|throw|os\.Exit|log\.Fatal|next\()")


def _in_if(statement: SgNode) -> bool:
    """The statement stands in the branch of an `if`: a `return` further down in it (`c.Abort(); return`) ends the matter."""
    blocks = {"block", "statement_block", "statement_list", "else_clause"}
    holder = next((node for node in statement.ancestors() if node.kind() not in blocks), None)
    return holder is not None and holder.kind() == "if_statement"


def _works(statements: list[SgNode]) -> bool:
    """Something other than logging and answering happens in the statements."""
    texts = [statement.text() for statement in statements]
    return any(
        not re.match(
            r"(?:log|slog|logger|klog|glog|fmt\.Fprint|\w+\.(?:Error|Warn|Info|Debug)|metrics?|span|return|res\.end\(\)|\w+\.Abort\(\))(?:\b|;|$)",
            text,
        )
        for text in texts
    )


def not_released(hit: Hit, argument: str) -> bool:
    """`NAME=regex`: the resource held in the capture is neither released (regex, `{name}` its name) nor handed on.

    Handed on: returned, stored in a field or container, passed to a call, captured in a struct or object literal.
    """
    capture, _, release = argument.partition("=")
    name = hit.capture(capture)
    text = function_text(hit)
    if not re.fullmatch(r"[A-Za-z_]\w*", name) or name == "_" or text is None or hit.outer_function is None:
        return False
    if re.search(release.replace("{name}", name), text):
        return False
    if _named_result(hit, name):
        return False
    rest = text.replace(hit.node.text(), "", 1)
    handed = rf"\breturn\b[^\n]*\b{name}\b(?!\s*[.\[])|[.\]]\w*\s*=\s*&?{name}\b|[(,]\s*&?{name}\s*[,)]|:\s*&?{name}\s*[,}}\n]|\b{name},\s*(?:err|nil)\b\s*$|<-\s*{name}\b|yield\b[^\n]*\b{name}\b|\w+\s*:?=\s*{name}\s*$|\bwith\b[^\n]*\b{name}\b|\[{name}\]"
    return not re.search(handed, rest, re.MULTILINE)


def _named_result(hit: Hit, name: str) -> bool:
    """Go: the name is a result of the function (`(resp *http.Response, err error)`), handed on by any `return`."""
    results = hit.function.field("result") if hit.family == "go" and hit.function is not None else None
    return results is not None and re.search(rf"[(,]\s*{name}\b", results.text()) is not None


def go_defer_in_loop(hit: Hit, _argument: str) -> bool:
    """A `defer` runs at the end of the function: inside a loop it piles up, unless a closure per turn ends it."""
    for node in hit.above:
        if node.kind() in FUNCTIONS:
            return False
        if node.kind() == "for_statement":
            text = node.text()
            if (
                _FEW_TURNS.search(text.partition("\n")[0])
                or _read_to_the_end(hit.node.text(), text)
                or _outlives_the_loop(hit.node.text(), text)
            ):
                return False
            return not re.search(r"(?:^|\n)\s*(?:return|break)\b[^\n]*$", text.rstrip("} \n\t"))
    return False


_FEW_TURNS = re.compile(r"retr(?:y|ies)|attempt|tries\b", re.IGNORECASE)


def _outlives_the_loop(released: str, text: str) -> bool:
    """What is released, or made from it, is kept in a variable from outside the loop: it is needed after the turn."""
    name = re.search(r"\b(\w+)\.\w+\(\)", released)
    if name is None:
        return False
    made = re.findall(rf"\b(\w+)(?:, *\w+)?\s*:=\s*[\w.]+\([^()]*\b{name[1]}\b", text)
    return any(re.search(rf"(?m)^\s*\w+\s*=\s*{kept}\s*$", text) for kept in {name[1], *made})


def _read_to_the_end(released: str, text: str) -> bool:
    """`for rows.Next()` closes the rows by itself when it has read the last one."""
    name = re.search(r"\b(\w+)\.Close\b", released)
    return name is not None and re.search(rf"\bfor\s+{name[1]}\.Next\(", text) is not None


def go_rows_left_open(hit: Hit, _argument: str) -> bool:
    """Go: rows can stay open. A loop `for rows.Next()` that nothing leaves early reads all and so closes them."""
    name = hit.capture("ROWS")
    scope = hit.outer_function
    loops = scope.find_all(kind="for_statement") if scope is not None else []
    readers = [node.text() for node in loops if re.match(rf"for\s+{re.escape(name)}\.Next\(", node.text())]
    return not readers or any(_LEAVES.search(text) for text in readers)


_LEAVES = re.compile(r"\b(?:return|break|goto|panic)\b")


def in_handler_or_bean(hit: Hit, argument: str) -> bool:
    """In a request handler, or in a class that a container keeps for serving requests."""
    if in_handler(hit, argument):
        return True
    owner = next((node for node in hit.above if node.kind() == "class_declaration"), None)
    modifiers = next((child.text() for child in owner.children() if child.kind() == "modifiers"), "") if owner else ""
    return bool(re.search(r"@(?:RestController|Controller|Service|Component|Repository)\b", modifiers))
