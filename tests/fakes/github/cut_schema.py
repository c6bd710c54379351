"""Cut GitHub's own API descriptions down to what we use (run by hand, when GitHub's description changes).

    npm pack @octokit/openapi @octokit/graphql-schema      # in a scratch folder, then unpack both archives
    python tests/fakes/github/cut_schema.py OPENAPI_FOLDER GRAPHQL_FOLDER

Writes `schema.json.gz` (JSON Schema 2020-12 of our operations' requests and responses, with GitHub's examples) and
`schema.graphql.gz` (the SDL types our queries reach) beside this file. Both packages are MIT; the notice is kept inside.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REPO = "/repos/{owner}/{repo}"
PULL = REPO + "/pulls/{pull_number}"
OPERATIONS = {
    REPO: "get",
    PULL: "get",
    PULL + "/files": "get",
    PULL + "/commits": "get",
    PULL + "/reviews": "get post",
    PULL + "/comments": "get post",
    PULL + "/comments/{comment_id}/replies": "post",
    REPO + "/pulls/comments/{comment_id}": "get patch delete",
    REPO + "/pulls/comments/{comment_id}/reactions": "get post",
    REPO + "/issues/{issue_number}/comments": "get post",
    REPO + "/issues/comments/{comment_id}": "get patch delete",
    REPO + "/issues/comments/{comment_id}/reactions": "get post",
    REPO + "/check-runs": "post",
    REPO + "/check-runs/{check_run_id}": "get patch",
    REPO + "/commits/{ref}/check-runs": "get",
    REPO + "/commits/{ref}": "get",
    REPO + "/compare/{basehead}": "get",
    REPO + "/contents/{path}": "get",
    REPO + "/git/trees/{tree_sha}": "get",
    REPO + "/git/blobs/{file_sha}": "get",
    REPO + "/collaborators/{username}/permission": "get",
    "/rate_limit": "get",
    "/user": "get",
}
NOISE = {"description", "example", "examples", "title", "externalDocs", "xml", "deprecated", "x-github"}
# Types our GraphQL documents reach; fields of other types are dropped with them.
GRAPHQL_TYPES = {
    "Actor": {"login"},
    "GitObject": {"id", "oid"},
    "Minimizable": {"isMinimized"},
    "Query": {"id", "viewer", "repository", "node", "rateLimit"},
    "Mutation": {
        "resolveReviewThread",
        "unresolveReviewThread",
        "minimizeComment",
        "addPullRequestReviewThreadReply",
    },
    "Repository": {"id", "databaseId", "nameWithOwner", "object", "pullRequest", "defaultBranchRef", "isPrivate", "url"},
    "PullRequest": {
        "id", "number", "title", "body", "headRefOid", "baseRefOid", "headRefName", "baseRefName", "author", "authorAssociation",
        "comments", "reviewThreads", "reviews", "state", "isDraft", "url", "labels", "changedFiles", "commits",
    },
    "PullRequestReviewThread": {
        "id", "isResolved", "isOutdated", "isCollapsed", "resolvedBy", "comments", "path", "line", "startLine", "diffSide", "subjectType",
        "viewerCanResolve", "viewerCanReply",
    },
    "PullRequestReviewComment": {
        "id", "databaseId", "fullDatabaseId", "body", "author", "authorAssociation", "createdAt", "updatedAt", "path", "line", "url",
        "isMinimized", "reactions", "reactionGroups", "viewerDidAuthor", "replyTo", "lastEditedAt", "originalCommit", "outdated",
    },
    "IssueComment": {
        "id", "databaseId", "fullDatabaseId", "body", "author", "authorAssociation", "createdAt", "updatedAt", "url", "isMinimized",
        "reactions", "reactionGroups", "viewerDidAuthor", "lastEditedAt",
    },
    "Blob": {"id", "oid", "byteSize", "isBinary", "isTruncated", "text"},
    "Commit": {"id", "oid", "message"},
    "User": {"id", "login", "databaseId"},
    "Bot": {"id", "login", "databaseId"},
    "Reaction": {"id", "content", "user", "createdAt"},
    "ReactionGroup": {"content", "reactors", "viewerHasReacted"},
}  # fmt: skip


def cut_openapi(folder: Path) -> dict[str, Any]:
    """Our operations as JSON Schema, with every definition they need."""
    source = json.loads((folder / "generated" / "api.github.com.json").read_text())
    operations: dict[str, Any] = {}
    for path, methods in OPERATIONS.items():
        for method in methods.split():
            operations[f"{method.upper()} {path}"] = _operation(source, source["paths"][path][method])
    definitions: dict[str, Any] = {}
    _collect(source, operations, definitions)
    return {
        "x-source": f"@octokit/openapi {source['info']['version']} (GitHub's OpenAPI description, MIT License)",
        "x-license": (folder / "LICENSE").read_text(),
        "operations": operations,
        "$defs": definitions,
    }


def _operation(source: Any, operation: Any) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    found: dict[str, Any] = {"query": [], "responses": {}}
    for given in operation.get("parameters", []):
        parameter = _deref(source, given)
        if parameter["in"] == "query":
            found["query"].append(parameter["name"])
    if body:
        found["request"] = _strict(_convert(body["schema"]))
        found["request_examples"] = [_deref(source, example)["value"] for example in body.get("examples", {}).values()]
    for status, response in operation["responses"].items():
        content = _deref(source, response).get("content", {}).get("application/json", {})
        if "schema" in content:
            examples = [_deref(source, example).get("value") for example in content.get("examples", {}).values()]
            found["responses"][status] = {"schema": _convert(content["schema"]), "examples": examples[:1]}
        else:
            found["responses"][status] = {}
    return found


def _deref(source: Any, node: Any) -> Any:
    while "$ref" in node:
        target: Any = source
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def _convert(node: Any) -> Any:
    """OpenAPI 3.0 to JSON Schema: `nullable` becomes a type, prose goes."""
    if isinstance(node, list):
        return [_convert(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": "#/$defs/" + node["$ref"].rsplit("/", 1)[1]}
    out = {key: value for key, value in node.items() if key not in NOISE and not key.startswith("x-")}
    for key in ("properties", "patternProperties"):
        if key in out:
            out[key] = {name: _convert(value) for name, value in out[key].items()}
    for key in ("items", "allOf", "anyOf", "oneOf", "not", "additionalProperties"):
        if key in out:
            out[key] = _convert(out[key])
    if out.pop("nullable", False):
        if isinstance(out.get("type"), str):
            out["type"] = [out["type"], "null"]
            if "enum" in out and None not in out["enum"]:
                out["enum"] = [*out["enum"], None]
        else:
            out = {"anyOf": [out, {"type": "null"}]}
    out.pop("discriminator", None)
    out.pop("format", None)
    return out


def _strict(schema: Any) -> Any:
    """Refuse unknown keys in requests: GitHub's schemas let a misspelt key pass."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: _strict(value) for key, value in schema.items()}
    if "properties" in schema and "additionalProperties" not in schema:
        composed = any(key in schema for key in ("oneOf", "anyOf", "allOf"))
        out["unevaluatedProperties" if composed else "additionalProperties"] = False
    return out


