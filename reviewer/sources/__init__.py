"""Where changes come from. One file a source, one line here; a source is loaded only when it is used."""

from __future__ import annotations

import importlib
from typing import Any

# name: "module:function". Each function takes what names its target and returns a `RawChange`, or raises SourceError.
SOURCES = {
    "diff": "reviewer.sources.diff_file:load",
    "range": "reviewer.sources.git_range:load",
    "staged": "reviewer.sources.staged:load",
    "pull-request": "reviewer.sources.github_pr:load",
    "actions-event": "reviewer.sources.actions_event:load",
    "work-tree": "reviewer.sources.work_tree:load",
}


def source(name: str) -> Any:
    """The load function of a source, imported now."""
    module, _, function = SOURCES[name].partition(":")
    return getattr(importlib.import_module(module), function)
