"""Make a run's weights part of the package: ``python -m training.publish runs/medical medical --devtest FOLDER``.

Measures them on FOLDER, or on every set of pairs below it, beside other weights and baselines if asked (``--beside
FILE``, ``--beside maximum``), and prints the table. Writes ``src/napari_refusion/weights/NAME.safetensors`` with the
figures in its metadata, with ``--with-networks`` also ``NAME_reconstruction`` and ``NAME_proposal``, and the log, its
curves and the figures of every image to ``training/results/NAME/``.
"""

import argparse
import math
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from napari_refusion.io.whole_files import atomic
from napari_refusion.model.tasks import COMPANIONS
from napari_refusion.model.weights_files import load_weights, save_weights
from training.contenders import contenders, load_engine
from training.curves import draw, read_log
from training.evaluate import evaluate
from training.figures.averages import averages, field_only
from training.image_sets import PARTNERS
from training.tables import Row, table, write_figures

CHECKOUT = Path(__file__).resolve().parents[1]

CARRIED: Final = ("vif", "qabf", "ssim_sum", "ssim_fg", "contrast_transfer", "hidden", "background")
"""Figures that the weights file carries, as far as there are any."""


LOGS: Final = ("log.csv", "losses.csv")
"""Names of the log of a run: of the whole cycle, and of a timed run."""


def publish(run: Path, name: str, devtest: Path, beside: list[str], with_networks: bool = False) -> str:
    """Measure and write, see the top of this file; return the table. Nothing is written before all is measured.

    Raises
    ------
    ValueError
        If the run lacks a file, or weights or images cannot be used.
    """
    files = run_files(run, with_networks)
    chosen = {name: load_engine(files["fusion"]), **contenders(beside, taken=[name])}
    figures = {
        folder.name: {label: evaluate(engine.fuse, folder, label) for label, engine in chosen.items()}
        for folder in find_sets(devtest)
    }
    found = field_only(averages(figures))
    write_results(CHECKOUT / "training/results" / name, figures, files["log"])
    write_weights(CHECKOUT / "src/napari_refusion/weights", name, files, carried(found, name))
    return table(found)


def run_files(run: Path, with_networks: bool) -> dict[str, Path]:
    """Return the files of a run that are published: ``fusion`` and ``log``, and the other networks if asked.

    Raises
    ------
    ValueError
        If one of them is missing or holds another network than its name says.
    """
    networks = ("fusion", *COMPANIONS) if with_networks else ("fusion",)
    files = {network: run / f"{network}.safetensors" for network in networks}
    for network, file in files.items():
        held = load_weights(file).network
        if held != network:
            raise ValueError(f"{file}: holds the {held} network; the file was renamed, export the run again.")
    for name in LOGS:
        if (run / name).is_file():
            return {**files, "log": run / name}
    cycles, timed = LOGS
    raise ValueError(f"{run / cycles}: no such log, nor {timed}; {run} is not the whole output folder of a run.")


def find_sets(devtest: Path) -> list[Path]:
    """Return the folders with image pairs: `devtest` itself if it holds one, else all folders in it.

    Raises
    ------
    ValueError
        If there is none.
    """
    folders = sorted(path for path in devtest.resolve().glob("*/") if not path.name.startswith("."))
    if not folders:
        raise ValueError(f"{devtest}: no folder with sets of image pairs.")
    names = {folder.name for folder in folders}
    return [devtest.resolve()] if any(names.issuperset(pair) for pair in PARTNERS) else folders


def carried(found: Mapping[str, Mapping[str, Row]], name: str) -> dict[str, float]:
    """Return the figures of one contender by ``SET METRIC``, those that `CARRIED` names and that exist."""
    return {
        f"{folder} {metric}": round(rows[name][metric], 4)
        for folder, rows in found.items()
        for metric in CARRIED
        if not math.isnan(rows[name][metric])
    }


def write_results(folder: Path, figures: Mapping[str, Mapping[str, Mapping[str, Row]]], log: Path) -> None:
    """Write the figures of every image, one file for each set, and the log with its curves."""
    curves = read_log(log)
    folder.mkdir(parents=True, exist_ok=True)
    for name, by_label in figures.items():
        write_figures(by_label, folder / f"{name}.csv")
    shutil.copy(log, folder / log.name)
    draw(curves, folder / "curves.svg")


def write_weights(folder: Path, name: str, files: Mapping[str, Path], metrics: dict[str, float]) -> None:
    """Write the fusion network with its figures, and copy the networks beside it as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(replace(load_weights(files["fusion"]), metrics=metrics), folder / f"{name}.safetensors")
    for network in files.keys() & set(COMPANIONS):
        with atomic(folder / f"{name}_{network}.safetensors", overwrite=True) as temporary:
            shutil.copy(files[network], temporary)


def main() -> None:
    """Read the command line and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="output folder of the run")
    parser.add_argument("name", help="name of the weights in the package")
    parser.add_argument("--devtest", type=Path, required=True, help="a set of pairs, or a folder with sets in it")
    parser.add_argument("--beside", action="append", default=[], help="weights or baseline to compare, may be repeated")
    parser.add_argument(
        "--with-networks", action="store_true", help="also copy the reconstruction and proposal networks"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    try:
        print(publish(arguments.run, arguments.name, arguments.devtest, arguments.beside, arguments.with_networks))
    except (ValueError, OSError) as error:
        sys.exit(f"Not published: {error}")


if __name__ == "__main__":
    main()
