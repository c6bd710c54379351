"""Every language we promise: which function a line is in, by its qualified name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.stages.grammars import GRAMMARS, language
from reviewer.stages.symbols import Symbol, enclosing, outline

# path, source, {line: qualified name}; 0 lines from the top are nowhere.
CASES = {
    "python": (
        "a.py",
        "import x\n@dec\nclass A(B):\n    @prop\n    async def f(self):\n        def inner():\n            y()\n        return 1\n\ndef g():\n    pass\n",
        {1: None, 2: "A", 4: "A.f", 5: "A.f", 7: "A.f.inner", 8: "A.f", 10: "g"},
    ),
    "go": (
        "a.go",
        "package x\n\ntype S struct {\n\ta int\n}\n\nfunc (s *S) Do(a int) error {\n\treturn nil\n}\nfunc F() {\n\tx()\n}\n",
        {1: None, 4: "S", 8: "S.Do", 11: "F"},
    ),
    "javascript": (
        "a.js",
        "class A {\n  run(x) {\n    return 1;\n  }\n  h = async () => {\n    return 2\n  }\n}\nfunction g() {\n  k()\n}\nconst n = 3;\n",
        {3: "A.run", 6: "A.h", 10: "g", 12: None},
    ),
    "typescript": (
        "a.ts",
        "export class A {\n  async run(x: number) {\n    return 1;\n  }\n}\nexport const f = async (a: string) => {\n  return a;\n};\ninterface I {\n  a: string;\n}\n",
        {3: "A.run", 5: "A", 7: "f", 10: "I"},
    ),
    "tsx": ("a.tsx", "export function P() {\n  return <b/>;\n}\n", {2: "P"}),
    "java": (
        "A.java",
        "package a;\npublic class A {\n  @Tx\n  public void run() {\n    int a = 1;\n  }\n  A() {\n  }\n}\nrecord R(int x) {\n}\n",
        {1: None, 3: "A.run", 5: "A.run", 8: "A.A", 11: "R"},
    ),
    "ruby": (
        "a.rb",
        "module M\n  class A < B\n    def run\n      1\n    end\n    def self.x\n      2\n    end\n  end\nend\n",
        {4: "M.A.run", 7: "M.A.x", 9: "M.A"},
    ),
    "kotlin": ("a.kt", "class A(val x: Int) {\n  fun run(): Int {\n    return 1\n  }\n}\nobject O {\n}\n", {3: "A.run", 7: "O"}),
    "csharp": (
        "a.cs",
        "namespace N {\n  public class A {\n    public async Task Run() {\n      return;\n    }\n  }\n}\n",
        {1: None, 4: "A.Run", 6: "A"},
    ),
    "php": ("a.php", "<?php\nclass A {\n  public function run() {\n    return 1;\n  }\n}\nfunction f() {\n}\n", {4: "A.run", 8: "f"}),
    "rust": ("a.rs", "struct S;\nimpl S {\n  pub fn run(&self) -> i32 {\n    1\n  }\n}\nfn f() {\n}\n", {4: "S.run", 7: "f"}),
    "scala": ("a.scala", "class A {\n  def f() = {\n    1\n  }\n}\n", {3: "A.f"}),
    "swift": ("a.swift", "class A {\n  func f() {\n    g()\n  }\n}\n", {3: "A.f"}),
    "c": ("a.c", "int *f(int a) {\n  return 1;\n}\n", {2: "f"}),
    "cpp": ("a.cpp", "namespace n {\nclass A {\n  void f() {\n  }\n};\n}\n", {4: "n.A.f"}),
    "lua": ("a.lua", "function f()\n  g()\nend\n", {2: "f"}),
    "bash": ("a.sh", "f() {\n  echo\n}\n", {2: "f"}),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(GRAMMARS))
def test_each_language_names_the_function_around_a_line(name: str) -> None:
    path, source, expected = CASES[name]
    assert language(path) == name
    for line, wanted in expected.items():
        found = enclosing(path, source, line)
        assert (found.name if found else None) == wanted, line


def test_a_symbol_has_its_decorators_and_its_last_line() -> None:
    path, source, _ = CASES["python"]
    assert enclosing(path, source, 8) == Symbol("A.f", "function", 4, 8)
    assert outline(path, source)[0] == Symbol("A", "type", 2, 8)


def test_an_unknown_language_has_no_symbols() -> None:
    assert enclosing("a.sql", "CREATE TABLE x (a int);", 1) is None
    assert enclosing("Makefile", "all:\n", 1) is None


def test_broken_and_odd_sources_do_not_hurt() -> None:
    for text in (
        "def f(:\n  x = (\n",
        "\x00\x00def f():\n  pass",
        "\ufeffdef f():\n  pass",
        "\ud800def f(): pass",
        "(" * 20_000,
    ):
        outline("a.py", text)
    assert enclosing("a.py", "def f():\n    x = = 1\n\ndef g():\n    return 1\n", 5) is not None


def test_minified_and_huge_files_are_passed_over() -> None:
    assert outline("a.js", "function f(){}" + ";x()" * 3_000) == ()
    assert outline("a.py", "def f():\n    pass\n" * 70_000) == ()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(CASES)), st.integers(0, 200), st.text(max_size=8))
def test_symbols_lie_within_the_file_and_nest(name: str, place: int, dirt: str) -> None:
    path, source, _ = CASES[name]
    text = source[:place] + dirt + source[place:]
    count = text.count("\n") + 1
    symbols = outline(path, text)
    for symbol in symbols:
        assert 1 <= symbol.start_line <= symbol.end_line <= count
        assert symbol.name
    for line in range(1, count + 1):
        found = enclosing(path, text, line)
        assert found is None or found.start_line <= line <= found.end_line
