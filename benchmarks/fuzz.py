"""Fuzz every target for a while: with atheris (coverage-guided) if it is installed, else by blind mutation.

    python -m benchmarks.fuzz SECONDS [TARGET ...] [blind]

Blind mutation is the better one for what pydantic reads (state, reports): its Rust shows no coverage.

An input that raises anything but an error of ours is written to `fuzz-crash-<target>` and ends the run with 1.
"""

from __future__ import annotations

import contextlib
import importlib.util
import random
import subprocess
import sys
import time
from pathlib import Path

NAMES = ("diffs", "replies", "anchors", "texts", "states", "configurations", "sarifs", "reports")


def main(arguments: list[str]) -> int:
    """Give each target its share of the time."""
    guided = "blind" not in arguments and importlib.util.find_spec("atheris") is not None
    arguments = [word for word in arguments if word != "blind"]
    seconds, names = float(arguments[0]), arguments[1:] or [*NAMES]
    for name in names:
        share = seconds / len(names)
        if guided and len(names) > 1:
            done = subprocess.run([sys.executable, "-m", "benchmarks.fuzz", str(share), name], check=False)
            if done.returncode:
                return done.returncode
        elif guided:
            _guided(name, share)
        elif not _blind(name, share):
            return 1
    return 0


def _guided(name: str, seconds: float) -> None:
    import atheris  # type: ignore[import-not-found]

    with atheris.instrument_imports(include=["reviewer"]):  # ours alone: all of Python takes minutes
        from tests.fuzz.seeds import SEEDS
        from tests.fuzz.targets import TARGETS
    assert name in TARGETS
    corpus = Path(f"fuzz-corpus-{name}")
    corpus.mkdir(exist_ok=True)
    for number, seed in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [
        f"-max_total_time={int(seconds)}",
        f"-artifact_prefix=fuzz-crash-{name}-",
        "-max_len=20000",
        "-timeout=20",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], lambda data: _run(name, data))
    atheris.Fuzz()


def _run(name: str, data: bytes) -> None:
    from tests.fuzz.targets import EXPECTED, TARGETS

    with contextlib.suppress(EXPECTED):
        TARGETS[name](data)


def _blind(name: str, seconds: float) -> bool:
    from tests.fuzz.seeds import SEEDS

    chance = random.Random(0)
    pool, runs, slowest, end = [*SEEDS[name]], 0, 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        data = _bend(chance.choice(pool), chance)
        began = time.monotonic()
        try:
            _run(name, data)
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            Path(f"fuzz-crash-{name}").write_bytes(data)
            print(f"{name}: {type(error).__name__}: {error} after {runs} runs")
            return False
        slowest = max(slowest, time.monotonic() - began)
        runs += 1
        if chance.random() < 0.02 and len(data) < 50_000:
            pool.append(data)
    print(f"{name}: {runs} inputs, slowest {slowest:.2f} s, no failure", flush=True)
    return True


def _bend(data: bytes, chance: random.Random) -> bytes:
    from tests.fuzz.seeds import WORDS

    for _ in range(chance.randint(1, 6)):
        at, length = chance.randint(0, len(data)), chance.choice((0, 0, 1, 4, 40, 400))
        text = chance.choice(
            (
                chance.choice(WORDS),
                chance.randbytes(chance.randint(0, 8)),
                data[at : at + length] * chance.choice((1, 2, 50)),
            )
        )
        data = data[:at] + text + data[at + chance.choice((0, length)) :]
    return data[:200_000]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
