from pathlib import Path

import numpy as np
from PIL import Image

from napari_refusion.io.sample import SAMPLES
from training.cut import cut


def test_the_sample_volumes_become_pairs_of_equal_names_and_sizes(tmp_path: Path) -> None:
    pet, mri = SAMPLES["mri_pet"].paths()
    count = cut(mri, pet, tmp_path)
    names = [sorted(path.name for path in (tmp_path / side).iterdir()) for side in ("a", "b")]
    assert names[0] == names[1]
    assert 50 < count == len(names[0]) < 110
    middle = names[0][len(names[0]) // 2]
    first, second = (np.asarray(Image.open(tmp_path / side / middle)) for side in ("a", "b"))
    assert first.shape == second.shape == (144, 116)
    assert np.abs(np.diff(first.astype(int), axis=1)).mean() < np.abs(np.diff(second.astype(int), axis=1)).mean()
