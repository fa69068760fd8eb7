"""Training images: pairs in two folders, read and cropped by MONAI.

A pair is two aligned images with the same file name. Colour images are trained on by their luminance. Crops are centred
on foreground, because more than half of a medical slice is exactly black and teaches nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.data.dataset import CacheDataset
from monai.transforms.compose import Compose
from monai.transforms.croppad.dictionary import RandWeightedCropd
from monai.transforms.io.dictionary import LoadImaged
from monai.transforms.spatial.dictionary import RandFlipd
from monai.transforms.transform import MapTransform
from torch import Tensor

from napari_refusion.io.quiet_monai import quiet_monai
from napari_refusion.numerics.colour import luminance
from training.recipe import Recipe

IMAGE_SUFFIXES = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp")
"""What is taken for an image."""


@dataclass(frozen=True, slots=True)
class PairFiles:
    """The files of one pair."""

    a: Path
    b: Path
    group: int
    """Index of the pair of folders it comes from."""


def list_pairs(data: Path, recipe: Recipe) -> tuple[list[PairFiles], list[PairFiles]]:
    """Return the training and the validation pairs below the folder `data`, sorted by name.

    Raises
    ------
    ValueError
        If a folder is missing or empty, or an image has no partner.
    """
    training: list[PairFiles] = []
    validation: list[PairFiles] = []
    for group, (folder_a, folder_b) in enumerate(recipe.pairs):
        names_a, names_b = (_image_names(data / folder) for folder in (folder_a, folder_b))
        alone = sorted(names_a ^ names_b)
        if alone:
            raise ValueError(
                f"{data}: {len(alone)} images have no partner in {folder_a} and {folder_b}, as {alone[0]}."
            )
        for name in sorted(names_a):
            pair = PairFiles(data / folder_a / name, data / folder_b / name, group)
            (validation if name.startswith(recipe.validation) else training).append(pair)
    if not training:
        raise ValueError(f"{data}: no pair is left for training; all begin with one of {recipe.validation}.")
    return training, validation


def _image_names(folder: Path) -> set[str]:
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder of training images.")
    names = {path.name for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES}
    if not names:
        raise ValueError(f"{folder}: holds no images ({', '.join(IMAGE_SUFFIXES)}).")
    return names


class StackPaird(MapTransform):
    """Turns 8-bit images ``a`` and ``b``, (C, H, W), into ``pair`` (2, H, W) in [0, 1] and ``foreground`` (1, H, W)."""

    def __init__(self) -> None:
        super().__init__(keys=("a", "b"))

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the item with its images stacked.

        The foreground weighs 1 where either source is above 2 % and 0.01 elsewhere: RandWeightedCropd draws the
        centres of crops by it.
        """
        a, b = (self._unit(np.asarray(data[key])) for key in ("a", "b"))
        if a.shape != b.shape:
            raise ValueError(f"{data['files'][0]} and {data['files'][1]} differ in size: {a.shape} and {b.shape}.")
        foreground = np.where(np.maximum(a, b) > 0.02, 1.0, 0.01)[None].astype(np.float32)
        return {"pair": torch.from_numpy(np.stack([a, b])), "foreground": foreground, "files": data["files"]}

    @staticmethod
    def _unit(image: np.ndarray) -> np.ndarray:
        grey = luminance(np.moveaxis(image[:3], 0, -1)) if image.shape[0] >= 3 else image[0].astype(np.float32)
        unit: np.ndarray = np.clip(grey / 255.0, 0.0, 1.0)
        return unit


class PairImages:
    """All pairs of a run, read once, and the batches of every cycle."""

    def __init__(self, pairs: list[PairFiles], recipe: Recipe) -> None:
        self.recipe = recipe
        quiet_monai()
        items = [{"a": str(pair.a), "b": str(pair.b), "files": (str(pair.a), str(pair.b))} for pair in pairs]
        load = LoadImaged(("a", "b"), reader="PILReader", reverse_indexing=False, ensure_channel_first=True)
        side = (recipe.crop, recipe.crop)
        self._augment = Compose(
            [
                RandWeightedCropd(("pair",), w_key="foreground", spatial_size=side, num_samples=1),
                RandFlipd(("pair",), prob=0.5, spatial_axis=0),
                RandFlipd(("pair",), prob=0.5, spatial_axis=1),
            ]
        )
        self._cached = CacheDataset(items, Compose([load, StackPaird()]), num_workers=1, progress=False)
        groups = np.array([pair.group for pair in pairs])
        self._by_group = [np.flatnonzero(groups == group) for group in sorted(set(groups.tolist()))]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self._cached)

    def whole(self, index: int) -> Tensor:
        """Return one uncropped pair, (2, H, W) in [0, 1]."""
        pair: Tensor = self._cached[index]["pair"]
        return torch.as_tensor(np.asarray(pair))

    def batches(self, cycle: int, half: int, count: int) -> Iterator[tuple[Tensor, list[str]]]:
        """Yield `count` batches of pairs, (B, 2, crop, crop) in [0, 1], with the names of their files.

        Groups take turns, so each kind of pair is trained on equally often however many images it has; within a group
        no image comes again before all others have. The same (cycle, half) always gives the same batches.

        Parameters
        ----------
        half
            0 for the batches that P learns from, 1 for those that F and R learn from, 2 for P's prior.
        """
        seed = np.random.SeedSequence([self.recipe.seed, cycle, half])
        order_seed, crop_seed = seed.generate_state(2)
        self._augment.set_random_state(int(crop_seed))
        indices = self._endless_indices(np.random.default_rng(order_seed))
        for _ in range(count):
            chosen = [self._cached[next(indices)] for _ in range(self.recipe.pairs_per_batch)]
            crops = [self._augment(item)[0]["pair"] for item in chosen]
            yield torch.stack([torch.as_tensor(np.asarray(crop)) for crop in crops]), [i["files"][0] for i in chosen]

    def _endless_indices(self, random: np.random.Generator) -> Iterator[int]:
        decks: list[list[int]] = [[] for _ in self._by_group]
        turn = int(random.integers(len(decks)))
        while True:
            deck = decks[turn % len(decks)]
            if not deck:
                deck.extend(random.permutation(self._by_group[turn % len(decks)]).tolist())
            yield deck.pop()
            turn += 1
