"""Training images: pairs of images in two folders and pairs of volumes, read once and cropped by MONAI.

A pair is two aligned images with the same file name, or a slice of two volumes. Of colour images the luminance is
trained on, or the uptake that their palette stands for. Crops are centred on foreground, because more than half of a
medical slice is exactly black and teaches nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from monai.transforms.compose import Compose
from monai.transforms.croppad.dictionary import RandWeightedCropd
from monai.transforms.spatial.dictionary import RandFlipd
from numpy.typing import NDArray
from torch import Tensor

from napari_refusion.io.quiet_monai import quiet_monai
from training.image_sets import composed
from training.reading import ReadImaged, StackPaird, cached
from training.recipe import Recipe
from training.volumes import volume_slices

PairBatch = tuple[Tensor, list[str]]
"""Crops of pairs, (B, 2, crop, crop) in [0, 1], and the files of their first sources."""

IMAGE_SUFFIXES = (".png", ".tif", ".tiff", ".jpg", ".jpeg")
"""What is taken for an image."""


@dataclass(frozen=True, slots=True)
class PairFiles:
    """The files of one pair."""

    a: Path
    b: Path
    group: int
    """Index of the pair of folders it comes from; all pairs of volumes together are one group."""
    is_volume: bool = False
    """Whether they are volumes, or DICOM folders, whose slices are the pairs."""


def list_pairs(data: Path, recipe: Recipe) -> tuple[list[PairFiles], list[PairFiles]]:
    """Return the training and the validation pairs below the folder `data`: images by name, then volumes.

    Folders that a recipe names twice are trained on twice as often, and validated on once.

    Raises
    ------
    ValueError
        If a folder is missing, empty or holds anything but images, an image has no partner, or a volume is missing.
    """
    pairs = []
    for group, (folder_a, folder_b) in enumerate(recipe.pairs):
        images_a, images_b = (_images(data / folder) for folder in (folder_a, folder_b))
        _check_partners(data / folder_a, images_a, data / folder_b, images_b)
        pairs += [PairFiles(images_a[name], images_b[name], group) for name in sorted(images_a)]
    for first, second in recipe.volumes:
        for path in (data / first, data / second):
            if not path.exists():
                raise ValueError(f"{path}: no such volume, or folder of DICOM files.")
        pairs.append(PairFiles(data / first, data / second, len(recipe.pairs), is_volume=True))
    beginnings = tuple(composed(name) for name in recipe.validation)
    training = [pair for pair in pairs if not composed(pair.a.name).startswith(beginnings)]
    if not training:
        raise ValueError(f"{data}: no pair is left for training; all begin with one of {recipe.validation}.")
    if beginnings and len(training) == len(pairs):
        raise ValueError(
            f"{data}: no pair begins with {' or '.join(beginnings)}, which the recipe holds out for validation: name "
            f"patients who are there, or leave validation out."
        )
    held_out = [pair for pair in pairs if composed(pair.a.name).startswith(beginnings)]
    return training, list({(pair.a, pair.b): pair for pair in held_out}.values())


def _check_partners(folder_a: Path, images_a: dict[str, Path], folder_b: Path, images_b: dict[str, Path]) -> None:
    """Refuse images of one folder that the other one lacks, and say if it has one of nearly the same name."""
    for folder, images, other, others in (
        (folder_b, images_b, folder_a, images_a),
        (folder_a, images_a, folder_b, images_b),
    ):
        if alone := others.keys() - images.keys():
            stem = Path(min(alone)).stem.casefold()
            alike = [name for name in sorted(images.keys() - others.keys()) if Path(name).stem.casefold() == stem]
            hint = f"; {alike[0]}, which is here, needs that name" if alike else ""
            raise ValueError(f"{folder}: {_counted(alone)} missing here, but not in {other}{hint}.")


def _images(folder: Path) -> dict[str, Path]:
    """Return the images of a folder by name, letters composed."""
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder of training images.")
    names = {composed(path.name): path for path in folder.iterdir() if not path.name.startswith(".")}
    if others := {name for name in names if Path(name).suffix.lower() not in IMAGE_SUFFIXES}:
        raise ValueError(f"{folder}: {_counted(others)} not readable as an image ({', '.join(IMAGE_SUFFIXES)}).")
    if not names:
        raise ValueError(f"{folder}: holds no images ({', '.join(IMAGE_SUFFIXES)}).")
    return names


def _counted(names: set[str]) -> str:
    """Return the beginning of a sentence about files: the first one, and how many more there are."""
    return f"{min(names)} and {len(names) - 1} more are" if len(names) > 1 else f"{min(names)} is"


class PairImages:
    """All pairs of a run, read once, and the batches of every cycle.

    Raises
    ------
    ValueError
        Naming the file: if an image or volume cannot be read, or the sources of a pair differ in size.
    """

    def __init__(self, pairs: list[PairFiles], recipe: Recipe) -> None:
        self.recipe = recipe
        quiet_monai()
        side = (recipe.crop, recipe.crop)
        self._augment = Compose(
            [
                RandWeightedCropd(("pair",), w_key="foreground", spatial_size=side, num_samples=1),
                RandFlipd(("pair",), prob=0.5, spatial_axis=0),
                RandFlipd(("pair",), prob=0.5, spatial_axis=1),
            ]
        )
        stack = StackPaird(elsewhere=0.01 if recipe.foreground else 1.0)
        images = {(pair.a, pair.b): pair for pair in pairs if not pair.is_volume}
        items = [{"a": str(pair.a), "b": str(pair.b), "files": (str(pair.a), str(pair.b))} for pair in images.values()]
        self._items = cached(items, Compose([ReadImaged(recipe.uptake), stack]))
        places = {files: place for place, files in enumerate(images)}
        groups = [(pair.group, places[pair.a, pair.b]) for pair in pairs if not pair.is_volume]
        for pair in pairs:
            if pair.is_volume:
                slices = [
                    {"a": a, "b": b, "files": (f"{pair.a} ({name})", f"{pair.b} ({name})")}
                    for name, (a, b) in volume_slices(pair.a, pair.b, recipe.uptake)
                ]
                groups += [(pair.group, len(self._items) + number) for number in range(len(slices))]
                self._items += cached(slices, stack)
        known = sorted({group for group, _ in groups})
        self._by_group = [np.array([place for group, place in groups if group == one]) for one in known]

    def __len__(self) -> int:
        """Return the number of pairs, every slice of a volume counted."""
        return len(self._items)

    def notices(self) -> Iterator[str]:
        """Yield a sentence for each folder whose images of 16 bits all seem to use fewer of them."""
        shallow = {file for item in self._items for file in item["shallow"]}
        files = {file for item in self._items for file in item["files"]}
        for folder in sorted({Path(file).parent for file in shallow}):
            if all(file in shallow for file in files if Path(file).parent == folder):
                yield (
                    "Check how bright the images are: none uses more than 14 of its 16 bits, so that they are "
                    f"trained on as nearly black; scale them to 16 bits, or state their depth (PNG: sBIT): {folder}"
                )

    def whole(self, index: int) -> Tensor:
        """Return one uncropped pair, (2, H, W) in [0, 1]."""
        return torch.as_tensor(np.asarray(self._items[index]["pair"]))

    def batches(self, cycle: int, half: int, count: int, rank: int = 0, ranks: int = 1) -> Iterator[PairBatch]:
        """Yield `count` batches of pairs, (B, 2, crop, crop) in [0, 1], with the names of their files.

        Groups take turns, so each kind of pair is trained on equally often however many images it has; within a group
        no image comes again before all others have. The same (cycle, half) always gives the same batches.

        Parameters
        ----------
        half
            0 for the batches that P learns from by image trials, 1 for those that F and R learn from, 2 for P's first
            opinion.
        rank, ranks
            Of several processes, the one with this number takes every `ranks`-th batch: together they take what a
            single process takes in ``count * ranks`` batches.

        Raises
        ------
        ValueError
            If an image is smaller than the crop.
        """
        self._check_crop()
        size = self.recipe.pairs_per_batch
        indices = self._endless_indices(np.random.default_rng([self.recipe.seed, cycle, half]))
        for number in range(count * ranks):
            chosen = list(islice(indices, size))
            if number % ranks == rank:
                yield self._cropped(chosen, [cycle, half, number])

    def meta_batches(
        self, cycle: int, count: int, rank: int = 0, ranks: int = 1
    ) -> Iterator[tuple[list[PairBatch], list[PairBatch]]]:
        """Yield for `count` meta steps the batches of both halves, `meta_pairs` pairs each.

        A meta step is about one group, drawn at random, and its halves share no image: P must learn what holds for that
        kind of pairs. Where a half of the group has fewer images, they come again in other crops. The other
        parameters, and what is raised, are those of `batches`.

        Raises
        ------
        ValueError
            If a group that is drawn holds a single pair.
        """
        self._check_crop()
        random = np.random.default_rng([self.recipe.seed, cycle, 0])
        for number in range(count * ranks):
            images = random.permutation(self._by_group[int(random.integers(len(self._by_group)))])
            if number % ranks != rank:
                continue
            if len(images) < 2:
                name = self._items[int(images[0])]["files"][0]
                raise ValueError(f"{name}: P needs two pairs of a kind: add another one, or set meta_steps = 0.")
            middle = len(images) // 2
            train, test = (
                [
                    self._cropped(indices, [cycle, 0, number, side, place])
                    for place, indices in enumerate(self._dealt(half))
                ]
                for side, half in enumerate((images[:middle], images[middle:]))
            )
            yield train, test

    def _dealt(self, half: NDArray[np.int64]) -> list[list[int]]:
        """Return the images of half a meta step, batch by batch; they come again if there are too few."""
        indices = np.resize(half, self.recipe.meta_pairs).reshape(-1, self.recipe.pairs_per_batch)
        batches: list[list[int]] = indices.tolist()
        return batches

    def _cropped(self, indices: list[int], seed: list[int]) -> PairBatch:
        """Return random crops of pairs; every batch has a seed, so that a process need not cut those of the others."""
        state = np.random.SeedSequence([self.recipe.seed, *seed]).generate_state(1)
        self._augment.set_random_state(int(state[0]))
        items = [self._items[index] for index in indices]
        crops = [self._augment(item)[0]["pair"] for item in items]
        return torch.stack([torch.as_tensor(np.asarray(crop)) for crop in crops]), [item["files"][0] for item in items]

    def _check_crop(self) -> None:
        smallest = min(self._items, key=lambda item: min(item["pair"].shape[1:]))
        height, width = smallest["pair"].shape[1:]
        if min(height, width) < self.recipe.crop:
            raise ValueError(
                f"{smallest['files'][0]}: its {width} x {height} pixels are less than a crop of "
                f"crop = {self.recipe.crop}: choose a smaller crop, or leave the image out."
            )

    def _endless_indices(self, random: np.random.Generator) -> Iterator[int]:
        decks: list[list[int]] = [[] for _ in self._by_group]
        turn = int(random.integers(len(decks)))
        while True:
            deck = decks[turn % len(decks)]
            if not deck:
                deck.extend(random.permutation(self._by_group[turn % len(decks)]).tolist())
            yield deck.pop()
            turn += 1
