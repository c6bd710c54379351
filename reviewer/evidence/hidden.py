"""Text that is not meant for people: characters nobody sees, and words addressed to the reviewer.

Both are attacks on whoever reads the change, human or model, and neither has a place in code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from reviewer.evidence.examined import DetectorResult, Examined
from reviewer.evidence.reading import Reading
from reviewer.evidence.sieve import folded
from reviewer.nouns.changeset import FileChange, Line, Side
from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.signal import Signal, Tier

# Bidirectional overrides and isolates, zero-width and invisible characters, tag characters. Zero-width joiners
# stay out: scripts and emoji need them; a byte order mark counts only inside a line.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile("[\u200b\u2060-\u2064\u00ad\u180e\u115f\u1160\u3164\uffa0]|(?<=.)\ufeff")
_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_FLAG = "\U0001f3f4"  # tags after it spell a flag

_DIRECTED = re.compile(
    r"\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|every\s+|the\s+|your\s+)*(?:previous|prior|above|earlier|preceding|system|existing)"
    r"\s+(?:instructions?|(?<!override system )(?<!override existing )prompts?|rules?|messages?|directives?|guidelines?)"
    r"|\b(?:ai|llm|automated|code|security|gpt|claude|copilot|chatgpt)[\s-]+(?:code[\s-]+)?(?:reviewers?|assistants?|models?|agents?|bots?)\b\s*[,:\-—]+\s*"
    r"(?:please\s+)?(?:ignore|skip|approve|do\s+not|don't|never|always|respond|reply|report|mark|treat|consider)"
    r"|\b(?:do\s+not|don't|never)\s+(?:report|flag|mention|comment\s+on|raise)\b[^\n]{0,40}\b(?:issues?|findings?|vulnerabilit\w+|problems?)\b"
    r"|\b(?:respond|reply|answer|output)\s+(?:only\s+)?with\s+(?:an?\s+)?(?:empty\s+(?:list|array|findings)|\[\]|\"?no\s+(?:issues|findings)|lgtm|approved?)"
    r"|\bthis\s+(?:code|file|change|diff|pr|pull\s+request)\s+(?:is|has\s+been)\s+(?:already\s+)?(?:pre-?)?(?:approved|reviewed|audited)\b[^\n]{0,60}\b(?:skip|no\s+need|do\s+not|ignore)"
    r"|<\|im_start\|>|<\|system\|>|\[/?INST\]|<</?SYS>>",
    re.IGNORECASE,
)


# One of these stands in every text that `_DIRECTED` matches: cheap to look for, and rare.
_WORDS = ("ignore", "disregard", "forget", "override", "reviewer", "assistant", "model", "agent", "bot", "report", "flag",
          "mention", "comment", "raise", "respond", "reply", "answer", "output", "approved", "reviewed", "audited", "<|", "inst]", "sys>")  # fmt: skip


HAZARDS = frozenset({"hidden-unicode", "reviewer-directed-instructions"})


def speaks_to_a_reviewer(text: str) -> bool:
    """Whether a text (a title, a path, a description) gives orders to whoever reviews, or hides characters."""
    folded = " ".join(_INVISIBLE.sub("", text[:100_000]).replace("_", " ").replace("+", " ").split())
    hidden = not text.isascii() and bool(
        _BIDI.search(text) or _TAGS.search(re.sub(f"{_FLAG}[\U000e0000-\U000e007f]+", "", text))
    )
    return hidden or any(_DIRECTED.search(one) for one in (text, folded, folded.replace("-", " ")))


def detect(examined: Examined) -> DetectorResult:
    """Signals of all added lines of the change, in scope or not."""
    return DetectorResult(signals=tuple(one for file in examined.everything.files for one in unseen(examined, file)))


def _in_file(_examined: Examined, file: FileChange) -> tuple[Signal, ...]:
    signals: list[Signal] = []
    added = [line for line in file.lines() if line.kind == "+"]
    whole = "\n".join(line.text for line in added)
    if not whole.isascii():
        signals += [signal for line in added for signal in _unseen(file, line)]
    low = folded(whole)
    words = [word for word in _WORDS if word in low]  # most files hold no such word; of one that does few lines
    if words:
        telling = (line for line in added if any(word in folded(line.text) for word in words))
        signals += [signal for line in telling for signal in _directed(file, line)]
    return tuple(signals)


unseen = Reading("hidden", _in_file)


def _unseen(file: FileChange, line: Line) -> Iterator[Signal]:
    if line.text.isascii():
        return
    bidi = _BIDI.findall(line.text)
    tags = [
        match[0] for match in _TAGS.finditer(line.text) if match.start() == 0 or line.text[match.start() - 1] != _FLAG
    ]
    others = _INVISIBLE.findall(line.text)
    found = [*bidi, *"".join(tags), *others]
    if not found:
        return
    severe = bool(bidi or tags)
    localised = (
        re.search(r"(?:^|/)(?:locales?|i18n|translations?|lang)/|\.(?:po|md|mdx|xliff|arb|html|ipynb|svg)$", file.path)
        is not None
    )
    names = sorted({f"U+{ord(character):04X} {unicodedata.name(character, 'unnamed').lower()}" for character in found})
    yield _signal(
        file,
        line,
        hazard="hidden-unicode",
        tier=Tier.POST if severe and not localised and not _in_test(file) and not _vendored(file) else Tier.EVIDENCE,
        severity=Severity.HIGH if severe else Severity.LOW,
        title="Characters that cannot be seen",
        message=f"This line holds {', '.join(names[:4])}: what a person reads here is not what the compiler or the model reads.",
        fix="Remove them, or write them as escapes.",
        references=("CVE-2021-42574", "CWE-1007"),
        refuted_by=("Text in a script that needs them", "A test of how such text is handled"),
    )


def _directed(file: FileChange, line: Line) -> Iterator[Signal]:
    if len(line.text) < 8 or not _DIRECTED.search(line.text[:5_000]):
        return
    yield _signal(
        file,
        line,
        hazard="reviewer-directed-instructions",
        tier=Tier.EVIDENCE
        if _in_test(file) or re.search(r"prompt|\.(?:md|mdx|rst|txt)$", file.path, re.IGNORECASE)
        else Tier.POST,
        severity=Severity.HIGH,
        title="Text addressed to the reviewer",
        message="This line tells whoever reviews it, a model above all, what to think or to leave out. It is not followed.",
        fix="Remove it; if it documents an attack, say so in the text around it.",
        references=("OWASP LLM01", "CWE-1427"),
        refuted_by=("A test or a document about prompt injection", "A prompt of this product itself"),
    )


def _vendored(file: FileChange) -> bool:
    """A browser's library as it was published; vendored code that the service runs is read like its own."""
    return re.search(r"(?:^|/)(?:node_modules|bower_components)/|\.min\.js$", file.path) is not None


def _in_test(file: FileChange) -> bool:
    # Loaded when needed: whoever only asks `speaks_to_a_reviewer` has no use for all the guards.
    from reviewer.evidence.guards.paths import is_test

    return is_test(file.path)


def _signal(
    file: FileChange,
    line: Line,
    *,
    hazard: str,
    tier: Tier,
    severity: Severity,
    title: str,
    message: str,
    fix: str,
    references: tuple[str, ...],
    refuted_by: tuple[str, ...],
) -> Signal:
    number = line.new or 0
    return Signal(
        id="",
        rule=hazard,
        hazard=hazard,
        tier=tier,
        category=Category.SECURITY,
        severity=severity,
        confidence=Confidence.HIGH if tier is Tier.POST else Confidence.LOW,
        path=file.path,
        side=Side.RIGHT,
        start_line=number,
        end_line=number,
        quote=line.text,
        title=title,
        message=message,
        fix=fix,
        refuted_by=refuted_by,
        references=references,
    )
