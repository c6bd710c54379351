"""Personas: read an agent file into a `Persona`. The registry is the folder `prompts/personas/`."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from reviewer.errors import UsageError
from reviewer.nouns.persona import Persona

DEFAULT = "backend-architect"
MAX_BYTES = 200_000  # an agent file is a page or two; more is a mistake or an attack

_FRONT_MATTER = re.compile(
    r"\A\ufeff?---[ \t]*\r?\n(?P<yaml>.*?)(?:\r?\n)?^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)


def names(folder: Path) -> tuple[str, ...]:
    """The personas that came with this installation, without their language editions."""
    return tuple(sorted(path.stem for path in folder.glob("*.md") if "." not in path.stem))


def load(name_or_path: str, folder: Path, language: str = "en") -> Persona:
    """A packaged persona by name (in the edition of `language`, if there is one) or any agent file by path.

    Raises UsageError where there is no such persona or the file cannot be read.
    """
    if re.fullmatch(r"[\w-]+", name_or_path):
        edition = folder / f"{name_or_path}.{language}.md"
        packaged = edition if edition.is_file() else folder / f"{name_or_path}.md"
        if packaged.is_file():
            return parse(packaged.read_bytes(), origin="package", fallback_name=name_or_path)
    path = Path(name_or_path)
    try:
        data = path.read_bytes()
    except OSError as error:
        known = ", ".join(names(folder))
        raise UsageError(
            f"There is no persona {name_or_path!r}: {error.strerror or error}.",
            f"Give one of {known}, or the path of an agent file (Markdown with YAML front matter).",
        ) from error
    return parse(data, origin="path", fallback_name=path.stem)


def parse(data: bytes, *, origin: str, fallback_name: str) -> Persona:
    """Split an agent file into front matter and body. The body is kept to the letter; unknown keys are ignored.

    `origin` says where the bytes came from (`package`, `base` for the base commit, `path`). Raises UsageError.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(
            f"The persona {fallback_name!r} is {len(data):,} bytes long.",
            f"A persona is a system prompt: keep it under {MAX_BYTES:,} bytes.",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"The persona {fallback_name!r} is not UTF-8 text.", "Save the file as UTF-8.") from error
    match = _FRONT_MATTER.match(text)
    meta = _front_matter(match["yaml"]) if match else None
    body = text[match.end() :].lstrip("\r\n") if match and meta is not None else text.lstrip("\ufeff")
    meta = meta or {}
    if not body.strip():
        raise UsageError(
            f"The persona {fallback_name!r} has no body.", "The text below the front matter is the system prompt."
        )
    return Persona(
        name=_word(meta.get("name")) or fallback_name,
        description=_word(meta.get("description")),
        category=_word(meta.get("category")),
        body=body,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        origin=origin,
        scope_exclude=_words(meta.get("scope_exclude"), ("frontend", "infrastructure")),
        focus=_words(meta.get("focus"), ()),
    )


def _front_matter(text: str) -> dict[object, object] | None:
    """The mapping between the `---` lines; None if it is no mapping (a rule across the page, then, and not front matter).

    Agent files in the wild hold YAML that does not parse (a colon inside a description): there `key: value` lines count.
    """
    import yaml

    try:
        loaded = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except yaml.YAMLError:
        pairs = (line.partition(":") for line in text.splitlines() if re.match(r"[\w-]+:", line))
        return {key.strip(): value.strip() for key, _, value in pairs}
    if not isinstance(loaded, dict):
        return None if loaded is not None else {}
    return loaded


def _word(value: object) -> str:
    return " ".join(str(value).split())[:500] if isinstance(value, str | int | float) else ""


def _words(value: object, default: tuple[str, ...]) -> tuple[str, ...]:
    if value is None:
        return default
    items = value if isinstance(value, list) else str(value).split(",")
    return tuple(word for word in (_word(item).lower() for item in items) if word)
