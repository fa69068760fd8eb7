"""What the widget computes, without a window."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.tasks import TASKS
from napari_refusion.model.weights import Weights, save_weights
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets import fuse_form, fuse_job
from napari_refusion.widgets.fuse_job import Finished, FusedSlice, FuseSettings, Refused, Source, Stage, Started
from napari_refusion.widgets.layers import look_at
from tests.widgets.made import layer_of


def source(volume: Volume, window: str = "", modality: str = "") -> Source:
    return Source(look_at(layer_of(volume)), modality, window)


def run(first: Source, second: Source, settings: FuseSettings) -> list[fuse_job.Message]:
    return list(fuse_job.fuse_layers(first, second, settings))


def only(messages: list[fuse_job.Message], kind: type) -> list:
    return [message for message in messages if isinstance(message, kind)]


def test_every_task_has_a_name() -> None:
    assert list(fuse_form.TASK_NAMES) == list(TASKS)


def test_a_volume_is_fused_slice_by_slice_on_the_reference_grid(mri: Volume, pet: Volume, weights: Path) -> None:
    messages = run(source(mri), source(pet), FuseSettings(weights=str(weights)))
    assert isinstance(messages[0], Stage)
    (started,), (finished,) = only(messages, Started), only(messages, Finished)
    slices = only(messages, FusedSlice)
    assert started.count == 6
    assert [one.index for one in slices] == list(range(6))
    assert np.array_equal(np.stack([one.image for one in slices]), finished.fused.volume.data)
    assert np.array_equal(finished.fused.volume.affine, mri.affine)
    assert finished.fused.provenance.a.name == "pet"


def test_a_fused_slice_equals_that_of_the_fused_volume_and_lies_in_its_place(
    mri: Volume, pet: Volume, weights: Path
) -> None:
    whole = FuseSettings(weights=str(weights))
    (volume,) = only(run(source(mri), source(pet), whole), Finished)
    # slice 2 lies at -S = -22, see test_layers
    (one,) = only(run(source(mri), source(pet), replace(whole, point=(-22.0, 0.0, 0.0))), Finished)
    assert np.array_equal(one.fused.volume.data[0], volume.fused.volume.data[2])
    assert one.fused.volume.affine @ (0, 0, 0, 1) == pytest.approx(mri.affine @ (2, 0, 0, 1))


def test_the_window_goes_with_its_source_whatever_the_order(mri: Volume, pet: Volume, weights: Path) -> None:
    settings = FuseSettings(weights=str(weights))
    (one,) = only(run(source(mri, "5,50"), source(pet, "0,80"), settings), Finished)
    (other,) = only(run(source(pet, "0,80"), source(mri, "5,50"), settings), Finished)
    assert one.fused.provenance.b.window == other.fused.provenance.b.window == (5.0, 50.0)
    assert np.array_equal(one.fused.volume.data, other.fused.volume.data)


@pytest.mark.parametrize("axis", AXES)
def test_each_axis_steps_along_its_own_direction(mri: Volume, pet: Volume, weights: Path, axis: str) -> None:
    (started,) = only(run(source(mri), source(pet), FuseSettings(weights=str(weights), axis=axis)), Started)
    assert started.count == mri.grid[AXES[axis]]


def test_the_chosen_modality_wins(mri: Volume, pet: Volume, weights: Path) -> None:
    (finished,) = only(run(source(mri, modality="CT"), source(pet), FuseSettings(weights=str(weights))), Finished)
    assert {finished.fused.provenance.a.modality, finished.fused.provenance.b.modality} == {"PT", "CT"}


def test_volumes_that_do_not_overlap_are_not_fused(mri: Volume, pet: Volume, weights: Path) -> None:
    away = mri.affine.copy()
    away[0, 3] += 1000.0
    messages = run(source(mri), source(replace(pet, affine=away)), FuseSettings(weights=str(weights)))
    (refused,) = only(messages, Refused)
    assert any(finding.level == "block" and finding.sentence for finding in refused.findings)
    assert not only(messages, FusedSlice)


@pytest.mark.parametrize("window", ["bone", "9,1", "nonsense"])
def test_a_window_that_cannot_be_is_refused_with_the_volumes_name(
    mri: Volume, pet: Volume, weights: Path, window: str
) -> None:
    (refused,) = only(run(source(mri, window), source(pet), FuseSettings(weights=str(weights))), Refused)
    assert refused.findings[0].rule == "window"
    assert "T1w" in refused.findings[0].sentence


def test_weights_that_are_no_fusion_network_are_refused(mri: Volume, pet: Volume, tmp_path: Path) -> None:
    path = tmp_path / "r.safetensors"
    save_weights(Weights(ReconstructionNet().state_dict(), network="reconstruction"), path)
    (refused,) = only(run(source(mri), source(pet), FuseSettings(weights=str(path))), Refused)
    assert "reconstruction" in refused.findings[0].sentence
    (missing,) = only(run(source(mri), source(pet), FuseSettings(weights="none such")), Refused)
    assert missing.findings[0].rule == "weights"


def test_weights_of_another_task_are_used_with_a_warning(mri: Volume, pet: Volume, weights: Path) -> None:
    settings = FuseSettings(task="multi_focus", weights=str(weights))
    (started,) = only(run(source(mri), source(pet), settings), Started)
    assert "weights" in [finding.rule for finding in started.findings if finding.level == "warn"]


def test_a_place_outside_the_reference_is_refused(mri: Volume, pet: Volume, weights: Path) -> None:
    settings = FuseSettings(weights=str(weights), point=(500.0, 0.0, 0.0))
    (refused,) = only(run(source(mri), source(pet), settings), Refused)
    assert refused.findings[0].rule == "slice"


def test_a_single_slice_is_fused_whole_whatever_axis_is_chosen(weights: Path) -> None:
    from napari.layers import Image

    rng = np.random.default_rng(0)
    pictures = [Image(rng.integers(0, 256, (16, 20), dtype=np.uint8), name=name) for name in ("near", "far")]
    first, second = (Source(look_at(picture)) for picture in pictures)
    settings = FuseSettings(task="multi_focus", weights=str(weights), axis="sagittal")
    (started,) = only(run(first, second, settings), Started)
    assert (started.axis, started.count) == ("axial", 1)


def test_a_checked_pair_is_used_again_for_the_next_slice(
    mri: Volume, pet: Volume, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = source(mri), source(pet)
    settings = FuseSettings(weights=str(weights), point=(-22.0, 0.0, 0.0))
    (started,) = only(run(first, second, settings), Started)
    monkeypatch.setattr(fuse_job, "prepare", None)  # would raise if it were called
    again = fuse_job.fuse_layers(first, second, replace(settings, point=(-26.0, 0.0, 0.0)), started.prepared)
    assert only(list(again), Finished)


def test_a_changed_voxel_makes_the_pair_be_checked_again(mri: Volume, pet: Volume, weights: Path) -> None:
    layer = layer_of(mri)
    settings = FuseSettings(weights=str(weights))
    (started,) = only(run(Source(look_at(layer)), source(pet), settings), Started)
    layer.data[3, 12, 16] += 50.0
    messages = list(fuse_job.fuse_layers(Source(look_at(layer)), source(pet), settings, started.prepared))
    assert "Aligning and checking the pair ..." in [stage.sentence for stage in only(messages, Stage)]
