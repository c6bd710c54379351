"""Guards on the text around a hit: its function, its file, its captures, the comments beside it.

Where only hunks are known, nothing follows from not seeing something: a guard that asks for absence agrees only if
it could see all of the function or file.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from reviewer.evidence.hit import Hit

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_COMMENT = re.compile(r"(?:^|\s)(?:#|//|/\*).*")
_SAYS_NOTHING = re.compile(r"^//\s*(?:nothing|no-?op|todo\b.*|fixme\b.*|ignored?)\s*$", re.IGNORECASE)
_COMMENTS = frozenset({"comment", "line_comment", "block_comment"})


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
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
    return bool(compiled(pattern).search(function.text() if function else hit.text.text))


def function_has_not(hit: Hit, pattern: str) -> bool:
    text = function_text(hit)
    return text is not None and not compiled(pattern).search(text)


def closure_has_not(hit: Hit, pattern: str) -> bool:
    """As `function_has_not`, for the nearest function or closure only."""
    if hit.function is None:
        return function_has_not(hit, pattern)
    return wholly_known(hit, hit.function) and not compiled(pattern).search(hit.function.text())


def file_has(hit: Hit, pattern: str) -> bool:
    return bool(compiled(pattern).search(hit.text.text))


def file_has_not(hit: Hit, pattern: str) -> bool:
    return hit.text.complete and not compiled(pattern).search(hit.text.text)


def file_shows_not(hit: Hit, pattern: str) -> bool:
    """As `file_has_not`, but content with what is shown: for refutations that would be near."""
    return not compiled(pattern).search(hit.text.text)


def text_has(hit: Hit, pattern: str) -> bool:
    """The match itself contains the pattern."""
    return bool(compiled(pattern).search(hit.node.text()))


def text_has_not(hit: Hit, pattern: str) -> bool:
    return not compiled(pattern).search(hit.node.text())


def capture_is(hit: Hit, argument: str) -> bool:
    """`NAME=regex`: the capture's text (or, for `$$$`, all of it) matches."""
    name, _, pattern = argument.partition("=")
    return bool(compiled(pattern).search(capture_text(hit, name)))


def capture_not(hit: Hit, argument: str) -> bool:
    name, _, pattern = argument.partition("=")
    return not compiled(pattern).search(capture_text(hit, name))


def capture_text(hit: Hit, name: str) -> str:
    return hit.capture(name) or ", ".join(node.text() for node in hit.captures(name))


def no_comment_inside(hit: Hit, _argument: str) -> bool:
    """Whoever explained it in a comment has thought of it; "nothing" and "TODO" explain nothing."""
    stack = [hit.node]
    while stack:
        node = stack.pop()
        if node.kind() in _COMMENTS and not _SAYS_NOTHING.match(node.text()):
            return False
        stack.extend(node.children())
    return True


def repo_has_not(hit: Hit, pattern: str) -> bool:
    """No manifest of the repository mentions it."""
    return not hit.facts.mentions(pattern)


def queue_not_in_database(hit: Hit, _argument: str) -> bool:
    """A queue that lives in the same database takes part in the transaction: there the enqueue belongs inside it."""
    return "database" not in hit.facts.queues


def function_shows_not(hit: Hit, pattern: str) -> bool:
    """As `function_has_not`, but content with what is shown: for refutations that would be near."""
    function = hit.outer_function
    return not compiled(pattern).search(function.text() if function else hit.text.text)


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
    return not compiled(pattern).search("\n".join((*above, *inside)))


def fragment(hit: Hit, _argument: str) -> bool:
    """Only hunks are known: a sibling rule that needs the whole file cannot speak."""
    return not hit.text.complete


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
    return not compiled(pattern).search(hit.text.lines[hit.node.range().start.line])
