"""Draw the log of a run: ``python -m training.curves runs/medical/log.csv curves.svg``."""

import argparse
import csv
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl


class Panel(NamedTuple):
    """One of the drawings."""

    title: str
    columns: dict[str, str]
    """Columns of the log with the names that they are given."""
    logarithmic: bool = False
    """Whether the values span decades."""


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
)
"""What is drawn, row by row."""


def read_log(path: Path) -> dict[str, list[tuple[int, float]]]:
    """Return for each column of a log its values with their cycles, empty cells left out."""
    columns: dict[str, list[tuple[int, float]]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            for name, value in row.items():
                if value:
                    columns.setdefault(name, []).append((int(row["cycle"]), float(value)))
    return columns


def draw(log: dict[str, list[tuple[int, float]]], output: Path) -> None:
    """Write the curves as a picture in the format of `output`'s suffix."""
    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 4, figsize=(20, 6), layout="constrained")
    axes.flat[-1].set_axis_off()
    for axis, panel in zip(axes.flat, PANELS, strict=False):  # one place more than panels
        for name, label in panel.columns.items():
            points = log.get(name, [])
            axis.plot([cycle for cycle, _ in points], [value for _, value in points], label=label, linewidth=1)
        axis.set_title(panel.title, fontsize=10)
        axis.set_xlabel("cycle", fontsize=8)
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
        if panel.logarithmic:
            axis.set_yscale("log")
    figure.savefig(output, metadata={"Date": None} if output.suffix == ".svg" else None)


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("output", type=Path, help=".svg or .png")
    arguments = parser.parse_args()
    draw(read_log(arguments.log), arguments.output)


if __name__ == "__main__":
    main()
