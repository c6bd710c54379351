"""Which columns the schema at head has an index for, and which columns a query filters by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reviewer.evidence.examined import Examined, Text
from reviewer.evidence.sql.operation import Operation, OpKind
from reviewer.evidence.sql.read import operations

_SCHEMA = re.compile(r"(?:^|/)(?:schema\.prisma|schema\.rb|structure\.sql|schema\.sql)$")
_ELSEWHERE = re.compile(r"(?:^|/)(?:node_modules|vendor|test|tests|fixtures|testdata)/")
MOST_SCHEMAS = 3
_FILTERS = (
    re.compile(r"\.(?:filter|exclude|get|filter_by|get_or_create)\(\s*(?P<kwargs>[^()]*)"),
    re.compile(r"\b(?:where|find_by!?|findBy|find|findOne)\s*[:(]\s*\{?\s*(?:where\s*:\s*\{)?(?P<pairs>[^(){}]*)"),
    re.compile(r"\bWHERE\s+(?P<sql>[^\"'`;)]*)", re.IGNORECASE),
    re.compile(r"\.(?:Where|where)\(\s*[\"'](?P<sql>[^\"']*)"),
    re.compile(r"\bfind(?:All|First|One)?By(?P<java>[A-Z]\w*)"),
)
_COMMON = frozenset(
    {
        "where",
        "select",
        "include",
        "data",
        "take",
        "skip",
        "orderBy",
        "not",
        "and",
        "or",
        "is",
        "null",
        "in",
        "like",
        "between",
        "true",
        "false",
        "relations",
        "order",
    }
)


_LOOKUPS = frozenset(
    "exact iexact in gt gte lt lte range isnull date year month day contains icontains startswith istartswith endswith regex".split()
)


@dataclass(frozen=True)
class Indexes:
    """Leading index columns (lower case, no underscores) with the tables they stand on."""

    leading: Mapping[str, frozenset[str]]
    sources: tuple[str, ...]

    @property
    def told(self) -> str:
        """For the `inspected` line."""
        return f"indexes read from {', '.join(self.sources)}" if self.sources else "no schema to look for indexes in"

    def support(self, query: str) -> str:
        """What can be said of the columns `query` filters by."""
        columns = filter_columns(query)
        if not columns:
            return "no filter column seen"
        if not self.sources:
            return f"filters by {', '.join(columns)}; no schema to look in"
        found = [
            f"{column}: {'index on ' + ', '.join(sorted(self.leading[_plain(column)])) if _plain(column) in self.leading else 'no index seen'}"
            for column in columns
        ]
        return "; ".join(found)


def indexes(examined: Examined) -> Indexes:
    """Indexes stated by the schema files of head and by the migrations of the change."""
    leading: dict[str, set[str]] = {}
    sources = []
    for change in examined.schema_change.migrations:
        if any(op.kind is OpKind.ADD_INDEX for op in change.new):
            sources.append(change.file.path)
        for op in change.new:
            for table, column in _leading(op):
                leading.setdefault(_plain(column), set()).add(table)
    wanted = sorted(
        (path for path in examined.facts.paths if _SCHEMA.search(path) and not _ELSEWHERE.search(path)),
        key=lambda path: (path.count("/"), path),
    )
    for path, data in sorted(examined.head.read_many(wanted[:MOST_SCHEMAS]).items() if wanted else ()):
        text = data.decode("utf-8", "replace")
        sources.append(path)
        for table, column in _of_schema(path, text):
            leading.setdefault(_plain(column), set()).add(table)
    return Indexes({column: frozenset(tables) for column, tables in leading.items()}, tuple(dict.fromkeys(sources)))


def _of_schema(path: str, text: str) -> Iterator[tuple[str, str]]:
    if path.endswith(".prisma"):
        for model in re.finditer(r"^model\s+(\w+)\s*\{(.*?)^\}", text, re.MULTILINE | re.DOTALL):
            for match in re.finditer(
                r"^\s*(\w+)\s+\S+.*@(?:id|unique)\b|@@(?:index|unique|id)\(\s*(?:fields:\s*)?\[\s*(\w+)",
                model[2],
                re.MULTILINE,
            ):
                yield model[1], match[1] or match[2]
    elif path.endswith(".rb"):
        table = ""
        for match in re.finditer(
            r"create_table\s+\"(\w+)\"|t\.index\s+\[?\"(\w+)\"|add_index\s+\"(\w+)\",\s*\[?\"(\w+)\"", text
        ):
            table = match[1] or match[3] or table
            if match[2] or match[4]:
                yield table, match[2] or match[4]
    else:
        for op in operations(path, Text(text)):
            yield from _leading(op)


def _leading(op: Operation) -> Iterator[tuple[str, str]]:
    if op.kind in {OpKind.ADD_INDEX, OpKind.ADD_UNIQUE, OpKind.ADD_PRIMARY_KEY} and op.keys and not op.down:
        yield op.table, op.keys[0]
    for column in op.columns if op.kind is OpKind.CREATE_TABLE and not op.down else ():
        if column.primary_key or column.unique:
            yield op.table, column.name


def filter_columns(query: str) -> tuple[str, ...]:
    """Column names a query filters by, as far as its text shows them; `id` and `pk` are always indexed and left out."""
    found: list[str] = []
    for pattern in _FILTERS:
        for match in pattern.finditer(query):
            for kind, written in match.groupdict().items():
                found += _names(kind, written or "")
    return tuple(dict.fromkeys(name for name in found if name.lower() not in {"id", "pk"} and name not in _COMMON))[:5]


def _names(kind: str, written: str) -> list[str]:
    if kind == "kwargs":
        # `profile__role=x` filters a table that is joined: nothing is said of it
        names = re.findall(r"(?:^|,)\s*(\w+)\s*=(?!=)", written)
        return [name.partition("__")[0] for name in names if "__" not in name or name.partition("__")[2] in _LOOKUPS]
    if kind == "pairs":  # what is followed by an object is a joined table, or a key of several columns
        return re.findall(r"(?:^|,)\s*:?(\w+)\s*(?::|=>)\s*(?!\s|$)", written)
    if kind == "java":
        return [
            name[:1].lower() + name[1:]
            for name in re.split(
                r"And|Or", re.sub(r"(?:OrderBy\w*|GreaterThan\w*|LessThan\w*|In|IsNull|IgnoreCase)$", "", written)
            )
            if name
        ]
    return re.findall(
        r"([A-Za-z_]\w*)\s*(?:=|<|>|IN\b|LIKE\b|IS\b)", re.sub(r"\b[A-Za-z_]\w*\.", "", written), re.IGNORECASE
    )


def _plain(name: str) -> str:
    return name.lower().replace("_", "")
