"""`--dry-run`: exactly what would be sent to a model, and what it would weigh."""

from __future__ import annotations

import json

from reviewer.nouns.plan import Plan
from reviewer.pipeline import Prepared
from reviewer.providers import OFFLINE, lookup
from reviewer.providers.models import batched
from reviewer.stages.tokens import estimate_tokens


def preview(prepared: Prepared, plan: Plan, *, batch: bool = False) -> str:
    """Every request in full, after a head with counts, estimated tokens and, where prices are known, cost.

    `batch`: it would be asked through the batch API, at its price. Text is as it would leave the machine: in scope, masked. Control characters are shown as escapes.
    """
    if plan.provider == OFFLINE:
        return "Provider: offline. Nothing would be sent to a model.\n"
    tokens = [
        estimate_tokens(request.system_text) + estimate_tokens(request.user_text) for request in prepared.requests
    ]
    answer = sum(request.max_output_tokens for request in prepared.requests)
    facts = lookup(plan.provider, plan.model)
    cost = (batched(facts) if batch else facts).cost(fresh=sum(tokens), output=answer)
    head = [
        f"Provider: {plan.provider}, model: {plan.model}, persona: {plan.persona.name}",
        f"Requests: {len(prepared.requests)}, about {sum(tokens):,} input tokens, at most {answer:,} output tokens",
        "Cost: no price is known for this model" if cost is None else f"Cost: at most ${cost:.2f} before verification",
        f"In scope: {prepared.inside.changed_lines:,} changed lines in {len(prepared.inside.files)} files",
        f"Left out: {len(prepared.skips)} files or parts",
        *(f"  {skip.path} ({skip.reason})" for skip in prepared.skips),
    ]
    parts = [
        f"===== request {request.id}, about {count:,} tokens =====\n--- system ---\n{request.system_text}\n"
        f"--- user ---\n{request.user_text}\n--- schema {request.schema_name} ---\n{json.dumps(request.schema)}"
        for request, count in zip(prepared.requests, tokens, strict=True)
    ]
    return _printable("\n".join([*head, *parts])) + "\n"


def _printable(text: str) -> str:
    return "".join(char if char in "\n\t" or char.isprintable() else f"\\x{ord(char):02x}" for char in text)
