"""How many tokens a text will cost, before any provider counts: an estimate that errs on the high side."""

from __future__ import annotations

# Bytes of UTF-8 a token covers. Measured with the o200k and cl100k vocabularies: source files of this repository
# 3.4-4.3, numbered diffs as we send them 3.2-3.5, tables of patterns and minified code 2.4-2.8; other vendors'
# vocabularies split 10-20 % finer. 3 errs on the high side for what we send, and makes one token of a CJK
# character. An overestimate costs a batch more now and then, an underestimate costs a refused call.
BYTES_PER_TOKEN = 3


def estimate_tokens(text: str) -> int:
    """An upper estimate of the tokens of `text`, for any of the models we talk to; 0 only for nothing."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    return -(-size // BYTES_PER_TOKEN)
