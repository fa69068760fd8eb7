"""Measure weights on sets of pairs: ``python -m training.evaluate --weights NAME_OR_FILE --data SET``.

SET holds two folders of images with the same names (MRI with CT, PET or SPECT; ir, vi; near, far; under, over), or
patients with PET, CT, MRI and the mask of a tumour, or is a pair of volumes, ``PET.nii,T1.nii``. ``--data`` and
``--weights`` may be repeated; ``--weights`` takes the authors' .pth files and baselines, too. The published definitions
are applied to what a file would hold: luminance in 8 bits, no rescaling of the output. All figures are explained in
`figures.catalogue`; those that take further fusions are measured in a few pairs of a set.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from napari_refusion.io.whole_files import check_target
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.numerics.metrics import edges, information, similarity, statistics
from training.baselines import BASELINES, Fuse
from training.contenders import contenders
from training.contrast_transfer import probed
from training.figures.averages import averages, by_image, field_only
from training.figures.catalogue import FIGURES, PUBLISHED
from training.figures.measuring import seen_figures
from training.figures.reconstruction import fresh_readers, reader_figures
from training.figures.sets import SLICES, ImageSet, find_image_sets, folder_set
from training.tables import Row, figure_table, table, write_figures

METRICS: Final = (*PUBLISHED, "background")
"""Figures of one fused image, see `measure`."""

VALIDATION_METRICS: Final = ("vif", "qabf", "ssim_sum", "background")
"""Those that a training run logs."""

COLUMNS: Final = tuple(FIGURES)
"""Figures of an evaluation; NaN where an image has none, as those of lesions in most images."""


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


def grey_levels(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return an image in [0, 1] as whole grey levels 0 to 255."""
    levels: NDArray[np.float64] = np.round(image * 255)
    return levels


def evaluate(
    fuse: Fuse, images: ImageSet | Path, label: str = "", reader: ReconstructionNet | None = None
) -> dict[str, Row]:
    """Return the figures `COLUMNS` of every pair of a set, or of a folder, by its name, with a bar on a terminal.

    Sources are fused as read and measured in 8 bits. What takes further fusions is measured in a few pairs.

    Parameters
    ----------
    reader
        An R that was trained on fused images of `fuse`; without one its figures are NaN.

    Raises
    ------
    ValueError
        If the folder or one of its images cannot be used.
    """
    images = folder_set(images) if isinstance(images, Path) else images
    few = probed(len(images.readers))
    console = Console(stderr=True)
    shown = track(
        images.readers, f"{images.name} {label}", console=console, transient=True, disable=not console.is_terminal
    )
    figures = {}
    for index, (name, read) in enumerate(shown):
        pair = read()
        fused = fuse(pair.a, pair.b)
        published = measure(grey_levels(pair.a), grey_levels(pair.b), grey_levels(fused))
        row = seen_figures(fuse, pair, fused, index in few) | published
        if reader is not None:
            row |= reader_figures(reader, pair.a, pair.b, fused)
        figures[name] = {name: row[name] for name in COLUMNS}
    return figures


def main() -> None:
    """Print the means over sets of pairs and write the figures of each image."""
    arguments = _arguments()
    output = arguments.output
    try:
        sets = find_image_sets(arguments.data, arguments.slices)
        sources = [path for images in sets for path in images.files]
        if output:
            check_target(output, overwrite=True, keep=sources)
        chosen = {label: engine.fuse for label, engine in contenders(arguments.weights).items()}
        readers = fresh_readers(chosen, arguments.fresh_reader, arguments.reader_data)
        figures = {
            images.name: {label: evaluate(fuse, images, label, readers.get(label)) for label, fuse in chosen.items()}
            for images in sets
        }
        if output:
            write_figures(by_image(figures), output, keep=sources)
    except (ValueError, OSError) as error:
        sys.exit(f"Not evaluated: {error}")
    found = averages(figures)
    print(", ".join(f"{images.name}: {len(images.readers)} pairs" for images in sets) + "; means")
    print(table(field_only(found)), figure_table(found), sep="\n\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--weights",
        action="append",
        required=True,
        help=f"installed name, .safetensors, the authors' .pth, or {', '.join(BASELINES)}; may be repeated",
    )
    parser.add_argument("--data", action="append", required=True, metavar="SET", help="see above; may be repeated")
    parser.add_argument("--slices", type=int, default=SLICES, help="slices of each volume or tumour (%(default)s)")
    parser.add_argument("--output", type=Path, help="CSV file with one row per image, replaced if it exists")
    parser.add_argument(
        "--fresh-reader", type=int, default=0, metavar="STEPS", help="train an R for each of the weights and measure it"
    )
    parser.add_argument(
        "--reader-data", action="append", default=[], metavar="SET", help="what that R is trained on; may be repeated"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
