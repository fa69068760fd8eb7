"""Cut a pair of volumes into training slices: ``python -m training.cut FIRST SECOND FOLDER``.

The volumes are read, aligned and windowed as in the plugin; their axial slices become ``FOLDER/a/NAME_017.png`` and
``FOLDER/b/NAME_017.png``, first source of the pair in ``a``. Slices without anything in either source are left out.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_refusion.fusion.slices import window_sources
from napari_refusion.io.open import open_volume
from napari_refusion.io.write import write_png
from napari_refusion.volume.finding import RefusedError, blocking
from napari_refusion.volume.pair import pair_volumes
from napari_refusion.volume.window import volume_window

FOREGROUND = 0.05
"""Share of a slice that must be brighter than 2 % in both sources."""


def cut(first: Path, second: Path, folder: Path) -> int:
    """Write the slices of a pair of volumes below `folder`; return how many.

    Raises
    ------
    RefusedError
        If a volume cannot be read, the pair must not be fused, or a slice is there already.
    """
    opened = open_volume(first), open_volume(second)
    pair = pair_volumes(*opened)
    if blocking(pair.findings):
        raise RefusedError(pair.findings)
    windows = volume_window(opened[0]), volume_window(opened[1])
    sources = window_sources(pair, pair.as_paired(windows))
    count = 0
    for index, (a, b) in enumerate(zip(sources.a, sources.b, strict=True)):
        if min((a > 0.02).mean(), (b > 0.02).mean()) < FOREGROUND:
            continue
        for side, image in (("a", a), ("b", b)):
            (folder / side).mkdir(parents=True, exist_ok=True)
            write_png(
                replace(pair.a, data=np.ascontiguousarray(image)[None]),
                folder / side / f"{pair.fixed.name}_{index:03}.png",
            )
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
    except RefusedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
