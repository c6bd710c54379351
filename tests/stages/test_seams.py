from __future__ import annotations

import pytest

from reviewer.nouns.changeset import FileChange, FileStatus, Hunk, Line
from reviewer.stages.risk import is_test, risk
from reviewer.stages.seams import clusters, feature


def a_file(path: str, *lines: str, mark: str = "+") -> FileChange:
    shown = tuple(
        Line(mark, text, None if mark == "+" else n, None if mark == "-" else n) for n, text in enumerate(lines, 1)
    )
    return FileChange(path, FileStatus.MODIFIED, (Hunk(1, 1, 1, 1, "", shown),), path)


@pytest.mark.parametrize(
    "paths",
    [
        (
            "app/api/order_handler.py",
            "app/services/order_service.py",
            "app/models/order.py",
            "tests/test_order_service.py",
        ),
        ("src/api/orders.controller.ts", "src/orders/orders.service.spec.ts", "src/entities/order.entity.ts"),
        ("src/main/java/com/shop/api/OrderController.java", "src/test/java/com/shop/service/OrderServiceTest.java"),
        ("db/migrate/20240101120000_add_state_to_orders.rb", "db/migrate/20240102120000_create_states.rb"),
        ("internal/order/handler.go", "internal/order/repository.go"),
    ],
)
def test_the_layers_of_one_feature_have_one_name(paths: tuple[str, ...]) -> None:
    assert len({feature(path) for path in paths}) == 1


def test_different_features_have_different_names() -> None:
    assert feature("app/services/order_service.py") != feature("app/services/invoice_service.py")


def test_all_files_that_fit_one_call_are_one_group() -> None:
    files = [a_file("a/one.py", "x"), a_file("b/two.go", "y")]
    assert clusters(files, {"a/one.py": 10, "b/two.go": 10}, 20) == [files]


def test_groups_that_name_each_other_join_unless_they_grow_too_large() -> None:
    files = [
        a_file("a/checkout.py", "from rules.price_rules import PriceRules"),
        a_file("z/other.py", "pass"),
        a_file("rules/price_rules.py", "x"),
    ]
    sizes = {file.path: 10 for file in files}
    assert [len(group) for group in clusters(files, sizes, 25)] == [2, 1]
    assert [len(group) for group in clusters(files, sizes, 15)] == [1, 1, 1]


def test_every_file_is_in_one_group() -> None:
    files = [a_file(f"m{n % 7}/thing{n}_service.py", f"thing{n % 5}_service") for n in range(50)]
    groups = clusters(files, dict.fromkeys((file.path for file in files), 9), 100)
    assert sorted(file.path for group in groups for file in group) == sorted(file.path for file in files)


def test_risk_puts_migrations_identity_and_money_before_the_rest_and_tests_last() -> None:
    ranked = [
        a_file("db/migrations/0007_drop.sql", "DROP TABLE orders;"),
        a_file("app/auth/permissions.py", "if user.is_admin: verify(token)"),
        a_file("app/workers/report_queue.py", "timeout = 3"),
        a_file("app/text/format.py", "return a + b"),
        a_file("tests/test_permissions.py", "verify(token)"),
    ]
    scores = [risk(file) for file in ranked]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_a_removal_weighs_more_than_the_same_addition() -> None:
    line = "with lock(order):"
    assert risk(a_file("app/text/format.py", line, mark="-")) > risk(a_file("app/text/format.py", line))


@pytest.mark.parametrize(
    "path",
    [
        "tests/a.py",
        "test_a.py",
        "a_test.go",
        "src/a.spec.ts",
        "src/a.test.js",
        "spec/models/a_spec.rb",
        "src/test/java/ATest.java",
        "__tests__/a.js",
    ],
)
def test_tests_are_known_by_the_habits_of_their_runners(path: str) -> None:
    assert is_test(path)


@pytest.mark.parametrize("path", ["app/contest.py", "src/latest.ts", "lib/attest/verify.go", "app/testimonial.rb"])
def test_a_name_that_only_contains_test_is_no_test(path: str) -> None:
    assert not is_test(path)
