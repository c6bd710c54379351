"""Which grammar reads a file. Only names in this table ever reach the parser: others make it panic."""

from __future__ import annotations

from pathlib import PurePosixPath

_BY_SUFFIX = {
    ".py": "python",
    ".pyi": "python",
    ".go": "go",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".jsx": "javascript",
    ".java": "java",
    ".rb": "ruby",
    ".rake": "ruby",
    ".gemspec": "ruby",
}
_BY_NAME = {"Gemfile": "ruby", "Rakefile": "ruby", "config.ru": "ruby"}

# One rule for the JS family is written once, as `language: typescript`, and runs under three grammars.
FAMILY = {"javascript": "typescript", "tsx": "typescript"}

LANGUAGES = frozenset(_BY_SUFFIX.values())


def language_of(path: str) -> str:
    """The grammar's name for a path, "" if no grammar of ours reads it."""
    name = PurePosixPath(path).name
    return _BY_NAME.get(name) or _BY_SUFFIX.get(PurePosixPath(name).suffix.lower(), "")


def family_of(language: str) -> str:
    """The name rules use: javascript and tsx belong to typescript."""
    return FAMILY.get(language, language)
