"""Every error a user can meet, read from the source: message, hint, exit code. The variable parts become `‹name›`."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

from reviewer import errors
from reviewer.github.failure import GitHubFailure

PACKAGE = Path(__file__).resolve().parent.parent / "reviewer"
TYPES = {
    **{
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.ReviewerError)
    },
    "GitHubFailure": GitHubFailure,
}


class Message(NamedTuple):
    """One `raise` (or construction) of an error of ours."""

    text: str
    hint: str
    code: int
    module: str

    def fits(self, quoted: str) -> bool:
        """Whether a message quoted in the documentation is this one."""
        parts = re.split(r"‹[^›]*›", self.text)
        return re.fullmatch(".*".join(map(re.escape, parts)), quoted) is not None


def messages() -> list[Message]:
    """All with a text of their own (not those that pass on another's message), in the order of the source."""
    found: dict[str, Message] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if name in TYPES and isinstance(node, ast.Call):
                message = _message(node, name, module)
                if len(re.sub(r"‹[^›]*›|\W", "", message.text)) > 5:
                    found.setdefault(message.text, message)
    return list(found.values())


def _message(node: ast.Call, name: str, module: str) -> Message:
    first = 1 if name == "GitHubFailure" else 0  # its first argument is the kind
    words = [_text(argument) for argument in node.args[first:]]
    named = {keyword.arg: _text(keyword.value) for keyword in node.keywords}
    text = words[0] if words else ""
    hint = named.get("hint", words[1] if len(words) > 1 else "")
    return Message(text, hint, int(TYPES[name].exit_code), module)


def _text(node: ast.expr) -> str:
    """A string literal with its variable parts named; nothing for what is no literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else f"‹{_name(part)}›"
            for part in node.values
        )
    if isinstance(node, ast.IfExp):
        return _text(node.body) or _text(node.orelse)
    return ""


def _name(part: ast.expr) -> str:
    """A short name for a variable part: the last word of the expression."""
    value = part.value if isinstance(part, ast.FormattedValue) else part
    names = [
        inner.attr if isinstance(inner, ast.Attribute) else inner.id
        for inner in ast.walk(value)
        if isinstance(inner, ast.Attribute | ast.Name)
    ]
    plain = [name for name in names if name not in ("join", "replace", "len", "sorted", "getattr", "type", "str")]
    return (plain or ["…"])[0].strip("_").replace("_", " ").lower()
