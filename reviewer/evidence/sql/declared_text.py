"""Tables declared in Prisma schemas, TypeORM entities, JPA entities and GORM structs, read by their shape."""

from __future__ import annotations

import re

from reviewer.evidence.sql.operation import Column, Default
from reviewer.evidence.sql.table import Table

_PRISMA_MODEL = re.compile(r"^model\s+(\w+)\s*\{(.*?)^\}", re.MULTILINE | re.DOTALL)
_PRISMA_FIELD = re.compile(r"^\s*(\w+)\s+(\w+)(\[\])?(\?)?(.*)$")


def prisma_tables(source: str) -> dict[str, Table]:
    """Models of a `schema.prisma`."""
    models = {match[1] for match in _PRISMA_MODEL.finditer(source)}
    found = {}
    for match in _PRISMA_MODEL.finditer(source):
        first = source.count("\n", 0, match.start(2)) + 1
        mapped = re.search(r"@@map\(\s*(?:name:\s*)?\"([^\"]+)\"", match[2])
        columns = {}
        for offset, line in enumerate(match[2].split("\n")):
            part = _PRISMA_FIELD.match(line.split("//")[0])
            if part is None or part[2] in models or part[3] or line.strip().startswith("@@"):
                continue
            default = re.search(r"@default\((.*)\)", part[5])
            kind = (
                Default.NONE
                if default is None
                else Default.VOLATILE
                if "dbgenerated" in default[1]
                else Default.CONSTANT
            )
            if default is not None and re.match(r"(?:cuid|uuid|nanoid|now)\(", default[1]):
                kind = Default.APPLICATION if not default[1].startswith("now") else Default.CONSTANT
            renamed = re.search(r"@map\(\s*\"([^\"]+)\"", part[5])
            column = Column(
                renamed[1] if renamed else part[1],
                part[2],
                not_null=part[4] is None,
                default=kind,
                primary_key="@id" in part[5],
                unique="@unique" in part[5],
            )
            columns[part[1].lower()] = (column, first + offset)
        name = mapped[1] if mapped else match[1]
        found[name.lower()] = Table(name, first, columns)
    return found


_TS_ENTITY = re.compile(
    r"@Entity\(\s*(?:\{[^}]*name:\s*)?['\"`]?(\w+)?[^)]*\)[\s\S]*?class\s+(\w+)[^{]*\{", re.MULTILINE
)
_TS_COLUMN = re.compile(
    r"@(?:PrimaryGenerated|Primary|CreateDate|UpdateDate|DeleteDate)?Column\((?P<options>[^@]*?)\)\s*(?:@[^\n]*\n\s*)*(?:public\s+|readonly\s+|private\s+)*(?P<name>\w+)(?P<mark>[?!])?\s*:\s*(?P<type>[^;\n=]+)"
)


def typeorm_tables(source: str) -> dict[str, Table]:
    """Classes with `@Entity`."""
    found = {}
    entities = list(_TS_ENTITY.finditer(source))
    for position, match in enumerate(entities):
        end = entities[position + 1].start() if position + 1 < len(entities) else len(source)
        columns = {}
        for part in _TS_COLUMN.finditer(source, match.end(), end):
            options = part["options"]
            nullable = "nullable: true" in options
            default = (
                Default.CONSTANT if re.search(r"\bdefault\s*:", options) or "Date" in part[0][:14] else Default.NONE
            )
            type_ = re.search(r"type:\s*['\"](\w+)|^\s*['\"](\w+)", options)
            written = (type_[1] or type_[2]) if type_ else part["type"].strip()
            column = Column(
                part["name"], written, not_null=not nullable, default=default, primary_key="Primary" in part[0][:12]
            )
            columns[part["name"].lower()] = (column, source.count("\n", 0, part.start("name")) + 1)
        name = match[1] or match[2]
        found[name.lower()] = Table(name, source.count("\n", 0, match.start()) + 1, columns)
    return found


_JAVA_ENTITY = re.compile(r"@Entity\b[\s\S]*?class\s+(\w+)")
_JAVA_FIELD = re.compile(
    r"(?P<notes>(?:^[ \t]*@[^\n]*\n)*)^[ \t]*(?:private|protected|public)\s+(?!static|final\s+static|class|abstract)"
    r"(?:final\s+)?(?P<type>[\w<>\[\], .]+?)\s+(?P<name>\w+)\s*(?:=[^;\n]*)?;",
    re.MULTILINE,
)


def jpa_tables(source: str) -> dict[str, Table]:
    """The class with `@Entity` of a Java file."""
    match = _JAVA_ENTITY.search(source)
    if match is None:
        return {}
    named = re.search(r"@Table\([^)]*name\s*=\s*\"(\w+)\"", source)
    columns = {}
    for part in _JAVA_FIELD.finditer(source, match.end()):
        notes = part["notes"]
        if "@Transient" in notes or "@OneToMany" in notes or "@ManyToMany" in notes:
            continue
        written = re.search(r"@(?:Join)?Column\([^)]*name\s*=\s*\"(\w+)\"", notes)
        column = Column(
            written[1] if written else part["name"],
            part["type"],
            not_null="nullable = false" in notes or "@Id" in notes or part["type"] in _PRIMITIVES,
            primary_key="@Id" in notes,
        )
        columns[part["name"].lower()] = (column, source.count("\n", 0, part.start("name")) + 1)
    name = named[1] if named else match[1]
    return {name.lower(): Table(name, source.count("\n", 0, match.start()) + 1, columns)}


_PRIMITIVES = frozenset({"int", "long", "boolean", "double", "float", "short"})
_GO_STRUCT = re.compile(r"^type\s+(\w+)\s+struct\s*\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_GO_FIELD = re.compile(r"^\s*(\w+)\s+(\*?[\w.\[\]]+)(?:\s+`([^`]*)`)?")


def gorm_tables(source: str) -> dict[str, Table]:
    """Structs with `gorm` tags."""
    found = {}
    for match in _GO_STRUCT.finditer(source):
        if 'gorm:"' not in match[2] and "gorm.Model" not in match[2]:
            continue
        first = source.count("\n", 0, match.start(2)) + 1
        columns = {}
        for offset, line in enumerate(match[2].split("\n")):
            part = _GO_FIELD.match(line)
            if part is None or 'gorm:"-"' in line:
                continue
            tag = part[3] or ""
            written = re.search(r"column:(\w+)", tag)
            column = Column(
                written[1] if written else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", part[1]).lower(),
                part[2],
                not_null="not null" in tag,
                default=Default.CONSTANT if "default:" in tag else Default.NONE,
                primary_key="primaryKey" in tag,
            )
            columns[part[1].lower()] = (column, first + offset)
        found[match[1].lower()] = Table(match[1], first, columns)
    return found
