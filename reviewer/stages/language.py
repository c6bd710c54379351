"""Which language a change is written about in: English or Brazilian Portuguese."""

from __future__ import annotations

import re

from reviewer.nouns.source import ChangeText

_WORD = re.compile(r"[a-zà-ÿ]+")
# Frequent small words that the other language does not have.
_PORTUGUESE = frozenset(
    "não uma para com dos das pelo pela você está são também quando mais isso esse esta este foi ser ao à às os"
    " adiciona corrige remove atualiza melhora altera cria agora pedido usuário banco dados".split()
)
_ENGLISH = frozenset(
    "the and for with this that from when into not are is was be it of to on by adds fixes removes updates now".split()
)


def detect(text: ChangeText) -> str:
    """`pt-BR` or `en` (also where nothing can be told), by counting small words of title, body and commits."""
    words = _WORD.findall("\n".join((text.title, text.body[:5_000], *text.commits[:20])).lower())
    portuguese = sum(word in _PORTUGUESE for word in words)
    return "pt-BR" if portuguese > sum(word in _ENGLISH for word in words) else "en"
