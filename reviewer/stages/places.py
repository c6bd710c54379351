"""Where in a repository a name is likely defined, judged by paths and imports alone: no file is read for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from reviewer.stages.grammars import language
from reviewer.stages.risk import is_test

_SKIPPED = re.compile(r"(^|/)(node_modules|vendor|third_party|dist|build|target|\.git|\.venv|venv|site-packages)/")
_SCHEMA_FILE = re.compile(r"(^|/)(schema\.prisma|schema\.rb|schema\.sql|models\.py|schema\.ts)$")
_MIGRATION = re.compile(r"(^|/)(migrations?|migrate|versions|changelog|flyway)/", re.IGNORECASE)

# An import brings names (group `names`) out of a module (group `module`), or a module under its own last name.
_PYTHON = re.compile(r"^\s*from\s+(?P<module>[\w.]+)\s+import\s+\(?(?P<names>[\w, \t]+)", re.MULTILINE)
_SCRIPT = (
    re.compile(
        r"^\s*import\s+(?:type\s+)?(?P<names>[\w{},\s*$]+?)\s+from\s+[\"'](?P<module>[^\"'\n]+)[\"']", re.MULTILINE
    ),
    re.compile(r"(?:const|let|var)\s+(?P<names>[\w{},: \t]+?)\s*=\s*require\([\"'](?P<module>[^\"'\n]+)[\"']\)"),
)
_DOTTED = re.compile(r"^\s*(?:import|using)\s+(?:static\s+)?(?P<module>[\w.]+\.(?P<names>\w+))\s*;?\s*$", re.MULTILINE)
_PHP = re.compile(r"^\s*use\s+(?P<module>[\w\\]+\\(?P<names>\w+))", re.MULTILINE)
_RUST = re.compile(r"^\s*(?:pub\s+)?use\s+(?P<module>[\w:]+)::(?P<names>\w+|\{[^}\n]*\})", re.MULTILINE)
_IMPORTS: Mapping[str, tuple[re.Pattern[str], ...]] = {
    "python": (_PYTHON,),
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
    "java": (_DOTTED,),
    "kotlin": (_DOTTED,),
    "scala": (_DOTTED,),
    "csharp": (_DOTTED,),
    "php": (_PHP,),
    "rust": (_RUST,),
}
_MOST_IMPORT_TEXT = 8_000  # imports stand at the top


class Places:
    """The paths of a tree, indexed by bare file name. Built once a run."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._by_stem: dict[str, list[str]] = {}
        self._schemas: list[str] = []
        self._migrations: list[str] = []
        for path in paths:
            if _SKIPPED.search(path):
                continue
            if _SCHEMA_FILE.search(path):
                self._schemas.append(path)
            if _MIGRATION.search(path):
                self._migrations.append(path)
            elif language(path) is not None:
                self._by_stem.setdefault(_bare(_stem(path)), []).append(path)

    def definitions(self, name: str, near: str, imports: dict[str, str]) -> list[str]:
        """At most two files that likely define `name` as used in the file `near`, the likeliest first."""
        module = imports.get(name)
        wanted = [part for part in re.split(r"[./\\:@~]+", module) if part] if module else []
        stems = [wanted[-1], name] if wanted else ([name] if name[:1].isupper() else [])
        found: list[str] = []
        for stem in stems:
            same = [path for path in self._by_stem.get(_bare(stem), ()) if path != near and not is_test(path)]
            same += [path for path in self._by_stem.get("index", ()) if wanted and path.split("/")[-2:-1] == [stem]]
            found += sorted(same, key=lambda path: (-_agrees(path, wanted), -_proximity(path, near), path))
        kind = language(near)
        return [path for path in dict.fromkeys(found) if _same_family(kind, language(path))][:2]

    def schemas(self, table: str, near: str) -> list[str]:
        """Files that likely say what a table looks like: a schema file, its latest migration, its model."""
        bare = _bare(table)
        single = bare.removesuffix("s")
        models = [*self._by_stem.get(single, ()), *self._by_stem.get(bare, ())]
        migrations = [path for path in self._migrations if single in _bare(_stem(path)) and path != near]
        files = [*self._nearest(self._schemas, near)[:1], *sorted(migrations)[-1:], *self._nearest(models, near)[:1]]
        return [path for path in dict.fromkeys(files) if path != near]

    def tests(self, path: str) -> list[str]:
        """The test file a source file most likely has, by name."""
        bare = _bare(_stem(path))
        stems = [f"test{bare}", f"{bare}test", f"{bare}tests", f"{bare}spec"]
        return self._nearest([found for stem in stems for found in self._by_stem.get(stem, ())], path)[:1]

    def beside(self, path: str) -> list[str]:
        """Files of the same folder and language family."""
        folder, kind = path.rpartition("/")[0], language(path)
        return sorted(
            other
            for paths in self._by_stem.values()
            for other in paths
            if other.rpartition("/")[0] == folder and other != path and _same_family(kind, language(other))
        )

    def callers(self, paths: Iterable[str], near: str) -> list[str]:
        """Of these, files of code in the language of `near`, no tests, the nearest first."""
        kind = language(near)
        code = (path for path in paths if not _SKIPPED.search(path) and not is_test(path))
        return self._nearest((path for path in code if _same_family(kind, language(path))), near)

    @staticmethod
    def _nearest(paths: Iterable[str], near: str) -> list[str]:
        return sorted(paths, key=lambda path: (-_proximity(path, near), path))


def imports(text: str, path: str) -> dict[str, str]:
    """Names a file imports, and the module each comes from, in that language's own spelling."""
    found: dict[str, str] = {}
    for pattern in _IMPORTS.get(language(path) or "", ()):
        for match in pattern.finditer(text[:_MOST_IMPORT_TEXT]):
            for name in re.findall(r"[A-Za-z_$]\w*", match["names"]):
                if name not in {"as", "type", "default"}:
                    found.setdefault(name, match["module"])
    return found


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _bare(name: str) -> str:
    """`payment-service`, `payment_service`, `PaymentService` and `payment.service` are one name."""
    return re.sub(r"[-_.]", "", name).lower()


def _agrees(path: str, wanted: Sequence[str]) -> int:
    """How many of a module's last parts the path ends with."""
    parts = [_bare(part) for part in (*path.split("/")[:-1], _stem(path))]
    pairs = zip(reversed(parts), (_bare(part) for part in reversed(wanted)), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _proximity(path: str, near: str) -> int:
    """How many leading directories two paths share."""
    return sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(path.split("/"), near.split("/"), strict=False))
    )


_FAMILIES = ({"javascript", "typescript", "tsx"}, {"java", "kotlin", "scala"}, {"c", "cpp"})


def _same_family(one: str | None, other: str | None) -> bool:
    return one == other or any(one in family and other in family for family in _FAMILIES)
