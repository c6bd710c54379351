"""Request and response types as code declares them, field by field: pydantic, DRF and marshmallow, Go, TypeScript, Java."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from reviewer.evidence.examined import Examined, ExaminedFile, Text
from reviewer.evidence.reading import Reading
from reviewer.evidence.routes import kotlin
from reviewer.evidence.routes.read import is_test
from reviewer.evidence.routes.route import arguments_at
from reviewer.evidence.sql import pytree


@dataclass(frozen=True, slots=True)
class Field:
    """One field a client sees. `required` means a client must send it."""

    name: str
    type: str
    required: bool
    line: int


class Type(NamedTuple):
    """A request or response type."""

    name: str
    line: int
    fields: Mapping[str, Field]


class FieldChange(NamedTuple):
    """A field before and after; None where it does not exist. `owner` is the type's name."""

    owner: str
    path: str
    before: Field | None
    after: Field | None

    @property
    def line(self) -> int:
        """In head, or in base if the field is gone."""
        field = self.after or self.before
        return field.line if field is not None else 1

    @property
    def told(self) -> str:
        """The change in a few words."""
        if self.before is None and self.after is not None:
            return f"`{self.after.name}: {self.after.type}` added{', required' if self.after.required else ''}"
        if self.after is None and self.before is not None:
            return f"`{self.before.name}` removed"
        assert self.before is not None
        assert self.after is not None
        if self.before.type != self.after.type:
            return f"`{self.after.name}` {self.before.type} → {self.after.type}"
        return f"`{self.after.name}` {'now required' if self.after.required else 'no longer required'}"


INPUT = re.compile(
    r"(?:Request|Input|Create|Update|Payload|Params|Body|Command|In|Form|Dto|DTO)$|^(?:Create|Update|New|Patch)"
)
_TYPE_NAME = re.compile(
    r"(?:Dto|DTO|Request|Response|Payload|Input|Output|Params|Query|Body|Command|Event|Resource|View|Form|VO|Req|Resp|Res|Reply|Schema|Out|In)$|^(?:Create|Update|Patch)[A-Z]"
)


def field_changes(examined: Examined) -> tuple[FieldChange, ...]:
    """Every changed field of the types that exist on both sides of the changed files."""
    return tuple(change for file in examined.files for change in changed_fields(examined, file))


def _changed_fields(_examined: Examined, file: ExaminedFile) -> tuple[FieldChange, ...]:
    if file.skipped or is_test(file.path) or file.base is None or file.head is None:
        return ()
    if not (file.base.complete and file.head.complete) or file.base.text == file.head.text:
        return ()
    base, head = types_of(file.base, file.path), types_of(file.head, file.path)
    names = sorted(base.keys() & head.keys())
    return tuple(change for name in names for change in _fields(name, file.path, base[name], head[name]))


changed_fields = Reading("fields", _changed_fields)


def _fields(owner: str, path: str, was: Type, now: Type) -> list[FieldChange]:
    changes = []
    for name in dict.fromkeys([*was.fields, *now.fields]):
        before, after = was.fields.get(name), now.fields.get(name)
        if before is None or after is None or (before.type, before.required) != (after.type, after.required):
            changes.append(FieldChange(owner, path, before, after))
    return changes


def types_of(text: Text, path: str = "") -> dict[str, Type]:
    """The request and response types a version of a file declares."""
    if path.endswith(".kt"):
        return _kotlin(text.text)
    reader = {"python": _python, "go": _go, "typescript": _typescript, "java": _java}.get(text.language)
    return reader(text.text) if reader is not None else {}


_PYTHON_BASES = re.compile(r"BaseModel$|Schema$|Serializer$|SQLModel$|BaseSchema$|^Struct$|TypedDict$")


def _python(source: str) -> dict[str, Type]:
    if not re.search(r"BaseModel|Schema|Serializer|TypedDict|Struct", source):
        return {}
    module = pytree.parse(source)
    found: dict[str, Type] = {}
    for node in ast.walk(module) if module is not None else ():
        if isinstance(node, ast.ClassDef) and any(
            _PYTHON_BASES.search(pytree.tail(base)) or base_is_local(base, found) for base in node.bases
        ):
            fields = {item.name: item for statement in node.body for item in _python_fields(statement)}
            found[node.name] = Type(node.name, node.lineno, fields)
    return found


