"""Guards one by one: each on a hit where it agrees and on one where it does not."""

from __future__ import annotations

import pytest

from reviewer.evidence.examined import Text
from reviewer.evidence.guards import GUARDS, names, paths, sqltext
from reviewer.evidence.hit import Hit
from reviewer.evidence.repo import RepoFacts, repo_facts
from reviewer.evidence.rulefile import read

RULE = """
id: x.y
hazard: x
category: security
severity: low
tier: A
title: x
message: x
fix: x
language: {language}
rule: {{pattern: "{pattern}"}}
"""


def hit(
    language: str,
    code: str,
    pattern: str = "hit($$$A)",
    *,
    path: str = "app/a",
    facts: RepoFacts | None = None,
    complete: bool = True,
) -> Hit:
    """The first match of `pattern` in `code`."""
    (rule,) = read("x.yml", RULE.format(language=language, pattern=pattern))
    lines = code.count("\n") + 1
    text = Text(code, language, complete, () if complete else (range(1, lines + 1),))
    assert text.root is not None
    node = text.root.find_all(dict(rule.query))[0]  # type: ignore[call-overload]
    return Hit(rule, node, text, path, facts or RepoFacts())


def agrees(guard: str, found: Hit) -> bool:
    name, _, argument = guard.partition(":")
    return GUARDS[name](found, argument)


