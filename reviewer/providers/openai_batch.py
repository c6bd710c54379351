"""OpenAI's Batch API: requests as a JSON Lines file of chat completions, answers as two more (answers and errors)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping

from reviewer.errors import ProviderError
from reviewer.nouns.exchange import Reply, Request
from reviewer.providers.batches import LARGEST_ANSWERS, Answered, Standing, lines_of
from reviewer.providers.connection import Rejection
from reviewer.providers.models import ModelFacts
from reviewer.providers.openai_api import FORMATS, Sdk, decode, encode, first_dialect
from reviewer.providers.reading import field, items, part
from reviewer.providers.wire import Dialect, Format, detail

_ENDPOINT = "/v1/chat/completions"
_OVER = {
    "completed": "openai gave no answer to it, though the batch is complete",
    "expired": "openai did not come to it within 24 hours: the batch expired",
    "cancelled": "the batch was cancelled before openai came to it",
    "failed": "openai turned the batch down",
}
# The files hold the code under review. They are deleted once read; this is for runs that are killed before.
_EXPIRES_SECONDS = 3 * 24 * 3600


def connect(facts: ModelFacts, *, key: str, base_url: str = "", timeout: float = 300.0) -> OpenAIBatches:
    """The batch API for the model of `facts`, whose prices must be those of the batch API."""
    sdk = Sdk(key=key, base_url=base_url, timeout=timeout, facts=facts, largest=LARGEST_ANSWERS)
    return OpenAIBatches(sdk, facts, first_dialect(facts, base_url))


class OpenAIBatches:
    """A `Batches`."""

    name = "openai"
    formats: tuple[Format, ...] = FORMATS

    def __init__(self, sdk: Sdk, facts: ModelFacts, dialect: Dialect) -> None:
        self.facts = facts
        self.dialect = dialect
        self._sdk = sdk
        self._outputs: dict[str, tuple[str, ...]] = {}  # batch: files with its answers and its errors
        self._files: dict[str, set[str]] = {}  # batch: all files of it

    @property
    def url(self) -> str:
        return self._sdk.url

    @property
    def official(self) -> bool:
        return self._sdk.official

    def open(self) -> None:
        self._sdk.open()

    def submit(self, requests: Mapping[str, Request], dialect: Dialect) -> str:
        lines = [
            {
                "custom_id": name,
                "method": "POST",
                "url": _ENDPOINT,
                "body": encode(request, self.facts, dialect),
            }
            for name, request in requests.items()
        ]
        data = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
        client = self._sdk.client
        with self._sdk.errors():
            file = client.files.create(
                file=("requests.jsonl", data, "application/jsonl"),
                purpose="batch",
                expires_after={"anchor": "created_at", "seconds": _EXPIRES_SECONDS},
            )
            made = client.batches.create(
                completion_window="24h", endpoint="/v1/chat/completions", input_file_id=field(file, "id", "")
            )
        name = field(made, "id", "")
        if not name:
            raise ProviderError("openai answered with something that is not a batch")
        self._files[name] = {field(file, "id", "")}
        return name

    def standing(self, batch: str) -> Standing:
        with self._sdk.errors():
            found = self._sdk.client.batches.retrieve(batch)
        status = field(found, "status", "")
        outputs = tuple(
            name for name in (field(found, "output_file_id", ""), field(found, "error_file_id", "")) if name
        )
        self._outputs[batch] = outputs
        self._files.setdefault(batch, set()).update(outputs)
        counts = part(found, "request_counts")
        settled = field(counts, "completed", 0) + field(counts, "failed", 0)
        missing = _OVER.get(status, "")
        if status == "failed":
            missing += _why(part(found, "errors"))
        return Standing(status in _OVER, settled, missing)

    def answers(self, batch: str) -> Iterator[Answered]:
        for file in self._outputs.get(batch, ()):
            with self._sdk.errors():
                content = self._sdk.client.files.content(file, extra_headers={"accept-encoding": "identity"})
            for line in lines_of(content.iter_lines()):
                name = field(line, "custom_id", "")
                yield Answered(name, self._outcome(name, line))

    def cancel(self, batch: str) -> None:
        with self._sdk.errors():
            self._sdk.client.batches.cancel(batch)

    def forget(self, batch: str) -> None:
        files = self._files.get(batch, set())
        for file in sorted(files):
            try:
                with self._sdk.errors():
                    self._sdk.client.files.delete(file)
            except Rejection as rejection:
                if rejection.status != 404:  # gone already: a deletion whose answer was lost
                    raise
            files.discard(file)

    def close(self) -> None:
        self._sdk.close()

    def _outcome(self, name: str, line: object) -> Reply | Rejection | ProviderError:
        response, error = part(line, "response"), part(line, "error")
        if response is None:
            code = field(error, "code", "")
            if code == "batch_expired":
                return ProviderError(_OVER["expired"], "Run the audit again.")
            said = detail(f"{code} {field(error, 'message', '')}".strip(), ())
            return ProviderError(f"openai gave no answer to it: {said}", "Run the audit again.")
        status, body = field(response, "status_code", 200), part(response, "body")
        if status != 200:
            problem = part(body, "error")
            said = f"{field(problem, 'code', '')} {field(problem, 'message', '')}".strip()
            return Rejection.of(status, said, {}, now=time.time())
        try:
            return decode(body, name, self.facts)
        except ProviderError as failed:
            return failed


def _why(errors: object) -> str:
    """The first reasons for a batch that was turned down, as openai gives them."""
    data = items(errors, "data") or ()
    said = "; ".join(field(error, "message", "") for error in data[:3])
    return f": {detail(said, ())}" if said else ""
