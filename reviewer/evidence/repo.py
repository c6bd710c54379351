"""Facts of the repository that guards need: which database, which queue, which frameworks.

Read once per run from manifests and a few configuration files of the head tree (base where head has none). An
empty set means "not known", never "none": guards treat the two alike, and stay silent only on what they know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_MANIFESTS = frozenset(
    {
        "package.json", "pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "go.mod", "pom.xml", "build.gradle",
        "build.gradle.kts", "Gemfile", "database.yml", "database.yaml", "schema.prisma", "alembic.ini", "cable.yml",
        "docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml", "application.yml",
        "application.properties", "application.yaml", "ormconfig.json", "settings.py", "knexfile.js", "knexfile.ts",
    }
)  # fmt: skip
_ROOTS = ("package.json", "pyproject.toml", "requirements.txt", "go.mod", "pom.xml", "build.gradle", "Gemfile",
          "config/database.yml", "prisma/schema.prisma")  # fmt: skip
MOST_MANIFESTS = 60

_DEPENDENCIES: dict[str, dict[str, re.Pattern[str]]] = {
    "engines": {
        "postgresql": re.compile(
            r"psycopg|asyncpg|pg8000|\bpgx\b|lib/pq|\"pg\"|['\"]pg['\"]|postgres(?:ql)?(?:\+\w+)?://|adapter:\s*postgres"
            r"|backends\.postgresql|provider\s*=\s*\"postgresql\"|org\.postgresql|postgis|gorm\.io/driver/postgres"
            r"|pg-promise|\"postgres\"|image:\s*[\"']?(?:\S*/)?postgres", re.IGNORECASE
        ),
        "mysql": re.compile(
            r"pymysql|mysqlclient|aiomysql|go-sql-driver/mysql|['\"]mysql2?['\"]|mysql(?:\+\w+)?://|adapter:\s*(?:mysql|trilogy)"
            r"|backends\.mysql|provider\s*=\s*\"mysql\"|mysql-connector|mariadb|gorm\.io/driver/mysql", re.IGNORECASE
        ),
        "sqlite": re.compile(
            r"aiosqlite|go-sqlite3|modernc\.org/sqlite|better-sqlite3|['\"]sqlite3?['\"]|sqlite(?:\+\w+)?://|adapter:\s*sqlite"
            r"|backends\.sqlite3|provider\s*=\s*\"sqlite\"|sqlite-jdbc|gorm\.io/driver/sqlite", re.IGNORECASE
        ),
        "mongodb": re.compile(r"pymongo|mongoengine|motor\b|mongoose|mongo-driver|mongodb|mongoid", re.IGNORECASE),
    },
    "queues": {
        "database": re.compile(
            r"good_job|delayed_job|solid_queue|\bque\b['\"]|riverqueue|pg-boss|graphile-worker|procrastinate|django-q2?\b|oban"
            r"|queue_classic", re.IGNORECASE
        ),
        "broker": re.compile(
            r"celery|sidekiq|resque|dramatiq|\brq\b|bullmq|['\"]bull['\"]|kafka|amqp|rabbit|\bsqs\b|asynq|huey|\barq\b", re.IGNORECASE
        ),
    },
    "frameworks": {
        "django": re.compile(r"\bdjango\b", re.IGNORECASE),
        "drf": re.compile(r"djangorestframework", re.IGNORECASE),
        "fastapi": re.compile(r"\bfastapi\b", re.IGNORECASE),
        "flask": re.compile(r"\bflask\b", re.IGNORECASE),
        "sqlalchemy": re.compile(r"\bsqlalchemy\b", re.IGNORECASE),
        "alembic": re.compile(r"\balembic\b", re.IGNORECASE),
        "express": re.compile(r"\"express\""),
        "fastify": re.compile(r"\"fastify\""),
        "nestjs": re.compile(r"@nestjs/core"),
        "prisma": re.compile(r"@prisma/client"),
        "typeorm": re.compile(r"\"typeorm\""),
        "spring": re.compile(r"springframework|spring-boot"),
        "aspectj": re.compile(r"aspectj-maven|aspectjweaver-mode|spring-aspects"),
        "gin": re.compile(r"gin-gonic/gin"),
        "echo": re.compile(r"labstack/echo"),
        "chi": re.compile(r"go-chi/chi"),
        "gorm": re.compile(r"gorm\.io/gorm"),
        "rails": re.compile(r"gem\s+['\"]rails['\"]"),
        "strong_migrations": re.compile(r"strong_migrations"),
        "stripe": re.compile(r"\bstripe\b", re.IGNORECASE),
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
    found = [path for path in paths if _is_manifest(path)]
    found.sort(key=lambda path: (path.count("/"), path))
    return tuple(found[:MOST_MANIFESTS]) or _ROOTS


_FOREIGN = ("node_modules/", "vendor/", "third_party/", "testdata/", "examples/")


def _is_manifest(path: str) -> bool:
    name = path.rpartition("/")[2]  # no Path object: this runs once for every file of the repository
    pinned = name.endswith((".txt", ".in")) and "requirements" in path  # requirements.txt, requirements/base.txt
    if name not in _MANIFESTS and not pinned:
        return False
    return not any(path.startswith(folder) or f"/{folder}" in path for folder in _FOREIGN)


def repo_facts(contents: Mapping[str, bytes], paths: Iterable[str] = ()) -> RepoFacts:
    """Facts from manifest contents by path. Unreadable or hostile content only makes them fewer."""
    manifests = tuple(
        (path, contents[path][:30_000].decode("utf-8", "replace")) for path in sorted(contents) if _is_manifest(path)
    )
    whole = "\n".join(text for _, text in manifests)

    def found(kind: str) -> frozenset[str]:
        return frozenset(name for name, pattern in _DEPENDENCIES[kind].items() if pattern.search(whole))

    return RepoFacts(found("engines"), found("queues"), found("frameworks"), manifests, tuple(paths))
