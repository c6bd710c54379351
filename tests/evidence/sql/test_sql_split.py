from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reviewer.evidence.sql.ddl import read_all
from reviewer.evidence.sql.split import blank_down, split

SQL = st.lists(
    st.sampled_from(
        [
            "select",
            "'",
            '"',
            ";",
            "--",
            "/*",
            "*/",
            "$$",
            "$a$",
            "\n",
            "(",
            ")",
            ",",
            "alter table t",
            " add x int",
            "é",
            "\\",
            "`",
            "#",
            "-- +goose Down\n",
        ]
    ),
    max_size=40,
).map(" ".join)


def test_semicolons_in_strings_comments_and_bodies_end_nothing():
    sql = "select ';' ; -- a;b\n/* ; */ create function f() as $$ begin; end; $$ language sql;\nselect \"a;b\""
    assert [statement.line for statement in split(sql)] == [1, 2, 3]


def test_lines_are_those_of_the_file():
    sql = "\n-- why\nselect 1;\n\n\nselect\n 2;\n"
    assert [(item.line, item.end_line) for item in split(sql, 10)] == [(12, 12), (15, 16)]


def test_the_way_back_is_marked_and_can_be_blanked():
    sql = "-- +goose Up\ncreate table a (x int);\n-- +goose Down\ndrop table a;\n"
    assert [item.down for item in split(sql)] == [False, True]
    blank = blank_down(sql)
    assert "drop" not in blank
    assert blank.count("\n") == sql.count("\n")


def test_dbmate_says_where_its_transaction_ends():
    assert not split("-- migrate:up transaction:false\ncreate index concurrently i on t (a);")[0].in_transaction
    assert split("-- migrate:up\ncreate index i on t (a);")[0].in_transaction


@given(SQL)
def test_any_text_splits_into_statements_of_its_own_lines(sql):
    lines = sql.count("\n") + 1
    for statement in split(sql):
        assert 1 <= statement.line <= statement.end_line <= lines
        assert len(statement.text) == len(statement.bare)


@given(SQL)
def test_any_text_is_read_without_a_failure(sql):
    for op in read_all(sql):
        assert op.line >= 1


@given(SQL)
def test_blanking_moves_no_line(sql):
    assert blank_down(sql).count("\n") == sql.count("\n")