PY = "import lib\n\n@app.get('/x')\nasync def serve(request, q: str, n: int):\n    if insecure:\n        hit(q)\n    close()\n"
CASES = [
    ("imports:lib", True, "python", PY),
    ("imports:other", False, "python", PY),
    ("imports_not:other", True, "python", PY),
    ("in_handler", True, "python", PY),
    ("in_handler", False, "python", "def f(x):\n    hit(x)\n"),
    ("in_handler", True, "typescript", "app.get('/x', (req, res) => { hit(req); });\n"),
    ("in_handler", True, "go", "package a\nfunc f(w http.ResponseWriter, r *http.Request) { hit(r) }\n"),
    ("nearest_async", True, "python", PY),
    ("nearest_async", False, "python", "async def f():\n    def g():\n        hit(1)\n"),
    ("nearest_async", True, "typescript", "const f = async () => { hit(1); };\n"),
    ("nearest_async", False, "typescript", "const f = () => { hit(1); };\n"),
    ("not_in_branch:insecure", False, "python", PY),
    ("not_in_branch:secure$", False, "python", PY),
    ("not_in_branch:other", True, "python", PY),
    ("function_has:close", True, "python", PY),
    ("function_has_not:close", False, "python", PY),
    ("function_has_not:open", True, "python", PY),
    ("file_has:^import lib", True, "python", PY),
    ("file_has_not:^import lib", False, "python", PY),
    ("symbol_not:^serve$", False, "python", PY),
    ("symbol_is:^serve$", True, "python", PY),
    ("in_function:async def", True, "python", PY),
    ("tainted:A", True, "python", "def f(request):\n    x = request.GET['x']\n    hit(x)\n"),
    ("tainted:A", True, "python", "def f(request):\n    x = request.GET['x']\n    x = x.strip()\n    hit(x)\n"),
    ("tainted:A", False, "python", "def f(request):\n    x = int(request.GET['x'])\n    hit(x)\n"),
    ("tainted:A", False, "python", "def f(request):\n    x = lookup(request.GET['x'])\n    hit(x)\n"),
    ("tainted:A", False, "python", "def f(request):\n    x = request.GET['x']\n    validate(x)\n    hit(x)\n"),
    ("tainted:A", False, "python", "def f(x):\n    hit(x)\n"),
    ("tainted:A", True, "python", PY),
    ("tainted:A", False, "python", PY.replace("hit(q)", "hit(n)")),
    ("tainted:A", True, "typescript", "async function f(req) { const { url } = req.body; hit(url); }\n"),
    (
        "tainted:A",
        True,
        "go",
        "package a\nfunc f(c *gin.Context) { var in Input; c.ShouldBindJSON(&in); hit(in.URL) }\n",
    ),
    ("tainted:A", True, "java", "class A { void f(@RequestParam String q) { hit(q); } }\n"),
    ("tainted:A", False, "java", "class A { void f(@RequestParam Long q) { hit(q); } }\n"),
    ("tainted:A", True, "ruby", "def f\n  x = params[:x]\n  hit(x)\nend\n"),
    ("in_loop", True, "python", "for x in xs:\n    hit(x)\n"),
    ("in_loop", False, "python", "for x in [1, 2]:\n    hit(x)\n"),
    ("in_loop", False, "python", "for chunk in chunks:\n    hit(chunk)\n"),
    ("in_loop", False, "python", "for x in hit(xs):\n    use(x)\n"),
    ("in_loop", False, "python", "for x in xs:\n    hit(y)\n"),
    ("in_loop", True, "go", "package a\nfunc f() {\n  for _, x := range xs {\n    hit(x)\n  }\n}\n"),
    ("in_loop", True, "typescript", "xs.map(async (x) => hit(x));\n"),
    ("in_loop", True, "ruby", "xs.each { |x| hit(x) }\n"),
    ("in_loop", False, "ruby", "xs.each_slice(10) { |x| hit(x) }\n"),
    ("in_loop", False, "ruby", "%w[a b].each { |x| hit(x) }\n"),
    ("inside_ruby_block:transaction", True, "ruby", "X.transaction do\n  hit(1)\nend\n"),
    ("inside_ruby_block:transaction", False, "ruby", "X.transaction do\n  after_commit { hit(1) }\nend\n"),
    ("java_transactional", True, "java", "class A { @Transactional public void f() { hit(1); } }\n"),
    ("java_transactional", True, "java", "@Transactional\nclass A { public void f() { hit(1); } }\n"),
    ("java_transactional", False, "java", "class A { @Transactional(readOnly = true) public void f() { hit(1); } }\n"),
    (
        "inside_go_transaction",
        True,
        "go",
        "package a\nfunc f() {\n  tx, err := db.Begin()\n  hit(err)\n  tx.Commit()\n}\n",
    ),
    (
        "inside_go_transaction",
        False,
        "go",
        "package a\nfunc f() {\n  tx, err := db.Begin()\n  tx.Commit()\n  hit(err)\n}\n",
    ),
    ("not_main", False, "python", "def main():\n    hit(1)\n"),
    ("not_main", True, "python", "def serve():\n    hit(1)\n"),
    ("comment_not:on purpose", False, "python", "# on purpose\nhit(1)\n"),
    ("comment_not:on purpose", False, "python", "hit(1)  # on purpose\n"),
    ("comment_not:on purpose", True, "python", "x = 'on purpose'\nhit(1)\n"),
    ("resolves:A=^requests\\.get$", True, "python", "from requests import get as g\nhit(g)\n"),
    ("resolves:A=^requests\\.get$", True, "python", "import requests as rq\nhit(rq.get)\n"),
    ("resolves:A=^requests\\.get$", True, "python", "from requests import (\n    post,\n    get,\n)\nhit(get)\n"),
    ("resolves:A=^requests\\.get$", False, "python", "from ours import get\nhit(get)\n"),
    ("resolves:A=^requests\\.get$", False, "python", "hit(get)\n"),
    ("declared_as:A=redis\\.Redis\\(", True, "python", "c = redis.Redis()\nhit(c)\n"),
    ("declared_as:A=redis\\.Redis\\(", True, "python", "with redis.Redis() as c:\n    hit(c)\n"),
    ("declared_as:A=redis\\.Redis\\(", False, "python", "c = dict()\nd = redis.Redis()\nhit(c)\n"),
    (
        "declared_as:A=redis\\.Client",
        True,
        "go",
        "package a\ntype C struct{ rdb *redis.Client }\nfunc (c *C) f() { hit(c.rdb) }\n",
    ),
    (
        "declared_as:A=Redis\\b",
        True,
        "typescript",
        "class C { constructor(private readonly r: Redis) {} f() { hit(this.r); } }\n",
    ),
    (
        "declared_as:A=RedisTemplate",
        True,
        "java",
        "class A { RedisTemplate<String, String> t; void f() { hit(t); } }\n",
    ),
    (
        "declared_as:A=RedisTemplate",
        False,
        "java",
        "class A { RedisTemplate<String, String> t; Other u; void f() { hit(u); } }\n",
    ),
    ("function_names:A=return {name}$", True, "python", "def f(x):\n    hit(x)\n    return x\n"),
    ("function_names:A=return {name}$", False, "python", "def f(x):\n    hit(x)\n    return y\n"),
    ("file_names:A={name} = 1", True, "python", "def f():\n    hit(x)\n\nx = 1\n"),
    ("file_names:A={name} = 1", False, "python", "def f():\n    hit(x)\n\ny = 1\n"),
    ("whole_body:A", True, "python", "def f(request):\n    d = request.get_json()\n    hit(d)\n"),
    ("whole_body:A", True, "python", "def f(request):\n    d = json.loads(request.body)\n    hit(d)\n"),
    ("whole_body:A", False, "python", "def f(request):\n    d = request.get_json()['name']\n    hit(d)\n"),
    (
        "bound_whole:A",
        True,
        "go",
        "package a\nfunc f(c *gin.Context) { var u models.User; c.ShouldBindJSON(&u); hit(u) }\n",
    ),
    (
        "bound_whole:A",
        False,
        "go",
        "package a\nfunc f(c *gin.Context) { var u UserInput; c.ShouldBindJSON(&u); hit(u) }\n",
    ),
    ("host_dynamic:A", False, "python", "def f(request):\n    hit(f\"https://a.example/{request.GET['x']}\")\n"),
]


