"""Two versions of a GraphQL schema compared, by graphql-core's own finder of breaking and dangerous changes."""

from __future__ import annotations

import re

from reviewer.evidence.contracts.change import ContractChange, Level, Part

MAX_CHARACTERS = 1_500_000
_SDL = re.compile(r"^\s*(?:extend\s+)?(?:type|interface|input|enum|union|scalar|schema|directive)\b", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


def diff(base: str, head: str) -> tuple[ContractChange, ...]:
    """Breaking and dangerous changes, and added fields; () where either text is no schema. Never raises for its text."""
    if not (_SDL.search(base) or _SDL.search(head)) or max(len(base), len(head)) > MAX_CHARACTERS:
        return ()
    missing = sorted(_missing(base) | _missing(head))
    old, new = _schema(base, missing), _schema(head, missing)
    if old is None or new is None:
        return ()
    from graphql.utilities import find_breaking_changes, find_dangerous_changes

    found = []
    for level, changes in (
        (Level.BREAKING, find_breaking_changes(old, new)),
        (Level.DANGEROUS, find_dangerous_changes(old, new)),
    ):
        for change in changes:
            kind = change.type.name.lower().replace("_", "-")
            if change.description.startswith("Standard scalar"):
                continue  # a built-in the schema no longer happens to use
            removed = "removed" in kind
            name = _subject(change.description)
            line = _line(base if removed else head, name)
            part = Part.REQUEST if "arg" in kind or "input" in kind or "required" in kind else Part.RESPONSE
            found.append(
                ContractChange(
                    kind,
                    level,
                    name,
                    change.description,
                    part,
                    "removed" if removed else "changed",
                    line,
                    in_base=removed,
                )
            )
    found.extend(_added(base, head))
    return tuple(found)


def _schema(text: str, missing: list[str]):  # type: ignore[no-untyped-def]  # noqa: ANN202  graphql-core is imported only when a schema changed
    from graphql import GraphQLError, GraphQLSchema, build_ast_schema, parse
    from graphql.utilities import extend_schema

    if not text.strip():
        return GraphQLSchema()
    depth = 0
    for mark in re.finditer(r"[\[\](){}]", text):
        depth += 1 if mark[0] in "[({" else -1
        if depth > 100:
            return None
    try:
        document = parse(_completed(text, missing), no_location=True)
        has_types = any(not node.kind.endswith("extension") for node in document.definitions)
        schema = build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)
        return (
            schema if has_types else extend_schema(GraphQLSchema(), document, assume_valid=True, assume_valid_sdl=True)
        )
    except (GraphQLError, TypeError, KeyError, RecursionError, ValueError):
        return None


_PROSE = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*')
_DECLARED = re.compile(r"\b(?:type|interface|input|enum|union|scalar)\s+(\w+)")
_USED = re.compile(r":\s*\[*\s*([A-Z]\w*)|[=|&]\s*([A-Z]\w*)|implements\s+&?\s*(\w+)")
_BUILT_IN = frozenset({"Int", "Float", "String", "Boolean", "ID"})


def _missing(text: str) -> set[str]:
    """Types a text uses and leaves to other files to declare."""
    plain = _PROSE.sub(" ", text)
    used = {name for match in _USED.finditer(plain) for name in match.groups() if name}
    return used - set(_DECLARED.findall(plain)) - _BUILT_IN


def _completed(text: str, missing: list[str]) -> str:
    """The text with what lives in other files declared: missing types as scalars, `extend type` as `type`."""
    plain = _PROSE.sub(" ", text)
    declared = set(re.findall(r"(?<!extend )\b(?:type|interface|input|enum|union|scalar)\s+(\w+)", plain))
    text = re.sub(
        r"\bextend\s+(type|interface|input|enum|union)\s+(\w+)",
        lambda match: match[0] if match[2] in declared else f"{match[1]} {match[2]}",
        text,
    )
    own = set(_DECLARED.findall(plain))
    return text + "".join(f"\nscalar {name}" for name in missing if name not in own)


def _subject(description: str) -> str:
    match = re.search(r"[A-Za-z_]\w*\.[A-Za-z_]\w*", description)
    if match is not None:
        return match[0]
    names = [
        word for word in _NAME.findall(description) if word[:1].isupper() and word not in {"An", "A", "The", "Standard"}
    ]
    return names[0] if names else description[:40]


def _line(text: str, name: str) -> int:
    owner, _, field = name.partition(".")
    start = re.search(rf"\b(?:type|interface|input|enum|union|scalar)\s+{re.escape(owner)}\b", text)
    position = start.start() if start else 0
    if field:
        inner = re.compile(rf"^\s*{re.escape(field)}\b", re.MULTILINE).search(text, position)
        if inner is not None:
            position = inner.start() + len(inner[0]) - len(inner[0].lstrip())
    return text.count("\n", 0, position) + 1


_BLOCK = re.compile(r"\b(?:type|interface|input)\s+(\w+)[^{}]*\{([^{}]*)\}")
_FIELD = re.compile(r"(\w+)\s*:\s*([\w!\[\]]+)")


def _fields(text: str) -> dict[str, str]:
    """`Type.field` to the field's type, arguments and prose left out."""
    plain = re.sub(r"\([^()]*\)", "", _PROSE.sub(" ", text))
    return {
        f"{block[1]}.{field[1]}": field[2] for block in _BLOCK.finditer(plain) for field in _FIELD.finditer(block[2])
    }


def _added(base: str, head: str) -> list[ContractChange]:
    """Fields head has and base lacks: safe, and worth a row."""
    before = _fields(base)
    known = {name.partition(".")[0] for name in before}
    fresh = [name for name in dict.fromkeys(name.partition(".")[0] for name in _fields(head)) if name not in known]
    types = [
        ContractChange(
            "type-added", Level.SAFE, name, f"added, fields: {sum(key.startswith(name + '.') for key in _fields(head))}",
            Part.OPERATION, "added", _line(head, name),
        )
        for name in fresh
    ]  # fmt: skip
    return types + [
        ContractChange(
            "field-added",
            Level.SAFE,
            name,
            f"`{name.partition('.')[2]}: {type_}` added",
            Part.RESPONSE,
            "added",
            _line(head, name),
        )
        for name, type_ in _fields(head).items()
        if name not in before and name.partition(".")[0] in known
    ]
