"""Mounts of Express, Koa, Hono and Fastify, Nest's global prefix and Fastify's folders, read by their shape."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from reviewer.evidence.examined import Text
from reviewer.evidence.routes.mounts import Modules, Mount
from reviewer.evidence.routes.nest import PLAIN, VERSIONED
from reviewer.evidence.routes.route import arguments_at, guards_of, join, short

_PROBE = re.compile(r"\.(?:use|register|route)\(|setGlobalPrefix|enableVersioning|autoload", re.IGNORECASE)
_IMPORT = re.compile(
    r"import\s+(?P<names>[^'\";]{1,2000}?)\s+from\s+['\"](?P<from>[^'\"]+)['\"]"
    r"|(?:const|let|var)\s+(?P<bound>\w+|\{[^}]{1,2000}\})\s*=\s*(?:await\s+)?(?:require|import)\(\s*['\"](?P<path>[^'\"]+)['\"]"
)
_CALL = re.compile(r"([\w.]+)\s*\.(use|register|route)\(")
_GLOBAL = re.compile(r"\.setGlobalPrefix\(\s*['\"`]([^'\"`]+)['\"`]")
_COMPUTED = re.compile(r"\.setGlobalPrefix\(\s*([\w.$]+(?:\(\s*['\"`][\w.]+['\"`])?)")
_VERSION = re.compile(r"enableVersioning\(\s*\{[^}]{0,200}\bdefaultVersion\s*:\s*\[?\s*['\"`](\w+)['\"`]")
_AUTOLOAD = re.compile(r"dir\s*:\s*(?:path\.)?(?:join|resolve)\([^()'\"`]{0,200}['\"`]([\w./-]+)['\"`]\s*\)")
MOST_CALLS = 2_000
LONGEST = 4_000  # characters of one call


def _named(expression: str) -> str:
    """What stands for a prefix the program works out: `config.get('app.prefix')` is `{prefix}`."""
    words = re.findall(r"\w+", expression)
    return f"{{{words[-1]}}}" if words else ""


def read(path: str, text: Text, modules: Modules) -> list[Mount]:
    """The mounts one JavaScript or TypeScript file states."""
    source = text.text
    if _PROBE.search(source) is None:
        return []
    names = dict(_imports(path, source, modules))
    found = list(_calls(path, source, names, modules))
    prefix = _GLOBAL.search(source)
    computed = _COMPUTED.search(source) if prefix is None else None
    above = (
        prefix[1] if prefix is not None and not prefix[1].startswith("$") else _named(computed[1]) if computed else ""
    )
    version = _VERSION.search(source)
    if above or version:
        found.append(Mount("*", PLAIN, path, "(root)", join(above, f"v{version[1]}" if version else "")))
        found.append(Mount("*", VERSIONED, path, "(root)", above))
    if "autoload" in source.lower():
        found += _folders(path, source, modules)
    return found


def _imports(path: str, source: str, modules: Modules) -> Iterator[tuple[str, tuple[str, str]]]:
    """Local name -> file and the name exported there ("" for the default)."""
    for match in _IMPORT.finditer(source):
        file = modules.javascript(match["from"] or match["path"], path)
        if not file:
            continue
        names = match["names"] or match["bound"]
        inside = re.search(r"\{([^}]*)\}", names)
        for part in inside[1].split(",") if inside else ():
            words = re.split(r"\s+as\s+|\s*:\s*", part.strip().removeprefix("type "))
            if words[0]:
                yield words[-1], (file, words[0] if words[0] != "default" else "")
        plain = re.match(r"(?:\*\s+as\s+)?(\w+)", names)
        if plain:
            yield plain[1], (file, "")


def _calls(path: str, source: str, names: dict[str, tuple[str, str]], modules: Modules) -> Iterator[Mount]:
    shared: dict[str, list[str]] = {}
    for number, match in enumerate(_CALL.finditer(source)):
        if number > MOST_CALLS:
            return
        items = arguments_at(source, match.end() - 1, LONGEST)
        if not items:
            continue
        owner = match[1]
        prefix = items[0][1:-1] if items[0][0] in "'\"`" else ""
        if match[2] == "register":
            given = re.search(r"\bprefix\s*:\s*['\"`]([^'\"`]*)", items[1]) if len(items) > 1 else None
            child, guards, prefix = items[0], [], given[1] if given else ""
        else:
            child, guards = items[-1], items[1:-1] if prefix else items[:-1]
        target = _target(child, path, names, modules)
        if target is None:
            if match[2] == "use" and not prefix:
                shared.setdefault(owner, []).extend(guards_of([short(item) for item in items if "=>" not in item]))
            continue
        before = tuple(
            dict.fromkeys(
                [
                    *shared.get(owner, ()),
                    *(short(guard) for guard in guards if "=>" not in guard and "function" not in guard),
                ]
            )
        )
        yield Mount(*target, path, owner, prefix, before)


def _target(child: str, path: str, names: dict[str, tuple[str, str]], modules: Modules) -> tuple[str, str] | None:
    inline = re.search(r"(?:require|import)\(\s*['\"]([^'\"]+)['\"]", child)
    if inline:
        file = modules.javascript(inline[1], path)
        return (file, "") if file else None
    name = re.match(r"(?:new\s+)?(\w+)", child)
    found = names.get(name[1]) if name else None
    if found is None or name is None or child.startswith("new "):
        return (found[0], "") if found else None
    return found


def _folders(path: str, source: str, modules: Modules) -> Iterator[Mount]:
    """`@fastify/autoload`: a folder of routes, each file served below its own folder's name."""
    for match in _AUTOLOAD.finditer(source):
        root = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[1]))
        if "plugin" in match[1]:
            continue
        for file in modules.below(root):
            inner = posixpath.dirname(posixpath.relpath(file, root))
            if inner and inner != ".":
                yield Mount(file, "", path, "(autoload)", re.sub(r"(^|/)_(\w+)", r"\1:\2", inner))
