"""Draw the log of a run: ``python -m training.curves runs/medical/log.csv curves.svg``."""

import argparse
import csv
from pathlib import Path

import matplotlib as mpl

PANELS = (
    ("losses", {"fusion_loss": "fusion (training)", "reconstruction_loss": "reconstruction", "outer_loss": "outer"}),
    ("largest meta-gradient", {"largest_meta_gradient": "of P"}),
    ("held-out patients", {"qabf": "Qabf", "vif": "VIF, sum", "ssim_sum": "SSIM, sum"}),
    ("held-out background, mean output where both sources are 0", {"background": "0 to 1"}),
)
"""Title of each panel, and the columns of the log it shows with their names."""

LOGARITHMIC = (0, 1, 3)
"""Panels whose values span decades."""


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

    figure, axes = pyplot.subplots(2, 2, figsize=(10, 6), layout="constrained")
    for number, (panel, (title, columns)) in enumerate(zip(axes.flat, PANELS, strict=True)):
        for name, label in columns.items():
            points = log.get(name, [])
            panel.plot([cycle for cycle, _ in points], [value for _, value in points], label=label, linewidth=1)
        panel.set_title(title, fontsize=10)
        panel.set_xlabel("cycle", fontsize=8)
        panel.grid(alpha=0.3)
        panel.legend(fontsize=8)
        if number in LOGARITHMIC:
            panel.set_yscale("log")
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
