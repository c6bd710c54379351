"""Guards on whether a value comes from the request: in the expression itself or in its one local assignment.

This is no data-flow analysis. It looks one step back inside one function, which is what a reviewer sees at a glance
and what stays precise: a value that passed anything that looks like validation on its way is let go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.evidence.guards.around import capture_text
from reviewer.evidence.guards.enclosing import heading
from reviewer.evidence.guards.locals import assignments
from reviewer.evidence.hit import FUNCTIONS, Hit

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_ACCESS = {
    "python": re.compile(
        r"\b(?:self\.)?(?:flask\.)?request\.(?:args|form|json|values|GET|POST|data|query_params|path_params|params|files|FILES|cookies"
        r"|headers|get_json|match_info|body|query|rel_url|META|matchdict|view_args)\b|\bself\.get_(?:query_|body_)?argument\("
        r"|\bself\.kwargs\[|\bevent\[['\"](?:queryStringParameters|pathParameters|body)"
    ),
    "typescript": re.compile(
        r"\b(?:req|request|ctx|ctx\.request|ctx\.req|c\.req|context\.req|event)\.(?:query|body|params|headers|cookies|param\(|query\(|header\("
        r"|queryStringParameters|pathParameters|nextUrl\.searchParams)|\bsearchParams\.get\("
    ),
    "go": re.compile(
        r"\b(?:r|req|request)\.(?:FormValue|PostFormValue|URL\.Query|Header\.Get|PathValue|PostForm|Form\b|Cookie)"
        r"|\b(?:c|ctx|g|context)\.(?:Query|Param|Params|PostForm|QueryParam|FormValue|DefaultQuery|GetHeader|QueryArray)\("
        r"|\bchi\.URLParam\(|\bmux\.Vars\("
    ),
    "java": re.compile(
        r"\b(?:request|req|httpRequest|servletRequest|exchange)\.(?:getParameter|getHeader|getQueryString|getParameterValues|getPathInfo|queryParams?)"
        r"|\bgetPara\("
    ),
    "ruby": re.compile(
        r"\bparams(?:\[|\.(?:fetch|dig|require|permit|to_unsafe_h))|\brequest\.(?:params|headers|body|query_parameters|GET|POST)|\bcookies\["
    ),
}
_CLEANED = re.compile(
    r"valid|safe|allow|schema|saniti[sz]e|clean|escape|quote|check|verify|whitelist|permit\w*list|basename|normali[sz]e_path|parse_?int|\bint\(|\bInt\b"
    r"|Number\(|parseInt|Atoi|ParseInt|to_i\b|to_sym|uuid|UUID|\bLong\.|Integer\.|enum|Enum|\.isdigit|encodeURIComponent|urlencode|QueryEscape|PathEscape"
    r"|\.constantize_safe|URLEncoder|digest|sha\d|in_\w*list|ALLOWED",
    re.IGNORECASE,
)
_PLAIN_TYPES = re.compile(
    r"\b(?:int|float|bool|Long|Integer|long|UUID|uuid\.UUID|number|boolean|int64|int32|uint|uint64|datetime|date|LocalDate|Instant|Enum|BigDecimal)\b"
)
_HANDLER_PARAMETER = {
    "python": re.compile(r"@\w[\w.]*\.(?:get|post|put|patch|delete|route|websocket|api_route)\("),
    "typescript": re.compile(r"@(?:Query|Param|Body|Headers)\("),
    "java": re.compile(r"@(?:RequestParam|PathVariable|RequestHeader|RequestBody|QueryParam|PathParam|CookieValue)\b"),
}
_CALL = re.compile(r"(?:await\s+)?@?([A-Za-z_][\w.:]*)\(")
_PASSED_ON = re.compile(
    r"(?:^|\.)(?:str|String|string|trim|strip|TrimSpace|ToLower|lower|unquote|decode\w*|join|Join|format|Sprintf|URI|URL|loads|parse|get|File|Path|resolve|require|fetch)$"
)
_COMPARED = re.compile(r"^[^?|&]*[^=!<>]\s*[!=]==?\s*[^?|&=]+$")  # true or false, whatever the request says
_CONDITION = re.compile(r"^[^?]*\?(?![.?])")  # decides which of two values it is, is none of them
_LOOKED_UP = re.compile(r"([A-Za-z_][\w.:]*)\([^()]*\)")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


def tainted(hit: Hit, capture: str) -> bool:
    """Some value in the capture comes from the request, unvalidated as far as the function shows."""
    return expression_tainted(hit, capture_text(hit, capture))


def not_tainted(hit: Hit, capture: str) -> bool:
    return not tainted(hit, capture)


def expression_tainted(hit: Hit, expression: str) -> bool:
    """An expression holds a request accessor, a local that was assigned one, or a parameter of a route handler."""
    access = _ACCESS.get(hit.family)
    if access is None or _CLEANED.search(expression):
        return False
    if access.search(expression):
        return True
    names = sorted(set(_IDENTIFIER.findall(_without_strings(expression))))
    return any(
        _local_tainted(hit, name, access) or handler_parameter(hit, name) or _decoded(hit, name) for name in names
    ) and not _checked(hit, names)


_WHOLE_BODY = re.compile(
    r"^(?:await\s+)?(?:flask\.)?request\.(?:get_json\([^)]*\)|json(?:\(\))?|data|form(?:\.to_dict\([^)]*\))?|POST(?:\.dict\(\))?)$"
    r"|^json\.loads\(\s*(?:await\s+)?request\.(?:body|data|get_data\([^)]*\))(?:\(\))?\s*\)$"
)


def whole_body(hit: Hit, capture: str) -> bool:
    """The capture (a Python name, perhaps starred) is the request's body as it came, all of it."""
    name = capture_text(hit, capture).lstrip("* ")
    values = assignments(hit, name)
    return len(values) == 1 and bool(_WHOLE_BODY.match(values[0].text()))


