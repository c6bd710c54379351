"""What a path says about the SQL or migration in it: which tool, which way, which database."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePosixPath


class SqlRole(StrEnum):
    """What a file with SQL is for."""

    MIGRATION = "migration"
    SCHEMA = "schema"  # the whole schema as it should be: a dump or a declaration
    SEED = "seed"  # data for development or tests
    QUERY = "query"  # anything else: statements a program runs


_MIGRATION_DIRECTORY = re.compile(
    r"(?:^|/)(?:migrations?|migrate|db_migrations|alembic/versions|versions|flyway|liquibase|changelog|drizzle|schema_migrations|deltas?|deploy)(?:/|$)|(?:^|/)db/migrate/",
    re.IGNORECASE,
)
_FLYWAY = re.compile(r"^[VUR](?:\d[\d._]*)?__.*\.sql$", re.IGNORECASE)
_NUMBERED = re.compile(r"^\d{3,}[-_.].*\.(?:sql|py|rb|ts|js|cjs|mjs|go)$")
_DOWN = re.compile(
    r"(?:^|[/._-])(?:down|rollback|revert|undo)(?:[._-][^/]*)?\.sql$|(?:^|/)(?:revert|rollback|down)/", re.IGNORECASE
)
_SCHEMA = re.compile(
    r"(?:^|/)(?:structure|schema|dump|baseline|full_schema|create_tables|tables|ddl)\.sql$|(?:^|/)schemas?/[^/]*\.sql$",
    re.IGNORECASE,
)
_UPGRADE = re.compile(r"(?:^|/)upgrades?/(?:.*/)?[^/]*\.sql$", re.IGNORECASE)
_SEED = re.compile(r"(?:^|/)(?:seeds?|fixtures?|testdata|samples?|demo|test|tests)(?:/|[^/]*\.sql$)", re.IGNORECASE)
_ENGINES = (
    ("postgresql", re.compile(r"postgres|(?:^|[/_.-])pg(?:[/_.-]|sql)|\bpsql", re.IGNORECASE)),
    ("mysql", re.compile(r"mysql|mariadb", re.IGNORECASE)),
    ("sqlite", re.compile(r"sqlite", re.IGNORECASE)),
    ("mssql", re.compile(r"mssql|sqlserver|sql_server|t-?sql(?:[/_.-]|$)", re.IGNORECASE)),
    ("oracle", re.compile(r"oracle", re.IGNORECASE)),
    (
        "other",
        re.compile(r"cockroach|clickhouse|cassandra|bigquery|snowflake|redshift|duckdb|spanner|hive", re.IGNORECASE),
    ),
)
_EMBEDDED = re.compile(r"hsqldb|(?:^|[/_.-])(?:h2|derby)(?=[/_.-]|$)", re.IGNORECASE)


def sql_role(path: str) -> SqlRole:
    """The role of a `.sql` file by its path."""
    name = PurePosixPath(path).name
    if _SCHEMA.search(path):
        return SqlRole.SCHEMA
    if (
        _FLYWAY.match(name)
        or _UPGRADE.search(path)
        or name.endswith((".up.sql", ".down.sql"))
        or is_migration_path(path)
    ):
        return SqlRole.MIGRATION
    if _SEED.search(path):
        return SqlRole.SEED
    return SqlRole.QUERY


def is_migration_path(path: str) -> bool:
    """Whether a directory or a numbered name says that this file changes a database."""
    pure = PurePosixPath(path)
    if pure.name.startswith("__init__"):
        return False
    return _MIGRATION_DIRECTORY.search(str(pure.parent) + "/") is not None or (
        pure.suffix == ".sql" and _NUMBERED.match(pure.name) is not None
    )


def is_down(path: str) -> bool:
    """Whether the file as a whole is the way back."""
    return _DOWN.search(path) is not None or re.match(r"^U\d[\d._]*__", PurePosixPath(path).name) is not None


def engine_of(path: str, engines: frozenset[str]) -> str:
    """`postgresql`, `mysql`, `sqlite`, `mssql`, `oracle`, `other`, or "" where nothing tells.

    The path speaks first (projects that support several databases keep one folder each). SQLite beside a
    server database is the developers' own, and does not count.
    """
    for name, pattern in _ENGINES:
        if pattern.search(path):
            return name
    relational = engines & {"postgresql", "mysql", "sqlite"}
    if len(relational) > 1:
        relational -= {"sqlite"}
    return next(iter(relational)) if len(relational) == 1 else ""


def is_embedded(path: str) -> bool:
    """Whether the file is a copy for a database inside the JVM (H2, HSQLDB, Derby): of their locks nothing is said."""
    return _EMBEDDED.search(path) is not None
