"""What the demonstration shows: sources and result beside each other."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_refusion.fusion.fuse import fuse_volume
from napari_refusion.fusion.preparation import plan_fusion
from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.demo_layers import open_demo_layers
from napari_refusion.widgets.layer_marks import KEY, is_result


def test_sources_and_result_stand_in_a_grid_at_the_foreground(mri: Volume, pet: Volume, weights: Path) -> None:
    study = pair(pet, mri)
    fused = fuse_volume(plan_fusion(study, weights=str(weights)), study)
    bright = np.zeros(mri.shape, np.float32)
    bright[1:4, 10:13, 20] = 1.0  # the middle is voxel (2, 11, 20): S 30 - 8, A 20 - 22, R 10 - 20
    fused = replace(fused, volume=replace(fused.volume, data=bright))
    viewer = ViewerModel()
    layers = open_demo_layers(viewer, pet, mri, fused)
    assert [layer.name for layer in layers] == ["pet", "T1w", "fused", "fused, coloured"]
    assert viewer.canvas.grid.enabled
    positions = [viewer.canvas.grid.position(index, viewer.layers) for index in range(4)]
    assert positions == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert viewer.dims.point == pytest.approx((-22.0, 2.0, 10.0))
    assert [is_result(layer) for layer in layers] == [False, False, True, True]
    assert layers[2].metadata[KEY]["provenance"]["a"]["name"] == "source a, PET"