def bound_whole(hit: Hit, capture: str) -> bool:
    """Go: the capture is a local of a struct type into which the request's body was decoded as it came."""
    name = capture_text(hit, capture).lstrip("&")
    function = hit.outer_function
    if function is None or not _decoded(hit, name):
        return False
    return bool(
        re.search(rf"\bvar\s+{name}\s+(?!\S*(?:Request|Input|DTO|Dto|Form|Body|Payload|Req)\b)[\w.]+", function.text())
    )


def _without_strings(expression: str) -> str:
    """Plain string literals blanked; interpolations inside them stay."""
    return re.sub(r"(?<![fF`])(\"[^\"{}$#\n]*\"|'[^'{}$#\n]*')", '""', expression)


def _local_tainted(hit: Hit, name: str, access: re.Pattern[str], depth: int = 1) -> bool:
    """What `name` is assigned in the function comes from the request; later assignments only reshape it (`q = q.trim()`)."""
    values = [value.text() for value in assignments(hit, name)]
    if len(values) == 1 and not access.search(values[0]) and depth:
        return _made_of(hit, values[0], access)
    if (
        not values
        or not access.search(values[0])
        or _COMPARED.search(values[0])
        or any(_CLEANED.search(value) for value in values)
    ):
        return False
    callee = _CALL.match(values[0])
    if callee and not access.search(callee[0]) and not _PASSED_ON.search(callee[1]):
        return False  # what a function of their own makes of the request is not known to be the request's
    return all(access.search(value) or re.search(rf"\b{name}\b", value) for value in values[1:])


def _made_of(hit: Hit, value: str, access: re.Pattern[str]) -> bool:
    """A text put together (concatenated, joined, formatted) from a local that comes from the request."""
    callee = _CALL.match(value)
    if _CLEANED.search(value) or (callee is not None and not _PASSED_ON.search(callee[1])):
        return False
    value = _CONDITION.sub("", value)
    given = _LOOKED_UP.sub(lambda call: call[0] if _PASSED_ON.search(call[1]) else "", _without_strings(value))
    names = sorted(set(_IDENTIFIER.findall(given)))
    return any(_local_tainted(hit, name, access, depth=0) for name in names) and not _checked(hit, names)


def _decoded(hit: Hit, name: str) -> bool:
    """Go: the request's body was decoded into `name` (`json.NewDecoder(r.Body).Decode(&req)`, `c.ShouldBindJSON(&req)`)."""
    function = hit.outer_function
    if hit.family != "go" or function is None:
        return False
    return bool(re.search(rf"(?:\.Body\)\.Decode|\.(?:Should)?Bind\w*|\.BodyParser)\(\s*&{name}\s*\)", function.text()))


def _checked(hit: Hit, names: list[str]) -> bool:
    """One of the names is handed to something that looks like validation, or compared with a list, in the function."""
    function = hit.outer_function
    text = function.text() if function else hit.text.text
    return any(
        re.search(
            rf"(?:valid|safe|allow|saniti[sz]e|check|verify|assert|ensure|schema|permit|whitelist|restrict)\w*[!?]?\(?[^\n]*\b{name}\b"
            rf"|\b{name}\b\s*===?\s*(?!nil\b|null\b|None\b|undefined\b|true\b|false\b)[A-Za-z_]\w*\b"
            rf"|\b{name}\b\s*(?:not\s+)?in\s+\w|\b{name}\b[^\n]*\.(?:includes|contains|include\?|match|startsWith|starts_with|HasPrefix|has)\b"
            rf"|(?:includes|contains|Contains|include\?|has|HasPrefix|startsWith|startswith|match|Match\w*|indexOf|test)\([^\n]*\b{name}\b",
            text,
            re.IGNORECASE,
        )
        for name in names
        if name
    )


def handler_parameter(hit: Hit, name: str) -> bool:
    """`name` is a free-text parameter of an enclosing route handler (FastAPI, Flask, NestJS, Spring, JAX-RS)."""
    marker = _HANDLER_PARAMETER.get(hit.family)
    if marker is None:
        return False
    for node in hit.above:
        if node.kind() not in FUNCTIONS:
            continue
        parameter = parameter_text(node, name)
        if parameter is None:
            continue
        if (
            _PLAIN_TYPES.search(parameter)
            or "Depends(" in parameter
            or re.search(r"\b(?:self|cls|request|req|db|session)\b", name)
        ):
            return False
        return bool(marker.search(heading(hit, node) if hit.family == "python" else parameter))
    return False


def parameter_text(function: SgNode, name: str) -> str | None:
    """The declaration of parameter `name`, None if the function has no such parameter."""
    parameters = function.field("parameters") or function.field("parameter")
    if parameters is None:
        return None
    for node in parameters.children() or [parameters]:
        if re.search(rf"(?<![\w.@]){name}\b", re.sub(r"=.*", "", node.text())) and node.is_named():
            return node.text()
    return None


def is_parameter(hit: Hit, name: str) -> bool:
    """`name` is a parameter of some enclosing function, of no type that rules out free text."""
    for node in hit.above:
        if node.kind() in FUNCTIONS and (parameter := parameter_text(node, name)) is not None:
            return not _PLAIN_TYPES.search(parameter)
    return False
