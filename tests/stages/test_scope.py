from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.errors import UsageError
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.plan import ScopeRules
from reviewer.nouns.source import EmptyTree
from reviewer.stages import diff
from reviewer.stages.scope import Scoped, divide
from tests.bounds import no_endless_work
from tests.trees import DictTree


def edit(path: str, *lines: str, start: int = 10, old: str | None = None) -> str:
    """One file of a diff; lines are written with their marks."""
    removed = sum(line[0] in " -" for line in lines)
    added = sum(line[0] in " +" for line in lines)
    move = f"rename from {old}\nrename to {path}\n" if old else ""
    hunk = f"@@ -{start},{removed} +{start},{added} @@\n" + "".join(line + "\n" for line in lines)
    return f"diff --git a/{old or path} b/{path}\n{move}index 1111111..2222222 100644\n--- a/{old or path}\n+++ b/{path}\n{hunk}"


def new(path: str, *lines: str) -> str:
    body = "".join(f"+{line}\n" for line in lines)
    return (
        f"diff --git a/{path} b/{path}\nnew file mode 100644\nindex 0000000..2222222\n"
        f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(lines)} @@\n{body}"
    )


def scoped(text: str, *, base=None, head=None, include=(), exclude=(), leave_out=()) -> Scoped:
    return divide(
        diff.parse(text.encode()),
        ScopeRules(include, exclude),
        base=EmptyTree() if base is None else DictTree(base),
        head=EmptyTree() if head is None else DictTree(head),
        leave_out=leave_out,
    )


def kind(text: str, **more) -> str:
    (only,) = scoped(text, **more).kinds.values()
    return only


def test_backend_is_in_and_the_rest_is_skipped_with_a_reason():
    result = scoped(
        edit("app/pay.py", "-a", "+b") + edit("web/App.vue", "-a", "+b", "+c") + edit("yarn.lock", "-a", "+b")
    )
    assert [file.path for file in result.inside.files] == ["app/pay.py"]
    assert [(skip.path, skip.kind, skip.in_scope, skip.lines) for skip in result.skips] == [
        ("web/App.vue", "frontend", False, 3),
        ("yarn.lock", "lock", False, 2),
    ]
    assert "outside this reviewer's limits" in result.skips[0].reason
    assert result.kinds == {"app/pay.py": "source", "web/App.vue": "frontend", "yarn.lock": "lock"}


def test_a_persona_may_have_other_limits_but_nobody_reviews_lock_files():
    text = edit("app/pay.py", "-a", "+b") + edit("main.tf", "-a", "+b") + edit("yarn.lock", "-a", "+b")
    result = scoped(text, leave_out=("source",))
    assert [file.path for file in result.inside.files] == ["main.tf"]
    assert [skip.reason for skip in result.skips] == ["source: left out by this persona", "lock file"]


def test_include_wins_over_the_table_and_exclude_over_all():
    text = edit("main.tf", "-a", "+b") + edit("legacy/pay.py", "-a", "+b") + edit("go.sum", "-a", "+b")
    result = scoped(text, include=("*.tf", "legacy/", "go.sum"), exclude=("/legacy/*",))
    assert [file.path for file in result.inside.files] == ["main.tf", "go.sum"]
    (skip,) = result.skips
    assert (skip.kind, skip.reason, skip.in_scope) == ("excluded", "left out by scope.exclude", False)


def test_patterns_are_gitignore_patterns_with_negation():
    text = edit("gen/a.py", "-a", "+b") + edit("gen/keep.py", "-a", "+b")
    assert [f.path for f in scoped(text, exclude=("gen/*", "!gen/keep.py")).inside.files] == ["gen/keep.py"]


def test_a_broken_pattern_is_a_usage_error():
    with pytest.raises(UsageError, match=r"scope\.include"):
        scoped("", include=("!",))


def test_include_cannot_make_lines_where_there_are_none():
    text = "diff --git a/a.py b/a.py\nold mode 100644\nnew mode 100755\n"
    (skip,) = scoped(text, include=("*",)).skips
    assert (skip.kind, skip.reason, skip.lines) == ("unchanged", "no line changed (mode 100644 to 100755)", 0)


