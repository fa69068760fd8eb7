"""Make a run's weights part of the package: ``python -m training.publish runs/medical medical --devtest FOLDER``.

Measures them on every set of pairs below FOLDER, beside other weights if asked (``--beside FILE``, or ``maximum``), and
prints the table. Writes ``src/napari_refusion/weights/NAME.safetensors`` with the figures in its metadata, and the log,
its curves and the figures of every image to ``training/results/NAME/``.
"""

import argparse
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import torch

from napari_refusion.model.weights import load_weights, save_weights
from training.curves import draw, read_log
from training.evaluate import METRICS, evaluate, means, write_figures

CHECKOUT = Path(__file__).resolve().parents[1]


def table(figures: dict[str, dict[str, dict[str, float]]]) -> str:
    """Return a Markdown table of the means: a row for each set and contender, the metrics in columns."""
    lines = ["| set | weights | " + " | ".join(METRICS) + " |", "|---" * (2 + len(METRICS)) + "|"]
    for name, contenders in figures.items():
        for contender, row in contenders.items():
            numbers = " | ".join(f"{row[metric]:.{4 if metric == 'background' else 3}f}" for metric in METRICS)
            lines.append(f"| {name} | {contender} | {numbers} |")
    return "\n".join(lines)


def publish(run: Path, name: str, devtest: Path, beside: list[str]) -> str:
    """Measure and write, see the top of this file; return the table."""
    results = CHECKOUT / "training/results" / name
    results.mkdir(parents=True, exist_ok=True)
    ours = run / "fusion.safetensors"
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for folder in sorted(path for path in devtest.iterdir() if path.is_dir()):
        rows = evaluate(str(ours), folder)
        write_figures(rows, results / f"{folder.name}.csv")
        figures[folder.name] = {name: means(list(rows.values()))}
        for other in beside:
            figures[folder.name][Path(other).stem] = means(list(evaluate(other, folder).values()))
    measured = {
        f"{folder} {metric}": round(contenders[name][metric], 4)
        for folder, contenders in figures.items()
        for metric in METRICS
    }
    target = CHECKOUT / "src/napari_refusion/weights" / f"{name}.safetensors"
    target.parent.mkdir(exist_ok=True)
    save_weights(replace(load_weights(ours), metrics=measured), target)
    shutil.copy(run / "log.csv", results / "log.csv")
    draw(read_log(run / "log.csv"), results / "curves.svg")
    return table(figures)


def main() -> None:
    """Read the command line and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="output folder of the run")
    parser.add_argument("name", help="name of the weights in the package")
    parser.add_argument("--devtest", type=Path, required=True, help="folder with one folder for each set of pairs")
    parser.add_argument("--beside", action="append", default=[], help="other weights to measure, may be repeated")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    try:
        print(publish(arguments.run, arguments.name, arguments.devtest, arguments.beside))
    except (ValueError, OSError) as error:
        sys.exit(f"Not published: {error}")


if __name__ == "__main__":
    main()
