"""The rule of rooms: nouns know nothing, stages and edges know nouns, the pipeline knows stages, the CLI everyone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "reviewer"
MODULES = sorted(PACKAGE.rglob("*.py"))

# room: the rooms it may import from, besides itself. `top` are the modules directly under reviewer/.
ALLOWED = {
    "nouns": {"errors"},
    "stages": {"nouns", "errors", "resources"},  # resources: the prompts they are made of
    "evidence": {"nouns", "errors", "stages", "resources", "child", "loading"},
    "providers": {"nouns", "errors", "resources", "stages", "child", "loading"},
    "sources": {"nouns", "errors", "stages", "github"},
    "state": {"nouns", "errors", "stages"},
    "github": {"nouns", "errors", "stages", "state", ""},
    "publish": {"nouns", "errors", "stages", "state", "github", "reporters"},
    "reply": {"nouns", "errors", "state", "github"},
    "reporters": {"nouns", "errors", "stages", "hazards", "resources", "world", "report_file", "state", ""},
}


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else path.stem


def imports_of(path: Path) -> set[str]:
    """Modules of ours that a file imports, as dotted names below `reviewer`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "reviewer":
            base = node.module.split(".")[1:]
            found |= {".".join(base)} if base else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("reviewer.")}
    return {name for name in found if name != "__version__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_what_it_may_know(path: Path) -> None:
    room = room_of(path)
    if room not in ALLOWED:
        pytest.skip("a module of the composition root")
    for name in imports_of(path):
        other = name.split(".")[0]
        assert other == room or other in ALLOWED[room], f"{room} must not know {name}"


def test_only_publish_and_reply_write() -> None:
    writes = re.compile(r"github\.writing|github import [^\n]*\bwriting\b")
    writers = {path.name for path in MODULES if writes.search(path.read_text(encoding="utf-8"))}
    assert writers == {"publish.py", "reply.py"}


def test_the_pipeline_knows_stages_and_nouns_only() -> None:
    rooms = {name.split(".")[0] for name in imports_of(PACKAGE / "pipeline.py")}
    assert rooms <= {"nouns", "stages", "evidence"}


def test_there_are_no_import_cycles_between_rooms() -> None:
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        room = room_of(path)
        if room in ALLOWED:
            others = {name.split(".")[0] for name in imports_of(path)} - {room}
            graph.setdefault(room, set()).update(other for other in others if other in ALLOWED)
    done: set[str] = set()
    while ready := {room for room, needs in graph.items() if room not in done and needs <= done}:
        done |= ready
    assert done == set(graph)


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if re.search(r"os\.environ|os\.getenv|getenv\(", path.read_text(encoding="utf-8"))
    }
    assert readers <= {"cli.py", "evidence/parsing.py"}  # the latter sets RUST_BACKTRACE for the parser, reads nothing


def test_nothing_reads_the_inputs_that_composite_actions_do_not_get() -> None:
    assert not [path for path in MODULES if "INPUT_" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_exception_is_swallowed(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ExceptHandler):
            continue
        broad = node.type is None or (
            isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
        )
        silent = len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
        assert not silent, f"line {node.lineno}: an exception is dropped"
        if broad:
            kept = any(
                isinstance(inner, ast.Raise) or (isinstance(inner, ast.Name) and inner.id == node.name)
                for inner in ast.walk(node)
            )
            assert kept, f"line {node.lineno}: a broad handler neither raises nor uses the exception"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
