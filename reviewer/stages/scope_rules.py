"""The user's say on scope: gitignore-style patterns, applied after the table."""

from __future__ import annotations

from collections.abc import Callable

from reviewer.errors import UsageError
from reviewer.nouns.plan import ScopeRules


class Say:
    """Whether the user wants a path in or out. `exclude` wins over `include`."""

    def __init__(self, rules: ScopeRules) -> None:
        self.includes = _matcher(rules.include, "scope.include")
        self.excludes = _matcher(rules.exclude, "scope.exclude")


def _matcher(patterns: tuple[str, ...], name: str) -> Callable[[str], bool]:
    if not patterns:
        return lambda path: False  # noqa: ARG005
    from pathspec import GitIgnoreSpec
    from pathspec.patterns.gitignore import GitIgnorePatternError

    try:
        return GitIgnoreSpec.from_lines(patterns).match_file
    except GitIgnorePatternError as error:
        raise UsageError(f"{name}: {error}", "Patterns are written as in .gitignore.") from error