@pytest.mark.parametrize(
    ("guard", "expected", "language", "code"), CASES, ids=[f"{c[0]}-{c[2]}-{n}" for n, c in enumerate(CASES)]
)
def test_guard(guard: str, expected: bool, language: str, code: str) -> None:
    pattern = "hit($A)" if guard.endswith(":A") or ":A=" in guard else "hit($$$A)"
    assert agrees(guard, hit(language, code, pattern)) is expected


def test_absence_needs_the_whole_function() -> None:
    part = "def f():\n    hit(1)\n    more()"
    assert not agrees("function_has_not:close", hit("python", part, complete=False))
    assert agrees("function_has_not:close", hit("python", part + "\n\nx = 1", complete=False))
    assert not agrees("function_has_not:close", hit("go", "func f() {\n  if a {\n    hit(1)\n  }", complete=False))
    assert agrees("function_has_not:close", hit("go", "func f() {\n  hit(1)\n}\n", complete=False))
    assert agrees("function_shows_not:close", hit("python", part, complete=False))


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [("gem 'rails'\ngem 'good_job'\n", False), ("gem 'rails'\ngem 'sidekiq'\n", True), ("", True)],
)
def test_a_queue_in_the_same_database_takes_part_in_the_transaction(manifest: str, expected: bool) -> None:
    facts = repo_facts({"Gemfile": manifest.encode()})
    assert agrees("queue_not_in_database", hit("ruby", "hit(1)\n", facts=facts)) is expected


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("tests/a.py", "test"), ("a/foo_test.go", "test"), ("src/a.spec.ts", "test"), ("src/FooTest.java", "test"), ("spec/a_spec.rb", "test"),
        ("src/aat/resources/a.json", "test"), ("src/functionalTest/java/A.java", "test"), ("playwright_tests/core/a.py", "test"),
        ("features/step_definitions/a.rb", "test"), ("lib/redis_test_setup.rb", "test"), ("app/ab_test/a.rb", ""), ("app/tasks.py", ""),
        ("tasks.py", "script"), ("app/models/release.rb", ""), ("app/services/build_invoice.rb", ""), ("hack/build_image.py", "script"),
        ("proto/gen_stubs.py", "script"), ("config/deploy/production.rb", "script"), ("app/jobs/names_backfill_job.rb", "migration"),
        ("pulp/pytest_plugin.py", "test"), ("app/tasks/test.py", "test"), ("shop-e2e/a/app.yml", "test"), ("eval/eval_cli.py", "script"),
        ("app/loaddata.py", "seed"), ("packages/shop-tools/lib/a.js", "script"), ("build_tools/a.py", "script"), ("shop/upgrade.py", "migration"),
        ("app/latest.py", ""), ("src/contest/a.ts", ""), ("scripts/a.py", "script"), ("lib/tasks/a.rake", "script"), ("app/cli/a.ts", "script"),
        ("db/migrate/1_a.rb", "migration"), ("app/migrations/0001_a.py", "migration"), ("db/old_migrations/1.rb", "migration"),
        ("lib/promotion_migrator.rb", "migration"),
        ("app/emigrate.py", ""),
        ("db/seeds.rb", "seed"), ("core/random_data.py", "seed"), ("app/database.py", ""), ("app/metadata.py", ""), (".semgrep/a.py", "foreign"),
    ],
)  # fmt: skip
def test_paths_tell_what_code_is_for(path: str, kind: str) -> None:
    kinds = {
        "test": paths.is_test,
        "script": paths.is_script,
        "migration": paths.is_migration,
        "seed": paths.is_seed,
        "foreign": paths.is_foreign,
    }
    assert [name for name, check in kinds.items() if check(path)] == ([kind] if kind else [])


