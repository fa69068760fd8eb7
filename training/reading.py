"""MONAI transforms that read a pair of images, and what they make of a file that they cannot read."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.data.dataset import CacheDataset
from monai.transforms.compose import Compose
from monai.transforms.transform import MapTransform
from numpy.typing import NDArray

from napari_refusion.io.picture.read import read_image
from napari_refusion.volume.volume import Volume
from training.palette import values


class ReadImaged(MapTransform):
    """Replaces the paths ``a`` and ``b`` by what is trained on of these images, (H, W) float32 in [0, 1].

    ``shallow`` is added: which of the two may have fewer bits than its 16, so that it is darker than it was meant.
    """

    def __init__(self, uptake: str) -> None:
        super().__init__(keys=("a", "b"))
        self.uptake = uptake

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the item with its images read."""
        volumes = {key: read_image(Path(data[key])) for key in ("a", "b")}
        images = {key: self._values(volume, Path(data[key])) for key, volume in volumes.items()}
        return data | images | {"shallow": tuple(data[key] for key in ("a", "b") if volumes[key].is_depth_unknown)}

    def _values(self, volume: Volume, path: Path) -> NDArray[np.float32]:
        image = values(volume, path, self.uptake)[0]
        if not (image.min() >= 0.0 and image.max() <= 1.0):
            raise ValueError(
                f"{path}: holds values from {image.min():g} to {image.max():g} instead of brightness: "
                f"export it with 8 or 16 bits."
            )
        return image


class StackPaird(MapTransform):
    """Turns ``a`` and ``b``, (H, W) in [0, 1], into ``pair`` (2, H, W) and ``foreground`` (1, H, W).

    The foreground weighs 1 where either source is above 2 % and `elsewhere` where not.
    """

    def __init__(self, elsewhere: float) -> None:
        super().__init__(keys=("a", "b"))
        self.elsewhere = elsewhere

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the item with its images stacked; RandWeightedCropd draws the centres of crops by ``foreground``."""
        a, b = data["a"], data["b"]
        if a.shape != b.shape:
            sizes = " and ".join(f"{image.shape[1]} x {image.shape[0]}" for image in (a, b))
            raise ValueError(f"{data['files'][0]} and {data['files'][1]} differ in size: {sizes} pixels.")
        foreground = np.where(np.maximum(a, b) > 0.02, 1.0, self.elsewhere)[None].astype(np.float32)
        kept = {"files": data["files"], "shallow": data.get("shallow", ())}
        return kept | {"pair": torch.from_numpy(np.stack([a, b])), "foreground": foreground}


def cached(items: list[dict[str, Any]], transform: Compose | MapTransform) -> list[dict[str, Any]]:
    """Return the transformed items, all in memory.

    MONAI reports every failure as "applying transform ..."; what is raised here is the reason.
    """
    try:
        dataset = CacheDataset(items, transform, num_workers=1, progress=False)
    except RuntimeError as error:
        reason: BaseException | None = error
        while reason and not isinstance(reason, ValueError):
            reason = reason.__cause__
        if reason is None:
            raise
        raise reason from None
    return [dataset[index] for index in range(len(dataset))]
