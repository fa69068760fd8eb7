"""R's error with a fresh R: how well both sources can be rebuilt from the fused images of one fusion.

The R that was trained together with F knows that F's habits, and other fusions have none. So each fusion gets an R of
its own, trained from the same random start for the same steps on the same crops of its fused images, and the error on
other patients or scenes says how much of both sources is still there (ReFusion's measure of a good fused image, arXiv
2312.07943).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_refusion.model.losses import reconstruction_loss
from napari_refusion.model.reconstruction_net import ReconstructionNet
from training.baselines import Fuse
from training.figures.sets import SLICES, ImageSet, find_image_sets
from training.tables import Row

PAIRS: Final = 64
"""Pairs of each set that are fused to train on."""

CROP: Final = 64
"""Pixels along the side of a crop, less in smaller images."""

BATCH: Final = 8
"""Crops for each step."""

SEED: Final = 0
"""Of the random start and the crops."""

RATE: Final = 1e-3
"""First learning rate of Adam; it falls to 0 along a cosine."""

FOREGROUND: Final = 0.02
"""A crop is centred where either source is brighter."""


def fresh_readers(chosen: Mapping[str, Fuse], steps: int, data: Sequence[str]) -> dict[str, ReconstructionNet]:
    """Return an R for each contender by its label, trained for `steps` on what it makes of `data`; none for 0 steps.

    Raises
    ------
    ValueError
        If steps or data are given without the other, or the data cannot be used.
    """
    if bool(steps) != bool(data) or steps < 0:
        raise ValueError("--fresh-reader STEPS and --reader-data SET go together: name pairs that are not measured.")
    sets = find_image_sets(data, SLICES)
    return {label: train_reader(fuse, sets, steps) for label, fuse in chosen.items()} if sets else {}


def train_reader(fuse: Fuse, sets: Sequence[ImageSet], steps: int) -> ReconstructionNet:
    """Return an R, ready to rebuild, that was trained for `steps` on the fused images of the sets.

    Sets take turns however many pairs they have. Every fusion gets the same start and the same crops.

    Raises
    ------
    ValueError
        If an image cannot be used, or there is nothing but black in all pairs of a set.
    """
    stacks = [_fused_stacks(fuse, images) for images in sets]
    random = np.random.default_rng(SEED)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        reader = ReconstructionNet()
    optimizer = torch.optim.Adam(reader.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(steps, 1))
    for step in range(steps):
        crops = _crops(stacks[step % len(stacks)], random)
        loss = reconstruction_loss(reader(crops[:, 2:]), crops[:, :2])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return reader.eval()


def reader_figures(
    reader: ReconstructionNet, a: NDArray[np.float64], b: NDArray[np.float64], fused: NDArray[np.float64]
) -> Row:
    """Return R's loss and the root mean square of its error in grey levels, over both sources.

    Parameters
    ----------
    a, b, fused
        (H, W) in [0, 1].
    """
    sources, image = (torch.from_numpy(np.stack(stack)[None]).float() for stack in ((a, b), (fused,)))
    with torch.inference_mode():
        rebuilt = reader(image)
        loss = float(reconstruction_loss(rebuilt, sources))
        error = float((rebuilt - sources).square().mean().sqrt() * 255)
    return {"reader_loss": loss, "reader_rms": error}


def _fused_stacks(fuse: Fuse, images: ImageSet) -> list[tuple[Tensor, NDArray[np.int64]]]:
    """Return a, b and the fused image of pairs, (3, H, W), each with the places of its foreground, (N, 2)."""
    stacks = []
    for _, read in images.thinned(PAIRS).readers:
        pair = read()
        places = np.argwhere(np.maximum(pair.a, pair.b) > FOREGROUND)
        if len(places):
            stack = np.stack([pair.a, pair.b, fuse(pair.a, pair.b)])
            stacks.append((torch.from_numpy(stack).float(), places))
    if not stacks:
        raise ValueError(f"{images.name}: all pairs are black, there is nothing to train a reader on.")
    return stacks


def _crops(stacks: Sequence[tuple[Tensor, NDArray[np.int64]]], random: np.random.Generator) -> Tensor:
    """Return crops of pairs drawn at random, around places of their foreground, (B, 3, side, side)."""
    side = min(CROP, *(size for stack, _ in stacks for size in stack.shape[1:]))
    crops = []
    for _ in range(BATCH):
        stack, places = stacks[int(random.integers(len(stacks)))]
        centre = places[int(random.integers(len(places)))]
        sizes = stack.shape[1:]
        row, column = (
            int(min(max(place - side // 2, 0), size - side)) for place, size in zip(centre, sizes, strict=True)
        )
        crops.append(stack[:, row : row + side, column : column + side])
    return torch.stack(crops)
