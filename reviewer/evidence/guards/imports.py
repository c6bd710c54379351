"""Guards on where a name comes from: many libraries have a `retry`, only some are meant."""

from __future__ import annotations

import re
from functools import lru_cache

from reviewer.evidence.hit import Hit

_FORMS = {
    "python": r"^[ \t]*(?:import[ \t]+(?:[\w., \t]*[, \t])?(?:{name})\b|from[ \t]+(?:{name})\b[\w.]*[ \t]+import)",
    "go": r"\"(?:[\w./-]*/)?(?:{name})(?:/v\d+)?\"",
    "typescript": r"(?:from|require\(|import\(|import)\s*['\"](?:node:)?(?:{name})(?:/[^'\"]*)?['\"]",
    "java": r"^[ \t]*import[ \t]+(?:static[ \t]+)?(?:{name})\b",
    "ruby": r"require(?:_relative)?[ (]*['\"](?:{name})",
}


@lru_cache(maxsize=256)
def _pattern(family: str, name: str) -> re.Pattern[str]:
    return re.compile(_FORMS[family].replace("{name}", name), re.MULTILINE)


def imports(hit: Hit, name: str) -> bool:
    """The file imports a module (a regular expression). Where only hunks are known, imports are taken on trust."""
    if not hit.text.complete:
        return True
    return bool(_pattern(hit.family, name).search(hit.text.text))


def imports_not(hit: Hit, name: str) -> bool:
    return not _pattern(hit.family, name).search(hit.text.text)


def imports_name(hit: Hit, argument: str) -> bool:
    """`module=name`: a Python `from module import name`, so that a bare call is known to be that name."""
    module, _, name = argument.partition("=")
    if not hit.text.complete:
        return True
    found = re.search(
        rf"^[ \t]*from[ \t]+(?:{module})[\w.]*[ \t]+import[ \t]+(?:\([^)]*\b{name}\b|[^\n]*\b{name}\b)",
        hit.text.text,
        re.MULTILINE,
    )
    return bool(found)


_BROWSER = re.compile(r"\"(?:react|react-dom|vue|svelte|solid-js|@angular/core|preact)\"\s*:")
_SERVER = re.compile(
    r"\"(?:express|fastify|@nestjs/core|koa|hono|next|nuxt|@hapi/hapi|@prisma/client|typeorm|knex|sequelize|mongoose|pg|mysql2?|bullmq"
    r"|@trpc/server|@remix-run/\w+|@sveltejs/kit|apollo-server|graphql-yoga|ws|nodemailer)\"\s*:"
)


def not_browser_package(hit: Hit, _argument: str) -> bool:
    """The nearest package.json is not that of browser code (React and its like, and nothing that serves)."""
    folders = {
        path.removesuffix("package.json"): text for path, text in hit.facts.manifests if path.endswith("package.json")
    }
    nearest = max((folder for folder in folders if hit.path.startswith(folder)), key=len, default=None)
    return nearest is None or not _BROWSER.search(folders[nearest]) or bool(_SERVER.search(folders[nearest]))
