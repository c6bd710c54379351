"""How much it would hurt to overlook a file: what is asked first, and what a budget cuts last."""

from __future__ import annotations

import re

from reviewer.nouns.changeset import FileChange


def _words(text: str) -> tuple[str, ...]:
    """Words between commas: `drop ,truncate` keeps the space that makes `drop ` a word."""
    return tuple(text.split(","))


# (score, words in the lower-case path or code). Money and identity next to stored data come first; tests come
# last: they break nothing by themselves.
_PATH_RISKS = (
    (50, _words("migrat,/db/,schema,.sql,flyway,liquibase,alembic")),
    (45, _words("auth,login,session,permission,policy,policies,rbac,acl,token,secur,passw,crypt,tenant,guard")),
    (45, _words("pay,billing,invoice,charge,refund,ledger,wallet,price,pricing,money,order,checkout,balance,transfer")),
    (40, _words("lock,queue,worker,job,consumer,concurren,transaction,outbox,schedul,retry,saga")),
    (30, _words(".proto,openapi,swagger,.graphql,repositor,model,entit,dao,store,storage")),
    (25, _words("controller,handler,route,resolver,view,endpoint,api,webhook,client,service")),
)
_CODE_RISKS = (
    (35, _words("alter table,drop ,delete from,truncate,create index,create unique,execute(,raw(")),
    (30, _words("transaction,atomic,mutex,lock,synchronized,for update,for_update,go func,asyncio,thread")),
    (30, _words("authoriz,authoris,permission,jwt,passw,secret,verify,is_admin,role")),
    (20, _words("amount,balance,price,currency,refund,charge")),
    (15, _words("timeout,retry,deadline,requests.,fetch(,http")),
)
_TEST = re.compile(
    r"(^|/)(tests?|spec|specs|__tests__|testdata|fixtures|e2e)/|(^|/)test_[^/]*$|[._-](test|spec|tests)\.[a-z]+$|Tests?\.\w+$"
)
_REMOVAL = 8  # a removed line weighs more than an added one: guards vanish silently
_SAMPLE = 400  # changed lines looked at; enough to know what a file is about


def risk(file: FileChange) -> int:
    """A score to sort by, 0 to about 140; higher is riskier. Only the order means anything."""
    lowered = f"/{file.path.lower()}"
    path = next((score for score, words in _PATH_RISKS if any(word in lowered for word in words)), 10)
    sample = [line for line in file.lines() if line.kind != " "][:_SAMPLE]
    text = "\n".join(line.text for line in sample).lower()
    code = next((score for score, words in _CODE_RISKS if any(word in text for word in words)), 0)
    removal = _REMOVAL if any(line.kind == "-" and line.text.strip() for line in sample) else 0
    if is_test(file.path):
        return (path + code) // 20
    return path + code + removal


def is_test(path: str) -> bool:
    """Whether a path is test code by the habits of the common test runners."""
    return _TEST.search(path) is not None
