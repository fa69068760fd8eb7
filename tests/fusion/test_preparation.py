from dataclasses import replace
from pathlib import Path

import pytest

from napari_refusion.fusion.preparation import usable_axis, weights_for
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.weights import Weights, save_weights
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.pair import pair_volumes
from napari_refusion.volume.volume import Volume


def test_weights_of_another_task_are_taken_with_a_warning(weights: Weights, tmp_path: Path) -> None:
    save_weights(weights, tmp_path / "mine.safetensors")
    loaded, findings = weights_for("multi_focus", str(tmp_path / "mine.safetensors"))
    assert loaded.task == "medical"
    assert [finding.level for finding in findings] == ["warn"]


def test_a_network_that_does_not_fuse_is_refused(tmp_path: Path) -> None:
    save_weights(Weights(state=ReconstructionNet().state_dict(), network="reconstruction"), tmp_path / "r.safetensors")
    with pytest.raises(RefusedError, match="reconstruction network, which fuses nothing"):
        weights_for("medical", str(tmp_path / "r.safetensors"))


def test_missing_weights_are_refused_in_words() -> None:
    with pytest.raises(RefusedError, match="nowhere"):
        weights_for("medical", "nowhere.safetensors")


def test_a_single_slice_is_fused_whole_whatever_direction_was_asked(mri: Volume, pet: Volume) -> None:
    one = pair_volumes(replace(pet, data=pet.data[:1]), replace(mri, data=mri.data[:1]))
    assert usable_axis(one, "sagittal")[0] == "axial"
    assert usable_axis(one, "axial") == ("axial", ())


def test_a_volume_is_fused_in_the_direction_that_was_asked(mri: Volume, pet: Volume) -> None:
    assert usable_axis(pair_volumes(pet, mri), "coronal") == ("coronal", ())
