"""Which pull requests are reviewed automatically. Decided from facts of the API and the base commit's configuration."""

from __future__ import annotations

import re

from reviewer.github.pulls import PullRequest
from reviewer.nouns.source import RawChange
from reviewer.settings import Triggers


def reason_to_skip(pull: PullRequest, change: RawChange, triggers: Triggers) -> str:
    """Why this pull request is not to be reviewed, or an empty string."""
    labels = {label.lower() for label in pull.labels}
    skipping = sorted(labels & {label.lower() for label in triggers.skip_labels})
    required, author = triggers.require_label, pull.author
    strangers = triggers.associations and pull.association.upper() not in {
        name.upper() for name in triggers.associations
    }
    checks = (
        (pull.draft and not triggers.drafts, "it is a draft (triggers.drafts)."),
        (pull.author_is_bot and not triggers.bots, f"its author {author} is a bot (triggers.bots)."),
        (
            author.lower() in {name.lower() for name in triggers.skip_authors},
            f"its author {author} is left out (triggers.skip-authors).",
        ),
        (skipping, f"it has the label {''.join(skipping[:1])} (triggers.skip-labels)."),
        (
            required and required.lower() not in labels,
            f"it does not have the label {required} (triggers.require-label).",
        ),
        (strangers, f"its author is {pull.association.lower()} to this repository (triggers.associations)."),
    )
    reason = next((reason for holds, reason in checks if holds), "")
    if not reason and triggers.skip_paths and _all_match(change, triggers.skip_paths):
        return "every changed file is left out (triggers.skip-paths)."
    return reason


def _all_match(change: RawChange, patterns: tuple[str, ...]) -> bool:
    from pathspec import GitIgnoreSpec

    from reviewer.stages import diff

    spec = GitIgnoreSpec.from_lines(patterns)
    files = diff.parse(change.diff).files if re.search(rb"^diff --git ", change.diff, re.MULTILINE) else ()
    return bool(files) and all(spec.match_file(file.path) for file in files)
