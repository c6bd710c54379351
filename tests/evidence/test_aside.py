"""Detectors in a copy of the process say what they say in this one, and cost no review when the copy dies.

A copy is made only of a process with one thread, which a test worker is not: each case is a program of its own.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from reviewer.evidence.aside import ASIDE, LINES, possible
from reviewer.evidence.registry import DETECTORS

ROOT = Path(__file__).resolve().parents[2]
BEGIN = """
import os, signal, threading, time
from benchmarks.synthetic import pull_request
from reviewer.errors import UsageError
from reviewer.evidence import aside, registry
from reviewer.evidence.aside import Copy, Died
from reviewer.evidence.engine import detected, look
from reviewer.evidence.examined import DetectorResult
from reviewer.nouns.source import EmptyTree
from reviewer.stages import diff

def large():
    change = diff.parse(pull_request(1_600).diff)
    return look(change, everything=change, base=EmptyTree(), head=EmptyTree())

def broken(name):
    raise UsageError("broken.yml", "Mend it.")

def dead(name):
    os.kill(os.getpid(), signal.SIGKILL)
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
def test_results_are_the_same_whoever_finds_them() -> None:
    said = program("""
        examined = large()
        here = detected(examined, aside.LINES - 1)
        assert aside.possible() is (len(os.sched_getaffinity(0)) > 1)
        there = detected(examined, aside.LINES)
        assert here == there
        print(sum(len(result.signals) for result in there))
    """)
    assert int(said) > 5
    assert LINES <= 1_600


@linux
def test_a_copy_that_dies_costs_what_its_detectors_find_and_is_told() -> None:
    said = program("""
        registry.DETECTORS["secrets"] = "__main__:dead"
        if not aside.possible():  # one core: nothing goes aside
            print(len(aside.ASIDE))
            raise SystemExit
        results = detected(large(), aside.LINES)
        told = [notice for result in results for notice in result.notices]
        assert all("its process died, signal 9" in notice for notice in told)
        assert all(result.skips for result in results if result.notices)
        print(len(told))
    """)
    assert int(said) == len(ASIDE)


@linux
def test_what_a_detector_raises_there_is_raised_here() -> None:
    said = program("""
        with Copy(["rules"], broken) as copy:
            try:
                copy.outcome()
            except UsageError as error:
                print(error.message, error.hint)
    """)
    assert said == "broken.yml Mend it."


@linux
def test_the_manner_of_a_death_is_told() -> None:
    said = program("""
        with Copy(["rules"], dead) as copy:
            print(copy.outcome())
        with Copy(["rules"], lambda name: os._exit(7)) as copy:
            print(copy.outcome())
    """)
    assert said.split("\n") == ["Died(how='signal 9')", "Died(how='exit code 7')"]


@linux
def test_leaving_early_ends_the_copy() -> None:
    program("""
        begun = time.monotonic()
        try:
            with Copy(["rules"], lambda name: time.sleep(60)):
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
        with Copy(["rules"], lambda name: time.sleep(60)):
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

        def collect(name):
            gc.collect()
            return DetectorResult(notices=(name,))

        with Copy(["rules"], collect) as copy:
            print(sorted(copy.outcome()))
        print(child.poll())
        gc.collect()
        print(child.wait(5))
    """)
    assert said.split("\n") == ["['rules']", "None", "-9"]


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


def test_only_detectors_we_have_go_aside() -> None:
    assert set(DETECTORS) > ASIDE
    assert possible() in {True, False}
