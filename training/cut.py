"""Cut a pair of volumes into training slices: ``python -m training.cut FIRST SECOND FOLDER``.

They are what a recipe trains on that names the volumes: ``FOLDER/a/NAME_017.png`` and ``FOLDER/b/NAME_017.png``, the
first source of the pair in ``a``. Cut them to look at them, to sort some out, or to use them as ``pairs``.
"""

import argparse
import sys
from pathlib import Path

from napari_refusion.io.write import write_png
from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.volume import Volume
from training.volumes import volume_slices


def cut(first: Path, second: Path, folder: Path) -> int:
    """Write the slices of a pair of volumes below `folder`; return how many.

    Raises
    ------
    ValueError
        See `volume_slices`; also if a slice is there already.
    """
    count = 0
    for name, pair in volume_slices(first, second):
        for side, image in zip(("a", "b"), pair, strict=True):
            (folder / side).mkdir(parents=True, exist_ok=True)
            write_png(Volume(image[None], IPL_TO_RAS), folder / side / f"{name}.png", description="")  # a source
        count += 1
    return count


def main() -> None:
    """Read the command line and cut."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("first", "second", "folder"):
        parser.add_argument(name, type=Path)
    arguments = parser.parse_args()
    try:
        print(f"{cut(arguments.first, arguments.second, arguments.folder)} pairs in {arguments.folder}")
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
