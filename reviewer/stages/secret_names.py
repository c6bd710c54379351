"""Values assigned to names that mean a secret, in the syntaxes of code and configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# Where a secret's name may begin, lower case. Found with str.find, then matched from there.
WORDS = (
    "passw",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "access_key",
    "access-key",
    "privatekey",
    "private_key",
    "private-key",
    "signingkey",
    "signing_key",
    "encryptionkey",
    "encryption_key",
    "encryption-key",
    "masterkey",
    "master_key",
    "accountkey",
    "account_key",
    "sharedkey",
    "credential",
    "auth_key",
    "authkey",
    "x-auth",
    "hmac_key",
    "salt",
    "bearer",
    "identified by",
    "key",
)
# Names that hold a secret by themselves; the others (`token_url`, `secret_name`) only describe one.
_DESCRIBES = re.compile(
    r"(?:url|uri|path|file|name|type|id|ids|length|len|size|count|ttl|expiry|expires?(?:in|at|_in|_at)?|field|header|param|prefix"
    r"|label|hint|format|policy|class|handler|service|provider|manager|store|repository|limit|limits|usage|algorithm|version"
    r"|enabled|required|creation|created|generation|min|max|regex|pattern|rules?|column|key_name|arn|ref|env|var|endpoint|host|port|budget|estimate|s)$",
    re.IGNORECASE,
)
_SEPARATOR = (
    r"(?P<close>[\"'`\]]{0,2}\)?)"
    r"(?:[ \t]*:[ \t]*[A-Za-z_&*][\w.\[\]<>|?,&*' ]{0,40}?[ \t]*=[ \t]*"  # name: type = value
    r"|[ \t]+(?:string|String|str|\[\]byte|char\*?)[ \t]*=[ \t]*"  # name type = value
    r"|[\"']?[ \t]+value[ \t]*=[ \t]*"  # <add key="name" value="…"
    r"|[ \t]*(?:=>|:=|\?\?=|\|\|=|==|!=|=|:|,|\(|>)[ \t]*(?:\(|\[\]byte\(|new String\(|b|r|f|u|@|\$)?"
    r"|[ \t]+)"  # ENV name value, --name value, PASSWORD 'value'
)
_QUOTED = re.compile(
    r"(?P<name>(?i:identified by)|[\w.\-]{1,60}?)"
    + _SEPARATOR
    + r"(?P<q>\"\"\"|'''|[\"'`])(?P<v>(?:\\.|(?!(?P=q))[^\n\\]){4,512})(?P=q)?"
)
_BARE = re.compile(
    r"(?P<name>[\w.\-]{1,60})[\"']?(?P<sep>[ \t]*=[ \t]*|[ \t]*:[ \t]+|>|[ \t]+)(?P<v>[^\s\"'`,;(){}\[\]<>]{6,512})(?P<after>.?)"
)
_LITERAL = re.compile(r"[^\s]{6,}")
_WORDY = re.compile(r"^[.:/@_\-]?[A-Za-z]+(?:[ _.\-/:][A-Za-z]+)*[.!?:]?$")
_TYPEISH = re.compile(
    r"^[A-Za-z_]+\d{0,3}$|^[A-Za-z_][\w]*(?:(?:\.|::|->)[A-Za-z_]\w*)+$|^\d+(?:\.\d+)*[a-z]{0,2}$|^\w+\d+\w*Array$"
)
_SNAKE = re.compile(r"^[a-z]+(?:_[a-z0-9]+)+$")  # a name of something, where no quotes say otherwise
_ENV_LINE = re.compile(r"^[ \t]*(?:export[ \t]+|set[ \t]+|ENV[ \t]+|ARG[ \t]+|-[ \t]+)?$")


def aligned(text: str) -> str:
    """The text in lower case with every character at its own place."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a character whose lower case is longer
        return "".join(char if len(char.lower()) != 1 else char.lower() for char in text)
    return lowered


def assignments(text: str, lowered: str, words: Sequence[str] = WORDS) -> Iterator[tuple[str, int, int, bool]]:
    """(kind, start, end, strict) of values that look secret and are given to a secret's name.

    `lowered` is the text as `aligned` gives it.
    """
    seen: set[int] = set()
    for word in words:
        place = lowered.find(word)
        while place >= 0:
            for span in _at(text, place):
                if span[1] not in seen:
                    seen.add(span[1])
                    yield span
            place = lowered.find(word, place + len(word))


def _at(text: str, place: int) -> Iterator[tuple[str, int, int, bool]]:
    end = text.find("\n", place)
    stop = min(len(text) if end < 0 else end, place + 1_200)
    quoted = _QUOTED.match(text, place, stop)
    if quoted is not None and _names_secret(quoted["name"]) and _secretish(quoted["v"]):
        if quoted["name"].lower().startswith("key") and not _random(quoted["v"]):
            return
        yield _kind(quoted["name"]), quoted.start("v"), quoted.end("v"), _sure(quoted["v"])
        return
    bare = _BARE.match(text, place, stop)
    if bare is None or not _names_secret(bare["name"]) or bare["after"] in {"(", "[", "{"}:
        return
    value = bare["v"]
    if bare["name"].lower().startswith("key") and not _random(value):
        return
    begin = text.rfind("\n", 0, place) + 1
    before = text[begin:place]
    if _bare_secret(before, bare["sep"], value):
        yield _kind(bare["name"]), bare.start("v"), bare.end("v"), False


def _names_secret(name: str) -> bool:
    return _DESCRIBES.search(name.strip("_-. ")) is None or name.lower().rstrip("_-. ") in {"password", "passwords"}


def _kind(name: str) -> str:
    lowered = name.lower()
    if lowered.startswith(("passw", "pwd", "passphrase", "identified")):
        return "password"
    return "token" if lowered.startswith(("token", "bearer")) else "secret-value"


def _secretish(value: str) -> bool:
    """A literal that can be a secret: no prose, no bare words, no name of something."""
    if not _LITERAL.fullmatch(value) or _WORDY.match(value):
        return False
    return not _TYPEISH.match(value) or _mixed(value)


def _mixed(value: str) -> bool:
    return len(value) >= 8 and any(char.isdigit() for char in value) and any(char.isalpha() for char in value)


def _bare_secret(before: str, separator: str, value: str) -> bool:
    """Unquoted values are secrets in configuration; in code they are expressions, so these must look random."""
    if value.startswith(("$", "%", "&", "*", "@", "/", "http")) or _WORDY.match(value):
        return False
    if not separator.strip():
        return _mixed(value) and any(sign in before for sign in ("--", "ENV", "ARG", "login "))
    if _TYPEISH.match(value) or _SNAKE.match(value):
        return bool(_ENV_LINE.match(before)) and len(value) >= 12 and sum(char.isdigit() for char in value) >= 3
    return _mixed(value)


_KEY_TEXT = re.compile(r"[A-Za-z0-9+/_\-]{20,}={0,2}")


def _random(value: str) -> bool:
    """What a bare `…key` must hold to be a secret: names of cache, index and translation keys are words."""
    digits = sum(char.isdigit() for char in value)
    return _KEY_TEXT.fullmatch(value) is not None and digits >= 3 and _sure(value)


def _sure(value: str) -> bool:
    """Random enough to be a leak and no test password."""
    from reviewer.stages.secrets import entropy

    return len(value) >= 16 and _mixed(value) and entropy(value) >= 3.5