@pytest.mark.parametrize(
    ("text", "expected", "reason"),
    [
        ("diff --git a/a.py b/b.py\nsimilarity index 100%\nrename from a.py\nrename to b.py\n", "unchanged", "renamed"),
        ("diff --git a/a.py b/a.py\nnew file mode 100644\nindex 0..1\n", "unchanged", "added"),
        ("diff --git a/a.py b/a.py\nindex 1..2 100644\nBinary files a/a.py and b/a.py differ\n", "binary", "binary"),
        (new("a.py", "x").replace("100644", "120000"), "symlink", "symbolic link"),
        (
            edit("lib", "-Subproject commit 1", "+Subproject commit 2").replace("100644", "160000"),
            "submodule",
            "pointer",
        ),
        (new("model.sql", "version https://git-lfs.github.com/spec/v1", "oid sha256:1", "size 9"), "binary", "LFS"),
    ],
)
def test_what_has_no_text_to_review_is_named(text: str, expected: str, reason: str):
    (skip,) = scoped(text).skips
    assert skip.kind == expected
    assert reason in skip.reason


def test_a_link_that_becomes_a_file_is_reviewed():
    link = (
        "diff --git a/a.py b/a.py\ndeleted file mode 120000\nindex 1..0\n--- a/a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n"
    )
    assert kind(link + new("a.py", "evil()")) == "source"


class TestMarkers:
    MARKED = "# Code generated by sqlc. DO NOT EDIT.\nx = 1\n"

    def test_a_marker_in_base_counts(self):
        assert kind(edit("a.py", "-a", "+b"), base={"a.py": self.MARKED}) == "generated"

    def test_a_marker_that_the_change_adds_hides_nothing(self):
        text = edit("a.py", "+# @generated", " x", start=1)
        assert kind(text, base={"a.py": "x\n"}, head={"a.py": "# @generated\nx\n"}) == "source"
        assert kind(new("a.py", "# @generated", "evil()"), base={}) == "source"
        assert kind(text) == "source"

    def test_a_marker_that_the_change_removes_hides_nothing(self):
        text = edit("a.py", "-# Code generated by sqlc. DO NOT EDIT.", " x = 1", start=1)
        assert kind(text, base={"a.py": self.MARKED}) == "source"

    def test_a_marker_that_is_only_reworded_still_counts(self):
        text = edit(
            "a.py", "-# Code generated by sqlc. DO NOT EDIT.", "+# Code generated by sqlc v2. DO NOT EDIT.", start=1
        )
        assert kind(text, base={"a.py": self.MARKED}) == "generated"

    def test_without_trees_the_context_lines_prove_it(self):
        assert kind(edit("a.py", " # @generated", "-a", "+b", start=1)) == "generated"

    def test_deep_in_the_file_it_is_only_a_word(self):
        assert kind(edit("a.py", "-a", "+b"), base={"a.py": "\n" * 60 + "# @generated\n"}) == "source"

    def test_a_renamed_file_is_looked_up_by_its_old_name(self):
        assert kind(edit("b.py", "-a", "+b", old="a.py"), base={"a.py": self.MARKED}) == "generated"


class TestAttributes:
    def test_base_attributes_are_honoured(self):
        base = {
            ".gitattributes": "*.py linguist-generated\nlib/** linguist-vendored=true\n/man/* linguist-documentation\n"
        }
        assert kind(edit("a.py", "-a", "+b"), base=base) == "generated"
        assert kind(edit("lib/x.go", "-a", "+b"), base=base) == "vendored"
        assert kind(edit("man/x.go", "-a", "+b"), base=base) == "docs"
        assert kind(edit("x.go", "-a", "+b"), base=base) == "source"

    def test_attributes_of_head_hide_nothing(self):
        head = {".gitattributes": "* linguist-generated\n"}
        assert kind(edit("a.py", "-a", "+b"), base={}, head=head) == "source"

    def test_inner_folders_and_later_lines_win(self):
        base = {
            ".gitattributes": "*.py linguist-generated\n",
            "src/.gitattributes": "pay.py -linguist-generated\n",
        }
        assert kind(edit("src/pay.py", "-a", "+b"), base=base) == "source"
        assert kind(edit("src/x.py", "-a", "+b"), base=base) == "generated"

    @pytest.mark.parametrize("word", ["-linguist-vendored", "linguist-vendored=false"])
    def test_a_vendored_folder_can_be_claimed(self, word: str):
        assert kind(edit("vendor/pay.py", "-a", "+b"), base={".gitattributes": f"vendor/** {word}\n"}) == "source"

    def test_lines_git_cannot_read_are_passed_over(self):
        base = {
            ".gitattributes": '# x\n[attr]g linguist-generated\n\n! linguist-generated\n"a b.py" linguist-generated\n*.go\n'
        }
        assert kind(edit("x.py", "-a", "+b"), base=base) == "source"
        assert kind(edit("a b.py", "-a", "+b"), base=base) == "generated"


