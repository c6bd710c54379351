"""Does code outside migrations still name a column or table that goes away?

Looked for in the base tree, because that is what the running release was built from; a bounded number of source
files, those nearest to the subject first. What counts is a declaration (a model, an entity, a schema) or a mention
beside the table's name: a word that merely reads the same elsewhere proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from reviewer.evidence.examined import Examined, Text
from reviewer.evidence.guards.paths import is_script
from reviewer.evidence.sql.judged import Usage
from reviewer.evidence.sql.models import tables_in
from reviewer.evidence.sql.operation import Operation, OpKind
from reviewer.evidence.sql.spellings import (
    COMMON,
    camel,
    column_spellings,
    folded,
    pascal,
    same_table,
    singular,
    table_words,
)
from reviewer.evidence.sql.where import is_migration_path

_SOURCE = re.compile(r"\.(?:py|rb|go|tsx?|js|mjs|cjs|java|kt|cs|php|scala|ex|rs|prisma|sql|graphql|xml)$")
_ELSEWHERE = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third_party|tests?|spec|specs|__tests__|__mocks__|mocks?|testdata|fixtures|docs|dist|build|frontend|client|webapp|www|src-ui|ui|assets|static|public|locales?|dashboard[\w-]*|sdk|seeds?|sample_data)/|\.(?:min|test|spec|mock|stories)\.|_test\.|(?:^|/)(?:schema\.rb|structure\.sql|seeds?\.\w+)$|(?:^|/)test_[^/]*$",
    re.IGNORECASE,
)
_LIKELY = re.compile(r"model|entit|schema|repositor|dao|store|quer|serializ|service|domain|db", re.IGNORECASE)
_ROLE = re.compile(
    r"[._-]?(?:model|models|entity|repository|repo|dao|mapper|service|store|schema|queries|query|controller|serializer|db)?$",
    re.IGNORECASE,
)
_RETIRED = re.compile(r"deprecat|ignored_columns|\bunused\b|\bobsolete\b|to be (?:removed|dropped)", re.IGNORECASE)
_REQUESTS = re.compile(
    r"(?<![\w.])(?:params|request|req|session|headers|cookies)(?:\[|\.\w)"
)  # of the call, not of a row
_NEAR = 3  # lines between a column and the name of its table
MOST_FILES = 400
MOST_BYTES = 8_000_000
MOST_PLACES = 3


class _Place(NamedTuple):
    path: str
    line: int
    retired: bool = False
    key: str = ""  # of a declaration: the attribute

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class Finder:
    """Reads the base tree once, at the first question, and answers from memory."""

    def __init__(self, examined: Examined) -> None:
        self._examined = examined
        self._texts: tuple[tuple[str, Text], ...] | None = None

    def __call__(self, op: Operation) -> Usage:
        """Where the name `op` takes away is still used."""
        texts = self._load()
        column = op.kind in {OpKind.DROP_COLUMN, OpKind.RENAME_COLUMN}
        name = op.name if column else op.table
        if not texts or len(name) < 2 or (column and not op.table):
            return Usage(None)
        find = _column_places if column else _table_places
        places = list(find(op, texts))
        if any(place.retired for place in places):
            return Usage(referenced=False)
        if not column and places and all(place.path.endswith(".prisma") for place in places):
            # Prisma reads a table only where the code names its model: a model that nobody names asks for nothing
            asked = _asked_for(places, texts)
            places = [*places, *asked] if asked else []
        kept = tuple(str(place) for place in places[:MOST_PLACES] if self._stays(op, place))
        return Usage(bool(places), tuple(str(place) for place in places[:MOST_PLACES]), kept)

    def _stays(self, op: Operation, place: _Place) -> bool:
        """Whether the file still declares it after the change: then it fails for good, not only during the roll-out."""
        data = self._examined.head.read_many([place.path]).get(place.path) if place.key else None
        found = _declared(op, place.path, Text(data.decode("utf-8", "replace"))) if data is not None else None
        return found is not None and found.key == place.key

    def _load(self) -> tuple[tuple[str, Text], ...]:
        if self._texts is None:
            base = self._examined.base
            paths = list(_candidates(base.paths()))
            if not paths:
                # no listing (or a bare diff): the changed files' own base texts are all there is
                self._texts = tuple(
                    (file.path, file.base)
                    for file in self._examined.files
                    if file.base is not None
                    and file.base.complete
                    and _SOURCE.search(file.path)
                    and not is_migration_path(file.path)
                )
            else:
                self._texts = _bounded(base.read_many(paths).items())
        return self._texts


def _column_places(op: Operation, texts: Iterable[tuple[str, Text]]) -> list[_Place]:
    """Declarations of the column; where there are none, mentions in the table's own file or near the table's name."""
    wanted = column_spellings(op.name)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(word) for word in wanted)})(?!\w)")
    near = re.compile("|".join(re.escape(word) for word in table_words(op.table)), re.IGNORECASE)
    declared: list[_Place] = []
    mentions: list[_Place] = []
    for path, text in texts:
        match = pattern.search(text.text)
        if match is None or not (near.search(text.text) or _own_file(op.table, path)):
            continue
        place = _declared(op, path, text)
        if place is not None:
            declared.append(place)
        mentions.extend(_mentions(op, path, text, pattern, near))
    retired = [place for place in mentions if place.retired]
    return retired or declared or mentions


def _declared(op: Operation, path: str, text: Text) -> _Place | None:
    """The line of a model that declares the column (or, for a table, the model)."""
    if path.endswith(".sql"):
        return None
    column = op.kind in {OpKind.DROP_COLUMN, OpKind.RENAME_COLUMN}
    for table in tables_in(path, text).values():
        if not same_table(op.table, table.name, app=_app(path)):
            continue
        if not column:
            return _Place(path, table.line, _retired(text, table.line), table.name)
        for key, (declared, line) in table.columns.items():
            if folded(op.name) in {folded(key), folded(declared.name), folded(f"{key}_id")}:
                return _Place(path, line, _retired(text, line), key)
    return None


def _mentions(
    op: Operation, path: str, text: Text, pattern: re.Pattern[str], near: re.Pattern[str]
) -> Iterator[_Place]:
    own = _own_file(op.table, path)
    if own and re.search(rf"ignored_columns[^\n]*(?:\n[^\n]*)?{pattern.pattern}", text.text):
        yield _Place(path, 1, retired=True)
        return
    for number, line in enumerate(text.lines, 1):
        if pattern.search(_REQUESTS.sub("", line)) is None or line.lstrip().startswith(("#", "//", "*", "--", "/*")):
            continue
        around = text.lines[max(number - 1 - _NEAR, 0) : number + _NEAR]
        if own or (op.name.lower() not in COMMON and any(near.search(other) for other in around if other is not line)):
            yield _Place(path, number)
            return


def _table_places(op: Operation, texts: Iterable[tuple[str, Text]]) -> Iterator[_Place]:
    """The model of the table first, then statements and quoted names."""
    name = op.table
    model = pascal(singular(name))
    words = [
        rf"(?:\bFROM|\bJOIN|\bINTO|\bUPDATE|\bTABLE)\s+(?:[\"`\[]?\w+[\"`\]]?\.)?[\"`\[]?{re.escape(name)}\b",
        rf"(?:table_?name\w*|db_table|@@map|@Table|@Entity)\W{{1,12}}(?:name\W{{1,4}})?{re.escape(name)}\b",
        rf"^\s*(?:class|model|type|struct)\s+{re.escape(model)}\b",
    ]
    if re.search(r"[a-z][A-Z]", model):
        words.append(rf"(?<![\w.\"']){re.escape(model)}\s*[.(]")
        words.append(rf"\b{re.escape(camel(name))}\.(?:find|create|update|delete|upsert|count)\w*\(")
    pattern = re.compile("|".join(words), re.IGNORECASE | re.MULTILINE)
    exact = re.compile("|".join(words), re.MULTILINE)
    for path, text in texts:
        declared = _declared(op, path, text) if model.lower() in text.text.lower() or name in text.text else None
        if declared is not None:
            yield declared
            continue
        match = (pattern if path.endswith((".sql", ".xml")) else exact).search(text.text)
        if match is not None:
            yield _Place(path, text.text.count("\n", 0, match.end()) + 1)


def _asked_for(models: Iterable[_Place], texts: Iterable[tuple[str, Text]]) -> list[_Place]:
    """Where code asks the client for a Prisma model, names its type, or follows a relation to it."""
    sources = dict(texts)
    names = {model[1] for place in models if (model := _MODEL.match(sources[place.path].lines[place.line - 1]))}
    schemas = [text.text for path, text in sources.items() if path.endswith(".prisma")]
    said = [rf"\.{name[:1].lower()}{name[1:]}\s*\.|\b{name}\b" for name in names]
    for name in names:
        fields = {
            field for schema in schemas for field in re.findall(rf"^[ \t]+(\w+)[ \t]+{name}\b", schema, re.MULTILINE)
        }
        said += [rf"\.{field}\b|\b{field}\s*:" for field in sorted(fields)]
    if not said:
        return []
    pattern = re.compile("|".join(said))
    found = [
        (path, match.start())
        for path, text in sources.items()
        if not path.endswith(".prisma") and not is_script(path) and (match := pattern.search(text.text))
    ]
    return [_Place(path, sources[path].text.count("\n", 0, start) + 1) for path, start in found]


_MODEL = re.compile(r"\s*model\s+(\w+)")


def _app(path: str) -> str:
    """The folder a model lives in: Django's prefix of its tables."""
    parts = PurePosixPath(path).parts
    return next((part for part in reversed(parts[:-1]) if part != "models"), "")


def _own_file(table: str, path: str) -> bool:
    """Whether the file's name says that it is about this table: `gift_card.rb`, `GiftCardRepository.java`."""
    stem = PurePosixPath(path).name.partition(".")[0]
    return folded(singular(_ROLE.sub("", stem))) in {folded(singular(word)) for word in table_words(table)}


def _retired(text: Text, line: int) -> bool:
    """Whether the declaration itself, or the comment above it, says that it is on its way out."""
    around = text.lines[max(line - 2, 0) : line + 2]
    return any(_RETIRED.search(part) for part in around)


def _bounded(contents: Iterable[tuple[str, bytes]]) -> tuple[tuple[str, Text], ...]:
    found, size = [], 0
    for path, data in sorted(contents):
        size += len(data)
        if size > MOST_BYTES:
            break
        found.append((path, Text(data.decode("utf-8", "replace"))))
    return tuple(found)


def _candidates(paths: Iterable[str]) -> Iterable[str]:
    wanted = [
        path for path in paths if _SOURCE.search(path) and not _ELSEWHERE.search(path) and not is_migration_path(path)
    ]
    wanted.sort(key=lambda path: (_LIKELY.search(path) is None, path.count("/"), path))
    return wanted[:MOST_FILES]
