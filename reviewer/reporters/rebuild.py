"""One line of Markdown rebuilt from untrusted text: code spans and bold kept, links spelled out, the rest escaped."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from reviewer.reporters.hosts import CWE, CWE_PAGE, REFERENCE_HOSTS

SPAN_LIMIT = 400  # characters of one code span

# Commands the runner obeys wherever a log line begins with them (`::x::`) or holds them (`##[x]`).
_COMMANDS = (
    "add-mask|add-matcher|add-path|command|debug|echo|endgroup|error|group|internal-set-repo-path|notice|"
    "remove-matcher|save-state|section|set-env|set-output|stop-commands|warning"
)
_COMMAND = re.compile(rf"^(\s*):(:(?:{_COMMANDS})\b[^\n]*)|##\[(?=(?:{_COMMANDS})\b)", re.IGNORECASE | re.MULTILINE)

# What GitHub (or a bot that reads raw bodies) acts on inside plain text. Longest first; bounded, so linear.
_AT = "@\uff20\ufe6b"
_ACTIVE = re.compile(
    r"(?P<url>(?<![A-Za-z0-9])(?:[a-z][a-z0-9+.-]{1,20}://|www\.|mailto:|xmpp:)[^\s<>`]{1,2000})"
    rf"|(?P<at>[\w.+/-]{{0,100}}[{_AT}](?=[\w{_AT}])[\w./:+{_AT}-]{{0,200}})"
    r"|(?P<issue>[\w./-]{0,100}[#\uff03]\d+|\bGH-\d+)"
    r"|(?P<sha>(?<![0-9A-Za-z_])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}(?![0-9A-Za-z_]))",
    re.IGNORECASE,
)
_ANY_AT = re.compile(f"[{_AT}]")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\(\s{0,3}<?([^()\s<>]{0,2000})>?[^()\n]{0,300}\)")
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]{1,300}?)(?<=\S)\*\*")
_PUNCTUATION = re.compile(r"[\\`*_\[\]|~&<]")
RUN = re.compile(r"`+")
_LINE_START = re.compile(r"^([#>+=:/-]|\d{1,9}(?=[.)]))")


def cut(text: str, limit: int) -> str:
    """The text, or as much of it as fits with a mark that it goes on."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def powerless(text: str) -> str:
    """Code without the few strings that act even inside code, on whoever reads raw bodies or logs.

    An HTML comment (our own state is kept in one) and both forms of the runner's workflow commands: `::x::` at
    the start of a line, `##[x]` anywhere. Each gets one space, and is seen.
    """
    text = text.replace("<!--", "<! --")
    return _COMMAND.sub(lambda m: f"{m[1]}: {m[2]}" if m[2] else "## [", text)


def line(text: str) -> str:
    """One line rebuilt: code spans kept, links spelled out, the rest escaped."""
    parts: list[str] = []
    at = 0
    for span in SPAN.finditer(text):
        parts += [*_bold(text[at : span.start()]), code_span(span[2].strip())]
        at = span.end()
    parts += _bold(text[at:])
    return _LINE_START.sub(_escape_start, _join(parts))


def _bold(text: str) -> list[str]:
    text = _LINK.sub(r"\1 (\2)", text)
    parts: list[str] = []
    at = 0
    for match in _BOLD.finditer(text):
        parts += [*_plain(text[at : match.start()]), "**" + _join(_plain(match[1])) + "**"]
        at = match.end()
    return parts + _plain(text[at:])


def _plain(text: str) -> list[str]:
    parts: list[str] = []
    at = 0
    while match := _ACTIVE.search(text, at):
        found = match[0]
        if match["url"]:
            found = found.rstrip(".,;:!?)]}'\"*_~")
        elif match["at"]:
            found = found.rstrip(".,:")
        # To the end of the word: what follows a code span would otherwise start a word, and could act as one.
        found = text[match.start() : _word_end(text, match.start() + len(found))]
        parts.append(_escape(text[at : match.start()]))
        parts.append(reference(found) if match["url"] else code_span(_ANY_AT.sub("@", found)))
        at = match.start() + len(found)
    return [*parts, _escape(text[at:])]


def _word_end(text: str, at: int) -> int:
    while at < len(text) and (text[at].isalnum() or text[at] == "_"):
        at += 1
    return at


def _escape(text: str) -> str:
    text = _PUNCTUATION.sub(_escape_one, text)
    return text.replace("$", "&#36;") if text.count("$") > 1 else text


def _escape_one(match: re.Match[str]) -> str:
    mark, text = match[0], match.string
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    if mark == "_" and before.isalnum() and after.isalnum():
        return mark  # inside a name: not emphasis
    if (mark == "<" and after in {" ", "="}) or (mark == "&" and not after.isalnum() and after != "#"):
        return mark  # neither a tag nor a character reference
    entities = {"<": "&lt;", "&": "&amp;", "`": "&#96;"}
    return entities.get(mark, "\\" + mark)


def _escape_start(match: re.Match[str]) -> str:
    mark = match[1]
    return f"\\{mark}" if not mark.isdigit() else f"{mark}\\"


def _join(parts: list[str]) -> str:
    """Parts side by side; two code spans that touch would read as one, so a space goes between."""
    joined = ""
    for part in parts:
        joined += " " + part if joined.endswith("`") and part.startswith("`") else part
    return joined


def is_reference(url: str) -> bool:
    """Whether an address is plain https to a known reference host: no port, no user, no query to carry anything away."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = re.fullmatch(r"https://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/()=+-]*)?(?:#[A-Za-z0-9._~/-]*)?", url)
    return bool(plain) and port is None and (parts.hostname or "") in REFERENCE_HOSTS


def code_span(text: str, limit: int = SPAN_LIMIT) -> str:
    """One code span in as many backticks as it needs; empty for empty text."""
    text = powerless(cut(text.replace("\t", " ").replace("\n", " "), limit))
    if not text.strip():
        return ""
    ticks = "`" * (1 + max((len(run) for run in RUN.findall(text)), default=0))
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def reference(text: str) -> str:
    """A reference as Markdown: an autolink to a known host, a link for a CWE number, code for other addresses, or text."""
    if is_reference(text):
        return f"<{text}>"
    if cwe := CWE.fullmatch(text):
        return f"[{text}]({CWE_PAGE.format(cwe[1])})"
    return code_span(text) if "://" in text or _ACTIVE.search(text) else line(" ".join(text.split()))
