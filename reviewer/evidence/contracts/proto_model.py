"""A `.proto` file as messages, fields, enums and services, by a small tokenizer that survives any text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[A-Za-z_][\w.]*|\.[A-Za-z_][\w.]*|-?\d[\w.]*|[^\s]",
    re.DOTALL,
)
MAX_TOKENS = 400_000


@dataclass(frozen=True)
class Field:
    """A field of a message. `label` is `repeated`, `optional`, `required`, `map` or ""."""

    name: str
    number: int
    type: str
    label: str
    oneof: str
    line: int
    deprecated: bool = False


@dataclass
class Message:
    """A message and what it reserves (`reserved` holds numbers as text, ranges as `a-b`, and names)."""

    name: str
    line: int
    fields: list[Field] = field(default_factory=list)
    reserved: set[str] = field(default_factory=set)

    def reserves(self, number: int, name: str) -> bool:
        """Whether a number or a name must never be used again."""
        if str(number) in self.reserved or name in self.reserved:
            return True
        for entry in self.reserved:
            low, _, high = entry.partition("-")
            if high and low.isdigit() and int(low) <= number <= (int(high) if high.isdigit() else 536_870_911):
                return True
        return False


@dataclass
class Enum:
    """An enum: value names by number in order of the file."""

    name: str
    line: int
    values: dict[str, tuple[int, int]] = field(default_factory=dict)  # name -> (number, line)
    reserved: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Rpc:
    """A method of a service, with streaming marks in its types."""

    name: str
    request: str
    response: str
    line: int


@dataclass
class ProtoFile:
    """All a client of the file can see. Names are qualified inside the file (`Order.Item`)."""

    package: str = ""
    messages: dict[str, Message] = field(default_factory=dict)
    enums: dict[str, Enum] = field(default_factory=dict)
    services: dict[str, dict[str, Rpc]] = field(default_factory=dict)
    service_lines: dict[str, int] = field(default_factory=dict)


class _Tokens:
    """A cursor over tokens with their lines."""

    def __init__(self, text: str) -> None:
        self._items = list(_tokens(text))
        self._at = 0

    def peek(self) -> str:
        return self._items[self._at][0] if self._at < len(self._items) else ""

    @property
    def line(self) -> int:
        return self._items[min(self._at, len(self._items) - 1)][1] if self._items else 1

    def next(self) -> str:
        word = self.peek()
        self._at += 1
        return word

    def until(self, *stops: str) -> list[str]:
        """Tokens up to one of `stops` at this level, which is consumed; nested brackets are taken whole."""
        taken, depth = [], 0
        while self.peek():
            word = self.next()
            if depth == 0 and word in stops:
                break
            depth += (word in "{[(<") - (word in "}])>")
            taken.append(word)
        return taken


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line, last = 1, 0
    for count, match in enumerate(_TOKEN.finditer(text)):
        if count > MAX_TOKENS:
            return
        line += text.count("\n", last, match.start())
        last = match.start()
        if not match[0].startswith(("//", "/*")):
            yield match[0], line


def parse(text: str) -> ProtoFile:
    """The file as far as it can be read. Never raises."""
    file, tokens = ProtoFile(), _Tokens(text)
    while tokens.peek():
        line, word = tokens.line, tokens.next()
        if word == "package":
            file.package = "".join(tokens.until(";"))
        elif word in {"message", "enum", "service", "extend"}:
            _block(file, word, tokens, "", line)
        elif word in {"syntax", "import", "option", "edition"}:
            tokens.until(";")
    return file


def _block(file: ProtoFile, kind: str, tokens: _Tokens, outer: str, line: int) -> None:
    name = f"{outer}.{tokens.next()}".lstrip(".")
    if tokens.next() != "{":
        return
    if kind == "message":
        message = file.messages.setdefault(name, Message(name, line))
        _message(file, message, tokens, "")
    elif kind == "enum":
        _enum(file.enums.setdefault(name, Enum(name, line)), tokens)
    elif kind == "service":
        file.service_lines.setdefault(name, line)
        _service(file.services.setdefault(name, {}), tokens)
    else:
        tokens.until("}")


def _message(file: ProtoFile, message: Message, tokens: _Tokens, oneof: str) -> None:
    depth_guard = message.name.count(".")
    while tokens.peek():
        line, word = tokens.line, tokens.next()
        if word == "}":
            return
        if word in {"message", "enum"} and depth_guard < 30 and _is_name(tokens.peek()):
            _block(file, word, tokens, message.name, line)
        elif word == "oneof" and depth_guard < 30:
            group = tokens.next()
            if tokens.next() == "{" and not oneof:
                _message(file, message, tokens, group)
        elif word in {"reserved", "extensions"}:
            message.reserved |= _reserved(tokens.until(";")) if word == "reserved" else set()
        elif word in {"option", "extend"}:
            tokens.until(";" if word == "option" else "}")
        elif word != ";":
            found = _field([word, *tokens.until(";")], oneof, line)
            if found is not None:
                message.fields.append(found)


def _is_name(word: str) -> bool:
    return re.fullmatch(r"[A-Za-z_]\w*", word) is not None


def _field(parts: list[str], oneof: str, line: int) -> Field | None:
    label = ""
    if parts[0] in {"repeated", "optional", "required"}:
        label, parts = parts[0], parts[1:]
    if parts[:2] == ["map", "<"] and ">" in parts:
        close = parts.index(">")
        label, type_, rest = "map", "".join(parts[: close + 1]), parts[close + 1 :]
    else:
        type_, rest = (parts[0] if parts else ""), parts[1:]
    if len(rest) < 3 or rest[1] != "=" or not re.fullmatch(r"\d{1,9}", rest[2]):
        return None
    text = " ".join(rest[3:])
    return Field(
        rest[0], int(rest[2]), type_.lstrip("."), label, oneof, line, re.search(r"deprecated = true", text) is not None
    )


def _reserved(parts: list[str]) -> set[str]:
    text = " ".join(parts)
    found = set(re.findall(r"[\"']([^\"']+)[\"']", text))
    for low, high in re.findall(r"(\d+)(?:\s+to\s+(\w+))?", re.sub(r"[\"'][^\"']*[\"']", "", text)):
        found.add(f"{low}-{high}" if high else low)
    return found


def _enum(enum: Enum, tokens: _Tokens) -> None:
    while tokens.peek():
        line, word = tokens.line, tokens.next()
        if word == "}":
            return
        if word == "reserved":
            enum.reserved |= _reserved(tokens.until(";"))
            continue
        parts = tokens.until(";") if word != ";" else []
        if word != "option" and len(parts) >= 2 and parts[0] == "=" and re.fullmatch(r"-?\d{1,10}", parts[1]):
            enum.values[word] = (int(parts[1]), line)


def _service(methods: dict[str, Rpc], tokens: _Tokens) -> None:
    while tokens.peek():
        line, word = tokens.line, tokens.next()
        if word == "}":
            return
        if word != "rpc":
            if word == "option":
                tokens.until(";")
            continue
        name = tokens.next()
        request = _parenthesised(tokens)
        tokens.next()  # returns
        methods[name] = Rpc(name, request, _parenthesised(tokens), line)
        if tokens.peek() == "{":
            tokens.next()
            tokens.until("}")


def _parenthesised(tokens: _Tokens) -> str:
    if tokens.peek() != "(":
        return ""
    tokens.next()
    return " ".join(tokens.until(")"))
