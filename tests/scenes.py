"""Two pictures of one scene that do not exist: flat patches of random outlines, with a little grain in each."""

import numpy as np
from scipy.ndimage import gaussian_filter

from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.volume import Volume


def scene(seed: int = 0, shape: tuple[int, int] = (240, 320)) -> np.ndarray:
    """Return the brightness of a scene, (rows, columns) of 0.1 to 0.9."""
    rng = np.random.default_rng(seed)
    hills = sum(gaussian_filter(rng.standard_normal(shape), size) * size for size in (3, 8, 20))
    levels = np.digitize(hills, np.quantile(hills, np.linspace(0.1, 0.9, 9)))
    return (0.1 + 0.8 * rng.permutation(10)[levels] / 9).astype(np.float32)


def picture(brightness: np.ndarray, name: str, seed: int = 1) -> Volume:
    """Return a photograph, (rows, columns[, 3]) of 0 to 1, with grain of 1 %."""
    grain = 0.01 * np.random.default_rng(seed).standard_normal(brightness.shape)
    data = np.clip(brightness + grain, 0, 1).astype(np.float32)[np.newaxis]
    return Volume(data, IPL_TO_RAS.copy(), name=name, is_photograph=True)
