"""Measure weights on pairs of images: ``python -m training.evaluate --weights NAME_OR_FILE --data FOLDER``.

FOLDER holds two folders of images with the same names. The published definitions are applied to what a file would
hold: luminance in 8 bits, no rescaling of the output.
"""

import argparse
import csv
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import build_fusion_net, find_weights, load_weights
from napari_refusion.numerics import metrics

PARTNERS = (("CT", "MRI"), ("PET", "MRI"), ("SPECT", "MRI"), ("ir", "vi"), ("near", "far"), ("under", "over"))
"""Names of the two folders, in the order in which the network takes them."""

METRICS = ("vif", "qabf", "ssim_sum", "background")
"""Columns of the result."""


def measure(a: np.ndarray, b: np.ndarray, fused: np.ndarray) -> dict[str, float]:
    """Return all figures of one fused image; a, b and fused are (H, W) grey levels 0 to 255, whole numbers."""
    return {
        "vif": metrics.vif(a, fused) + metrics.vif(b, fused),
        "qabf": metrics.qabf(a, b, fused),
        "ssim_sum": metrics.ssim(a, fused) + metrics.ssim(b, fused),
        "background": metrics.background_level(a, b, fused),
    }


def fuse_levels(network: FusionNet, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the fused image, (H, W) whole grey levels 0 to 255, of two sources in the same unit and shape."""
    device = next(network.parameters()).device
    sources = torch.from_numpy(np.stack([a, b])[None] / 255).float().to(device)
    with torch.inference_mode():
        fused = network(sources)[0, 0].cpu().numpy()
    levels: np.ndarray = np.round(fused.astype(np.float64) * 255)
    return levels


def find_partners(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the first and second sources below a folder, in the same order.

    Raises
    ------
    ValueError
        If the folder has none of the known pairs of sub-folders, or their file names differ.
    """
    for first, second in PARTNERS:
        if (folder / first).is_dir() and (folder / second).is_dir():
            files_a, files_b = sorted((folder / first).iterdir()), sorted((folder / second).iterdir())
            if [path.name for path in files_a] != [path.name for path in files_b]:
                raise ValueError(f"{folder}: {first} and {second} do not hold the same file names.")
            return files_a, files_b
    raise ValueError(f"{folder}: holds none of the pairs of folders {', '.join('/'.join(p) for p in PARTNERS)}.")


def grey_levels(path: Path) -> np.ndarray:
    """Return an image's luminance, (H, W), whole grey levels 0 to 255."""
    return np.asarray(Image.open(path).convert("L"), dtype=np.float64)


def means(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean of every figure over the images, NaN left out."""
    known = {name: [row[name] for row in rows if not math.isnan(row[name])] for name in METRICS}
    return {name: sum(values) / len(values) if values else math.nan for name, values in known.items()}


def evaluate(weights: str, folder: Path) -> dict[str, dict[str, float]]:
    """Return the figures of every pair in a folder by its file name.

    Parameters
    ----------
    weights
        Name of installed weights, a weights file, or ``maximum`` for the brighter source at every pixel.

    Raises
    ------
    ValueError
        If weights or pairs cannot be used.
    """
    network = None if weights == "maximum" else build_fusion_net(load_weights(find_weights(weights)))
    figures = {}
    for path_a, path_b in zip(*find_partners(folder), strict=True):
        a, b = grey_levels(path_a), grey_levels(path_b)
        if a.shape != b.shape:
            raise ValueError(f"{path_a} and {path_b} differ in size: {a.shape} and {b.shape}.")
        figures[path_a.name] = measure(a, b, np.maximum(a, b) if network is None else fuse_levels(network, a, b))
    return figures


def write_figures(figures: dict[str, dict[str, float]], path: Path) -> None:
    """Write one row per image."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("name", *METRICS))
        writer.writerows((name, *(f"{row[metric]:.5f}" for metric in METRICS)) for name, row in figures.items())


def main() -> None:
    """Print the means over a folder of pairs and write the figures of each image."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True, help="installed name, .safetensors, the authors' .pth, or maximum")
    parser.add_argument("--data", required=True, type=Path, help="folder with the two folders of images")
    parser.add_argument("--output", type=Path, help="CSV file with one row per image")
    arguments = parser.parse_args()
    try:
        figures = evaluate(arguments.weights, arguments.data)
        if arguments.output:
            write_figures(figures, arguments.output)
    except (ValueError, OSError) as error:
        sys.exit(f"Not evaluated: {error}")
    line = "  ".join(f"{name} {value:.4f}" for name, value in means(list(figures.values())).items())
    print(f"{arguments.data.name} ({len(figures)} pairs), {arguments.weights}: {line}")


if __name__ == "__main__":
    main()
