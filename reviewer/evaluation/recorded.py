"""Answer a case from the replies that lie beside it, so that an evaluation runs with no key and no network.

`replies/review.json`, `replies/verify.json` and `replies/judge.json` hold one reply, or a list of them in the order of the requests.
Unlike `--replay`, which wants the very same words, they are answers to the case, whatever the prompt says today.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from reviewer.errors import ProviderError, UsageError
from reviewer.nouns.exchange import AskAll, Failure, Purpose, Reply, Request, StopReason
from reviewer.nouns.review import Usage
from reviewer.stages.tokens import estimate_tokens


def replies_of(folder: Path) -> AskAll:
    """A way to ask that answers from a case's folder; what it holds no reply for fails, as a provider would."""
    left = {
        purpose: _texts(folder / "replies" / f"{purpose}.json")
        for purpose in (Purpose.REVIEW, Purpose.VERIFY, Purpose.JUDGE)
    }

    def ask_all(requests: Sequence[Request]) -> Iterator[Reply | Failure]:
        for request in requests:
            texts = left.get(request.purpose, [])
            if not texts:
                yield Failure(request.id, ProviderError(f"no {request.purpose} reply is recorded for this case"))
                continue
            text = texts.pop(0)
            usage = Usage(
                calls=1,
                input_tokens=estimate_tokens(request.system_text + request.user_text),
                output_tokens=estimate_tokens(text),
            )
            yield Reply(request.id, text, StopReason.COMPLETE, usage, provider="recorded", model="recorded")

    return ask_all


def _texts(path: Path) -> list[str]:
    if not path.is_file():
        return []
    try:
        value = json.loads(path.read_bytes())
    except ValueError as error:
        raise UsageError(f"{path} is not JSON: {error}") from error
    return [json.dumps(item) for item in (value if isinstance(value, list) else [value])]
