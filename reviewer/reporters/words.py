"""Every fixed text a reader sees, in English and Brazilian Portuguese. Data: `words.en.toml`, `words.pt-BR.toml`.

    w = words(review.language)
    w("verdict.clean")                     one text
    w("coverage.of", done=3, all=5)        with values in it
    w.count("finding", 2)                  "2 findings": keys `finding.one` and `finding.other`
    w.number(1234)  w.money(0.2)           as the language writes them

What a model writes is in its own language; where we have no fixed texts in that language, they are English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

__all__ = ["LANGUAGES", "Words", "words"]

LANGUAGES = ("en", "pt-BR")


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed texts of one language. An unknown key is a fault of ours and raises KeyError."""

    language: str
    texts: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of a key. Values go in as they are: a caller escapes them for its medium."""
        text = self.texts[key]
        return text.format_map(values) if values else text

    def count(self, key: str, number: int, **values: object) -> str:
        """A text that depends on a number, which is `{n}` in it."""
        return self(f"{key}.{'one' if number == 1 else 'other'}", n=self.number(number), **values)

    def name(self, group: str, key: str) -> str:
        """The name of a thing that came as data (a skip's kind, a column); itself where we have no word for it."""
        return self.texts.get(f"{group}.{key.lower().replace(' ', '-')}", key)

    def number(self, value: float, digits: int = 0) -> str:
        """1,234.5 in English, 1.234,5 in Portuguese."""
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "pt-BR" else text

    def money(self, usd: float) -> str:
        """Dollars with as many digits as it takes to see something."""
        return f"{self('usd')}{self.number(usd, 2 if usd >= 1 or usd == 0 else 4)}"

    def percent(self, part: int, whole: int) -> str:
        """A share, rounded down: 99.9 % is not all."""
        return f"{self.number(100 * part // whole if whole else 100)} %"


@cache
def words(language: str) -> Words:
    """The fixed texts for a review's language, by code (`pt-BR`, `pt_BR`) or name (`Português (Brasil)`)."""
    asked = language.lower().replace("_", "-")
    name = "pt-BR" if asked.split("-")[0] == "pt" or "portugu" in asked else "en"
    table = tomllib.loads((Path(__file__).parent / f"words.{name}.toml").read_text(encoding="utf-8"))
    flat = {
        f"{group}.{key}" if group else key: text for group, entries in table.items() for key, text in _flat(entries)
    }
    return Words(name, MappingProxyType(flat))


def _flat(entries: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    for key, value in entries.items():
        out += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, str(value))]
    return out
