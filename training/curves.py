"""Draw the log of a run: ``python -m training.curves runs/cycle/log.csv curves.svg``, or of a timed run's losses."""

import argparse
import csv
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import matplotlib as mpl

from napari_refusion.io.whole_files import atomic


class Panel(NamedTuple):
    """One of the drawings."""

    title: str
    columns: dict[str, str]
    """Columns of the log with the names that they are given."""
    logarithmic: bool = False
    """Whether the values span decades."""
    timed: bool = False
    """Whether it is drawn of timed runs instead of cycles."""


PANELS = (
    Panel(
        "losses",
        {"fusion_loss": "fusion (training)", "reconstruction_loss": "reconstruction", "outer_loss": "outer"},
        logarithmic=True,
    ),
    Panel("largest meta-gradient", {"largest_meta_gradient": "of P"}, logarithmic=True),
    Panel(
        "proposed weight of the first source, mean",
        {"intensity_weight_a": "intensity", "gradient_weight_a": "gradient"},
    ),
    Panel(
        "held-out pairs: what a reader needs",
        {
            "hidden": "lesions hidden",
            "transfer": "lesions shown",
            "above": "above both sources",
            "identity": "F(a, a)",
        },
    ),
    Panel("held-out pairs", {"qabf": "Qabf", "vif": "VIF, sum", "ssim_sum": "SSIM, sum"}),
    Panel("held-out background, mean output where both sources are 0", {"background": "0 to 1"}, logarithmic=True),
    Panel(
        "entropy of the proposal in bits, 1 is undecided",
        {"intensity_entropy": "intensity", "gradient_entropy": "gradient"},
    ),
    Panel(
        "lost to the field's figures",
        {"qabf": "edges", "ssim": "structure", "vif": "information", "structure": "MEF-SSIM", "exposed": "exposure"},
        timed=True,
    ),
    Panel(
        "what no picture may do",
        {"range": "out of range", "identity": "F(a, a)", "background": "lit background", "noise": "noise"},
        logarithmic=True,
        timed=True,
    ),
    Panel(
        "lesions",
        {"shown": "shown", "lesion": "lost contrast", "hidden": "nearly hidden"},
        timed=True,
    ),
    Panel("focus", {"sharper": "to the sharper", "refocused": "to the truth"}, logarithmic=True, timed=True),
)
"""What can be drawn; of a run, the panels that its log has columns for."""

COUNTERS = ("cycle", "steps")
"""Columns that count: cycles of the whole method, steps of a timed run."""


PICTURES: Final = (".svg", ".png")
"""Endings of the pictures that curves are drawn into."""


def read_log(path: Path) -> dict[str, list[tuple[int, float]]]:
    """Return for each column of a log its values with their cycles or steps, empty cells left out.

    Raises
    ------
    ValueError
        If the file cannot be read or is no log.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            rows, names = list(reader), reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).") from error
    counter = next((name for name in COUNTERS if name in names), None)
    if counter is None:
        raise ValueError(f"{path}: is no log of a run: none of its columns is {' or '.join(COUNTERS)}.")
    columns: dict[str, list[tuple[int, float]]] = {}
    for line, row in enumerate(rows, start=2):
        try:
            place, values = int(row[counter]), _numbers(row)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}: line {line} holds something else than numbers ({error}).") from error
        for name, value in values.items():
            columns.setdefault(name, []).append((place, value))
    return columns


def _numbers(row: Mapping[str, str]) -> dict[str, float]:
    return {name: float(value) for name, value in row.items() if value}


def drawn_panels(log: dict[str, list[tuple[int, float]]]) -> list[Panel]:
    """Return the panels of a log: of its kind of run, and with at least one of their columns."""
    timed = "steps" in log
    return [panel for panel in PANELS if panel.timed == timed and panel.columns.keys() & log]


def draw(log: dict[str, list[tuple[int, float]]], output: Path) -> None:
    """Write the curves as a picture in the format of `output`'s suffix, one of `PICTURES`; an older one is replaced.

    Raises
    ------
    ValueError
        For another suffix, or if the picture cannot be written.
    """
    if output.suffix not in PICTURES:
        raise ValueError(f"{output}: end the name in {' or '.join(PICTURES)}, for curves are drawn as a picture.")
    mpl.use("Agg")
    from matplotlib import pyplot

    panels = drawn_panels(log)
    wide = 4 if len(panels) > 4 else max(len(panels), 1)
    figure, axes = pyplot.subplots(
        -(-len(panels) // wide) or 1, wide, figsize=(20, 6), layout="constrained", squeeze=False
    )
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for axis, panel in zip(axes.flat, panels, strict=False):  # there may be more places than panels
        for name, label in panel.columns.items():
            if points := log.get(name, []):
                axis.plot([place for place, _ in points], [value for _, value in points], label=label, linewidth=1)
        axis.set_title(panel.title, fontsize=10)
        axis.set_xlabel("step" if "steps" in log else "cycle", fontsize=8)
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
        if panel.logarithmic:
            axis.set_yscale("log")
    with atomic(output, overwrite=True) as temporary:
        figure.savefig(temporary, metadata={"Date": None} if output.suffix == ".svg" else None)
    pyplot.close(figure)


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("output", type=Path, help=".svg or .png")
    arguments = parser.parse_args()
    try:
        draw(read_log(arguments.log), arguments.output)
    except (ValueError, OSError) as error:
        sys.exit(f"Not drawn: {error}")


if __name__ == "__main__":
    main()
