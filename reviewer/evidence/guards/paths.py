"""Guards on where a file lies: tests, scripts, migrations and foreign code are judged differently."""

from __future__ import annotations

import re

from reviewer.evidence.hit import Hit

_TEST = re.compile(
    r"(?:^|/)(?:tests?|unit-?_?tests?|testing|testdata|test-data|test_?utils?|test_?helpers?|__tests__|__mocks__|mocks|specs?|e2e|integration-tests?|cypress|playwright|fixtures"
    r"|factories|cassettes|molecule|test-?fixtures|testFixtures|example_\w+|[\w-]+-(?:e2e|integrated-test)|features/(?:steps|step_definitions|support)|(?:playwright|selenium|functional|integration|acceptance|api|ui|e2e|smoke|load|system|regression)[_-]tests?|benchmarks?|simulation|examples?|samples?|demos?|docs?|tutorials?)/"
    r"|(?:^|/)src/(?:aat|\w*Tests?|testFixtures)/|(?:^|/)(?:test_[^/]*|tests|conftest|pytest_\w+|[^/]*_test|[^/]*_spec|[^/]*_tests|[^/]*_test_(?:setup|helpers?|utils?|case|support))\.\w+$"
    r"|(?:^|/)[^/]*(?:Tests?|IT|Spec|TestCase|TestUtils?)\.(?:java|kt|scala|groovy)$"
    r"|(?:^|/)test\.(?:py|[jt]s)$|\.(?:test|spec|e2e-spec|cy|stories|bench|mock)\.\w+$"
)
_SCRIPT = re.compile(
    r"(?:^|/)(?:scripts?|bin|tools?|tooling|hack|cmd/tools|build[-_]?tools|[\w-]+-tools?|ci|dev|devtools|management/commands|lib/tasks|tasks/manual"
    r"|buildscripts|gulp|release|contrib|codegen|extras?|generators?|sandbox|playground|notebooks|installer?|cli|config/deploy|capistrano)/"
    r"|(?:^|/)(?:setup|fabfile|noxfile|manage|conf|versioneer|gulpfile|Gruntfile|cli|\w+_cli|__main__)\.\w+$"
    r"|\.(?:rake|gemspec)$|(?:^|/)(?:Rakefile|Gemfile)$|\.config\.\w+$|(?:^|/)config/deploy\.rb$|^(?:tasks|build|release)\.\w+$"  # further down `tasks.py` has a queue's tasks
    r"|^(?!.*\b(?:apps?|services?|jobs?|workers?|tasks|handlers?|controllers?|views|use_?cases|interactors|domain)/)(?:.*/)?(?:gen|generate|build|make)[_-][^/]*\.\w+$"
)
_MIGRATION = re.compile(
    r"(?:^|/)(?:\w*migrations?|migrate|alembic|versions|flyway|liquibase)/|(?:^|[/_.-])(?:migrat(?:es?|ions?|ors?|ing)|back_?fills?)(?=[/_.-])|(?:^|/)upgrades?\.\w+$"
)
_SEED = re.compile(
    r"(?:^|/)[^/]*(?:random|sample|dummy|demo|fake|load|initial)_?data[^/]*\.\w+$|(?:^|/)(?:seeds?|seeders?|fixtures|demo|bootstrap-data|db/default)(?:/|[^/]*\.\w+$)|(?:^|/)[^/]*seed(?:s|er|ing)?\.\w+$",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"(?:^|/)\.[^/]+/|(?:^|/)(?:node_modules|vendor|third_party|thirdparty|bower_components|site-packages|dist|out|public/assets)/|\.min\.js$"
)


def is_test(path: str) -> bool:
    """Tests, fixtures, examples and documentation."""
    return bool(_TEST.search(path))


def is_script(path: str) -> bool:
    """Command-line, build and maintenance code: nobody waits for it, an exit is its right."""
    return bool(_SCRIPT.search(path))


def is_migration(path: str) -> bool:
    return bool(_MIGRATION.search(path))


def is_seed(path: str) -> bool:
    return bool(_SEED.search(path))


def is_foreign(path: str) -> bool:
    """Dot folders and code of others: hits there say nothing about this change."""
    return bool(_FOREIGN.search(path))


def not_script_path(hit: Hit, _argument: str) -> bool:
    return not is_script(hit.path)


def not_migration_path(hit: Hit, _argument: str) -> bool:
    return not is_migration(hit.path)


def not_seed_path(hit: Hit, _argument: str) -> bool:
    return not is_seed(hit.path)


def path_matches(hit: Hit, argument: str) -> bool:
    """The path matches a regular expression."""
    return bool(re.search(argument, hit.path))


def path_not(hit: Hit, argument: str) -> bool:
    return not re.search(argument, hit.path)
