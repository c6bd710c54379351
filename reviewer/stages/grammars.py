"""What we know of languages' grammars, as data: the parser's name, and which nodes are functions and types.

An allow-list on purpose: asking the parser for a language it does not have is a crash, not an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import NamedTuple


class Grammar(NamedTuple):
    """`kinds` maps node kinds to `function` or `type`; `wrappers` are nodes that begin before the symbol
    (decorators, export); `valued` kinds count only if their value is a function."""

    parser: str
    kinds: Mapping[str, str]
    name_fields: tuple[str, ...] = ("name",)
    name_kinds: frozenset[str] = frozenset()
    wrappers: frozenset[str] = frozenset()
    valued: frozenset[str] = frozenset()


def _kinds(functions: str, types: str) -> dict[str, str]:
    return dict.fromkeys(functions.split(), "function") | dict.fromkeys(types.split(), "type")


_SCRIPT = _kinds(
    "function_declaration generator_function_declaration method_definition variable_declarator public_field_definition"
    " field_definition function_signature abstract_method_signature",
    "class_declaration abstract_class_declaration interface_declaration enum_declaration type_alias_declaration"
    " internal_module",
)
_JAVASCRIPT = {
    kind: what
    for kind, what in _SCRIPT.items()
    if kind
    in {
        "function_declaration",
        "generator_function_declaration",
        "method_definition",
        "variable_declarator",
        "field_definition",
        "class_declaration",
    }
}
_TYPESCRIPT = {kind: what for kind, what in _SCRIPT.items() if kind != "field_definition"}
_VALUED = frozenset({"variable_declarator", "public_field_definition", "field_definition"})
_EXPORT = frozenset({"export_statement", "lexical_declaration"})

GRAMMARS: Mapping[str, Grammar] = {
    "python": Grammar(
        "python",
        _kinds("function_definition", "class_definition"),
        wrappers=frozenset({"decorated_definition"}),
    ),
    "go": Grammar("go", _kinds("function_declaration method_declaration", "type_spec")),
    "javascript": Grammar(
        "javascript", _JAVASCRIPT, name_fields=("name", "property"), wrappers=_EXPORT, valued=_VALUED
    ),
    "typescript": Grammar("typescript", _TYPESCRIPT, wrappers=_EXPORT, valued=_VALUED),
    "tsx": Grammar("tsx", _TYPESCRIPT, wrappers=_EXPORT, valued=_VALUED),
    "java": Grammar(
        "java",
        _kinds(
            "method_declaration constructor_declaration",
            "class_declaration interface_declaration enum_declaration record_declaration annotation_type_declaration",
        ),
    ),
    "ruby": Grammar("ruby", _kinds("method singleton_method", "class module")),
    "kotlin": Grammar(
        "kotlin",
        _kinds("function_declaration", "class_declaration object_declaration"),
        name_kinds=frozenset({"simple_identifier", "type_identifier", "identifier"}),
    ),
    "csharp": Grammar(
        "csharp",
        _kinds(
            "method_declaration constructor_declaration local_function_statement property_declaration",
            "class_declaration interface_declaration struct_declaration record_declaration enum_declaration",
        ),
    ),
    "php": Grammar(
        "php",
        _kinds(
            "function_definition method_declaration",
            "class_declaration interface_declaration trait_declaration enum_declaration",
        ),
    ),
    "rust": Grammar(
        "rust",
        _kinds("function_item function_signature_item", "impl_item struct_item enum_item trait_item mod_item"),
        name_fields=("name", "type"),
    ),
    "scala": Grammar("scala", _kinds("function_definition", "class_definition object_definition trait_definition")),
    "swift": Grammar("swift", _kinds("function_declaration", "class_declaration protocol_declaration")),
    "c": Grammar("c", _kinds("function_definition", "struct_specifier"), name_fields=("name", "declarator")),
    "cpp": Grammar(
        "cpp",
        _kinds("function_definition", "struct_specifier class_specifier namespace_definition"),
        name_fields=("name", "declarator"),
    ),
    "lua": Grammar("lua", _kinds("function_declaration", "")),
    "bash": Grammar("bash", _kinds("function_definition", "")),
}

_BY_SUFFIX: Mapping[str, str] = {
    ".py": "python",
    ".pyi": "python",
    ".go": "go",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".java": "java",
    ".rb": "ruby",
    ".rake": "ruby",
    ".kt": "kotlin",
    ".kts": "kotlin",
    ".cs": "csharp",
    ".php": "php",
    ".rs": "rust",
    ".scala": "scala",
    ".swift": "swift",
    ".c": "c",
    ".h": "cpp",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".cxx": "cpp",
    ".hpp": "cpp",
    ".lua": "lua",
    ".sh": "bash",
    ".bash": "bash",
}


def language(path: str) -> str | None:
    """The key in GRAMMARS for a path, by its suffix; None for a language without a grammar here."""
    return _BY_SUFFIX.get(PurePosixPath(path).suffix.lower())
