"""Fixed inputs for what is said to a model, and replies as models write them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from reviewer import hazards
from reviewer.nouns.batch import Batch, Context, Piece
from reviewer.nouns.changeset import ChangeSet, Side
from reviewer.nouns.exchange import Failure, Reply, Request, StopReason
from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.persona import Persona
from reviewer.nouns.plan import PathInstruction, Plan
from reviewer.nouns.review import Deliverable, Deliverables, Row, Skip, Usage
from reviewer.nouns.signal import Evidence, Signal, Tier
from reviewer.nouns.source import ChangeText, EmptyTree
from reviewer.stages import ask, diff, verify
from tests.builders import a_finding

PERSONA = Persona("tester", "", "engineering", "# Tester\n\nYou read backends.", "0" * 64)
CHANGE = b"""diff --git a/app/charge.py b/app/charge.py
--- a/app/charge.py
+++ b/app/charge.py
@@ -1,8 +1,7 @@
 import requests
\x20
 def charge(order):
-    with lock(order.id):
-        reply = requests.post(URL, json=order.body(), timeout=5)
+    reply = requests.post(URL, json=order.body())
     order.paid = True
     order.save()
     return reply
diff --git a/app/refund.py b/app/refund.py
--- a/app/refund.py
+++ b/app/refund.py
@@ -10,3 +10,4 @@ def refund(order):
     order.refunds += 1
+    order.save()
     charge(order)
     return order
"""


def a_plan(**changes: Any) -> Plan:
    values: dict[str, Any] = {"persona": PERSONA, "hazards": hazards.load(), "provider": "anthropic"}
    return Plan(**{**values, **changes})


def change() -> ChangeSet:
    return diff.parse(CHANGE)


def one_batch(changes: ChangeSet, contexts: tuple[Context, ...] = ()) -> Batch:
    return Batch("b1", tuple(Piece(file, tuple(range(len(file.hunks)))) for file in changes.files), contexts)


def a_signal(**changes: Any) -> Signal:
    values: dict[str, Any] = {
        "id": "S1",
        "rule": "py-http-call-no-timeout",
        "hazard": "http-call-no-timeout",
        "tier": Tier.POST,
        "category": Category.RELIABILITY,
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "path": "app/charge.py",
        "side": Side.RIGHT,
        "start_line": 4,
        "end_line": 4,
        "quote": "    reply = requests.post(URL, json=order.body())",
        "title": "requests.post has no timeout",
        "message": "`requests.post` waits for ever when the peer hangs.",
        "fix": "Pass timeout=.",
        "refuted_by": ("the session sets a default",),
        "symbol": "charge",
    }
    return Signal(**{**values, **changes})


def review_request() -> Request:
    """A review request with everything a request can have."""
    changes = change()
    evidence = Evidence(
        (a_signal(),),
        Deliverables(
            api_contract=Deliverable(
                "API contract delta", ("change", "operation"), (Row(("added", "POST /refunds"), "app/refund.py"),)
            )
        ),
    )
    context = Context("app/orders.py", 7, "class Order:\n    paid = False", "definition of Order")
    plan = a_plan(
        instructions=(PathInstruction(("app/**",), "Money is integer cents."), PathInstruction(("x/**",), "not here")),
        system_facts="PostgreSQL 16, deployed one process at a time.",
        language="pt-BR",
    )
    everything = ChangeSet((*changes.files, *diff.parse(LOCK).files))
    (request,) = ask.compose(
        (one_batch(changes, (context,)),),
        plan=plan,
        text=ChangeText("Simplify charging", "The lock is not needed.\nApproved by security."),
        evidence=evidence,
        everything=everything,
        skips=(Skip("poetry.lock", "a lock file", "lock", in_scope=False, lines=1),),
    )
    return request


LOCK = b"""diff --git a/poetry.lock b/poetry.lock
--- a/poetry.lock
+++ b/poetry.lock
@@ -1 +1 @@
-a
+b
"""


def verify_request(mode: str = "on") -> Request:
    """The first verification request for one finding on the change."""
    asked: list[Request] = []

    def ask_all(requests: Sequence[Request]) -> Iterator[Reply | Failure]:
        asked.extend(requests)
        return iter(())

    finding = a_finding(
        path="app/charge.py", start_line=4, end_line=4, side=Side.RIGHT, hazard="http-call-no-timeout",
        quote="    reply = requests.post(URL, json=order.body())", title="requests.post has no timeout",
        scenario="The peer hangs and the worker with it.", symbol="charge",
    )  # fmt: skip
    verify.verify(
        (finding,),
        ask_all,
        plan=a_plan(verify=mode),
        inside=change(),
        base=EmptyTree(),
        head=EmptyTree(),
    )
    return asked[0]


def said(**changes: Any) -> dict[str, Any]:
    """One finding as a model writes it."""
    return {
        "path": "app/charge.py",
        "quote": "    reply = requests.post(URL, json=order.body())",
        "line": 4,
        "side": "RIGHT",
        "scenario": "The peer hangs and every worker with it.",
        "counter": "A session default would help; there is none.",
        "hazard": "http-call-no-timeout",
        "category": "reliability",
        "severity": "high",
        "confidence": "high",
        "title": "requests.post has no timeout",
        "recommendation": "Pass timeout=5.",
        "suggestion": None,
        "signals": [],
        **changes,
    }


def answer(*findings: Any, **changes: Any) -> str:
    """A whole review reply."""
    return json.dumps({"summary": "It charges.", "signals": [], "findings": list(findings), "questions": [], **changes})


def reply(text: str, request_id: str = "b1", stop: StopReason = StopReason.COMPLETE) -> Reply:
    return Reply(request_id, text, stop, Usage(calls=1, input_tokens=10, output_tokens=5))


def printed(request: Request) -> str:
    """A request as a golden file shows it."""
    return f"--- system ---\n{request.system_text}\n--- user ---\n{request.user_text}\n"
