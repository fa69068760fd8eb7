"""Measure weights on pairs of images: ``python -m training.evaluate --weights NAME_OR_FILE --data FOLDER``.

FOLDER holds two folders of images with the same names (MRI with CT, PET or SPECT; ir, vi; near, far; under, over).
``--weights`` may be repeated, and takes the baselines ``average``, ``maximum`` and ``laplacian`` too: their means are
printed in one table. The published definitions are applied to what a file would hold: luminance in 8 bits, no
rescaling of the output.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from napari_refusion.io.write import check_target
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.numerics.metrics import edges, information, similarity, statistics
from training.baselines import BASELINES, Fuse
from training.contenders import contenders, fuse_with
from training.contrast_transfer import HIDDEN, contrast_transfer, probed
from training.image_sets import find_partners, is_medical, read_pair
from training.tables import Row, table, write_figures

_PUBLISHED: Final = ("en", "sd", "sf", "ag", "mi", "scd", "vif", "qabf", "ssim_sum", "ssim_mean", "ssim_fg")

METRICS: Final = (*_PUBLISHED, "background")
"""Figures of one fused image, see `measure`."""

VALIDATION_METRICS: Final = ("vif", "qabf", "ssim_sum", "background")
"""Those that a training run logs."""

COLUMNS: Final = (*_PUBLISHED, "contrast_transfer", "hidden", "background")
"""Figures of an evaluation; the two of planted lesions are NaN for most images, and for all that are not medical."""


def measure(a: NDArray[np.float64], b: NDArray[np.float64], fused: NDArray[np.float64]) -> Row:
    """Return the figures `METRICS` of one fused image; a, b and fused are (H, W) grey levels 0 to 255, whole numbers.

    ``mi``, ``vif``, ``ssim_sum`` and ``ssim_fg`` are sums over both sources.
    """
    similar = similarity.ssim_map(a, fused) + similarity.ssim_map(b, fused)
    ssim_sum = similarity.mean_inside(similar)
    return {
        "en": statistics.entropy(fused),
        "sd": statistics.standard_deviation(fused),
        "sf": statistics.spatial_frequency(fused),
        "ag": statistics.average_gradient(fused),
        "mi": information.mutual_information(a, fused) + information.mutual_information(b, fused),
        "scd": similarity.scd(a, b, fused),
        "vif": information.vif(a, fused) + information.vif(b, fused),
        "qabf": edges.qabf(a, b, fused),
        "ssim_sum": ssim_sum,
        "ssim_mean": ssim_sum / 2,
        "ssim_fg": similarity.mean_on_foreground(similar, a, b),
        "background": statistics.background_level(a, b, fused),
    }


def fuse_levels(network: FusionNet, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the fused image, (H, W) whole grey levels 0 to 255, of two sources in the same unit and shape."""
    return grey_levels(fuse_with(network)(a / 255, b / 255))


def grey_levels(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return an image in [0, 1] as whole grey levels 0 to 255."""
    levels: NDArray[np.float64] = np.round(image * 255)
    return levels


def means(rows: Sequence[Row]) -> Row:
    """Return the mean of every figure over the images, NaN left out."""
    known = {name: [row[name] for row in rows if not math.isnan(row[name])] for name in rows[0]}
    return {name: sum(values) / len(values) if values else math.nan for name, values in known.items()}


def evaluate(fuse: Fuse, folder: Path, label: str = "") -> dict[str, Row]:
    """Return the figures `COLUMNS` of every pair in a folder by its file name, with a progress bar on a terminal.

    Sources are fused as read and measured in 8 bits. Lesions are planted in a few slices of a medical set.

    Raises
    ------
    ValueError
        If the folder or one of its images cannot be used.
    """
    pairs = list(zip(*find_partners(folder), strict=True))
    with_lesions = probed(len(pairs)) if is_medical(pairs[0][0]) else []
    console = Console(stderr=True)
    shown = track(pairs, f"{folder.name} {label}", console=console, transient=True, disable=not console.is_terminal)
    figures = {}
    for index, (path_a, path_b) in enumerate(shown):
        a, b = read_pair(path_a, path_b)
        row = measure(grey_levels(a), grey_levels(b), grey_levels(fuse(a, b)))
        transfers = contrast_transfer(fuse, a, b) if index in with_lesions else np.empty(0)
        row["contrast_transfer"] = float(transfers.mean()) if transfers.size else math.nan
        row["hidden"] = float((transfers < HIDDEN).mean()) if transfers.size else math.nan
        figures[path_a.name] = {name: row[name] for name in COLUMNS}
    return figures


def main() -> None:
    """Print the means over a folder of pairs and write the figures of each image."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--weights",
        action="append",
        required=True,
        help=f"installed name, .safetensors, the authors' .pth, or {', '.join(BASELINES)}; may be repeated",
    )
    parser.add_argument("--data", required=True, type=Path, help="folder with the two folders of images")
    parser.add_argument("--output", type=Path, help="CSV file with one row per image, replaced if it exists")
    arguments = parser.parse_args()
    folder, output = arguments.data.resolve(), arguments.output
    try:
        sources = [path for side in find_partners(folder) for path in side]
        if output:
            check_target(output, overwrite=True, keep=sources)
        chosen = contenders(arguments.weights)
        figures = {label: evaluate(fuse, folder, label) for label, fuse in chosen.items()}
        if output:
            write_figures(figures, output, keep=sources)
    except (ValueError, OSError) as error:
        sys.exit(f"Not evaluated: {error}")
    print(f"{arguments.data}: {len(sources) // 2} pairs, means")
    print(table({folder.name: {label: means(list(rows.values())) for label, rows in figures.items()}}))


if __name__ == "__main__":
    main()
