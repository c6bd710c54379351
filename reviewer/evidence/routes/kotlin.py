"""Routes and data classes of Kotlin: Spring's annotations, and Ktor's nested blocks. Read by shape, not by a grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from reviewer.evidence.routes.route import Route, arguments_at, guards_of, join, short

LONGEST = 6_000  # characters of an annotation's or a function's parameters
MOST_UNCLOSED = 20  # annotations whose parenthesis never closes: such a text is no program
MOST_TOKENS = 10_000  # annotations, classes, functions and properties of one file
_SPRING = re.compile(r"@(?:Request|Get|Post|Put|Patch|Delete)Mapping")
_KTOR = re.compile(r"io\.ktor\.server|\brouting\s*\{|\bRoute\.\w+\s*\(|\broute\(\s*\"")
_SKIPPED = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)|\"\"\".*?(?:\"\"\"|\Z)", re.DOTALL)
_MAPPING = re.compile(r"^(Get|Post|Put|Patch|Delete|Request)Mapping$")
_GUARD_NOTES = re.compile(
    r"PreAuthorize|PostAuthorize|Secured|RolesAllowed|PermitAll|DenyAll|RateLimit|^Requires?[A-Z]|^Use\w*Permission|Permission|^Allow[A-Z]|^Is[A-Z]\w*Access|Anonymous|Public|SuperAuth|Authenticated|AuthenticationPrincipal"
)
_TOKEN = re.compile(
    r"@(?:\w+:)?(?P<note>[A-Z]\w*)|\b(?P<kind>class|interface|object)\s+(?P<type>\w+)|\bfun\s+(?:<[^>]*>\s*)?(?:[\w.]+\.)?(?P<fun>`[^`]+`|\w+)\s*(?=\()|\b(?P<other>val|var)\s|(?P<close>^\})",
    re.MULTILINE,
)
_METHODS = {"get", "post", "put", "patch", "delete", "head", "options"}


class Note(NamedTuple):
    """An annotation with its arguments as written."""

    name: str
    arguments: str


def blank(text: str) -> str:
    """The text without comments and raw strings, every character that stays at its place."""
    return _SKIPPED.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def read(path: str, text: str, root: object = None) -> tuple[Route, ...]:
    """The routes of a Kotlin file; () where it has none."""
    del root
    found: list[Route] = []
    if _SPRING.search(text) is not None:
        found += _spring(path, blank(text))
    if _KTOR.search(text) is not None:
        found += _ktor(path, blank(text))
    return tuple(found)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _spring(path: str, text: str) -> Iterator[Route]:
    notes: list[Note] = []
    shared: list[Note] = []
    position = seen = unclosed = 0
    while (match := _TOKEN.search(text, position)) is not None and (seen := seen + 1) < MOST_TOKENS:
        position = match.end()
        if match["note"]:
            arguments = ""
            if text[position : position + 1] == "(":
                items = arguments_at(text, position, LONGEST)
                arguments = ", ".join(items)
                behind = _after(text, position)
                unclosed += behind == position + 1
                if unclosed > MOST_UNCLOSED:
                    return
                position = behind
            notes.append(Note(match["note"], arguments))
        elif match["kind"]:
            shared, notes = notes, []
            position = _over_constructor(text, position)
        elif match["fun"]:
            if any(_MAPPING.match(note.name) for note in notes):
                yield from _method(path, text, match, notes, shared)
            notes = []
        else:
            notes = []


def _after(text: str, opening: int) -> int:
    """Just behind the parenthesis that opens here."""
    depth = 0
    for mark in re.compile(r"[()]|\"(?:[^\"\\\n]|\\.)*\"").finditer(text, opening, opening + LONGEST):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if depth == 0:
            return mark.end()
    return opening + 1


def _over_constructor(text: str, position: int) -> int:
    """A primary constructor's own annotations are nobody's routes."""
    opening = re.compile(r"\s*(?:<[^>]*>\s*)?\(").match(text, position)
    return _after(text, opening.end() - 1) if opening else position


def _method(path: str, text: str, match: re.Match[str], notes: list[Note], shared: list[Note]) -> Iterator[Route]:
    prefixes = next((_paths(note.arguments) for note in shared if note.name == "RequestMapping"), ())
    guards = [
        short(f"@{n.name}({n.arguments})" if n.arguments else f"@{n.name}")
        for n in (*shared, *notes)
        if _GUARD_NOTES.search(n.name)
    ]
    parameters = text[match.end() : _after(text, match.end())]
    body = re.search(r"@RequestBody[^:]{0,200}?(\w+)\s*:\s*([\w<>?., ]+?)\s*(?:[,)=]|$)", parameters)
    tail = re.compile(r"\s*:\s*([\w.<>?, ]+)").match(text, match.end() + len(parameters))
    response = tail[1].strip() if tail else ""
    unwrapped = re.fullmatch(r"(?:ResponseEntity|Mono|Flux|Flow)<(.*)>", response)
    for note in notes:
        named = _MAPPING.match(note.name)
        if named is None:
            continue
        verbs = (
            [named[1].upper()]
            if named[1] != "Request"
            else re.findall(r"RequestMethod\.(\w+)", note.arguments) or ["ANY"]
        )
        for verb in verbs:
            for written in _paths(note.arguments) or ("",):
                start = _line(text, match.start())
                yield Route(
                    verb, join(prefixes[0] if prefixes else "", written), match["fun"], tuple(dict.fromkeys(guards)),
                    body[2].strip() if body else "", short(unwrapped[1] if unwrapped else response), path, start,
                    _end(text, match.end(), start), "spring", router=match["fun"],
                )  # fmt: skip


def _end(text: str, position: int, start: int) -> int:
    """The last line of a body: up to the next function, within reason."""
    following = re.compile(r"^\s*(?:@\w|(?:\w+\s+)*fun\s|\}\s*$)", re.MULTILINE).search(text, position)
    return min(_line(text, following.start()) if following else start, start + 200)


def _paths(arguments: str) -> tuple[str, ...]:
    named = re.search(
        r"(?:value|path)\s*=\s*(\[[^\]]*(?:\][^\]\"]*\")*[^\]]*\]|arrayOf\([^)]*\)|\"[^\"]*\")", arguments
    )
    source = named[1] if named else arguments if not re.match(r"\s*\w+\s*=", arguments) else ""
    return tuple(item.replace("\\\\", "\\") for item in re.findall(r"\"((?:[^\"\\]|\\.)*)\"", source))


class _Block(NamedTuple):
    depth: int
    path: str
    guards: tuple[str, ...]
    function: str


_STEP = re.compile(
    r"(?<![.\w])(?P<name>[a-z]\w*)\s*(?:<[^<>]*>\s*)?(?P<arguments>\((?P<inside>(?:[^()\"]|\"(?:[^\"\\\n]|\\.)*\"|\([^()]*\))*)\))?\s*\{|(?P<open>\{)|(?P<shut>\})|\"(?:[^\"\\\n]|\\.)*\""
    r"|\bfun\s+(?:[\w.]*Rout\w*|Application)\.(?P<fun>\w+)"
)


def _ktor(path: str, text: str) -> Iterator[Route]:
    """`route("/a") { authenticate("jwt") { get("/b") { … } } }`: the blocks a verb stands in are its address."""
    stack: list[_Block] = []
    depth, function = 0, ""
    for match in _STEP.finditer(text):
        if match["fun"]:
            function = match["fun"]
        elif match["shut"]:
            depth = max(0, depth - 1)
            while stack and stack[-1].depth > depth:
                stack.pop()
        elif match["open"]:
            depth += 1
        elif match["name"]:
            depth += 1
            above = stack[-1] if stack else _Block(0, "", (), function)
            opened = _opened(match, above._replace(depth=depth, function=function))
            if opened is not None:
                stack.append(opened)
            elif match["name"] in _METHODS and (stack or function):
                yield from _verb(path, text, match, above, function)


def _opened(match: re.Match[str], block: _Block) -> _Block | None:
    """The block a call opens, if what stands in it is served below it or behind it."""
    name, inside = match["name"], match["inside"] or ""
    if name == "routing":
        return block._replace(path="", guards=())
    written = _WRITTEN.match(inside)
    if name == "route" and written:
        return block._replace(path=join(block.path, written[1]))
    if name not in {"route", *_METHODS} and guards_of([name]):
        return block._replace(guards=(*block.guards, short(f"{name}({inside})" if inside else name)))
    return None


_WRITTEN = re.compile(r"\s*(?:path\s*=\s*)?\"([^\"]*)\"")


def _verb(path: str, text: str, match: re.Match[str], above: _Block, function: str) -> Iterator[Route]:
    inside = match["inside"] or ""
    written = _WRITTEN.match(inside)
    if written or not inside.strip():
        start = _line(text, match.start())
        yield Route(
            match["name"].upper(), join(above.path, written[1] if written else ""), "(inline)", above.guards, file=path,
            line=start, end_line=start, framework="ktor", source="inferred", router=function,
        )  # fmt: skip
