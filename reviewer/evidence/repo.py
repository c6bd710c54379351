"""Facts of the repository that guards need: which database, which queue, which frameworks.

Read once per run from manifests and a few configuration files of the head tree (base where head has none). An
empty set means "not known", never "none": guards treat the two alike, and stay silent only on what they know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reviewer.evidence.sieve import Sieve, folded

_MANIFESTS = frozenset(
    {
        "package.json", "pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "go.mod", "pom.xml", "build.gradle", "Cargo.toml",
        "build.gradle.kts", "Gemfile", "database.yml", "database.yaml", "schema.prisma", "alembic.ini", "cable.yml",
        "docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml", "application.yml",
        "application.properties", "application.yaml", "application.rb", "ormconfig.json", "settings.py", "knexfile.js", "knexfile.ts",
    }
)  # fmt: skip
_ROOTS = ("package.json", "pyproject.toml", "requirements.txt", "go.mod", "pom.xml", "build.gradle", "Gemfile",
          "config/database.yml", "prisma/schema.prisma")  # fmt: skip
MOST_MANIFESTS = 60
MOST_OF_ONE = 120_000  # bytes: the root pom.xml of a large project is long


def _any_of(words: str, pattern: str, flags: int = 0) -> Sieve:
    """An expression, with words one of which every match of it holds."""
    return Sieve(re.compile(pattern, flags), tuple(words.split()))


def _word(word: str) -> Sieve:
    return _any_of(word, rf"\b{word}\b", re.IGNORECASE)


_DEPENDENCIES: dict[str, dict[str, Sieve]] = {
    "engines": {
        "postgresql": _any_of("psycopg asyncpg pg8000 pgx lib/pq pg\" pg' postg pg-promise",
            r"psycopg|asyncpg|pg8000|\bpgx\b|lib/pq|\"pg\"|['\"]pg['\"]|postgres(?:ql)?(?:\+\w+)?://|adapter:\s*postgres"
            r"|backends\.postgresql|provider\s*=\s*\"postgresql\"|org\.postgresql|postgis|gorm\.io/driver/postgres"
            r"|pg-promise|\"postgres\"|image:\s*[\"']?(?:\S*/)?postgres", re.IGNORECASE
        ),
        "mysql": _any_of("mysql mariadb trilogy",
            r"pymysql|mysqlclient|aiomysql|go-sql-driver/mysql|['\"]mysql2?['\"]|mysql(?:\+\w+)?://|adapter:\s*(?:mysql|trilogy)"
            r"|backends\.mysql|provider\s*=\s*\"mysql\"|mysql-connector|mariadb|gorm\.io/driver/mysql", re.IGNORECASE
        ),
        "sqlite": _any_of("sqlite",
            r"aiosqlite|go-sqlite3|modernc\.org/sqlite|better-sqlite3|['\"]sqlite3?['\"]|sqlite(?:\+\w+)?://|adapter:\s*sqlite"
            r"|backends\.sqlite3|provider\s*=\s*\"sqlite\"|sqlite-jdbc|gorm\.io/driver/sqlite", re.IGNORECASE
        ),
        "mongodb": _any_of("mongo motor", r"pymongo|mongoengine|motor\b|mongoose|mongo-driver|mongodb|mongoid", re.IGNORECASE),
    },
    "queues": {
        "database": _any_of("good_job delayed_job solid_queue que' que\" riverqueue pg-boss graphile-worker procrastinate django-q oban queue_classic",
            r"good_job|delayed_job|solid_queue|\bque\b['\"]|riverqueue|pg-boss|graphile-worker|procrastinate|django-q2?\b|oban"
            r"|queue_classic", re.IGNORECASE
        ),
        "broker": _any_of("celery sidekiq resque dramatiq rq bull kafka amqp rabbit sqs asynq huey",
            r"celery|sidekiq|resque|dramatiq|\brq\b|bullmq|['\"]bull['\"]|kafka|amqp|rabbit|\bsqs\b|asynq|huey|\barq\b", re.IGNORECASE
        ),
    },
    "frameworks": {
        "django": _word("django"),
        "drf": _any_of("djangorestframework", r"djangorestframework", re.IGNORECASE),
        "fastapi": _word("fastapi"),
        "flask": _word("flask"),
        "sqlalchemy": _word("sqlalchemy"),
        "alembic": _word("alembic"),
        "express": _any_of('"express"', r"\"express\""),
        "fastify": _any_of('"fastify"', r"\"fastify\""),
        "nestjs": _any_of("@nestjs/core", r"@nestjs/core"),
        "prisma": _any_of("@prisma/client", r"@prisma/client"),
        "typeorm": _any_of('"typeorm"', r"\"typeorm\""),
        "spring": _any_of("springframework spring-boot", r"springframework|spring-boot"),
        "aspectj": _any_of("aspectj-maven aspectjweaver-mode spring-aspects", r"aspectj-maven|aspectjweaver-mode|spring-aspects"),
        "gin": _any_of("gin-gonic/gin", r"gin-gonic/gin"),
        "echo": _any_of("labstack/echo", r"labstack/echo"),
        "chi": _any_of("go-chi/chi", r"go-chi/chi"),
        "gorm": _any_of("gorm.io/gorm", r"gorm\.io/gorm"),
        "rails": _any_of("rails", r"gem\s+['\"]rails['\"]"),
        "strong_migrations": _any_of("strong_migrations", r"strong_migrations"),
        "stripe": _word("stripe"),
    },
}  # fmt: skip


@dataclass(frozen=True)
class RepoFacts:
    """What is known of the repository. `manifests` are the (path, text) pairs it was read from."""

    engines: frozenset[str] = frozenset()  # postgresql | mysql | sqlite | mongodb
    queues: frozenset[str] = frozenset()  # database | broker
    frameworks: frozenset[str] = frozenset()
    manifests: tuple[tuple[str, str], ...] = ()
    paths: tuple[str, ...] = ()  # of the head tree, sorted; empty if it could not be listed

    def mentions(self, pattern: str) -> bool:
        """Whether any manifest matches a regular expression."""
        return any(re.search(pattern, text) for _, text in self.manifests)


def manifest_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """The files facts are read from, shallow ones first; the usual places if the tree cannot be listed."""
    likely = (
        path for path in paths if path.rpartition("/")[2] in _MANIFESTS or "requirements" in path or ".gradle" in path
    )
    found = [path for path in likely if _is_manifest(path)]  # of every file of the repository few are asked about
    found.sort(key=lambda path: (path.count("/"), path))
    return tuple(found[:MOST_MANIFESTS]) or _ROOTS


_FOREIGN = ("node_modules/", "vendor/", "third_party/", "testdata/", "examples/")


def _is_manifest(path: str) -> bool:
    name = path.rpartition("/")[2]
    pinned = name.endswith((".txt", ".in")) and "requirements" in path  # requirements.txt, requirements/base.txt
    pinned = pinned or name.endswith((".gradle", ".gradle.kts"))
    if name not in _MANIFESTS and not pinned:
        return False
    return not any(path.startswith(folder) or f"/{folder}" in path for folder in _FOREIGN)


def _own(path: str, text: str) -> str:
    """Without what only the dependencies of dependencies bring: a driver among them says nothing of the database."""
    return re.sub(r"(?m)^.*//\s*indirect\s*$", "", text) if path.endswith("go.mod") else text


def repo_facts(contents: Mapping[str, bytes], paths: Iterable[str] = ()) -> RepoFacts:
    """Facts from manifest contents by path. Unreadable or hostile content only makes them fewer."""
    manifests = tuple(
        (path, _own(path, contents[path][:MOST_OF_ONE].decode("utf-8", "replace")))
        for path in sorted(contents)
        if _is_manifest(path)
    )
    texts = [(text, folded(text)) for _, text in manifests]

    def found(kind: str) -> frozenset[str]:
        return frozenset(
            name
            for name, sieve in _DEPENDENCIES[kind].items()
            if any(sieve.search(text, low) is not None for text, low in texts)
        )

    return RepoFacts(found("engines"), found("queues"), found("frameworks"), manifests, tuple(paths))
