"""Secrets stay home: every kind is masked wherever it stands, names and numbers stay."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.nouns.changeset import ChangeSet, FileChange, FileStatus, Hunk, Line
from reviewer.stages.redact import mask, redact
from reviewer.stages.secret_kinds import KINDS, Kind
from reviewer.stages.secret_names import aligned
from reviewer.stages.secrets import find, lines_with
from tests.bounds import no_endless_work
from tests.evidence.implied import implies, stays_on_a_line
from tests.stages.secret_samples import by_format, in_place, key_block

FORMATS = sorted(by_format(random.Random(0)))
PLACES = sorted(in_place(random.Random(0)))
SEEDS = range(8)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("frame", ["{}", 'x = call("{}")', "  - {}", "see `{}` for more", "A={}&b=1", "# {}"])
def test_a_value_known_by_its_format_is_masked_anywhere(kind: str, frame: str) -> None:
    for seed in SEEDS:
        value = by_format(random.Random(seed))[kind]
        masked = mask(frame.format(value))
        assert value not in masked
        assert value[len(value) // 2 :] not in masked
        assert "‹secret:" in masked


@pytest.mark.parametrize("kind", FORMATS)
def test_a_value_known_by_its_format_is_named_by_kind(kind: str) -> None:
    (hit,) = find(by_format(random.Random(1))[kind], strict=False)
    assert hit.kind == kind.split(" ", maxsplit=1)[0]


@pytest.mark.parametrize("place", PLACES)
def test_a_value_known_by_its_place_is_masked_and_the_rest_stays(place: str) -> None:
    for seed in SEEDS:
        line, value = in_place(random.Random(seed))[place]
        masked = mask(line)
        assert value not in masked, line
        before, _, after = line.partition(value)
        assert masked.startswith(before)
        assert masked.endswith(after)


@pytest.mark.parametrize(
    "line",
    [
        'password = os.environ["DB_PASSWORD"]',
        "const token = process.env.API_TOKEN;",
        "password: ${DB_PASSWORD}",
        "password: ${DB_PASSWORD:-changeme}",
        "password: {{ .Values.db.password }}",
        'api_key = "your_api_key_here"',
        'apiKey: "<API_KEY>"',
        'password = "changeme"',
        'secret = "xxxxxxxxxxxxxxxx"',
        "POSTGRES_PASSWORD=postgres",
        "postgres://postgres:postgres@localhost/test",
        "postgres://user:${PASSWORD}@db/app",
        "def login(username: str, password: str) -> Token:",
        "token: Optional[str] = None",
        "public record Credentials(String user, String password) {}",
        "if token == expected_token:",
        "const { accessToken, refreshToken } = await this.issueTokens(user);",
        "password = request.POST.get('password')",
        "validates :password, presence: true, length: { minimum: 8 }",
        "token_url = 'https://auth.internal/oauth/token2'",
        'secret_name = "prod/db/main-2"',
        "password_hash = hash_password(password, rounds=12)",
        "user.password = encoder.encode(form.password1)",
        "ALTER TABLE users ADD COLUMN password_digest varchar(60) NOT NULL;",
        'raise ValueError("password must have at least 12 characters")',
        "max_tokens=8000",
        "csrf_token = get_token(request)",
        "tokenCount += usage.total_tokens2",
        'sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"',
        "commit 1aadd6c8f2b1de0f7a3c1b2d4e5f60718293a4b5",
        'integrity: "sha512-abcDEF"',
        "const secretKey = await getSecretKey2();",
        "token := r.Header.Get(headerName)",
        "AKIAIOSFODNN7EXAMPLE",
        "password: Uint8Array",
        "access_token: string;",
        '"APIKeysWithRawResponse": (".api_keys", "APIKeysWithRawResponse"),',
        'cache_key = "tenant:profile:v2:settings1"',
        "PRIMARY KEY (tenant_id, order_id2)",
        'key = f"orders/{order.id}/v1"',
        "keyPrefix: 'orders-by-customer-2024'",
        '"max_tokens_per_1_minute": max_tokens_per_1_minute,',
        """return f"AccessToken(token='{masked}')\"""",
        "    BetaManagedAgentsVaultArchivedDeploymentPausedReasonErrorObject,",
        '"Basic infrastructure for clients"',
        "The client secret is a string that looks like `ek_1234`.",
    ],
)
def test_names_lookups_and_examples_are_left_alone(line: str) -> None:
    assert mask(line) == line


