"""Python as syntax, read by many threads at once."""

from __future__ import annotations

import ast
import gc
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from reviewer.evidence.sql import pytree

MODULE = "class Order:\n" + "\n".join(
    f"    def m{n}(self, a=(1, (2, [3, {{4: 5}}]))):\n        return a" for n in range(30)
)


@pytest.fixture
def threads_take_turns_while_parsing() -> Iterator[None]:
    """The collector runs every few objects and lets another thread in each time, as it may on any machine."""

    def step_aside(_phase: str, _info: dict[str, int]) -> None:
        time.sleep(0)

    before = gc.get_threshold()
    gc.callbacks.append(step_aside)
    gc.set_threshold(5, 2, 2)
    yield
    gc.set_threshold(*before)
    gc.callbacks.remove(step_aside)


@pytest.mark.usefixtures("threads_take_turns_while_parsing")
def test_twenty_threads_may_parse_at_once() -> None:
    with ThreadPoolExecutor(20) as many:
        modules = list(many.map(lambda _: pytree.parse(MODULE), range(40)))
    assert {ast.dump(module) if module else None for module in modules} == {ast.dump(ast.parse(MODULE))}


@pytest.mark.parametrize(
    "text", ["def", "x = \0", "(" * 5000, "-" * 100_000 + "1"], ids=["cut", "nul", "deep", "chain"]
)
def test_what_is_not_python_is_no_module(text: str) -> None:
    assert pytree.parse(text) is None


def test_classes_come_as_a_walk_over_everything_meets_them() -> None:
    text = (
        "if a:\n class A:\n  class B: pass\nelse:\n class C: pass\n"
        "try:\n class D: pass\nexcept E:\n class F: pass\nelse:\n class G: pass\nfinally:\n class H: pass\n"
        "def f():\n with x:\n  class I: pass\n for y in z:\n  class J: pass\n"
        "match k:\n case 1:\n  class L: pass\nclass M: pass\n"
    )
    module = pytree.parse(text)
    assert module is not None
    met = [node.name for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    assert len(met) == 11
    assert [node.name for node in pytree.classes(module)] == met
