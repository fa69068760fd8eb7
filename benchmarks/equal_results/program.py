"""The program under comparison, run from its command line: the one place that knows how that is started."""

import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from typer import Typer
from typer.testing import CliRunner

from benchmarks.equal_results.cases import CHECKOUT

WIDE = {"COLUMNS": "2000", "NO_COLOR": "1", "TERM": "dumb"}
"""No table is broken into lines."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command left behind."""

    status: int
    """Exit status."""
    lines: tuple[str, ...]
    """On both streams, progress bars left out."""
    rows: tuple[tuple[str, ...], ...]
    """Of the tables among the lines, without their heads."""
    crash: str = ""
    """An error that nobody turned into a sentence."""


def run(arguments: Sequence[str]) -> Printed:
    """Return what the program printed; it runs in this process, for loading torch takes longer than a small case.

    Raises
    ------
    RuntimeError
        If another copy of the package than the checkout's would run.
    """
    app = _command_line()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = CliRunner().invoke(app, list(arguments), env=WIDE)
    lines = [line.rstrip() for line in (*result.stdout.splitlines(), *result.stderr.splitlines())]
    rows = [tuple(cell.strip() for cell in line.strip("│").split("│")) for line in lines if line.startswith("│")]
    told = [line for line in lines if line.strip() and line[0] not in "┏┃┡│├└" and "━" not in line]
    crash = repr(result.exception) if not isinstance(result.exception, SystemExit | None) else ""
    return Printed(result.exit_code, tuple(told), tuple(rows), crash)


@cache
def _command_line() -> Typer:
    """Return the command line of this checkout, whatever copy is installed."""
    sys.path.insert(0, str(CHECKOUT / "src"))
    import napari_refusion

    found = Path(str(napari_refusion.__file__))
    if not found.is_relative_to(CHECKOUT):
        raise RuntimeError(f"Start it in the checkout whose code is to run: another copy was imported, {found}")
    import torch

    from napari_refusion.cli.main import app

    torch.set_num_threads(1)
    return app
