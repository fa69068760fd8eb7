"""Figures of an evaluation as text: a table of means to print, a CSV file with one row per image."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from napari_refusion.io.whole_files import atomic
from training.figures.catalogue import FIGURES, PUBLISHED

Row = dict[str, float]
"""Figures of one image, or their means, by name; NaN where there is none."""


def table(means: Mapping[str, Mapping[str, Row]]) -> str:
    """Return a Markdown table: a row for each set and contender, the figures in columns, empty where there is none."""
    rows = [(name, label, row) for name, contenders in means.items() for label, row in contenders.items()]
    columns = list(rows[0][2])
    lines = [["set", "weights", *columns]]
    lines += [[name, label, *(_number(row[column], column) for column in columns)] for name, label, row in rows]
    return markdown(lines)


def figure_table(means: Mapping[str, Mapping[str, Row]]) -> str:
    """Return a Markdown table: a row for each set and figure that any contender has, contenders in columns.

    The field's published figures are left out: they have a table of their own.
    """
    labels = list(next(iter(means.values())))
    lines = [["set", "figure", "what", "unit", *labels]]
    for name, by_label in means.items():
        for column, figure in FIGURES.items():
            values = [by_label[label][column] for label in labels]
            if column not in PUBLISHED and not all(map(math.isnan, values)):
                cells = (_number(value, column) for value in values)
                lines.append([name, column, figure.meaning, figure.unit, *cells])
    return markdown(lines)


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """Return lines of cells as a Markdown table; the first one is its head."""
    widths = [max(len(line[index]) for line in lines) for index in range(len(lines[0]))]
    padded = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    padded.insert(1, " | ".join("-" * max(width, 3) for width in widths))
    return "\n".join(f"| {line} |" for line in padded)


def _number(value: float, column: str) -> str:
    return "" if math.isnan(value) else f"{value:.{FIGURES[column].decimals}f}"


def write_figures(figures: Mapping[str, Mapping[str, Row]], path: Path, keep: Iterable[Path] = ()) -> None:
    """Write one row per contender and image; the file appears whole or not at all, over an older one.

    Parameters
    ----------
    figures
        Rows by file name of the image, by contender.
    keep
        Files that are never replaced.

    Raises
    ------
    RefusedError
        If the file cannot be written.
    """
    columns = list(next(iter(next(iter(figures.values())).values())))
    with (
        atomic(path, overwrite=True, keep=keep) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("weights", "name", *columns))
        for label, rows in figures.items():
            for name, row in rows.items():
                cells = ("" if math.isnan(row[column]) else f"{row[column]:.5f}" for column in columns)
                writer.writerow((label, name, *cells))
