"""Laws of packing: nothing lost, nothing twice, nothing too large, always the same."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.nouns.batch import Batch, Context, Piece
from reviewer.nouns.changeset import ChangeSet, FileChange, FileStatus, Hunk, Line
from reviewer.nouns.plan import Budget
from reviewer.stages.batch import MAX_BATCH_TOKENS, PREFIX_TOKENS, batch_limit, pack
from reviewer.stages.risk import risk
from tests.stages.trees import everything


def hunk(texts: list[tuple[str, str]], start: int = 1) -> Hunk:
    old = new = start
    lines = []
    for kind, text in texts:
        lines.append(Line(kind, text, None if kind == "+" else old, None if kind == "-" else new))
        old += kind != "+"
        new += kind != "-"
    return Hunk(start, old - start, start, new - start, "", tuple(lines))


def added(path: str, count: int, text: str = "value = compute(order, customer)", mark: str = "+") -> FileChange:
    return FileChange(path, FileStatus.MODIFIED, (hunk([(mark, f"{text} # {path} {n}") for n in range(count)]),), path)


def lines_of(piece: Piece) -> list[tuple[str, int, int]]:
    found = []
    for index in piece.hunks:
        start, end = piece.window or (0, len(piece.file.hunks[index].lines))
        found += [
            (piece.file.path, index, nth) for nth in range(start, end) if piece.file.hunks[index].lines[nth].kind != " "
        ]
    return found


def shown(batches: tuple[Batch, ...]) -> Counter[tuple[str, int, int]]:
    return Counter(line for batch in batches for piece in batch.pieces for line in lines_of(piece))


paths = st.sampled_from(
    [
        "app/order_service.py",
        "app/order_repo.py",
        "db/migrate/1_orders.sql",
        "tests/test_order.py",
        "src/user.ts",
        "a.go",
    ]
)
texts = st.tuples(st.sampled_from("+- "), st.text("abc ({=\n".replace("\n", ""), max_size=60))
hunks = st.lists(texts, min_size=1, max_size=60).map(hunk)
files = st.builds(
    lambda path, parts: FileChange(path, FileStatus.MODIFIED, tuple(parts), path), paths, st.lists(hunks, max_size=4)
)
change_sets = st.lists(files, max_size=6, unique_by=lambda file: file.path).map(lambda found: ChangeSet(tuple(found)))
budgets = st.builds(
    Budget,
    context_tokens=st.sampled_from([1_500, 8_000, 200_000]),
    max_input_tokens=st.sampled_from([0, 0, 300, 2_000]),
)


@settings(max_examples=90, deadline=None)
@given(change_sets, budgets, st.randoms(use_true_random=False))
def test_every_changed_line_is_in_one_piece_or_one_cut(change: ChangeSet, budget: Budget, chance) -> None:
    todo = frozenset(each for each in sorted(everything(change)) if chance.random() < 0.8)
    contexts = {
        file.path: (Context(file.path, 1, "def f():", "enclosing function f", tokens=20),) for file in change.files
    }
    packed = pack(change, todo, contexts, budget)

    counts = shown(packed.batches)
    assert all(count == 1 for count in counts.values())
    expected = Counter(
        file.path
        for file in change.files
        for index, part in enumerate(file.hunks)
        if (file.path, index) in todo
        for line in part.lines
        if line.kind != " "
    )
    sent = Counter(path for path, _, _ in counts)
    cut = Counter({skip.path: skip.lines for skip in packed.cut})
    assert sent + cut == expected
    assert all((path, index) in todo for path, index, _ in counts)
    assert all(skip.kind == "budget" and skip.in_scope and skip.lines for skip in packed.cut)
    assert len({skip.path for skip in packed.cut}) == len(packed.cut)
    assert packed == pack(change, todo, contexts, budget)


@settings(max_examples=60, deadline=None)
@given(change_sets, budgets)
def test_batches_fit_the_window(change: ChangeSet, budget: Budget) -> None:
    for batch in pack(change, everything(change), {}, budget).batches:
        assert batch.tokens <= batch_limit(budget)
        assert batch.pieces


@settings(max_examples=60, deadline=None)
@given(change_sets)
def test_no_piece_is_about_nothing(change: ChangeSet) -> None:
    for batch in pack(change, everything(change), {}, Budget(context_tokens=1_500)).batches:
        for piece in batch.pieces:
            assert piece.window is None or len(piece.hunks) == 1
            assert list(piece.hunks) == sorted(piece.hunks)
        assert sum(len(lines_of(piece)) for piece in batch.pieces)


def test_a_small_change_is_one_call() -> None:
    change = ChangeSet((added("app/order_service.py", 20), added("db/1_x.sql", 10), added("src/user.go", 30)))
    assert len(pack(change, everything(change), {}, Budget()).batches) == 1


def test_a_change_of_20000_lines_is_tens_of_calls() -> None:
    change = ChangeSet(tuple(added(f"app/m{n % 40}/thing{n}_service.py", 50) for n in range(400)))
    batches = pack(change, everything(change), {}, Budget()).batches
    assert 10 <= len(batches) <= 60
    assert sum(shown(batches).values()) == 20_000


def test_files_of_one_feature_share_a_call() -> None:
    features = ("invoice", "shipment", "refund", "basket")
    layers = ("api/{}_handler.py", "services/{}_service.py", "db/{}_repository.py", "tests/test_{}_service.py")
    change = ChangeSet(tuple(added(layer.format(name), 110) for layer in layers for name in features))
    batches = pack(change, everything(change), {}, Budget()).batches
    assert len(batches) > 1
    for name in features:
        assert len({batch.id for batch in batches for path in batch.paths if name in path}) == 1


def test_files_that_name_each_other_share_a_call() -> None:
    caller = added("app/checkout.py", 300, text="from app.pricing_rules import PricingRules")
    others = [added(f"lib/{name}/thing.py", 300) for name in ("alpha", "beta", "gamma", "delta")]
    called = added("rules/pricing_rules.py", 300)
    change = ChangeSet((caller, *others, called))
    batches = pack(change, everything(change), {}, Budget()).batches
    assert len(batches) > 1
    assert any({"app/checkout.py", "rules/pricing_rules.py"} <= set(batch.paths) for batch in batches)


def test_the_input_budget_cuts_tests_before_migrations() -> None:
    change = ChangeSet(
        (added("tests/test_a.py", 50), added("db/migrations/0001_pay.sql", 50), added("lib/misc.py", 50))
    )
    packed = pack(change, everything(change), {}, Budget(max_input_tokens=2_200))
    assert [skip.path for skip in packed.cut] == ["tests/test_a.py", "lib/misc.py"] or [
        skip.path for skip in packed.cut
    ] == ["tests/test_a.py"]
    assert packed.batches[0].pieces[0].file.path == "db/migrations/0001_pay.sql"
    assert "2200 tokens" in packed.cut[0].reason


def test_riskier_batches_are_asked_first() -> None:
    change = ChangeSet((added("tests/test_a.py", 700), added("lib/misc.py", 700), added("auth/permissions.py", 700)))
    batches = pack(change, everything(change), {}, Budget()).batches
    scores = [max(risk(piece.file) for piece in batch.pieces) for batch in batches]
    assert len(batches) > 1
    assert scores == sorted(scores, reverse=True)
    assert batches[0].paths[0] == "auth/permissions.py"


def test_a_hunk_larger_than_a_call_is_cut_before_declarations() -> None:
    body = [
        ("+", line)
        for n in range(400)
        for line in (f"def step_{n}(order):", "    total = order.total + 1", "    return total", "")
    ]
    change = ChangeSet((FileChange("big.py", FileStatus.ADDED, (hunk(body),)),))
    batches = pack(change, everything(change), {}, Budget(context_tokens=16_000)).batches
    windows = [piece.window for batch in batches for piece in batch.pieces]
    assert len(windows) > 1
    starts = sorted(window[0] for window in windows if window)
    assert all(body[start][1].startswith("def ") for start in starts)
    assert sum(shown(batches).values()) == len(body)


def test_unchanged_stretches_of_a_huge_hunk_are_not_sent() -> None:
    quiet = [(" ", f"unchanged_{n} = compute({n})") for n in range(4_000)]
    change = ChangeSet(
        (FileChange("a.py", FileStatus.MODIFIED, (hunk([("+", "x = 1"), *quiet, ("-", "y = 2")]),), "a.py"),)
    )
    batches = pack(change, everything(change), {}, Budget(context_tokens=16_000)).batches
    assert sum(shown(batches).values()) == 2
    assert (
        sum(end - start for batch in batches for piece in batch.pieces for start, end in [piece.window or (0, 9_999)])
        < 2_000
    )


def test_a_line_no_call_can_hold_is_cut_and_said() -> None:
    lines = [("+", "x = 1"), ("+", "y = '" + "z" * 400_000 + "'"), ("+", "w = 2")]
    change = ChangeSet((FileChange("a.py", FileStatus.MODIFIED, (hunk(lines),), "a.py"),))
    packed = pack(change, everything(change), {}, Budget())
    assert sum(shown(packed.batches).values()) == 2
    (skip,) = packed.cut
    assert (skip.lines, skip.in_scope, skip.kind) == (1, True, "budget")
    assert "larger than a model call" in skip.reason


def test_contexts_come_with_the_first_piece_of_their_file_once() -> None:
    context = Context("a.py", 1, "class A:", "enclosing type A", tokens=10)
    change = ChangeSet((added("a.py", 3_000),))
    batches = pack(change, everything(change), {"a.py": (context,)}, Budget()).batches
    assert len(batches) > 1
    assert [batch.contexts for batch in batches] == [(context,)] + [()] * (len(batches) - 1)


def test_the_limit_leaves_room_for_prefix_and_answer() -> None:
    assert batch_limit(Budget()) == MAX_BATCH_TOKENS
    small = Budget(context_tokens=32_000, max_output_tokens=8_000)
    assert batch_limit(small) + PREFIX_TOKENS + 8_000 <= 32_000
    assert 600 <= batch_limit(Budget(context_tokens=4_096)) <= 2_048