def test_a_private_key_is_masked_line_by_line() -> None:
    for label in ("RSA ", "", "EC ", "OPENSSH ", "ENCRYPTED "):
        block = key_block(random.Random(3), label)
        text = "\n".join(["before", *block, "after"])
        masked = mask(text).split("\n")
        assert len(masked) == len(block) + 2
        assert (masked[0], masked[1], masked[-2], masked[-1]) == ("before", block[0], block[-1], "after")
        assert all(line.startswith("‹secret:private-key:") for line in masked[2:-2])


def test_a_private_key_written_in_one_string_is_masked() -> None:
    block = key_block(random.Random(4))
    for text in ('"private_key": "' + "\\n".join(block) + '\\n",', 'KEY = """' + "\n".join(block) + '"""'):
        masked = mask(text)
        assert not any(line in masked for line in block[1:-1])


def line(kind: str, text: str, number: int) -> Line:
    return Line(kind, text, None if kind == "+" else number, None if kind == "-" else number)


def change_of(texts: list[tuple[str, str]], section: str = "") -> ChangeSet:
    lines = tuple(line(kind, text, number) for number, (kind, text) in enumerate(texts, start=1))
    return ChangeSet((FileChange("a.pem", FileStatus.MODIFIED, (Hunk(1, 1, 1, 1, section, lines),), "a.pem"),))


def texts_of(change: ChangeSet) -> list[str]:
    return [each.text for file in change.files for each in file.lines()]


def test_a_replaced_key_masks_both_keys() -> None:
    old, new = key_block(random.Random(5)), key_block(random.Random(6))
    pairs = [("-", text) for text in old] + [("+", text) for text in new]
    woven = [pair for both in zip(pairs[: len(old)], pairs[len(old) :], strict=True) for pair in both]
    for arranged in (pairs, woven):
        shown = "\n".join(texts_of(redact(change_of(arranged))))
        assert not any(text in shown for text in (*old[1:-1], *new[1:-1]))


def test_a_key_of_which_only_a_part_is_in_the_hunk_is_masked() -> None:
    block = key_block(random.Random(7), lines=12)
    for part in (block[:6], block[6:], block[3:9]):
        shown = "\n".join(texts_of(redact(change_of([("+", text) for text in part]))))
        assert not any(text in shown for text in part if not text.startswith("---"))


def test_secrets_in_unchanged_lines_and_section_headers_are_masked_too() -> None:
    value = by_format(random.Random(8))["stripe-key"]
    change = redact(change_of([(" ", f'key = "{value}"'), ("+", "x = 1")], section=f'def f(key="{value}"):'))
    assert value not in str(change)


def test_equal_values_get_equal_placeholders_and_others_do_not() -> None:
    one, other = (by_format(random.Random(seed))["github-token"] for seed in (9, 10))
    first, again, third = mask(f"{one}\n{one}\n{other}").split("\n")
    assert first == again == mask(one)
    assert first != third


def test_a_change_without_secrets_is_handed_back_as_it_is() -> None:
    change = change_of([("+", "total = price * quantity"), ("-", "return None")])
    assert redact(change) is change


secret = st.integers(0, 500).flatmap(
    lambda seed: st.sampled_from(
        [*by_format(random.Random(seed)).values(), *(text for text, _ in in_place(random.Random(seed)).values()),
         *key_block(random.Random(seed))]
    )
)  # fmt: skip
any_line = st.one_of(
    secret,
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=50),
    st.sampled_from(["password = '", "-----BEGIN PRIVATE KEY-----", "token: |", "İ = 'x'", "a\rb", "\x0c"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("+- "), any_line), max_size=14))
