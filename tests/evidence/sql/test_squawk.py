from __future__ import annotations

import pytest

from reviewer.evidence.sql.squawk import RULES, Script, binary, lint, lint_all


def script(tmp_path, body: str) -> str:
    program = tmp_path / "squawk"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return str(program)


def test_the_program_of_the_package_is_found_without_path():
    assert binary().rpartition("/")[2].startswith("squawk")


def test_seventeen_rules_are_kept():
    assert len(RULES) == 17


def test_lines_count_from_one():
    answer = lint("SELECT 1;\n\nCREATE INDEX i ON t (a);\n", "a.sql")
    assert [(hit.rule, hit.line) for hit in answer.hits] == [("require-concurrent-index-creation", 3)]


def test_the_change_can_neither_configure_nor_silence_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".squawk.toml").write_text('excluded_rules = ["require-concurrent-index-creation"]\n')
    answer = lint("-- squawk-ignore require-concurrent-index-creation\nCREATE INDEX i ON t (a);\n", "a.sql")
    assert [(hit.line, hit.ignored) for hit in answer.hits] == [(2, True)]


def test_the_way_back_is_not_read():
    assert lint("-- migrate:up\nSELECT 1;\n-- migrate:down\nDROP TABLE t;\n", "a.sql").hits == ()


@pytest.mark.parametrize("sql", ["ALTER TABLE `o` ENGINE=InnoDB;", "ALTER TABLE {{ name }} ADD a int;"])
def test_another_dialect_is_left_to_our_reader(sql):
    answer = lint(sql, "a.sql")
    assert (answer.spoke, answer.hits) == (False, ())


@pytest.mark.parametrize("path", ["-rf", "/etc/passwd", "a\nb.sql", "--help"])
def test_a_path_is_never_an_option(path):
    assert lint("DROP TABLE t;", path).spoke


def test_a_program_that_is_missing_slow_or_mad_says_why(tmp_path):
    assert lint("DROP TABLE t;", "a.sql", program="").why == "squawk is not installed"
    assert "cannot be started" in lint("DROP TABLE t;", "a.sql", program=str(tmp_path / "none")).why
    assert "longer than" in lint("DROP TABLE t;", "a.sql", program=script(tmp_path, "exec sleep 2"), seconds=0.1).why
    assert "not JSON" in lint("DROP TABLE t;", "a.sql", program=script(tmp_path, "echo hello")).why


SCRIPTS = [
    Script("ALTER TABLE a ADD COLUMN b integer NOT NULL;\n", "a.sql"),
    Script(
        "SELECT 1;\n-- squawk-ignore ban-drop-column\nALTER TABLE a DROP COLUMN c;\n", "b.sql", in_transaction=False
    ),
    Script("ALTER TABLE `o` ENGINE=InnoDB;\n", "c.sql"),
    Script("CREATE INDEX CONCURRENTLY i ON t (a);\n", "d.sql", in_transaction=True),
    Script("CREATE INDEX CONCURRENTLY i ON t (a);\n", "d.sql", in_transaction=False),
    Script("ALTER TABLE {{ name }} ADD a int;\n", "e.sql"),
    Script("", "f.sql"),
]


def alone(script: Script, program: str | None = None):
    return lint(script.sql, script.path, in_transaction=script.in_transaction, program=program)


@pytest.mark.parametrize("count", [0, 1, len(SCRIPTS)])
def test_many_migrations_get_the_answers_each_gets_alone(count):
    answers = lint_all(SCRIPTS[:count])
    assert answers == [alone(script) for script in SCRIPTS[:count]]
    assert bool(count) is any(answer.hits for answer in answers)


def test_one_process_is_started_for_many_migrations(tmp_path):
    counting = script(tmp_path, f'echo x >> {tmp_path}/runs; exec {binary()} "$@"')
    lint_all([SCRIPTS[0]] * 9, program=counting)
    assert (tmp_path / "runs").read_text().count("x") == 1


@pytest.mark.parametrize("body", ["echo hello", "echo '[{}]'", "echo '[1]'", "echo 7", "kill -9 $$"])
def test_where_one_process_for_all_fails_each_is_asked_about_alone(tmp_path, body):
    moody = script(tmp_path, f'case "$*" in *stdin*) exec {binary()} "$@";; *) {body};; esac')
    assert lint_all(SCRIPTS, program=moody) == [alone(each) for each in SCRIPTS]