def base_is_local(base: ast.expr, found: Mapping[str, Type]) -> bool:
    """A class of this file that is such a type itself."""
    return pytree.tail(base) in found


def _python_fields(node: ast.stmt) -> list[Field]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        note = ast.unparse(node.annotation)
        if note.startswith("ClassVar") or node.target.id.startswith("_") or node.target.id == "model_config":
            return []
        alias = pytree.string(pytree.argument(node.value, "alias")) if isinstance(node.value, ast.Call) else ""
        required = node.value is None or (
            isinstance(node.value, ast.Call) and bool(node.value.args) and ast.unparse(node.value.args[0]) == "..."
        )
        if isinstance(node.value, ast.Call) and not node.value.args:
            required = (
                pytree.argument(node.value, "default") is None
                and pytree.argument(node.value, "default_factory") is None
            )
        return [Field(alias or node.target.id, note, required, node.lineno)]
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Call):
        kind = pytree.tail(node.value)
        if re.search(
            r"Field$|Serializer$|^(?:Str|Int|Nested|Bool|Float|DateTime|Date|List|Dict|UUID|Email|Decimal|String|Integer|Boolean)$",
            kind,
        ):
            read_only = pytree.true(pytree.argument(node.value, "read_only")) or pytree.true(
                pytree.argument(node.value, "dump_only")
            )
            drf = kind.endswith(("Field", "Serializer"))
            stated = pytree.argument(node.value, "required")
            required = (
                pytree.true(stated, default=drf and pytree.argument(node.value, "default") is None) and not read_only
            )
            return [Field(node.targets[0].id, kind, required, node.lineno)]
    if isinstance(node, ast.ClassDef) and node.name == "Meta":
        for item in node.body:
            if isinstance(item, ast.Assign) and pytree.tail(item.targets[0]) == "fields":
                return [
                    Field(name, "model field", required=False, line=item.lineno) for name in pytree.strings(item.value)
                ]
    return []


_GO_STRUCT = re.compile(r"^(?:type\s+|\t)(\w+)\s+struct\s*\{\n(.*?)^\t?\}", re.MULTILINE | re.DOTALL)
_GO_FIELD = re.compile(r"^\s*(\w+)\s+([^\s`]+(?:\s*\{\})?)\s+`([^`]*)`")


def _go(source: str) -> dict[str, Type]:
    found = {}
    for match in _GO_STRUCT.finditer(source):
        if 'json:"' not in match[2]:
            continue
        first = source.count("\n", 0, match.start(2)) + 1
        fields = {}
        for offset, line in enumerate(match[2].split("\n")):
            part = _GO_FIELD.match(line)
            tag = re.search(r"json:\"([^\",]*)", part[3]) if part else None
            if part is None or tag is None or tag[1] == "-":
                continue
            required = re.search(r"(?:binding|validate):\"[^\"]*\brequired\b", part[3]) is not None
            name = tag[1] or part[1]
            fields[name] = Field(name, part[2], required, first + offset)
        found[match[1]] = Type(match[1], first - 1, fields)
    return found


_TS_TYPE = re.compile(
    r"^(?:export\s+)?(?:default\s+)?(?:abstract\s+)?(?:class|interface|type)\s+(\w+)[^{;\n]*\{\n(.*?)^\}",
    re.MULTILINE | re.DOTALL,
)
_TS_FIELD = re.compile(
    r"^\s{1,8}(?:readonly\s+|public\s+|declare\s+)*(\w+)([?!]?)\s*:\s*([^;=\n]+?)\s*(?:=.*)?[;,]?\s*$"
)


_OPENS, _CLOSES = re.compile(r"[({\[]"), re.compile(r"[)}\]]")