def test_no_line_moves_and_masking_again_changes_nothing(texts: list[tuple[str, str]]) -> None:
    change = change_of(texts)
    masked = redact(change)
    assert [(each.kind, each.old, each.new) for file in masked.files for each in file.lines()] == [
        (each.kind, each.old, each.new) for file in change.files for each in file.lines()
    ]
    assert [(file.path, len(file.hunks)) for file in masked.files] == [
        (file.path, len(file.hunks)) for file in change.files
    ]
    text = "\n".join(text for _, text in texts)
    once = mask(text)
    assert once.count("\n") == text.count("\n")
    assert mask(once) == once


def test_strict_hits_are_a_part_of_the_loose_ones() -> None:
    for seed in SEEDS:
        text = "\n".join(
            [*by_format(random.Random(seed)).values(), *(each for each, _ in in_place(random.Random(seed)).values())]
        )
        loose = {(hit.start, hit.line) for hit in find(text, strict=False)}
        strict = find(text)
        assert {(hit.start, hit.line) for hit in strict} <= loose
        assert len(strict) >= 40
        assert all(text.count("\n", 0, hit.start) + 1 == hit.line for hit in strict)


def test_a_test_password_is_masked_but_no_finding() -> None:
    text = 'password = "s3cret-for-tests"'
    assert find(text) == ()
    assert mask(text) != text


def test_hostile_lines_do_not_take_long() -> None:
    hostile = [
        "password=" * 20_000,
        "secret" + "a" * 200_000,
        "token = '" + "\\" * 100_000,
        "https://" + "a:" * 50_000,
        "-----BEGIN PRIVATE KEY-----\n" * 3_000,
        "-----END PRIVATE KEY-----\n" * 3_000,
        "eyJ" + "eyJ." * 50_000,
        "password : " + "a|" * 50_000,
        "Bearer " * 30_000,
    ]
    for text in hostile:
        with no_endless_work():
            mask(text)


@given(
    st.lists(
        st.sampled_from(
            [*by_format(random.Random(3)).values(), *in_place(random.Random(4)), "\n", "\n", " ", "İ", "curl -u a:b"]
        ),
        max_size=8,
    ).map("".join)
)
def test_only_lines_with_an_anchor_are_looked_at_and_no_value_is_lost(text: str) -> None:
    for kind in (kind for kind in KINDS if not kind.apart):
        everywhere = [match.span() for match in kind.compiled().finditer(text)]
        by_line = [
            match.span()
            for start, end in lines_with(aligned(text), kind.anchors)
            for match in kind.compiled().finditer(text, start, end)
        ]
        assert by_line == everywhere


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.name}: {kind.anchors[0]}")
def test_every_match_of_a_format_stays_on_a_line_with_an_anchor(kind: Kind) -> None:
    assert stays_on_a_line(kind.compiled())
    assert implies(kind.compiled(), kind.anchors, folds=True) is not kind.apart


@pytest.mark.parametrize(
    "text",
    [
        'SECRET = "abcdefghijklmnopqrstuvwxyz0123456789"',
        'api_token = "/v1/{tenant}/keys/9a8b7c6d5e4f3a2b"',
        'password_hash: secret_hash = "9f3kL0pQz7Vw2xR5tB8nM1cJ6hG4sD"',
        'user.hashed_password = "9f3kL0pQz7Vw2xR5tB8nM1cJ6hG4sD"',
        r'PASSWORD_RULE_L0 = "^(?=.*[A-Za-z])(?=.*\\d)[A-Za-z\\d]{8,}$"',
        '"password": "[[$ORDERS_CASEWORKER_1_PWD]]"',
        'sha512Key: "9f3kL0pQz7Vw2xR5tB8nM1cJ6hG4sD"',
        'personal_token = f"{config.base_path}v2/users/{name}/tokens/"',
        'RECAPTCHA_SITE_KEY = "9f3kL0pQz7Vw2xR5tB8nM1cJ6hG4sD"',
        "-----BEGIN PRIVATE KEY-----\nABCDEFGHIJKLMNOPQRST/0123456789+abcdefghij\nAAAAAAAA\n-----END PRIVATE KEY-----",
    ],
)
def test_what_only_looks_random_is_masked_but_is_no_finding(text: str) -> None:
    assert find(text) == ()
    assert {hit.strict for hit in find(text, strict=False)} <= {False}
