"""Files read in a copy of the process say what they say in this one, and cost no review when the copy dies.

A copy is made only of a process with one thread, which a test worker is not: each case is a program of its own.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from reviewer.evidence.file_by_file import LINES
from reviewer.evidence.registry import LINE_READINGS, READINGS

ROOT = Path(__file__).resolve().parents[2]
BEGIN = """
import os, signal, threading, time
from benchmarks.synthetic import pull_request
from reviewer.errors import UsageError
from reviewer.evidence import aside, registry
from reviewer.evidence.aside import Copy, Died
from reviewer.evidence.engine import examine, look
from reviewer.evidence.file_by_file import LINES, halves, read_ahead
from reviewer.evidence.reading import Reading
from reviewer.nouns.plan import Switches
from reviewer.nouns.source import EmptyTree
from reviewer.stages import diff

ours = os.getpid()
change = diff.parse(pull_request(1_600).diff)
trees = {"base": EmptyTree(), "head": EmptyTree(), "switches": Switches()}

def large():
    return look(change, everything=change, **trees)

def evidence():
    return examine(change, everything=change, **trees)

def broken():
    raise UsageError("broken.yml", "Mend it.")

def dead():
    os.kill(os.getpid(), signal.SIGKILL)

def dead_there(examined, file):
    if os.getpid() != ours:
        dead()

def divide(examined, file):
    return 1 / 0

deadly = Reading("deadly", dead_there)
faulty = Reading("rules", divide)
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="no copies elsewhere")


def program(body: str) -> str:
    """Run a program after BEGIN; its standard output. Fails with what it raised."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + textwrap.dedent(body)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@linux
def test_a_file_says_the_same_whoever_reads_it() -> None:
    said = program("""
        here, there = (read_ahead(large(), lines).examined for lines in (LINES - 1, LINES))
        assert aside.possible() is (len(os.sched_getaffinity(0)) > 1)
        assert here.readings == there.readings
        print(len(here.files), len(there.readings))
    """)
    files, answers = map(int, said.split())
    assert answers == files * len(READINGS) + files * len(LINE_READINGS)
    assert LINES <= 1_600


@linux
def test_the_evidence_is_the_same_with_and_without_a_copy() -> None:
    said = program("""
        alone, _ = evidence(), os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        assert alone == evidence()  # with one core nothing goes aside
        print(len(alone.signals))
    """)
    assert int(said) > 5


@linux
def test_a_copy_that_dies_costs_its_files_and_is_told() -> None:
    said = program("""
        registry.READINGS["rules"] = "__main__:deadly"
        if not aside.possible():  # one core: nothing goes aside
            print(1, 1)
            raise SystemExit
        whole = evidence()
        told = [notice for notice in whole.notices if "died, signal 9" in notice]
        lost = {skip.path for skip in whole.skips}
        here, there = halves(large())
        assert lost == set(there)
        assert {signal.path for signal in whole.signals} & set(here)
        print(len(told), len(lost & set(here)) + 1)
    """)
    assert said == "1 1"


@linux
def test_a_fault_in_the_copy_is_met_again_here_and_contained_as_ever() -> None:
    said = program("""
        registry.READINGS["rules"] = "__main__:faulty"
        whole = evidence()
        (told,) = whole.notices
        print(told)
    """)
    assert "detector `rules`" in said
    assert "ZeroDivisionError" in said


@linux
def test_what_is_raised_there_is_raised_here() -> None:
    said = program("""
        with Copy(broken) as copy:
            try:
                copy.outcome()
            except UsageError as error:
                print(error.message, error.hint)
    """)
    assert said == "broken.yml Mend it."


@linux
def test_the_manner_of_a_death_is_told() -> None:
    said = program("""
        with Copy(dead) as copy:
            print(copy.outcome())
        with Copy(lambda: os._exit(7)) as copy:
            print(copy.outcome())
    """)
    assert said.split("\n") == ["Died(how='signal 9')", "Died(how='exit code 7')"]


@linux
def test_leaving_early_ends_the_copy() -> None:
    program("""
        begun = time.monotonic()
        try:
            with Copy(lambda: time.sleep(60)):
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            pass
        assert time.monotonic() - begun < 30
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            print("no child is left")
    """)


@linux
def test_a_copy_lets_go_of_the_files_of_others() -> None:
    said = program("""
        source, sink = os.pipe()
        with Copy(lambda: time.sleep(60)):
            os.close(sink)
            with os.fdopen(source, "rb") as pipe:
                print(pipe.read())  # ends at once: the copy does not hold the other end
    """)
    assert said == "b''"


@linux
def test_a_copy_does_not_end_what_the_process_left_over() -> None:
    said = program("""
        import gc, subprocess, weakref
        gc.disable()
        child = subprocess.Popen(["sleep", "30"])

        class Holder: ...

        left_over = Holder()
        left_over.itself = left_over
        weakref.finalize(left_over, os.kill, child.pid, signal.SIGKILL)
        del left_over

        def collect():
            return gc.collect() >= 0

        with Copy(collect) as copy:
            print(copy.outcome())
        print(child.poll())
        gc.collect()
        print(child.wait(5))
    """)
    assert said.split("\n") == ["True", "None", "-9"]


@linux
def test_a_process_with_other_threads_is_not_copied() -> None:
    said = program("""
        stop = threading.Event()
        thread = threading.Thread(target=stop.wait)
        thread.start()
        print(aside.possible(), aside.begin(broken))
        stop.set()
        thread.join()
    """)
    assert said == "False None"
