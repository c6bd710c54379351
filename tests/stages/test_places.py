from __future__ import annotations

import pytest

from reviewer.stages.places import Places, imports

PATHS = (
    "app/clients/payment.py",
    "other/payment.py",
    "src/pay/payment.service.ts",
    "src/pay/index.ts",
    "src/main/java/com/shop/PaymentService.java",
    "lib/payment_service.rb",
    "app/models/order.py",
    "db/schema.rb",
    "db/migrations/0001_create_orders.sql",
    "db/migrations/0009_orders_state.sql",
    "tests/test_payment.py",
    "node_modules/payment/payment.ts",
)


@pytest.mark.parametrize(
    ("path", "text", "name", "module"),
    [
        ("a.py", "from app.clients.payment import charge, refund as back\n", "charge", "app.clients.payment"),
        ("a.py", "from .payment import (charge, refund)\n", "refund", ".payment"),
        (
            "a.ts",
            "import { PaymentService, type Card } from './pay/payment.service';\n",
            "PaymentService",
            "./pay/payment.service",
        ),
        ("a.ts", "import pay from '../pay';\n", "pay", "../pay"),
        ("a.js", "const { charge } = require('./payment');\n", "charge", "./payment"),
        ("A.java", "import com.shop.PaymentService;\n", "PaymentService", "com.shop.PaymentService"),
        ("a.kt", "import com.shop.PaymentService\n", "PaymentService", "com.shop.PaymentService"),
        ("a.php", "use App\\Services\\Payment;\n", "Payment", "App\\Services\\Payment"),
        ("a.rs", "use crate::pay::{Charge, Refund};\n", "Refund", "crate::pay"),
    ],
)
def test_imports_are_read_in_their_own_language(path: str, text: str, name: str, module: str) -> None:
    assert imports(text, path)[name] == module


@pytest.mark.parametrize(
    ("name", "near", "known", "expected"),
    [
        ("charge", "app/api/x.py", {"charge": "app.clients.payment"}, "app/clients/payment.py"),
        ("charge", "app/api/x.py", {"charge": "other.payment"}, "other/payment.py"),
        ("PaymentService", "src/api/x.ts", {"PaymentService": "../pay/payment.service"}, "src/pay/payment.service.ts"),
        ("pay", "src/api/x.ts", {"pay": "../pay"}, "src/pay/index.ts"),
        ("PaymentService", "src/main/java/com/shop/A.java", {}, "src/main/java/com/shop/PaymentService.java"),
        ("PaymentService", "lib/a.rb", {}, "lib/payment_service.rb"),
    ],
)
def test_a_definition_is_looked_for_where_the_import_says(
    name: str, near: str, known: dict[str, str], expected: str
) -> None:
    assert Places(PATHS).definitions(name, near, known)[:1] == [expected]


def test_a_plain_name_that_is_not_imported_is_not_guessed() -> None:
    assert Places(PATHS).definitions("payment", "app/api/x.py", {}) == []


def test_what_others_wrote_is_not_looked_into() -> None:
    found = Places(PATHS).definitions("Payment", "src/api/x.ts", {"Payment": "payment"})
    assert "node_modules/payment/payment.ts" not in found


def test_a_table_is_in_the_schema_file_its_latest_migration_and_its_model() -> None:
    assert Places(PATHS).schemas("orders", "app/api/x.py") == [
        "db/schema.rb",
        "db/migrations/0009_orders_state.sql",
        "app/models/order.py",
    ]


def test_a_source_file_has_its_test_by_name() -> None:
    assert Places(PATHS).tests("app/clients/payment.py") == ["tests/test_payment.py"]
    assert Places(PATHS).tests("app/models/order.py") == []
