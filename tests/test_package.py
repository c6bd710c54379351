"""The package works from a checkout, as an installed wheel and from the source archive's wheel: prompts and rules travel along."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.test_cli import ROOT, SAMPLE


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive, built without network."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return folder


@pytest.fixture(scope="module")
def installed(archives: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked as an installer does, away from the checkout."""
    folder = tmp_path_factory.mktemp("site")
    (wheel,) = archives.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def from_wheel(installed: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, "-m", "reviewer", *words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_installed_wheel_reviews(installed: Path, tmp_path: Path) -> None:
    done = from_wheel(installed, "--diff", str(SAMPLE), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "sql-built-by-interpolation" in done.stdout
    persona = from_wheel(installed, "--diff", str(SAMPLE), "--provider", "anthropic", "--dry-run", cwd=tmp_path)
    assert "# Backend Architect" in persona.stdout
    where = subprocess.run(
        [sys.executable, "-c", "import reviewer; print(reviewer.__file__)"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(installed))


def test_the_wheel_has_all_text_and_data_and_nothing_else(archives: Path) -> None:
    (wheel,) = archives.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {name.removeprefix("reviewer/_prompts/") for name in names if name.startswith("reviewer/_prompts/")}
    prompts = ROOT / "prompts"
    assert shipped == {str(path.relative_to(prompts)) for path in prompts.rglob("*") if path.is_file()}
    tracked = subprocess.run(
        ["git", "ls-files", "reviewer"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert set(tracked.split()) <= names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


def test_the_source_archive_can_be_built_from(archives: Path) -> None:
    (archive,) = archives.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "prompts/review.md", "reviewer/pipeline.py"} <= names


def test_the_console_script_is_declared(archives: Path) -> None:
    (wheel,) = archives.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        assert "design-reviewer = reviewer.cli:main" in archive.read(name).decode()
