"""What the maintainers say of their system, as far as rules can read it: which tables are large, which contracts public.

Their words go to the model whole; here only plain statements count, one line each (`orders: 400 million rows`).
"""

from __future__ import annotations

import re

from reviewer.evidence.sql.spellings import folded, singular

_NUMBER = re.compile(
    r"(?P<number>\d[\d.,_]*)\s*(?P<unit>k|thousand|m|mio|million|mn|b|bn|billion)?\b(?!\s*%)", re.IGNORECASE
)
_UNIT = {"k": 1e3, "thousand": 1e3, "b": 1e9, "bn": 1e9, "billion": 1e9}
_WORD = re.compile(r"\b(?:large|huge|big|biggest|hot|busy|busiest)\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|never|no|small|tiny|few)\b", re.IGNORECASE)
_PUBLIC = re.compile(r"\bpublic\b[-_ ]?(?:\w+[-_ ])?(?:contracts?|apis?|schemas?|endpoints?)\b", re.IGNORECASE)
LARGE_ROWS = 1_000_000


def busy_in(system: str, table: str) -> str:
    """Why the system's facts make `table` a large or busy one; "" where they do not say so."""
    name = folded(singular(table))
    key = ""
    for written in system.splitlines():
        item = written.lstrip().startswith("- ")
        key = key if item else written
        line = f"{key} {written}" if item and key.rstrip().endswith(":") else written  # `busy:` and its list
        words = {folded(singular(word)) for word in re.findall(r"\w+", line)}
        if name and name in words and not _NOT.search(line) and (_WORD.search(line) or _rows(line) >= LARGE_ROWS):
            return f"the configuration says of it: “{' '.join(line.split()).strip('- ')[:80]}”"
    return ""


def _rows(line: str) -> float:
    """The largest number a line names."""
    found = [0.0]
    for match in _NUMBER.finditer(line):
        digits = re.sub(r"[,_](?=\d{3})", "", match["number"]).rstrip(".,_")
        try:
            number = float(digits.replace(",", "."))
        except ValueError:
            continue
        unit = (match["unit"] or "").lower()
        found.append(number * (_UNIT.get(unit, 1e6) if unit else 1))
    return max(found)


def public(system: str, path: str) -> bool:
    """Whether the system's facts call the contract at `path` public: all of them, or this one by its path."""
    lines = system.splitlines()
    for position, line in enumerate(lines):
        if _PUBLIC.search(line) is None or _NOT.search(line):
            continue
        value = line.partition(":")[2].strip() if re.match(r"[\w -]+:", line) else ""
        listed = [*re.findall(r"[\w./*-]*[/.][\w./*-]+", value), *_items(lines[position + 1 :])]
        if not listed or any(_fits(item, path) for item in listed):
            return True
    return False


def _items(lines: list[str]) -> list[str]:
    """The items of the list that follows a key."""
    found = []
    for line in lines:
        match = re.match(r"\s*-\s+[\"']?([^\"'\s]+)", line)
        if match is None:
            break
        found.append(match[1])
    return found


def _fits(pattern: str, path: str) -> bool:
    from fnmatch import fnmatchcase

    return path == pattern or path.endswith(f"/{pattern}") or fnmatchcase(path, pattern.replace("**", "*"))
