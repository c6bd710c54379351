"""The kind and the language of a file, from its path alone."""

from __future__ import annotations

from functools import lru_cache

from reviewer.stages.scope_table import table

_LANGUAGES = {
    "python": "py pyi",
    "go": "go",
    "java": "java",
    "kotlin": "kt kts",
    "scala": "scala sbt",
    "groovy": "groovy gradle",
    "ruby": "rb rake gemspec ru",
    "php": "php",
    "csharp": "cs",
    "fsharp": "fs fsx",
    "vb": "vb",
    "rust": "rs",
    "elixir": "ex exs",
    "erlang": "erl hrl",
    "clojure": "clj cljs cljc edn",
    "c": "c h",
    "cpp": "cc cpp cxx hpp hh",
    "lua": "lua",
    "perl": "pl pm",
    "haskell": "hs",
    "ocaml": "ml mli",
    "swift": "swift",
    "typescript": "ts mts cts tsx",
    "javascript": "js mjs cjs jsx",
    "sql": "sql ddl hql pgsql plsql psql pks pkb tsql",
    "cql": "cql",
    "prisma": "prisma",
    "protobuf": "proto",
    "graphql": "graphql graphqls gql",
    "avro": "avsc avdl",
    "thrift": "thrift",
    "yaml": "yaml yml",
    "json": "json json5",
    "toml": "toml",
    "ini": "ini cfg properties env",
    "xml": "xml xsd wsdl",
    "terraform": "tf tfvars hcl",
    "shell": "sh bash zsh fish",
    "powershell": "ps1 psm1",
    "html": "html htm",
    "css": "css scss sass less",
    "vue": "vue",
    "svelte": "svelte",
    "markdown": "md mdx markdown",
}
_BY_EXTENSION = {ext: language for language, exts in _LANGUAGES.items() for ext in exts.split()}
_BY_NAME = {
    "Dockerfile": "dockerfile",
    "Gemfile": "ruby",
    "Rakefile": "ruby",
    "Makefile": "make",
    "Jenkinsfile": "groovy",
}


def language_of(path: str) -> str:
    """The language of a file by its name (`python`, `go`, `sql`, …), "" if unknown."""
    name = path.rpartition("/")[2]
    return _BY_NAME.get(name) or _BY_EXTENSION.get(extension(name), "")


def extension(name: str) -> str:
    """The part behind the last dot, in lower case; "" for none and for dot files."""
    stem, dot, ext = name.rpartition(".")
    return ext.lower() if dot and stem else ""


@lru_cache(maxsize=65_536)
def kind_of(path: str) -> str:
    """The kind of a file: `source`, `contract`, `migration`, `data`, `config` are backend; `frontend`,
    `infrastructure`, `test`, `docs`, `i18n`, `manifest`, `dump`, `generated`, `vendored`, `lock`, `binary` are not;
    `other` is unknown.
    """
    *dirs, name = path.split("/")
    ext = extension(name)
    place = frozenset(dirs)
    for row in table().rows:
        if row.matches(path, name, ext, place):
            return row.kind
    return "other"