def _typescript(source: str) -> dict[str, Type]:
    found = {}
    for match in _TS_TYPE.finditer(source):
        if not _TYPE_NAME.search(match[1]):
            continue
        first = source.count("\n", 0, match.start(2)) + 1
        lines = match[2].split("\n")
        fields = {}
        optional = False
        depth = 0  # of what stands before the line: members of nested objects and decorators are no fields
        for offset, line in enumerate(lines):
            optional = optional or "@IsOptional" in line
            inside, depth = depth > 0, depth + len(_OPENS.findall(line)) - len(_CLOSES.findall(line))
            if inside:
                continue
            part = _TS_FIELD.match(line)
            if part is not None and "(" not in part[3].split("=>")[0]:
                fields[part[1]] = Field(
                    part[1], part[3], part[2] != "?" and not optional and "undefined" not in part[3], first + offset
                )
                optional = False
        found[match[1]] = Type(match[1], first - 1, fields)
    return found


_JAVA_CLASS = re.compile(
    r"\b(?:class|record)\s+(\w+)\s*(\((?:[^()]|\([^()]*\))*\))?[^{;]*\{(.*?)(?=\n\}|\Z)", re.DOTALL
)
_JAVA_FIELD = re.compile(
    r"(?P<notes>(?:^[ \t]*@[^\n]*\n)*)^[ \t]*private\s+(?!static)(?:final\s+)?(?P<type>[\w<>\[\], .?]+?)\s+(?P<name>\w+)\s*(?:=[^;\n]*)?;",
    re.MULTILINE,
)
_REQUIRED = re.compile(r"@(?:NotNull|NotBlank|NotEmpty)\b")


def _java(source: str) -> dict[str, Type]:
    found = {}
    for match in _JAVA_CLASS.finditer(source):
        name = match[1]
        if not _TYPE_NAME.search(name):
            continue
        fields: dict[str, Field] = {}
        if match[2]:
            for part in re.finditer(
                r"((?:@\w+(?:\([^)]*\))?\s+)*)([\w<>\[\], .?]+?)\s+(\w+)\s*(?=,|\)$)", match[2][1:]
            ):
                line = source.count("\n", 0, match.start(2) + 1 + part.start(3)) + 1
                fields[part[3]] = Field(part[3], part[2].strip(", "), _REQUIRED.search(part[1]) is not None, line)
        else:
            for part in _JAVA_FIELD.finditer(source, match.start(3), match.end(3)):
                line = source.count("\n", 0, part.start("name")) + 1
                fields[part["name"]] = Field(
                    part["name"], part["type"], _REQUIRED.search(part["notes"]) is not None, line
                )
        found[name] = Type(name, source.count("\n", 0, match.start()) + 1, fields)
    return found


_KOTLIN_CLASS = re.compile(r"\b(?:data\s+|open\s+|abstract\s+)*class\s+(\w+)\s*(?:@\w+\s*)?(?:constructor\s*)?(?=\()")
_KOTLIN_TYPE = re.compile(
    r"(?:Dto|DTO|Model|Request|Response|Payload|Input|Output|Params|Body|Command|Event|Resource|View|Form)$"
)
_KOTLIN_FIELD = re.compile(r"\b(?:val|var)\s+(\w+)\s*:\s*([^=]+?)\s*(=.*)?$", re.DOTALL)


def _kotlin(source: str) -> dict[str, Type]:
    """The constructor properties of data classes with the name of a message; a client must send what has no default."""
    text = kotlin.blank(source)
    found = {}
    unclosed = 0
    for match in _KOTLIN_CLASS.finditer(text):
        if not _KOTLIN_TYPE.search(match[1]) or unclosed > kotlin.MOST_UNCLOSED:
            continue
        fields: dict[str, Field] = {}
        position = match.end()
        items = arguments_at(text, match.end(), kotlin.LONGEST)
        unclosed += not items
        for item in _properties(items):
            position = max(position, text.find(item[:20], position))
            part = _KOTLIN_FIELD.search(item)
            if part is not None:
                type_ = " ".join(part[2].split())
                line = text.count("\n", 0, position + part.start(1)) + 1
                fields[part[1]] = Field(part[1], type_, part[3] is None and not type_.endswith("?"), line)
            position += len(item)
        found[match[1]] = Type(match[1], text.count("\n", 0, match.start()) + 1, fields)
    return found


def _properties(items: list[str]) -> list[str]:
    """Constructor parameters, put together again where a comma inside `<…>` parted them."""
    whole: list[str] = []
    for item in items:
        if whole and whole[-1].count("<") > whole[-1].count(">"):
            whole[-1] += f", {item}"
        else:
            whole.append(item)
    return whole
