"""Options of the table as command-line arguments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from reviewer.options import GROUPS, Option


def add_options(parser: argparse.ArgumentParser, options: Sequence[Option]) -> None:
    """Add options of the table, in their groups."""
    for group, title in GROUPS.items():
        chosen = [option for option in options if option.group == group]
        section = parser.add_argument_group(f"{group}: {title}") if chosen else None
        for option in chosen:
            assert section is not None
            _add(section, option)


def _add(section: argparse._ArgumentGroup, option: Option) -> None:
    flag, text = f"--{option.name}", f"{option.help}{f' (default: {option.default})' if option.default else ''}"
    text = text.replace("%", "%%")
    if option.kind == "flag":
        section.add_argument(flag, action="store_true", help=text)
    elif option.kind == "many":
        section.add_argument(flag, action="append", metavar=option.metavar, help=text)
    else:
        convert = {"int": int, "float": float}.get(option.kind, str)
        section.add_argument(
            flag, type=convert, metavar=option.metavar or None, choices=option.choices or None, help=text
        )
