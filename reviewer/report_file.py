"""review.json: a Review as a file, and back. Reading trusts nothing: the file may come from a job that ran on a fork.

dump(review) -> str            the report, byte-identical for equal reviews
load(data) -> Review           strict; SourceError with the first thing that is wrong
read(path), write(path, text)  the same with files; writing is atomic
schema() -> dict               JSON Schema of the file (docs/review.schema.json)
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewer.errors import DeliveryError, SourceError
from reviewer.nouns.finding import Acknowledged, Excluded, Finding, Question
from reviewer.nouns.review import SCHEMA_VERSION, Review
from reviewer.reporters.unseen import is_hidden

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

__all__ = ["dump", "load", "read", "schema", "write"]

SIZE_LIMIT = 64_000_000  # bytes; a 100,000-line change with its diff is about 10 MB
COUNT_LIMIT = 50_000  # findings, questions, … of one kind
LINE_LIMIT = 100_000_000
SCHEMA_ID = "urn:design-reviewer:review:1"

_HINT = "Give the review.json that a run of the same major version wrote, as it is."
_HEX = re.compile(r"[0-9a-f]{0,64}")
_PRINT = re.compile(r"[0-9a-f]{16}")  # only such a print survives in the mark of a comment
_ODD = re.compile(r"[^\n -~]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def dump(review: Review) -> str:
    """The report as JSON text, fields in the order of the nouns; characters nobody can see are escaped."""
    plain = _adapter().dump_python(review, mode="json", warnings="error")
    text = _SURROGATE.sub("\ufffd", json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False))
    return _ODD.sub(lambda match: _escaped(match[0]) if is_hidden(match[0]) else match[0], text) + "\n"


def load(data: bytes, name: str = "the report") -> Review:
    """A review from the bytes of a report file.

    Raises SourceError for whatever is no report of ours: too large, no JSON, another major schema version, unknown
    or missing fields, values out of range.
    """
    from pydantic import ValidationError

    if len(data) > SIZE_LIMIT:
        raise SourceError(f"{name} is larger than {SIZE_LIMIT // 1_000_000} MB.", _HINT)
    try:
        review = _adapter().validate_json(data.removeprefix(b"\xef\xbb\xbf"), strict=True)
    except ValidationError as error:
        raise SourceError(f"{name} is not a review report: {_first(error)}", _HINT) from error
    if review is None:
        raise SourceError(f"{name} is not a review report: it is empty.", _HINT)
    for problem in _problems(review):
        raise SourceError(f"{name} is not a review report: {problem}.", _HINT)
    return review


def read(path: Path) -> Review:
    """The review in a report file. Raises SourceError if it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise SourceError(
            f"cannot read {path}: {error.strerror}.", "Name a review.json that a run has written."
        ) from error
    return load(data, str(path))


def write(path: Path, text: str) -> None:
    """Write a text so that readers see the old file or the whole new one. Raises DeliveryError with the cause."""
    data = _SURROGATE.sub("\ufffd", text).encode()
    try:
        if path.exists() and not path.is_file():  # a device or a pipe, such as /dev/stdout: nothing to replace
            path.write_bytes(data)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
    except OSError as error:
        hint = "Choose a writable folder with enough space for --output."
        raise DeliveryError(f"cannot write {path}: {error.strerror}.", hint) from error


def schema() -> dict[str, Any]:
    """The JSON Schema of a report. Every field is always written; readers may rely on that."""
    from pydantic.json_schema import GenerateJsonSchema

    kinds = _adapter().json_schema(mode="serialization")["$defs"]
    report = {**kinds.pop("Review"), "title": "Design review report"}
    return {"$schema": GenerateJsonSchema.schema_dialect, "$id": SCHEMA_ID, **report, "$defs": kinds}


@cache
def _adapter() -> TypeAdapter[Review | None]:
    """Pydantic takes a configuration for plain dataclasses only through a type around them, hence `| None`."""
    from pydantic import ConfigDict, TypeAdapter

    config = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_serialization_defaults_required=True)
    return TypeAdapter(Review | None, config=config)


def _escaped(char: str) -> str:
    """A JSON escape, as a surrogate pair beyond the basic plane."""
    return json.dumps(char)[1:-1] if char != "\x7f" else "\\u007f"


def _first(error: ValidationError) -> str:
    """The first complaint, as one sentence with the place in the file."""
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in problem["loc"])
    return f"{where + ': ' if where else ''}{problem['msg']}"[:300] + "."


def _problems(review: Review) -> Iterator[str]:
    """What the types cannot say."""
    if review.schema_version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        yield f"schema_version is {review.schema_version[:20]!r}, this version reads {SCHEMA_VERSION}"
    for name in ("findings", "questions", "excluded", "acknowledged", "fixed", "skips", "notices"):
        if len(getattr(review, name)) > COUNT_LIMIT:
            yield f"{name} has more than {COUNT_LIMIT:,} entries"
    for kind in ("findings", "questions", "excluded", "acknowledged"):
        for index, item in enumerate(getattr(review, kind)):
            yield from (f"{kind}.{index}: {problem}" for problem in _misplaced(item))
    if not all(_HEX.fullmatch(print_) for print_ in review.fixed):
        yield "fixed: a fingerprint is not hexadecimal"
    for index, file in enumerate(review.coverage.files):
        if not 0 <= file.reviewed_lines <= file.changed_lines <= LINE_LIMIT:
            yield f"coverage.files.{index}: {file.reviewed_lines} of {file.changed_lines} lines cannot be"
    if not (_HEX.fullmatch(review.target.base_sha) and _HEX.fullmatch(review.target.head_sha)):
        yield "target: a commit is not hexadecimal"


def _misplaced(item: Finding | Question | Excluded | Acknowledged) -> Iterator[str]:
    if not (_PRINT if isinstance(item, Finding) else _HEX).fullmatch(item.fingerprint):
        yield "the fingerprint is not hexadecimal, or not of 16 digits"
    if item.path.startswith("/") or "\0" in item.path or ".." in item.path.split("/"):
        yield "the path leads out of the repository"
    if not isinstance(item, Acknowledged) and not 0 <= item.start_line <= item.end_line <= LINE_LIMIT:
        yield f"lines {item.start_line} to {item.end_line} are no range"


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