@pytest.mark.parametrize("name", ["price", "totalAmount", "account_balance", "unitPriceEUR"])
def test_names_of_money(name: str) -> None:
    assert names.is_money(name)


@pytest.mark.parametrize("name", ["tax_rate", "priceCount", "discount_percentage", "balanced", "token_cost"])
def test_names_that_only_sound_like_money(name: str) -> None:
    assert not names.is_money(name)


@pytest.mark.parametrize(
    "name", ["password", "accessToken", "client_secret", "API_KEY", "userPassword", "card_token", "cvc", "signingKey"]
)
def test_names_of_secrets(name: str) -> None:
    assert names.is_secret(name)


@pytest.mark.parametrize(
    "name",
    ["password_hash", "tokenCount", "has_password", "secretName", "passwordResetUrl", "pageToken", "card_token_id"],
)
def test_names_that_are_no_secrets(name: str) -> None:
    assert not names.is_secret(name)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("SELECT * FROM t WHERE a = ", True), ("SELECT * FROM t WHERE a LIKE '%", True), ("SELECT * FROM t WHERE a IN (", True),
        ("INSERT INTO t VALUES (1, ", True), ("SELECT * FROM ", False), ("SELECT ", False), ("SELECT * FROM t ORDER BY ", False),
    ],
)  # fmt: skip
def test_values_stand_where_values_belong(before: str, expected: bool) -> None:
    assert sqltext.value_position(before) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("TABLE", True),
        ("table_name", True),
        ("order_by", True),
        ("','.join('?' for _ in ids)", True),
        ("order_id", False),
        ("name", False),
        ("account.code", False),
    ],
)
def test_pieces_of_a_statement_are_no_values(expression: str, expected: bool) -> None:
    assert sqltext.harmless(expression) is expected


@pytest.mark.parametrize(
    ("language", "code", "pattern", "expected"),
    [
        ("python", "def f(b, s):\n    want = hmac.new(K, b).hexdigest()\n    return want == s\n", "$A == $B", True),
        ("python", "def f(b, s):\n    want = other(b)\n    return want == s\n", "$A == $B", False),
        (
            "java",
            "class A { boolean f() { String w = hex(mac.hexdigest()); return w.equals(s); } }\n",
            "$A.equals($B)",
            True,
        ),
        ("java", "class A { boolean f() { String w = hex(sum); return w.equals(s); } }\n", "$A.equals($B)", False),
    ],
)
def test_a_side_of_a_comparison_is_traced_to_where_it_was_made(
    language: str, code: str, pattern: str, expected: bool
) -> None:
    assert agrees("side_from:hexdigest", hit(language, code, pattern)) is expected