def _collect(source: Any, node: Any, definitions: dict[str, Any]) -> None:
    if isinstance(node, list):
        for item in node:
            _collect(source, item, definitions)
    elif isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/$defs/"):
            name = reference.rsplit("/", 1)[1]
            if name not in definitions:
                definitions[name] = {}
                definitions[name] = _convert(source["components"]["schemas"][name])
                _collect(source, definitions[name], definitions)
        for key, value in node.items():
            if key not in {"examples", "request_examples"}:
                _collect(source, value, definitions)


def cut_graphql(folder: Path) -> str:
    """The SDL of the types our documents reach: chosen fields of chosen types, whole input, enum and page types."""
    from graphql import (
        GraphQLEnumType,
        GraphQLInputObjectType,
        GraphQLInterfaceType,
        GraphQLObjectType,
        GraphQLUnionType,
        build_schema,
        get_named_type,
        print_type,
    )
    from graphql.type import GraphQLSchema

    schema = build_schema((folder / "schema.graphql").read_text(), assume_valid=True, assume_valid_sdl=True)
    wanted = list(GRAPHQL_TYPES)
    kept: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        type_ = schema.type_map[name]
        if name in kept or name.startswith("__"):
            continue
        kept[name] = type_
        type_.description = None
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            fields = _fields(type_, schema)
            type_.fields = fields
            if isinstance(type_, GraphQLObjectType):
                type_.interfaces = ()
            for field in fields.values():
                field.description = None
                wanted.append(get_named_type(field.type).name)
                for argument in field.args.values():
                    argument.description = None
                    wanted.append(get_named_type(argument.type).name)
        elif isinstance(type_, GraphQLInputObjectType):
            for field in type_.fields.values():
                field.description = None
                wanted.append(get_named_type(field.type).name)
        elif isinstance(type_, GraphQLUnionType):
            type_.types = tuple(member for member in type_.types if member.name in GRAPHQL_TYPES)
            wanted += [member.name for member in type_.types]
        elif isinstance(type_, GraphQLEnumType):
            for value in type_.values.values():
                value.description = value.deprecation_reason = None
    interfaces = [name for name, type_ in kept.items() if isinstance(type_, GraphQLInterfaceType)]
    for name in GRAPHQL_TYPES:
        if name in kept and isinstance(kept[name], GraphQLObjectType):
            kept[name].interfaces = tuple(
                kept[i] for i in interfaces if name in {t.name for t in schema.get_possible_types(schema.type_map[i])}
            )
    assert isinstance(schema, GraphQLSchema)
    version = json.loads((folder / "package.json").read_text())["version"]
    notice = "".join(f"# {line}\n" for line in (folder / "LICENSE.md").read_text().splitlines())
    body = "\n\n".join(print_type(kept[name]) for name in sorted(kept) if not _builtin(name))
    return f"# Cut from @octokit/graphql-schema {version} (GitHub's public GraphQL schema).\n{notice}\n{body}\n"


def _builtin(name: str) -> bool:
    return name in {"String", "Int", "Float", "Boolean", "ID"}


def _fields(type_: Any, schema: Any) -> dict[str, Any]:
    from graphql import get_named_type

    chosen = GRAPHQL_TYPES.get(type_.name)
    fields = {}
    for name, field in type_.fields.items():
        target = get_named_type(field.type).name
        if chosen is not None:
            keep = name in chosen
        elif type_.name.endswith("Connection"):
            keep = name in {"nodes", "pageInfo", "totalCount"}
        elif type_.name.endswith("Payload"):
            keep = True
        elif type_.name in {"Node", "PageInfo", "RateLimit"}:
            keep = target in {"String", "Int", "Boolean", "ID", "DateTime", "URI", "GitObjectID"}
        else:
            keep = target in {"String", "Int", "Boolean", "ID", "DateTime"} and not field.args
        if keep:
            fields[name] = field
    return fields


def main(openapi: str, graphql: str) -> None:
    cut = json.dumps(cut_openapi(Path(openapi)), separators=(",", ":"), sort_keys=True)
    _write(HERE / "schema.json.gz", cut)
    _write(HERE / "schema.graphql.gz", cut_graphql(Path(graphql)))


def _write(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    sys.stdout.write(f"{path.name}: {len(text):,} characters, {path.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