class TestRenames:
    def test_moving_code_out_of_sight_does_not_hide_its_change(self):
        for hidden in ("tests/pay.py", "vendor/pay.py", "frontend/pay.vue", "pay_pb2.py"):
            assert kind(edit(hidden, "-a", "+b", old="app/pay.py")) == "source", hidden

    def test_a_test_that_moves_is_still_a_test(self):
        assert kind(edit("tests/b.py", "-a", "+b", old="tests/a.py")) == "test"


class TestScripts:
    @pytest.mark.parametrize(
        "top",
        [
            '"use server"\n',
            'import "server-only"\n',
            'import { PrismaClient } from "@prisma/client"\n',
            "const express = require('express')\n",
            "import { readFile } from 'node:fs/promises'\n",
        ],
    )
    def test_server_code_in_a_frontend_folder_is_in(self, top: str):
        assert kind(edit("src/components/x.ts", "-a", "+b"), head={"src/components/x.ts": top}) == "source"

    @pytest.mark.parametrize(
        "top",
        [
            'import type { Order } from "@prisma/client"\n',
            'import { type Order } from "@prisma/client"\n',
            "import { Client } from 'pg'\ndocument.title = 'x'\n",
            "export const open = () => 1\n",
        ],
    )
    def test_types_and_dom_use_do_not_make_server_code(self, top: str):
        assert (
            kind(edit("components/command/actions/x.ts", "-a", "+b"), head={"components/command/actions/x.ts": top})
            == "frontend"
        )

    def test_without_a_tree_the_hunks_are_read(self):
        assert kind(edit("src/components/x.ts", "+import Redis from 'ioredis'", start=1)) == "source"

    def test_configuration_of_bundlers_is_never_server_code(self):
        assert kind(edit("components/vite.config.ts", "+import fs from 'node:fs'")) == "frontend"

    def test_browser_code_outside_the_frontend_folders_is_out(self):
        assert (
            kind(edit("src/lib/x.ts", "-a", "+b"), base={"src/lib/x.ts": 'import { useState } from "react"\n'})
            == "frontend"
        )
        assert kind(edit("src/lib/x.ts", "-a", "+b"), base={"src/lib/x.ts": '// c\n"use client"\n'}) == "frontend"

    def test_a_directive_that_the_change_adds_hides_nothing(self):
        text = edit("src/pay.ts", '+"use client"', "+import React from 'react'", " x", start=1)
        head = {"src/pay.ts": '"use client"\nimport React from "react"\nx\n'}
        assert kind(text, base={"src/pay.ts": "x\n"}, head=head) == "source"


