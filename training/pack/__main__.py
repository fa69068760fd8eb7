"""Pack data and program for a bare GPU machine: ``python -m training.pack --data FOLDER --output runs/gpu-pack``.

FOLDER holds ``mif``, ``ivif``, ``mfif`` and ``meif`` as `training.prepare` writes them, and, where there are any,
``petctmr/train`` (a folder for each patient with PET, CT, T1 and tumour mask) and ``mr_pairs/train``.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from napari_refusion.model.tasks import TASKS
from training.pack.encoding import PlannedSet
from training.pack.pictures import brain_sets, photograph_set
from training.pack.volumes import body_sets, mr_set
from training.pack.writing import folder_size, write_pack


def plan(data: Path, tasks: list[str], longest: int, every: int) -> Iterator[PlannedSet]:
    """Yield the sets of the tasks, the medical ones first; volumes that are not there are left out."""
    if "medical" in tasks:
        yield from brain_sets(data)
        if (data / "petctmr/train").is_dir():
            yield from body_sets(data, every)
        if (data / "mr_pairs/train").is_dir():
            yield mr_set(data)
    yield from (photograph_set(data, task, longest) for task in tasks if task != "medical")


def main() -> None:
    """Read the command line and pack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path("runs/gpu-pack"))
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--longest", type=int, default=360, help="pixels of the longer side of reduced photographs")
    parser.add_argument("--every", type=int, default=3, help="pack every n-th slice of a body")
    arguments = parser.parse_args()
    try:
        sets = plan(arguments.data, arguments.tasks, arguments.longest, arguments.every)
        index = write_pack(sets, arguments.output, arguments.data)
    except ValueError as error:
        sys.exit(str(error))
    for entry in index["sets"]:
        print(f"{entry['name']:<18} {entry['split']:<10} {len(entry['names']):>5} images")
    print(*index["left_out"], sep="\n")
    print(f"{folder_size(arguments.output) / 1e6:.1f} MB in {arguments.output}")


if __name__ == "__main__":
    main()
