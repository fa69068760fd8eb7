"""What weights do to faint lesions: ``python -m training.faint --weights FILE --weights FILE --pack FOLDER``.

FOLDER is what ``make gpu-pack`` wrote. Four slices of held-out patients of every kind are fused; lesions of 0.1 are
planted in either source, bright and dark, as the figures of every minute have them, and the peaks that the first source
has by itself are looked for in the fused image. A row for each kind and contender.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from scipy.ndimage import gaussian_filter, maximum_filter
from torch import Tensor

from napari_refusion.fusion.engine import Engine
from training.contenders import contenders
from training.gpu.given import EACH
from training.gpu.held_out import FAINT, HIDDEN, Fuse, HeldOut, held_out, shown_lesions
from training.gpu.kinds import KINDS
from training.pack.reading import read_pack
from training.tables import markdown

NARROW: Final = 2.0
"""Standard deviation, in pixels, of the narrower of two Gaussians; a peak is a maximum of their difference."""

WIDE: Final = 6.0
"""That of the wider one."""

PEAK: Final = 0.05
"""A maximum of that difference is a peak from this height on."""

NEIGHBOURHOOD: Final = 9
"""Side, in pixels, of the square in which a peak is the highest."""

PLANTED: Final = {"A+": "bright in a", "A-": "dark in a", "B+": "bright in b", "B-": "dark in b"}
"""Name of a planted lesion -> its words in the table."""


def peaks_shown(source: np.ndarray, fused: np.ndarray) -> np.ndarray:
    """Return the part of every peak of a source that stands out in the fused image, too, (N,).

    Parameters
    ----------
    source, fused
        (H, W) in [0, 1].

    Returns
    -------
    numpy.ndarray
        The difference of Gaussians of `fused` over that of `source`, at its peaks.
    """
    own, shown = _standing_out(source), _standing_out(fused)
    peaks = (maximum_filter(own, NEIGHBOURHOOD) == own) & (own >= PEAK)
    return np.asarray(shown[peaks] / own[peaks])


def _standing_out(image: np.ndarray) -> np.ndarray:
    """Return by how much each pixel's near surroundings are brighter than its wide ones, (H, W)."""
    return np.asarray(gaussian_filter(image, NARROW) - gaussian_filter(image, WIDE))


def of_kind(fuse: Fuse, one: HeldOut) -> dict[str, np.ndarray]:
    """Return the parts shown in all pairs of a kind, (N,) each: of planted lesions as in `PLANTED`, of ``peaks``."""
    found: dict[str, list[np.ndarray]] = {name: [] for name in (*PLANTED, "peaks")}
    for pair in one.pairs:
        fused = fuse(pair)
        for name, part in shown_lesions(fuse, pair, fused, FAINT).items():
            found[name].append(part.numpy())
        found["peaks"].append(peaks_shown(pair[0, 0].numpy(), fused[0, 0].numpy()))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def compared(kinds: Sequence[HeldOut], chosen: Mapping[str, Fuse]) -> str:
    """Return a Markdown table: mean part shown and share hidden of planted lesions, share hidden of real peaks."""
    lines = [["pairs", "weights", *(f"{words}: shown, hidden" for words in PLANTED.values()), "peaks of a hidden"]]
    for one in kinds:
        for label, fuse in chosen.items():
            parts = of_kind(fuse, one)
            planted = [f"{_mean(parts[name])}, {_hidden(parts[name])}" for name in PLANTED]
            lines.append([one.kind, label, *planted, f"{_hidden(parts['peaks'])} of {len(parts['peaks'])}"])
    return markdown(lines)


def _mean(parts: np.ndarray) -> str:
    return f"{parts.mean():.2f}" if len(parts) else "-"


def _hidden(parts: np.ndarray) -> str:
    return f"{(parts < HIDDEN).mean():.0%}" if len(parts) else "-"


def fused_by(engine: Engine) -> Fuse:
    """Return an engine as a function of a pair, (1, 2, H, W) -> (1, 1, H, W)."""

    def fuse(pair: Tensor) -> Tensor:
        first, second = pair[0].numpy()
        return torch.from_numpy(engine.fuse(first, second))[None, None]

    return fuse


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", action="append", required=True, help="as in training.evaluate; may be repeated")
    parser.add_argument("--pack", type=Path, required=True, help="folder that make gpu-pack wrote")
    parser.add_argument("--task", choices=("medical", "infrared_visible"), default="medical")
    options = parser.parse_args()
    torch.set_num_threads(1)
    try:
        chosen = {label: fused_by(engine) for label, engine in contenders(options.weights).items()}
        kinds = held_out(read_pack(options.pack), KINDS[options.task], EACH, torch.device("cpu"))
        print(compared(kinds, chosen))
    except (ValueError, OSError) as error:
        sys.exit(f"Not judged: {error}")


if __name__ == "__main__":
    main()
