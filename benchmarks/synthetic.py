"""Made-up backend pull requests of any size, in five languages, with a marker on every changed line.

A marker is a word that occurs once in the whole change: whatever reads the change, reads each line of it, or
shows by a missing marker that it did not. The same size and seed always give the same pull request.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Marker(NamedTuple):
    """A word planted on one changed line. `side` is RIGHT for an added line, LEFT for a removed one."""

    word: str
    path: str
    side: str
    in_scope: bool


class Pull(NamedTuple):
    """Files of base and head, the diff between them as git would print it, and the markers in it."""

    base: dict[str, str]
    head: dict[str, str]
    diff: bytes
    markers: tuple[Marker, ...]

    @property
    def in_scope(self) -> frozenset[str]:
        return frozenset(marker.word for marker in self.markers if marker.in_scope)


class Style(NamedTuple):
    """A language: where files go, how they open, and the lines of a function, `@` standing for a marker."""

    paths: dict[str, str]  # layer: path, {} is the feature
    opening: str
    function: tuple[str, ...]
    edit: tuple[str, ...]
    closing: str = ""


_PYTHON = Style(
    {
        "handler": "app/api/{}_handler.py",
        "service": "app/services/{}_service.py",
        "repository": "app/repositories/{}_repository.py",
        "model": "app/models/{}.py",
        "test": "tests/test_{}_service.py",
    },
    "from app.core.database import session\n\n\nclass Feature:\n",
    (
        "    def settle_@(self, order):",
        "        amount = order.total_@ * self.rate",
        "        if amount > self.limit_@:",
        "            raise LimitExceeded('@')",
        "        self.repository.save(order, '@')",
        "        return amount, '@'",
    ),
    ("        with self.lock(order, '@'):", "            self.check_owner(order, '@')"),
)
_GO = Style(
    {
        "handler": "internal/api/{}_handler.go",
        "service": "internal/service/{}_service.go",
        "repository": "internal/store/{}_store.go",
        "model": "internal/domain/{}.go",
        "test": "internal/service/{}_service_test.go",
    },
    'package feature\n\nimport "context"\n\n',
    (
        "func (s *Service) Settle@(ctx context.Context, order Order) error {",
        "\tamount := order.Total@ * s.rate",
        "\tif amount > s.limit@ {",
        '\t\treturn fmt.Errorf("limit @")',
        "\t} // @",
        '\treturn s.store.Save(ctx, order, "@")',
        "} // @",
    ),
    ("\tdefer s.mu.Unlock() // @", '\tif err := s.checkOwner(ctx, order, "@"); err != nil { return err }'),
)
_TYPESCRIPT = Style(
    {
        "handler": "src/api/{}.controller.ts",
        "service": "src/services/{}.service.ts",
        "repository": "src/repositories/{}.repository.ts",
        "model": "src/entities/{}.entity.ts",
        "test": "src/services/{}.service.spec.ts",
    },
    "import { Injectable } from '@nestjs/common';\n\nexport class Feature {\n",
    (
        "  async settle@(order: Order): Promise<number> {",
        "    const amount = order.total@ * this.rate;",
        "    if (amount > this.limit@) {",
        "      throw new LimitExceeded('@');",
        "    } // @",
        "    await this.repository.save(order, '@');",
        "    return amount; // @",
        "  } // @",
    ),
    ("    await this.lock(order, '@');", "    this.checkOwner(order, '@');"),
    "}\n",
)
_JAVA = Style(
    {
        "handler": "src/main/java/com/shop/api/{}Controller.java",
        "service": "src/main/java/com/shop/service/{}Service.java",
        "repository": "src/main/java/com/shop/repository/{}Repository.java",
        "model": "src/main/java/com/shop/domain/{}.java",
        "test": "src/test/java/com/shop/service/{}ServiceTest.java",
    },
    "package com.shop;\n\npublic class Feature {\n",
    (
        "    public long settle@(Order order) {",
        "        long amount = order.total@() * rate;",
        "        if (amount > limit@) {",
        '            throw new LimitExceeded("@");',
        "        } // @",
        '        repository.save(order, "@");',
        "        return amount; // @",
        "    } // @",
    ),
    ('        lock.acquire(order, "@");', '        checkOwner(order, "@");'),
    "}\n",
)
_RUBY = Style(
    {
        "handler": "app/controllers/{}_controller.rb",
        "service": "app/services/{}_service.rb",
        "repository": "app/repositories/{}_repository.rb",
        "model": "app/models/{}.rb",
        "test": "spec/services/{}_service_spec.rb",
    },
    "class Feature < Base\n",
    (
        "  def settle_@(order)",
        "    amount = order.total_@ * rate",
        "    raise LimitExceeded, '@' if amount > limit",
        "    repository.save(order, '@')",
        "    amount # @",
        "  end # @",
    ),
    ("    lock!(order, '@')", "    check_owner!(order, '@')"),
    "end\n",
)
_STYLES = (_PYTHON, _GO, _TYPESCRIPT, _JAVA, _RUBY)
_LAYERS = ("handler", "service", "repository", "model", "test")
_NAMES = (
    "order",
    "invoice",
    "refund",
    "basket",
    "shipment",
    "ledger",
    "wallet",
    "voucher",
    "account",
    "tenant",
    "payout",
    "stock",
)
_NOISE = {  # out of scope for a backend reviewer
    "web/src/components/Button{}.tsx": "  const label@ = 'x';",
    "package-lock{}.json": '  "m@": "1.0.0",',
    "deploy/terraform/main{}.tf": "  name_@ = 1",
}


class _Counter:
    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._next = 0

    def word(self) -> str:
        self._next += 1
        return f"mk{self._next:06d}{self._chance.choice('bcdfghjk')}q"


_Segment = tuple[str, tuple[str, ...]]  # the diff's mark, lines


def pull_request(lines: int, *, seed: int = 1, per_file: int = 50, noise: bool = False) -> Pull:
    """A pull request of exactly `lines` changed lines in scope, about `per_file` a file; `noise` adds files out of scope."""
    counter = _Counter(seed)
    base: dict[str, str] = {}
    head: dict[str, str] = {}
    parts: list[str] = []
    markers: list[Marker] = []
    left, number = lines, 0
    while left > 0:
        path, style = _place(number)
        size = min(left, max(20, per_file) if lines > 100 else 20)
        segments = list(_file(style, size, counter, added=number % 4 == 3, sql=path.endswith(".sql")))
        _keep(path, segments, base, head, parts, markers, in_scope=True)
        left -= size
        number += 1
    if noise:
        for path, line in _NOISE.items():
            segments = [("+", tuple(line.replace("@", counter.word()) for _ in range(30)))]
            _keep(path.format(""), segments, base, head, parts, markers, in_scope=False)
    return Pull(base, head, "".join(parts).encode(), tuple(markers))


def _place(number: int) -> tuple[str, Style]:
    """Six files a feature: its layers, then a migration; the language goes round by feature."""
    feature, layer = divmod(number, len(_LAYERS) + 1)
    style = _STYLES[feature % len(_STYLES)]
    turn = feature // len(_NAMES)
    name = _NAMES[feature % len(_NAMES)] + (f"_{chr(97 + turn % 26)}{turn}" if turn else "")
    if layer == len(_LAYERS):
        return f"db/migrations/{number:05d}_{name}.sql", style
    spelled = "".join(part.capitalize() for part in name.split("_")) if style is _JAVA else name
    return style.paths[_LAYERS[layer]].format(spelled), style


def _file(style: Style, size: int, counter: _Counter, *, added: bool, sql: bool) -> Iterator[_Segment]:
    """Segments with exactly `size` changed lines: functions added, guards removed, calls replaced."""
    if sql:
        yield "+", tuple(f"ALTER TABLE orders ADD COLUMN c_{counter.word()} integer;" for _ in range(size))
        return
    opening = tuple(style.opening.rstrip("\n").split("\n"))
    yield (
        "+" if added else " ",
        tuple(f"{line} {_remark(style)}{counter.word()}" for line in opening[:size]) if added else opening,
    )
    left = size - (min(size, len(opening)) if added else 0)
    turn = 0
    while left > 0:
        block = tuple(line.replace("@", counter.word()) for line in style.function[:left])
        if added or turn % 2:
            yield "+", block
            left -= len(block)
        else:
            plain = tuple(line.replace("@", f"{turn}") for line in style.function)
            yield " ", plain[:2]
            removed = tuple(line.replace("@", counter.word()) for line in style.edit[: max(1, left // 2)])
            yield "-", removed[:left]
            left -= len(removed[:left])
            if left:
                swapped = (style.function[1].replace("@", counter.word()),)
                yield "+", swapped
                left -= 1
            yield " ", plain[2:] * 2
        turn += 1
    if style.closing and not added:
        yield " ", tuple(style.closing.rstrip("\n").split("\n"))


def _remark(style: Style) -> str:
    return "# " if style in (_PYTHON, _RUBY) else "// "


def _keep(
    path: str,
    segments: Sequence[_Segment],
    base: dict[str, str],
    head: dict[str, str],
    parts: list[str],
    markers: list[Marker],
    *,
    in_scope: bool,
) -> None:
    """Add one file to all four products."""
    rows = [(mark, line) for mark, lines in segments for line in lines]
    new = all(mark == "+" for mark, _ in rows)
    if not new:
        base[path] = "".join(f"{line}\n" for mark, line in rows if mark != "+")
    head[path] = "".join(f"{line}\n" for mark, line in rows if mark != "-")
    parts.append(_diff(path, rows, new=new))
    for mark, line in rows:
        if mark != " ":
            start = line.index("mk0") if "mk0" in line else line.index("mk")
            side = "RIGHT" if mark == "+" else "LEFT"
            markers.append(Marker(line[start : start + 10], path, side, in_scope))


def _diff(path: str, rows: Sequence[tuple[str, str]], *, new: bool) -> str:
    """One file as `git diff` prints it, with three lines of context."""
    parts = [f"diff --git a/{path} b/{path}\n"]
    if new:
        parts.append("new file mode 100644\n")
    parts.append(f"--- {'/dev/null' if new else f'a/{path}'}\n+++ b/{path}\n")
    old, fresh = 1, 1
    numbered: list[tuple[str, str, int, int]] = []
    for mark, line in rows:
        numbered.append((mark, line, old, fresh))
        old += mark != "+"
        fresh += mark != "-"
    for start, end in _hunks(rows):
        chosen = numbered[start:end]
        before, after = sum(row[0] != "+" for row in chosen), sum(row[0] != "-" for row in chosen)
        first_old, first_new = chosen[0][2] - (before == 0), chosen[0][3] - (after == 0)
        parts.append(f"@@ -{first_old},{before} +{first_new},{after} @@\n")
        parts.extend(f"{mark}{line}\n" for mark, line, _, _ in chosen)
    return "".join(parts)


def _hunks(rows: Sequence[tuple[str, str]], context: int = 3) -> Iterator[tuple[int, int]]:
    start = end = -1
    for place, (mark, _) in enumerate(rows):
        if mark == " ":
            continue
        if start < 0:
            start = max(0, place - context)
        elif place - end > 2 * context:
            yield start, end + context
            start = place - context
        end = place + 1
    if start >= 0:
        yield start, min(len(rows), end + context)
