"""Values for tests: a rich review of the bundled sample change, and single findings, each changeable by keyword."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from reviewer.nouns.changeset import ChangeSet, Side
from reviewer.nouns.finding import (
    Acknowledged,
    Category,
    Confidence,
    Excluded,
    Finding,
    Location,
    Origin,
    Question,
    Severity,
    Standing,
    Verification,
    VerificationStatus,
)
from reviewer.nouns.identity import fingerprint
from reviewer.nouns.review import (
    Coverage,
    CoverageStatus,
    Deliverable,
    Deliverables,
    FileCoverage,
    Provenance,
    Review,
    Row,
    Skip,
    Target,
    TargetKind,
    Tool,
    Usage,
    Verdict,
)
from reviewer.stages import diff

SAMPLE = Path(__file__).resolve().parent.parent / "examples" / "order-service" / "change.diff"
OUT_OF_SCOPE = ("poetry.lock", "web/src/Checkout.tsx")


@cache
def a_change() -> ChangeSet:
    """The sample change without the files that the persona leaves out."""
    whole = diff.parse(SAMPLE.read_bytes())
    return replace(whole, files=tuple(file for file in whole.files if file.path not in OUT_OF_SCOPE))


def place(path: str, quote: str) -> Location:
    """Where a quote of whole lines stands in the sample change."""
    wanted = quote.split("\n")
    file = a_change().file(path)
    assert file is not None, path
    for kind in "+-":
        lines = [line for line in file.lines() if line.kind in {kind, " "}]
        for at in range(len(lines) - len(wanted) + 1):
            window = lines[at : at + len(wanted)]
            if [line.text for line in window] == wanted:
                first, last = window[0], window[-1]
                side = Side.RIGHT if kind == "+" else Side.LEFT
                numbers = (first.new, last.new) if side is Side.RIGHT else (first.old, last.old)
                return Location(path, side, numbers[0] or 0, numbers[1] or 0)
    raise AssertionError(f"{quote!r} is not in {path}")


def a_finding(**changes: Any) -> Finding:
    """A high reliability finding on the sample change; a changed path or quote needs its lines changed as well."""
    quote = (
        "        charge = requests.post(\n"
        '            f"{settings.PAYMENTS_URL}/charges",\n'
        '            json={"amount": amount, "source": card_token},\n'
        "        )"
    )
    here = place("orders/checkout.py", quote)
    finding = Finding(
        fingerprint="",
        hazard="remote-call-in-transaction",
        category=Category.RELIABILITY,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        path=here.path,
        side=here.side,
        start_line=here.start_line,
        end_line=here.end_line,
        quote=quote,
        title="The card is charged inside the database transaction, without a timeout",
        scenario="When the payment service stalls, `requests.post` waits for ever and the transaction keeps its row "
        "locks; every checkout of the same product queues behind it. If the process dies after the charge, the order "
        "is rolled back and the customer has paid for nothing.",
        recommendation="Commit the order as pending first, enqueue the charge in the outbox, and charge from a worker "
        "with `timeout=(3, 10)` and an idempotency key.",
        references=("https://microservices.io/patterns/data/transactional-outbox.html",),
        verification=Verification(VerificationStatus.CONFIRMED, "No timeout is set here or on the session."),
        symbol="place_order",
    )
    finding = replace(finding, **changes)
    if finding.fingerprint:
        return finding
    return replace(finding, fingerprint=fingerprint(finding.hazard, finding.path, finding.symbol, finding.quote))


def some_findings() -> tuple[Finding, ...]:
    """Six findings: both sides, several lines, a suggestion, each main category, each standing."""
    injection = "        cursor.execute(f\"SELECT id, status FROM orders_order WHERE payment_reference = '{term}'\")"
    removed = "@login_required\ndef order_detail(request: HttpRequest, order_id: int) -> JsonResponse:"
    lock = "        product = Product.objects.get(sku=sku)"
    column = "ALTER TABLE orders_order ADD COLUMN payment_reference varchar(64) NOT NULL;"
    money = "    amount = models.FloatField()"
    search, guard, stock, migration, refund = (
        place("orders/api.py", injection),
        place("orders/api.py", removed),
        place("orders/checkout.py", lock),
        place("db/migrations/0012_order_payment_reference.sql", column),
        place("orders/models.py", money),
    )
    base = a_finding()
    return (
        _at(base, search, injection, hazard="sql-injection", category=Category.SECURITY, severity=Severity.CRITICAL,
            title="User input is formatted into SQL", symbol="search_orders",
            scenario="`term` comes from the query string: `?q=' OR '1'='1` returns every order of every customer.",
            recommendation="Pass the value as a parameter: `cursor.execute(sql, [term])`.",
            suggestion='        cursor.execute("SELECT id, status FROM orders_order WHERE payment_reference = %s", [term])',
            references=("https://cwe.mitre.org/data/definitions/89.html",), origin=Origin.RULE),
        _at(base, guard, removed, hazard="authentication-removed", category=Category.SECURITY,
            severity=Severity.CRITICAL, symbol="order_detail", standing=Standing.PERSISTING,
            title="`order_detail` no longer requires a login",
            scenario="Anyone on the internet can walk `order_id` and read every order.",
            recommendation="Put `@login_required` and the `customer_id` filter back."),
        base,
        _at(base, stock, lock, hazard="lost-update", category=Category.DATA_INTEGRITY, severity=Severity.HIGH,
            title="Stock is read without the lock it had before", symbol="place_order",
            confidence=Confidence.MEDIUM, verification=Verification(),
            scenario="Two checkouts read stock 1, both pass the check, and both write 0: one item is sold twice.",
            recommendation="Keep `select_for_update()`, or decrement with `F()` and a check constraint.",
            suggestion="        product = Product.objects.select_for_update().get(sku=sku)"),
        _at(base, migration, column, hazard="not-null-without-default", category=Category.DATA_INTEGRITY,
            severity=Severity.MEDIUM, title="A NOT NULL column without a default fails on a table with rows", symbol="",
            scenario="The migration stops on the first existing order, and the deployment with it.",
            recommendation="Add the column as nullable, backfill in batches, then set NOT NULL.",
            references=("https://www.postgresql.org/docs/current/sql-altertable.html",)),
        _at(base, refund, money, hazard="money-as-float", category=Category.DATA_INTEGRITY, severity=Severity.LOW,
            title="Money is kept in a floating point column", symbol="Refund", standing=Standing.MOVED,
            scenario="0.1 + 0.2 is not 0.3: refunds and ledgers drift apart by cents.",
            recommendation="Use whole cents in an integer, as `price_cents` does.",
            related=(place("db/migrations/0012_order_payment_reference.sql", "    amount double precision NOT NULL,"),)),
    )  # fmt: skip


def _at(base: Finding, where: Location, quote: str, **changes: Any) -> Finding:
    moved = replace(
        base, path=where.path, side=where.side, start_line=where.start_line, end_line=where.end_line, quote=quote,
        references=(), origin=Origin.MODEL,
    )  # fmt: skip
    finding = replace(moved, **changes)
    return replace(finding, fingerprint=fingerprint(finding.hazard, finding.path, finding.symbol, quote))


def some_deliverables() -> Deliverables:
    """All five tables; the performance table is one that found nothing."""
    return Deliverables(
        api_contract=Deliverable(
            "API contract delta",
            ("change", "operation", "effect on clients"),
            (
                Row(("changed", "GET /orders/{id}", "no login required any more"), "orders/api.py", 12),
                Row(("added", "GET /orders/search", "new"), "orders/api.py", 18, "inferred"),
            ),
            inspected="Django views and urls",
        ),
        schema=Deliverable(
            "Schema delta",
            ("table", "change", "column", "type", "lock", "rollback"),
            (
                Row(("orders_order", "add column", "payment_reference", "varchar(64) NOT NULL", "ACCESS EXCLUSIVE", "drop column"), "db/migrations/0012_order_payment_reference.sql", 2),
                Row(("orders_refund", "create table", "id", "bigserial PRIMARY KEY", "none", "drop table"), "db/migrations/0012_order_payment_reference.sql", 5),
                Row(("orders_refund", "create table", "order_id", "bigint REFERENCES orders_order", "SHARE ROW EXCLUSIVE", "drop table"), "db/migrations/0012_order_payment_reference.sql", 7),
            ),
            inspected="1 SQL migration, 1 Django model",
            notes=("The index is built while writes wait.",),
            diagram="erDiagram\n    orders_order ||--o{ orders_refund : has\n    orders_refund {\n        bigserial id PK\n        bigint order_id FK\n        double amount\n    }\n    orders_order {\n        bigint id PK\n        varchar payment_reference\n    }\n",
        ),
        authorization=Deliverable(
            "Authentication and authorization flow",
            ("entry point", "authentication", "authorization", "change"),
            (
                Row(("GET /orders/{id}", "none", "none", "login removed"), "orders/api.py", 12),
                Row(("POST /orders/{id}/refund", "session", "owner", "new"), "orders/api.py", 27),
            ),
            inspected="3 views",
            diagram='flowchart LR\n    client["Client"] --> detail["GET /orders/{id}"]\n    detail -->|"no check"| db[("orders_order")]\n    client --> refund["POST refund"]\n    refund -->|"owner"| db\n',
        ),
        performance=Deliverable("Performance analysis", ("where", "cost"), (), inspected="queries and loops in 4 Python files"),
        guide=Deliverable(
            "Implementation guide",
            ("order", "step", "why"),
            (
                Row(("1", "Put the login and owner check back", "orders are readable by anyone"), "orders/api.py", 12),
                Row(("2", "Move the charge out of the transaction", "locks are held while the network waits"), "orders/checkout.py", 28),
            ),
        ),
    )  # fmt: skip


def a_review(**changes: Any) -> Review:
    """A full review with every field set, as a pull request run with a model would leave it."""
    files = a_change().files
    partial = "orders/webhooks.py"
    covered = tuple(
        FileCoverage(
            file.path,
            CoverageStatus.PARTIAL if file.path == partial else CoverageStatus.REVIEWED,
            "the token budget ended here" if file.path == partial else "",
            file.changed_lines,
            20 if file.path == partial else file.changed_lines,
        )
        for file in files
    )
    out = (
        FileCoverage("poetry.lock", CoverageStatus.SKIPPED, "a lock file", 2, 0),
        FileCoverage("web/src/Checkout.tsx", CoverageStatus.SKIPPED, "frontend is outside this persona's limits", 4, 0),
    )
    review = Review(
        verdict=Verdict.INCOMPLETE,
        target=Target(
            TargetKind.PULL_REQUEST,
            repository="acme/shop",
            number=42,
            url="https://github.com/acme/shop/pull/42",
            base_sha="a" * 40,
            head_sha="b" * 40,
            description="acme/shop#42",
        ),
        summary="The change charges cards inside the checkout transaction and opens order details to anyone.",
        tool=Tool(version="1.2.3"),
        findings=some_findings(),
        questions=(
            Question(
                "Is `charge_id` unique per merchant or across all of them?", "orders/webhooks.py", Side.RIGHT, 21, 21,
                hazard="idempotency", quote='        order = Order.objects.get(payment_reference=event["charge_id"])',
                fingerprint="00000000000000aa",
            ),
            Question("How many rows has `orders_order` in production?", ""),
        ),
        excluded=(
            Excluded(
                "verify", "The response body is not logged anywhere.", "sensitive-data-logged", Category.SECURITY,
                Severity.MEDIUM, Confidence.LOW, "orders/webhooks.py", "    event = json.loads(request.body)",
                "The payload may be logged", "x happens", "do not log it", "00000000000000bb", Side.RIGHT, 18, 18,
                verification=Verification(VerificationStatus.REFUTED, "The response body is not logged anywhere."),
            ),
        ),
        acknowledged=(
            Acknowledged("00000000000000cc", "csrf-disabled", "orders/webhooks.py", "CSRF protection is off for the webhook", "octavia",
                         "webhooks are signed", "2027-01-31"),
        ),
        fixed=("00000000000000dd",),
        deliverables=some_deliverables(),
        coverage=Coverage(covered + out, sum(f.changed_lines for f in files), sum(f.reviewed_lines for f in covered)),
        skips=(
            Skip("poetry.lock", "a lock file", "lock", in_scope=False, lines=2),
            Skip("web/src/Checkout.tsx", "frontend is outside this persona's limits", "frontend", in_scope=False, lines=4),
            Skip(partial, "the token budget ended here", "budget", in_scope=True, lines=6),
        ),
        usage=Usage(9, 48_210, 31_000, 6_140, 0.2134, 21.4, 1),
        provenance=Provenance("anthropic", "a-model", "backend-architect", "1" * 64, "2" * 64, "3" * 64),
        notices=("The provider answered slowly: 1 call was repeated.",),
        diff=diff.unparse(a_change()),
    )  # fmt: skip
    return replace(review, **changes)


def a_clean_review(**changes: Any) -> Review:
    """Reviewed in full, nothing found, no model."""
    full = a_review()
    covered = tuple(
        replace(file, status=CoverageStatus.REVIEWED, reason="", reviewed_lines=file.changed_lines)
        for file in full.coverage.files
        if file.status is not CoverageStatus.SKIPPED
    )
    lines = full.coverage.in_scope_lines
    review = Review(
        verdict=Verdict.CLEAN,
        target=Target(TargetKind.RANGE, description="main...feature"),
        summary="Nothing found.",
        tool=Tool(version="1.2.3"),
        coverage=Coverage(covered, lines, lines),
        diff=full.diff,
    )
    return replace(review, **changes)