class TestComponents:
    PAGE = (
        "export default async function Page() {\n  const o = await db.order.find()\n"
        + "  //\n" * 30
        + "  return <p/>\n}\n"
    )

    def test_only_hunks_that_do_server_work_are_reviewed(self):
        text = edit("app/page.tsx", "-  const o = 1", "+  const o = await db.order.find()", start=2)
        text += "@@ -33 +33 @@\n-  return <a/>\n+  return <p/>\n"
        result = scoped(text, head={"app/page.tsx": self.PAGE})
        (file,) = result.inside.files
        (skip,) = result.skips
        assert (len(file.hunks), file.changed_lines) == (1, 2)
        assert (skip.path, skip.kind, skip.lines, skip.in_scope) == ("app/page.tsx", "frontend", 2, False)
        assert skip.reason.startswith("1 of 2 hunks")
        assert result.kinds == {"app/page.tsx": "source"}

    def test_plain_components_are_out(self):
        assert not scoped(
            edit("ui/Button.tsx", "-<a/>", "+<b/>"), head={"ui/Button.tsx": "export const B = 1"}
        ).inside.files

    def test_client_components_are_out_even_if_they_fetch(self):
        base = {"ui/Cart.tsx": '"use client"\n'}
        assert not scoped(edit("ui/Cart.tsx", "+fetch('/x')"), base=base, head=base).inside.files

    def test_a_server_action_inside_a_component_is_in(self):
        head = (
            'function P() {\n  async function pay() {\n    "use server"\n    charge()\n    x()\n  }\n'
            + "\n" * 20
            + "  return 1\n}\n"
        )
        text = edit("app/p.tsx", "-    y()", "+    x()", start=5) + "@@ -27 +27 @@\n-  return 0\n+  return 1\n"
        (file,) = scoped(text, head={"app/p.tsx": head}).inside.files
        assert [hunk.new_start for hunk in file.hunks] == [5]


def test_contracts_are_recognised_by_their_text():
    assert kind(edit("docs/api.yaml", "-a", "+b"), head={"docs/api.yaml": "# v1\nopenapi: 3.1.0\n"}) == "contract"
    assert kind(edit("api.json", "-a", "+b"), head={"api.json": '{\n "swagger": "2.0"'}) == "contract"
    assert kind(edit("api.json", "-a", "+b"), head={"api.json": "{}"}) == "other"


def test_trees_are_asked_once_each():
    base, head = DictTree(), DictTree()
    text = "".join(edit(f"src/components/c{i}.ts", "-a", "+b") for i in range(30))
    divide(diff.parse(text.encode()), ScopeRules(), base=base, head=head, leave_out=())
    assert (len(base.asked), len(head.asked)) == (1, 1)


@pytest.mark.parametrize(
    "hostile",
    [
        "/**/" * 3000 + "x",
        "/*" * 5000,
        "\n" * 20_000,
        " \t" * 20_000,
        "import " * 3000,
        "Code generated " * 3000,
        "await " * 5000,
        "await " + "a." * 20_000,
        '"use server"\n' * 5000,
        "{" * 20_000,
        "export default async " * 2000,
        "require(" * 4000,
    ],
)
def test_no_text_makes_the_probes_slow(hostile: str):
    texts = dict.fromkeys(("components/x.ts", "src/x.ts", "app/x.tsx", "docs/x.yaml"), hostile)
    line = "+" + hostile.replace("\n", " ")
    with no_endless_work():
        scoped("".join(edit(path, line, start=1) for path in texts), base=texts, head=texts)


PATHS = st.sampled_from(
    [
        "a.py",
        "b.go",
        "ui/x.tsx",
        "app/page.tsx",
        "go.sum",
        "vendor/x.py",
        "x.sql",
        "docs/x.md",
        "tests/t.py",
        "src/y.ts",
        "k8s/x.yaml",
        "q",
    ]
)
CODE = st.sampled_from(
    ["x", "await db.find()", "# @generated", "'use client'", "import React from 'react'", "fetch(1)", "openapi: 3"]
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(PATHS, st.tuples(CODE, CODE, CODE)),
    st.dictionaries(PATHS, CODE),
    st.lists(PATHS, max_size=2),
    st.lists(PATHS, max_size=2),
)
def test_every_changed_line_is_inside_or_in_exactly_one_skip(edits, texts, include, exclude):
    text = "".join(
        edit(path, f"-{a}", f"+{b}", start=1) + f"@@ -30,0 +30,1 @@\n+{c}\n"
        for path, (a, b, c) in sorted(edits.items())
    )
    changes = diff.parse(text.encode())
    result = scoped(text, base=texts, head=texts, include=tuple(include), exclude=tuple(exclude))
    assert isinstance(result.inside, ChangeSet)
    for file in changes.files:
        kept = result.inside.file(file.path)
        lines = (kept.changed_lines if kept else 0) + sum(skip.lines for skip in result.skips if skip.path == file.path)
        assert lines == file.changed_lines
        assert kept or any(skip.path == file.path for skip in result.skips)
    assert not any(skip.in_scope for skip in result.skips)
    assert result.kinds.keys() == {file.path for file in changes.files}
