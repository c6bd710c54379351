"""Bring a finished review to its readers: files, standard output, the Actions runner. (Pull requests: `publish`.)"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from reviewer import report_file
from reviewer.errors import DeliveryError, ExitCode, UsageError
from reviewer.nouns.finding import Severity
from reviewer.nouns.progress import Progress
from reviewer.nouns.review import Review, Verdict
from reviewer.reporters import Look, format_of, render
from reviewer.world import World


def exit_code(review: Review, *, fail_on: str, on_incomplete: str) -> ExitCode:
    """What the process ends with. An incomplete review outranks its findings: they may not be all.

    `fail_on` is a severity or `never`; `on_incomplete` is `fail` or `warn`.
    """
    if review.verdict is Verdict.INCOMPLETE and on_incomplete == "fail":
        return ExitCode.INCOMPLETE
    if fail_on != "never" and any(finding.severity.at_least(Severity(fail_on)) for finding in review.findings):
        return ExitCode.FINDINGS
    return ExitCode.OK


def outputs_of(options: Mapping[str, Any], world: World) -> list[str]:
    """The files to write; in Actions always a review.json too, so that another job can publish or archive it.

    A relative name is below the workspace there (the step itself runs outside of it), else below the current folder.
    """
    root = Path(world.environment.get("GITHUB_WORKSPACE") or world.cwd) if world.in_actions else world.cwd
    names = [str(root / name) for name in options.get("output", [])]
    if world.in_actions and not any(format_of(Path(name)) == "json" for name in names):
        names.append(str(Path(world.environment.get("RUNNER_TEMP") or world.cwd) / "design-reviewer" / "review.json"))
    return names


def check_outputs(names: Sequence[str]) -> None:
    """Refuse an output no format fits or no folder holds, before anything is spent. Raises UsageError."""
    for name in names:
        format_of(Path(name))
        parent = Path(name).parent
        if parent.exists() and not parent.is_dir():
            raise UsageError(f"output: {parent} is not a folder.", "Name a file in a folder.")


def write_outputs(review: Review, names: Sequence[str], world: World) -> None:
    """Write each file in the format of its extension, whole or not at all. Raises DeliveryError."""
    for name in names:
        path = world.cwd / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DeliveryError(f"{path.parent} cannot be made: {error.strerror}.", "Name another --output.") from error
        report_file.write(path, render(review, format_of(path)))


def show(review: Review, form: str, options: Mapping[str, Any], world: World) -> None:
    """Print the review in a format on standard output, which carries nothing else."""
    text = render(review, form, look_of(world, verbose=bool(options.get("verbose"))))
    if world.in_actions and form != "annotations":
        from reviewer.reporters.sanitise import log

        text = log(text)  # a wrapped line of hostile text may begin like a command of the runner
    world.stdout.write(text if text.endswith("\n") else text + "\n")
    world.stdout.flush()


def look_of(world: World, *, verbose: bool = False) -> Look:
    """Width and colour for this terminal: no colour for NO_COLOR, dumb terminals and pipes (unless FORCE_COLOR)."""
    environment = world.environment
    is_terminal = world.stdout.isatty()
    wanted = bool(environment.get("FORCE_COLOR")) or is_terminal
    color = wanted and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    columns = environment.get("COLUMNS", "")
    width = int(columns) if columns.isdigit() else shutil.get_terminal_size((80, 24)).columns if is_terminal else 80
    return Look(
        width=min(max(width, 40), 120),
        color=color,
        links=color and is_terminal,
        unicode="utf" in (world.stdout.encoding or "").lower(),
        verbose=verbose,
    )


def progress_for(options: Mapping[str, Any], world: World, language: str) -> AbstractContextManager[Progress]:
    """What is happening, on standard error: a live line on a terminal, plain or JSON lines elsewhere."""
    from reviewer.reporters.progress import showing

    environment = world.environment
    return showing(
        world.stderr,
        now=world.now,
        form=str(options.get("log") or "text"),
        live=world.stderr.isatty() and environment.get("TERM") != "dumb" and not world.in_actions,
        color=not environment.get("NO_COLOR"),
        quiet=bool(options.get("quiet")),
        verbose=bool(options.get("verbose")),
        language=language,
        width=shutil.get_terminal_size((80, 24)).columns,
    )


def tell_runner(review: Review, outputs: Sequence[str], world: World) -> None:
    """Job summary and step outputs, where a runner asks for them. Raises DeliveryError."""
    from reviewer.reporters.outputs import outputs as step_outputs

    reports = {format_of(Path(name)): str(world.cwd / name) for name in outputs}
    _append(
        world.environment.get("GITHUB_OUTPUT", ""),
        step_outputs(review, report=reports.get("json", ""), sarif=reports.get("sarif", "")),
    )
    _append(world.environment.get("GITHUB_STEP_SUMMARY", ""), render(review, "markdown"))


def annotate(review: Review, world: World) -> None:
    """Print the findings as workflow commands, which the runner shows beside the code."""
    world.stdout.write(render(review, "annotations"))


def tell_skipped(reason: str, world: World) -> None:
    """Job summary and outputs of a pull request that the configuration leaves out: nobody shall read "clean"."""
    _append(world.environment.get("GITHUB_OUTPUT", ""), "verdict=incomplete\nfindings-count=0\nhighest-severity=none\n")
    _append(world.environment.get("GITHUB_STEP_SUMMARY", ""), f"Design review: not reviewed, {reason}")


def _append(name: str, text: str) -> None:
    if not name:
        return
    try:
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(text if text.endswith("\n") else text + "\n")
    except OSError as error:
        raise DeliveryError(
            f"{name} cannot be written: {error.strerror}.", "The runner's file is not there."
        ) from error
