"""What the command line prints: findings, sentences and refusals, with names shown and never obeyed.

A path or a series description may hold markup of the table printer, escape sequences of the terminal, newlines or
characters that turn the direction of writing: it is the file's author who chose it, not this program.
"""

import sys
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from napari_refusion.cli.start import STOPPED, STOPPED_STATUS
from napari_refusion.look import LEVELS
from napari_refusion.volume.finding import Finding, Level, RefusedError, blocking

EXIT: Final = {"ok": 0, "warn": 1, "block": 2}
"""Level of the worst finding -> exit status of ``check``."""


def print_any_letter() -> None:
    """Let what is printed be escaped where standard output has no code for it, as error output does by itself.

    A file or a pipe on Windows takes the letters of one alphabet alone; a name of another one ended the command there.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def shown(text: str) -> Text:
    """Return text as it is printed: markup is text, and characters that a terminal would obey are written out."""
    return Text("".join(_visible(character) for character in text))


def say(console: Console, text: str) -> None:
    """Print one line of text, however long it is."""
    console.print(shown(text), highlight=False, soft_wrap=True)


def mark(level: Level) -> Text:
    """Return the level of a finding in its colour."""
    return Text(level, style=LEVELS[level].signal.terminal)


def print_findings(console: Console, findings: Iterable[Finding], *, quiet: bool = False) -> None:
    """Print findings as a table; `quiet` leaves out what is ok, and the table if nothing is left."""
    table = Table("level", "checked", "value", "finding")
    for finding in findings:
        if not (quiet and finding.level == "ok"):
            table.add_row(mark(finding.level), *map(shown, (finding.rule, finding.value, finding.sentence)))
    if table.row_count or not quiet:
        console.print(table)


@contextmanager
def stops_in_words(console: Console) -> Iterator[None]:
    """Turn a refusal into its sentences with exit status 2, and Ctrl+C into one with 130."""
    try:
        yield
    except RefusedError as error:
        for finding in blocking(error.findings):
            console.print(mark("block") + " " + shown(finding.sentence), highlight=False, soft_wrap=True)
        raise typer.Exit(EXIT["block"]) from error
    except KeyboardInterrupt as error:
        say(console, STOPPED)
        raise typer.Exit(STOPPED_STATUS) from error


def _visible(character: str) -> str:
    """Return a character, or its escape where it is a control (Cc), turns directions (Cf) or breaks lines (Zl, Zp)."""
    if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs"):
        return character.encode("unicode_escape").decode("ascii")
    return character
