"""Judge weights by what they shall reach: ``python -m training.figures.scoreboard --weights FILE --data DATA``.

DATA is the folder with ``mif``, ``petctmr`` and ``volumes`` (task medical), ``ivif``, ``mfif`` or ``meif``, in the
layout of `training.prepare` and of the volumes named in `medical_data`. Every demand of `wanted` is a row, every
contender a column; a star marks what is reached. ``--quick`` measures a few pairs of each set, four minutes of one CPU
thread for each network. Of the first medical weights its VIF and Qabf were within 0.02 of those of the whole sets,
bright lesions in the first source within 0.03: enough to choose between candidates that differ by more.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from training.baselines import Fuse
from training.contenders import contenders
from training.evaluate import evaluate
from training.figures.averages import averages
from training.figures.sets import ImageSet, find_image_sets
from training.figures.wanted import WANTED
from training.tables import Row, markdown

QUICK: Final = 6
"""Pairs of each set of images in a quick round."""

SLICES: Final = {True: 2, False: 6}
"""Slices of each tumour and of a pair of volumes, in a quick round and in a whole one."""

SCENES: Final = {"infrared_visible": "ivif", "multi_focus": "mfif", "multi_exposure": "meif"}
"""Task -> folder with its scenes."""


def medical_data(data: Path) -> list[str]:
    """Return the sets that medical weights are judged on: heads, bodies and two smooth templates (SPM)."""
    templates = data / "volumes/mni2mm"
    heads = [str(data / "mif/devtest" / name) for name in ("MRI-CT", "MRI-PET", "MRI-SPECT")]
    return [*heads, str(data / "petctmr/devtest"), f"{templates / 'spm_PET.nii'},{templates / 'spm_T1.nii'}"]


def sets_of(task: str, data: Path, is_quick: bool) -> list[ImageSet]:
    """Return the sets of a task below `data`, thinned for a quick round.

    Raises
    ------
    ValueError
        If one of them is missing or cannot be used.
    """
    if task == "medical":
        found = find_image_sets(medical_data(data), SLICES[is_quick])
    else:
        folder = SCENES[task]
        found = [replace(images, name=folder) for images in find_image_sets([str(data / folder / "devtest")], 1)]
    return [images.thinned(QUICK) for images in found] if is_quick else found


def scoreboard(task: str, chosen: Mapping[str, Fuse], sets: Sequence[ImageSet]) -> str:
    """Return a Markdown table of a task's demands, with the value of each contender and a star where it is reached."""
    figures = {images.name: {label: evaluate(fuse, images, label) for label, fuse in chosen.items()} for images in sets}
    return compared(task, averages(figures))


def compared(task: str, means: Mapping[str, Mapping[str, Row]]) -> str:
    """Return the table of `scoreboard` of means by set and contender."""
    labels = list(next(iter(means.values())))
    lines = [["set", "what", "wanted", *labels]]
    for wanted in WANTED[task]:
        values = [wanted.value(means[wanted.images][label]) for label in labels]
        marks = ["" if wanted.is_free or not wanted.is_met(value) else " *" for value in values]
        cells = [f"{value:.3f}{mark}" for value, mark in zip(values, marks, strict=True)]
        lines.append([wanted.images, wanted.words, wanted.bounds, *cells])
    met = [sum(line[column].endswith("*") for line in lines) for column in range(3, len(lines[0]))]
    lines.append(["all", "demands reached", str(sum(bool(line[2]) for line in lines[1:])), *map(str, met)])
    return markdown(lines)


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", action="append", required=True, help="as in training.evaluate; may be repeated")
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--task", choices=WANTED, default="medical")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    try:
        sets = sets_of(arguments.task, arguments.data.resolve(), arguments.quick)
        chosen = {label: engine.fuse for label, engine in contenders(arguments.weights).items()}
        print(scoreboard(arguments.task, chosen, sets))
    except (ValueError, OSError) as error:
        sys.exit(f"Not judged: {error}")


if __name__ == "__main__":
    main()
