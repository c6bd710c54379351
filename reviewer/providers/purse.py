"""Budget caps of a run, checked before a call is made: what is reserved plus what is spent never passes the cap."""

from __future__ import annotations

import threading
from collections.abc import Callable

from reviewer.errors import ProviderError
from reviewer.nouns.exchange import Request
from reviewer.nouns.review import Usage
from reviewer.providers.models import ModelFacts

_BYTES_PER_TOKEN = 3  # a low guess: code is about 3.3, so that we refuse a little early, never late
_OVERHEAD = 50  # tokens of roles and format around the text


class OverBudget(ProviderError):
    """A cap of the user's would be passed. No other provider is asked for this request."""


def estimate(request: Request) -> int:
    """Input tokens of a request, rounded up."""
    texts = [block.text for block in (*request.system, *request.user)]
    return sum(-(-len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN) for text in texts) + _OVERHEAD


class Purse:
    """Counts input tokens and dollars against caps; 0 means no cap. Shared by the threads of a run."""

    def __init__(self, *, max_input_tokens: int = 0, max_cost_usd: float = 0.0) -> None:
        self._max_tokens = max_input_tokens
        self._max_cost = max_cost_usd
        self._tokens = 0.0
        self._cost = 0.0
        self._under_way = 0
        self._changed = threading.Condition()

    def reserve(self, request: Request, facts: ModelFacts, halted: Callable[[], bool]) -> Reservation:
        """Set aside the most this call can cost. Waits for calls under way while their reserve is in the way.

        Raises OverBudget if it cannot fit, or if `halted` turns true.
        """
        tokens = estimate(request)
        # the dearest it can be: all of it written to the cache, and the whole answer used
        cost = facts.cost(fresh=0, written=tokens, output=facts.answer_limit(request.max_output_tokens)) or 0.0
        with self._changed:
            while True:
                over = self._over(tokens, cost)
                if not over:
                    break
                if not self._under_way or halted():
                    raise OverBudget(over, "Raise the cap, or review a smaller change.")
                self._changed.wait(0.1)
            self._tokens += tokens
            self._cost += cost
            self._under_way += 1
        return Reservation(self, tokens, cost)

    def settle(self, tokens: int, cost: float, usage: Usage | None) -> None:
        """Replace a reserve by what the call used. A call that failed without an answer was not charged."""
        with self._changed:
            used, paid = (usage.input_tokens, usage.cost_usd or 0.0) if usage else (0, 0.0)
            self._tokens += used - tokens
            self._cost += paid - cost
            self._under_way -= 1
            self._changed.notify_all()

    def _over(self, tokens: int, cost: float) -> str:
        if self._max_tokens and self._tokens + tokens > self._max_tokens:
            return f"The budget of {self._max_tokens} input tokens does not allow this call (about {tokens} tokens)"
        if self._max_cost and self._cost + cost > self._max_cost:
            return f"The budget of ${self._max_cost:g} does not allow this call (up to ${cost:.4f})"
        return ""


class Reservation:
    """What one call has set aside; `settle` must be called once."""

    def __init__(self, purse: Purse, tokens: int, cost: float) -> None:
        self._purse = purse
        self._tokens = tokens
        self._cost = cost

    def settle(self, usage: Usage | None) -> None:
        self._purse.settle(self._tokens, self._cost, usage)
