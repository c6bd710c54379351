"""A file is asked once; what went wrong is raised to whoever asks; a user's error at once."""

from __future__ import annotations

from itertools import count

import pytest

from reviewer.errors import UsageError
from reviewer.evidence.examined import Examined, ExaminedFile
from reviewer.evidence.file_by_file import halves, read_ahead
from reviewer.evidence.reading import Reading
from reviewer.evidence.registry import LINE_READINGS, READINGS, line_readings, readings
from reviewer.evidence.rulefile import built_in
from reviewer.evidence.rulepack import FILE_SECONDS, TOTAL_SECONDS, search
from tests.evidence.looking import looked

CODE = "import requests\n\n\ndef pull(url):\n    return requests.get(url)\n"


def test_a_file_is_read_once() -> None:
    examined = looked({}, {"a.py": CODE, "b.py": CODE})
    numbers = count()
    reading: Reading[ExaminedFile, int] = Reading("numbers", lambda _examined, _file: next(numbers))
    first, second = examined.files
    assert [reading(examined, file) for file in (first, second, first)] == [0, 1, 0]


def test_a_fault_is_raised_whenever_it_is_asked_for_and_never_before() -> None:
    examined = looked({}, {"a.py": CODE})
    reading: Reading[ExaminedFile, float] = Reading("faults", lambda _examined, _file: 1 / 0)
    reading.ahead(examined, examined.files[0])
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            reading(examined, examined.files[0])


def test_a_mistake_of_the_users_is_raised_at_once() -> None:
    def mistaken(_examined: Examined, _file: ExaminedFile) -> None:
        raise UsageError("broken.yml", "Mend it.")

    examined = looked({}, {"a.py": CODE})
    with pytest.raises(UsageError):
        Reading("mistakes", mistaken).ahead(examined, examined.files[0])


def test_the_registry_names_every_reading_as_it_names_itself() -> None:
    assert [reading.name for reading in readings()] == list(READINGS)
    assert [reading.name for reading in line_readings()] == list(LINE_READINGS)


def test_everything_is_read_ahead_and_nothing_twice() -> None:
    examined = looked({}, {"a.py": CODE, "b.md": "text\n"})
    ahead = read_ahead(examined, 1)
    assert ahead.lost == ()
    assert len(examined.readings) == 2 * (len(READINGS) + len(LINE_READINGS))


def test_halves_are_even_and_hold_every_file_once() -> None:
    examined = looked({}, {f"{number}.py": CODE * (number + 1) for number in range(20)})
    parts = halves(examined)
    sizes = [sum(len(file.head.text) for file in examined.files if file.head and file.path in part) for part in parts]
    assert sorted((*parts[0], *parts[1])) == sorted(file.path for file in examined.files)
    assert max(sizes) < 1.2 * min(sizes)


def test_a_file_over_its_time_keeps_what_was_found_and_is_told() -> None:
    examined = looked({}, {"a.py": CODE})
    ticks = count(step=int(FILE_SECONDS * 2))
    result = search(examined, built_in(), lambda: float(next(ticks)))
    assert [skip.reason for skip in result.skips] == ["rules stopped at the time limit for one file"]


def test_after_the_time_for_all_files_the_rest_is_told() -> None:
    examined = looked({}, {"a.py": CODE, "b.py": CODE})
    examined.seconds["rules"] = TOTAL_SECONDS + 1
    result = search(examined, built_in(), lambda: 0.0)
    assert {skip.path for skip in result.skips} == {"a.py", "b.py"}
    assert result.signals == ()
