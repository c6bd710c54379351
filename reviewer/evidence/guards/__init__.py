"""Guards by name: what a rule file may ask of a hit. A guard says whether the hit stands; all must agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reviewer.evidence.guards import around, concurrency, imports, names, paths, sqltext, taint, transactions, writes

if TYPE_CHECKING:
    from reviewer.evidence.hit import Hit

Guard = Callable[["Hit", str], bool]

GUARDS: dict[str, Guard] = {
    "axios_config_known": around.axios_config_known,
    "capture_is": around.capture_is,
    "capture_not": around.capture_not,
    "closure_has_not": around.closure_has_not,
    "comment_not": around.comment_not,
    "counter_saved": concurrency.counter_saved,
    "file_has": around.file_has,
    "file_has_not": around.file_has_not,
    "file_shows_not": around.file_shows_not,
    "flows_on": concurrency.handler_with_body,
    "fragment": around.fragment,
    "function_has": around.function_has,
    "function_has_not": around.function_has_not,
    "function_shows_not": around.function_shows_not,
    "go_context_at_hand": concurrency.go_context_at_hand,
    "go_defer_in_loop": concurrency.go_defer_in_loop,
    "has_dynamic_part": sqltext.has_dynamic_part,
    "imports": imports.imports,
    "imports_name": imports.imports_name,
    "imports_not": imports.imports_not,
    "in_except_without": transactions.in_except_without,
    "in_function": around.in_function,
    "in_handler": concurrency.in_handler,
    "in_handler_or_bean": concurrency.in_handler_or_bean,
    "inside_go_transaction": transactions.inside_go_transaction,
    "inside_python_transaction": transactions.inside_python_transaction,
    "inside_ruby_block": transactions.inside_ruby_block,
    "java_method_returns": around.java_method_returns,
    "java_self_call": transactions.java_self_call,
    "java_transactional": transactions.java_transactional,
    "line_not": around.line_not,
    "money": names.money,
    "nearest_async": concurrency.nearest_async,
    "no_comment_inside": around.no_comment_inside,
    "not_in_branch": around.not_in_branch,
    "not_in_kind": around.not_in_kind,
    "not_main": around.not_main,
    "not_migration_path": paths.not_migration_path,
    "not_released": concurrency.not_released,
    "not_script_path": paths.not_script_path,
    "not_seed_path": paths.not_seed_path,
    "not_tainted": taint.not_tainted,
    "password_argument": names.password_argument,
    "path_matches": paths.path_matches,
    "path_not": paths.path_not,
    "queue_not_in_database": around.queue_not_in_database,
    "random_secret_name": names.random_secret_name,
    "repo_has_not": around.repo_has_not,
    "same_closure_as": transactions.same_closure_as,
    "secret_name": names.secret_name,
    "sql_dynamic": sqltext.sql_dynamic,
    "sql_parameter": sqltext.sql_parameter,
    "sql_tainted": sqltext.sql_tainted,
    "symbol_not": around.symbol_not,
    "tainted": taint.tainted,
    "text_has": around.text_has,
    "text_has_not": around.text_has_not,
    "write_call": writes.write_call,
}
