"""How many tokens a text will cost, before any provider counts: an estimate that errs on the high side."""

from __future__ import annotations

# Bytes of UTF-8 a token covers. Source code runs at 3.2-4.2 bytes a token with the vocabularies in use today;
# 3 leaves room for the ones that split finer, and makes one token of a CJK character (3 bytes). A budget that
# is overestimated costs a batch more now and then, an underestimated one costs a refused call.
BYTES_PER_TOKEN = 3


def estimate_tokens(text: str) -> int:
    """An upper estimate of the tokens of `text`, for any of the models we talk to; 0 only for nothing."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    return -(-size // BYTES_PER_TOKEN)
