"""Does code outside migrations still name a column or table that goes away?

Looked for in the base tree, because that is what the running release was built from; a bounded number of source
files, those nearest to the migration's subject first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reviewer.evidence.examined import Examined
from reviewer.evidence.sql.hazards import Usage
from reviewer.evidence.sql.operation import Operation, OpKind
from reviewer.evidence.sql.where import is_migration_path

_SOURCE = re.compile(r"\.(?:py|rb|go|ts|js|mjs|cjs|java|kt|cs|php|scala|ex|rs|prisma|sql|graphql|xml)$")
_ELSEWHERE = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third_party|tests?|spec|specs|__tests__|testdata|fixtures|docs|dist|build|frontend|client|webapp|www|src-ui|ui|assets|static|public|locales?)/|\.(?:min|test|spec)\.|_test\.|(?:^|/)(?:schema\.rb|structure\.sql)$",
    re.IGNORECASE,
)
_LIKELY = re.compile(r"model|entit|schema|repositor|dao|store|quer|serializ|service|domain|db", re.IGNORECASE)
_COMMON = frozenset(
    [
        "id",
        "name",
        "type",
        "status",
        "state",
        "value",
        "data",
        "key",
        "code",
        "date",
        "time",
        "user",
        "email",
        "title",
        "created_at",
        "updated_at",
    ]
)
MOST_FILES = 400
MOST_BYTES = 8_000_000


class Finder:
    """Reads the base tree once, at the first question, and answers from memory."""

    def __init__(self, examined: Examined) -> None:
        self._examined = examined
        self._texts: tuple[tuple[str, str], ...] | None = None

    def __call__(self, op: Operation) -> Usage:
        """Where the name `op` takes away is still used."""
        texts = self._load()
        if not texts:
            return Usage(None)
        names = self._names(op)
        if not names:
            return Usage(None)
        places = []
        table = op.table.lower()
        pattern = re.compile(rf"(?<![\w])(?:{'|'.join(re.escape(name) for name in names)})(?![\w])")
        column = op.kind in {OpKind.DROP_COLUMN, OpKind.RENAME_COLUMN}
        words = _table_words(table) if column else ()
        for path, text in texts:
            if column and words and not any(word in text.lower() for word in words):
                continue
            match = pattern.search(text)
            if match is not None:
                places.append(f"{path}:{text.count(chr(10), 0, match.start()) + 1}")
                if len(places) >= 3:
                    break
        return Usage(bool(places), tuple(places))

    def _names(self, op: Operation) -> tuple[str, ...]:
        name = op.name if op.kind in {OpKind.DROP_COLUMN, OpKind.RENAME_COLUMN} else op.table
        if not name or (name.lower() in _COMMON and not op.table):
            return ()
        variants = [name, _camel(name)]
        if op.kind in {OpKind.DROP_TABLE, OpKind.RENAME_TABLE, OpKind.TRUNCATE}:
            variants += [_pascal(_singular(name))]
            if op.tool == "django":
                variants = [
                    _pascal(_singular(name.partition("_")[2] or name)),
                    (name.partition("_")[2] or name).capitalize(),
                ]
        else:
            variants += [_pascal(name)]  # Go struct fields
            if name.endswith("_id"):
                variants += [name[:-3]]
        return tuple(dict.fromkeys(variant for variant in variants if len(variant) > 1))

    def _load(self) -> tuple[tuple[str, str], ...]:
        if self._texts is None:
            base = self._examined.base
            paths = list(_candidates(base.paths()))
            if not paths:
                # no listing (or a bare diff): the changed files' own base texts are all there is
                self._texts = tuple(
                    (file.path, file.base.text)
                    for file in self._examined.files
                    if file.base is not None
                    and file.base.complete
                    and _SOURCE.search(file.path)
                    and not is_migration_path(file.path)
                )
            else:
                self._texts = _bounded(base.read_many(paths).items())
        return self._texts


def _bounded(contents: Iterable[tuple[str, bytes]]) -> tuple[tuple[str, str], ...]:
    found, size = [], 0
    for path, data in sorted(contents):
        size += len(data)
        if size > MOST_BYTES:
            break
        found.append((path, data.decode("utf-8", "replace")))
    return tuple(found)


def _candidates(paths: Iterable[str]) -> Iterable[str]:
    wanted = [
        path for path in paths if _SOURCE.search(path) and not _ELSEWHERE.search(path) and not is_migration_path(path)
    ]
    wanted.sort(key=lambda path: (_LIKELY.search(path) is None, path.count("/"), path))
    return wanted[:MOST_FILES]


def _table_words(table: str) -> tuple[str, ...]:
    """Spellings of a table in code: itself, its singular, without underscores, without Django's app prefix."""
    words = {table, _singular(table), table.replace("_", ""), _singular(table).replace("_", "")}
    if "_" in table:
        words.add(table.partition("_")[2])
    return tuple(sorted(word for word in words if len(word) > 2))


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
