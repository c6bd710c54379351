"""What the model sees beyond the hunks: the right things, few of them, at few requests."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.synthetic import pull_request
from reviewer.nouns.batch import Context
from reviewer.nouns.plan import Budget
from reviewer.nouns.source import EmptyTree
from reviewer.stages.before import before
from reviewer.stages.context import FLOOR, SHARE, gather
from reviewer.stages.diff import parse
from reviewer.stages.split import HUNK_OVERHEAD, line_tokens
from tests.stages.trees import CountingTree, changes, everything

STEPS = "".join(f"        self.step_{number}(order)\n" for number in range(30))
SERVICE = (
    "from app.repositories.order_repository import OrderRepository\n"
    "from app.clients.payment import charge_card\n\n\n"
    "class OrderService(BaseService):\n"
    "    @atomic\n"
    "    def place(self, order):\n"
    f"{STEPS}"
    "        with self.lock(order):\n"
    "            check_owner(order)\n"
    "            charge_card(order)\n"
    "        return order\n\n\n"
    "def check_owner(order):\n"
    "    if order.owner != current_user():\n"
    "        raise Forbidden\n\n\n"
    "def unrelated():\n"
    "    return 1\n"
)
REPOSITORY = {
    "app/services/order_service.py": SERVICE,
    "app/repositories/order_repository.py": "class OrderRepository:\n    def save(self, order):\n        return order\n",
    "app/clients/payment.py": "import requests\n\n\ndef charge_card(order):\n    return requests.post('x', timeout=3)\n",
    "other/payment.py": "def charge_card(order):\n    return 'the wrong one'\n",
    "app/base_service.py": "class BaseService:\n    def lock(self, order):\n        return Lock(order.id)\n",
    "db/schema.rb": 'Schema.define do\n  create_table "orders", force: true do |t|\n    t.string "state"\n  end\n  create_table "users" do |t|\n  end\nend\n',
    "tests/test_order_service.py": "def test_other():\n    pass\n\n\ndef test_place_needs_the_owner():\n    OrderService().place(order)\n",
    "node_modules/payment/payment.py": "def charge_card():\n    return 'vendored'\n",
}


def edited(path: str, *swaps: tuple[str, str]) -> dict[str, str]:
    text = REPOSITORY[path]
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    return {**REPOSITORY, path: text}


def gathered(
    head: Mapping[str, str], base: Mapping[str, str] = REPOSITORY, tree: CountingTree | None = None
) -> Mapping[str, tuple[Context, ...]]:
    change = changes(base, head)
    return gather(change, everything(change), base=EmptyTree(), head=tree or CountingTree(head), budget=Budget())


@pytest.fixture(name="found")
def _found() -> tuple[Context, ...]:
    head = edited(
        "app/services/order_service.py",
        ("        with self.lock(order):\n            check_owner(order)\n            charge_card(order)\n",
         "        charge_card(order)\n        db.execute('UPDATE orders SET state = 1')\n"),
    )  # fmt: skip
    return gathered(head)["app/services/order_service.py"]


def one(found: tuple[Context, ...], why: str) -> Context:
    return next(context for context in found if context.why.startswith(why))


def test_the_enclosing_function_is_named_and_begins_where_it_says(found: tuple[Context, ...]) -> None:
    context = one(found, "enclosing function OrderService.place, its beginning")
    assert context.text.split("\n")[:2] == ["    @atomic", "    def place(self, order):"]
    assert context.start_line == 6
    assert not context.base


def test_the_definition_comes_from_the_module_that_is_imported(found: tuple[Context, ...]) -> None:
    context = one(found, "definition of charge_card")
    assert context.path == "app/clients/payment.py"
    assert context.start_line == 4


def test_a_definition_in_the_same_file_is_shown(found: tuple[Context, ...]) -> None:
    assert one(found, "definition of check_owner").text.startswith("def check_owner(order):")


def test_the_table_layout_is_shown(found: tuple[Context, ...]) -> None:
    context = one(found, "schema of orders")
    assert (context.path, context.start_line) == ("db/schema.rb", 2)
    assert context.text.endswith("  end")
    assert "users" not in context.text


def test_the_test_that_exercises_it_is_shown(found: tuple[Context, ...]) -> None:
    context = one(found, "test of place")
    assert context.text.startswith("def test_place_needs_the_owner():")


def test_what_the_hunks_show_is_not_shown_again(found: tuple[Context, ...]) -> None:
    assert not any("db.execute" in context.text or "unrelated" in context.text for context in found if not context.base)


def test_a_class_inherited_from_is_shown() -> None:
    found = gathered(
        edited(
            "app/services/order_service.py",
            ("class OrderService(BaseService):", "class OrderService(BaseService, Audited):"),
        )
    )
    assert one(found["app/services/order_service.py"], "definition of BaseService").path == "app/base_service.py"


def test_a_short_function_that_lost_lines_is_shown_as_it_was() -> None:
    guard = "    if order.owner != current_user():\n        raise Forbidden\n"
    found = gathered(edited("app/services/order_service.py", (guard, "    return\n")))["app/services/order_service.py"]
    old = one(found, "old version of check_owner")
    assert old.base
    assert old.text == "def check_owner(order):\n" + guard.rstrip("\n")
    assert SERVICE.split("\n")[old.start_line - 1] == "def check_owner(order):"


def test_a_function_whose_head_changed_is_shown_as_it_was_from_its_old_head() -> None:
    old_text = "def check_owner(order):\n    if order.owner != current_user():\n        raise Forbidden\n"
    new_text = "def check_owner(order, strict):\n    if strict:\n        raise Forbidden\n"
    found = gathered(edited("app/services/order_service.py", (old_text, new_text)))["app/services/order_service.py"]
    assert one(found, "old version of check_owner").text == old_text.rstrip("\n")


def test_a_large_change_gets_its_share_and_no_more() -> None:
    pull = pull_request(800)
    change = parse(pull.diff)
    found = gather(change, everything(change), base=EmptyTree(), head=CountingTree(pull.head), budget=Budget())
    diff = sum(HUNK_OVERHEAD + sum(map(line_tokens, hunk.lines)) for file in change.files for hunk in file.hunks)
    spent = sum(context.tokens for each in found.values() for context in each)
    assert 0.3 * SHARE * diff < spent <= SHARE * diff


def test_secrets_in_context_are_masked() -> None:
    value = "k3jh4k5jh34kLq"
    head = edited(
        "app/services/order_service.py", ("            charge_card(order)\n", "            charge_card(order, 1)\n")
    )
    head["app/clients/payment.py"] = f"def charge_card(order):\n    password = '{value}'\n    return 1\n"
    found = gathered(head, {**head, "app/services/order_service.py": SERVICE})["app/services/order_service.py"]
    assert "‹secret:password:" in one(found, "definition of charge_card").text
    assert value not in str(found)


def test_a_remote_tree_is_asked_three_times_at_most() -> None:
    head = {path: text.replace("return", "return 0 or", 1) for path, text in REPOSITORY.items()}
    tree = CountingTree(head)
    gathered(head, tree=tree)
    assert tree.calls.count("read_many") <= 2
    assert tree.calls.count("paths") <= 1
    assert "read" not in tree.calls


def test_without_a_tree_there_is_no_context_and_no_error() -> None:
    change = changes({}, REPOSITORY)
    assert gather(change, everything(change), base=EmptyTree(), head=EmptyTree(), budget=Budget()) == {}


def test_nothing_to_do_asks_nothing() -> None:
    tree = CountingTree(REPOSITORY)
    change = changes({}, REPOSITORY)
    assert gather(change, frozenset(), base=EmptyTree(), head=tree, budget=Budget()) == {}
    assert tree.calls == []


def test_files_that_are_no_text_are_passed_over() -> None:
    head = edited("app/services/order_service.py", ("        return order\n", "        return order.id\n"))

    class Odd(CountingTree):
        def read_many(self, paths):
            return dict.fromkeys(paths, b"\xff\xfe\x00" * 30)

    gathered(head, tree=Odd(head))


sources = st.lists(st.sampled_from(["def f():", "    return g(x)", "    x = h()", "", "class A:", "    def m(self):", "        self.g()"]), min_size=1, max_size=60)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["a.py", "g.py", "lib/h.py", "tests/test_a.py"]), st.tuples(sources, sources), min_size=1
    )
)
def test_contexts_stay_within_their_share_and_quote_the_file(files: dict[str, tuple[list[str], list[str]]]) -> None:
    base = {path: "\n".join(old) + "\n" for path, (old, _) in files.items()}
    head = {path: "\n".join(new) + "\n" for path, (_, new) in files.items()}
    change = changes(base, head)
    found = gather(change, everything(change), base=EmptyTree(), head=CountingTree(head), budget=Budget())
    diff = sum(HUNK_OVERHEAD + sum(map(line_tokens, hunk.lines)) for file in change.files for hunk in file.hunks)
    contexts = [context for each in found.values() for context in each]
    assert sum(context.tokens for context in contexts) <= max(diff * SHARE, FLOOR)
    for context in contexts:
        lines = (base if context.base else head)[context.path].split("\n")
        shown = context.text.split("\n")
        assert lines[context.start_line - 1 : context.start_line - 1 + len(shown)] == shown


@settings(max_examples=80, deadline=None)
@given(sources, sources)
def test_the_base_version_is_computed_exactly(old: list[str], new: list[str]) -> None:
    base, head = "\n".join(old) + "\n", "\n".join(new) + "\n"
    change = changes({"a.py": base}, {"a.py": head})
    for file in change.files:
        lines, number = before(file, head.split("\n"))
        assert lines == base.split("\n")
        assert all(1 <= number(line) <= len(lines) for line in range(1, len(new) + 1))


TASKS = (
    "def send(hook, user, attempt=0):\n"
    + "".join(f"    step_{number}(hook)\n" for number in range(20))
    + "    if failed(hook):\n"
    "        send.apply_async((hook, user, attempt + 1))\n\n\n"
    "def resend(hook):\n"
    "    resend_all(hook)\n"
)


def tasks(*swaps: tuple[str, str]) -> str:
    """All that is shown beside the hunks when this is made of the tasks."""
    text = TASKS
    for old, new in swaps:
        text = text.replace(old, new)
    files = {"app/tasks.py": TASKS}
    inside = changes(files, {"app/tasks.py": text})
    found = gather(
        inside,
        everything(inside),
        base=CountingTree(files),
        head=CountingTree({"app/tasks.py": text}),
        budget=Budget(),
    )
    return "\n".join(f"{each.why}\n{each.text}" for each in found.get("app/tasks.py", ()))


def test_a_changed_signature_is_shown_with_its_unchanged_uses() -> None:
    shown = tasks(("user, attempt=0", "user, kind=None, attempt=0"))
    assert "unchanged use of send" in shown
    assert "send.apply_async((hook, user, attempt + 1))" in shown
    assert shown.count("unchanged use of") == 1


def test_a_changed_body_alone_shows_no_uses() -> None:
    assert "unchanged use" not in tasks(("    step_3(hook)\n", "    step_3(hook, user)\n"))


def test_what_tests_would_get_goes_to_the_code_they_test() -> None:
    test, code = "tests/test_order_service.py", "app/services/order_service.py"
    head = edited(code, ("        charge_card(order)\n", "        charge_card(order, 1)\n"))
    more = "".join(f"\n\ndef test_{n}():\n    place({n})\n" for n in range(150))
    found = gathered({**head, test: REPOSITORY[test] + more})
    assert test not in found
    assert len(found[code]) > 1
