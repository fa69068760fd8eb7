"""A fusion as a generator, without a window."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from napari_refusion.fusion.baselines import Baseline, average
from napari_refusion.fusion.engine import Engine, Successor
from napari_refusion.fusion.filling import FusedSlice
from napari_refusion.fusion.slices import slice_sources
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.weights import Weights
from napari_refusion.model.weights_files import save_weights
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.fusing import fuse_request
from napari_refusion.session.messages import Message, Paired, Refused, Stage, Started
from napari_refusion.session.preparing import FusionCache
from napari_refusion.session.source import FuseSettings, Request, at_slice
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.chosen_window import UptakeScales
from napari_refusion.volume.volume import Volume
from tests.session.asked import one_slice, source, with_settings


def run(request: Request, *arguments: object) -> list[Message]:
    """Return all messages; fused slices are put where they belong."""
    messages = []
    for message in fuse_request(request, *arguments):
        messages.append(message)
        if isinstance(message, FusedSlice):
            message.partial.put(message.index, message.image)
    return messages


def only(messages: list[Message], kind: type) -> list:
    return [message for message in messages if isinstance(message, kind)]


def stages(messages: list[Message]) -> list[str]:
    return [stage.sentence for stage in only(messages, Stage)]


def test_a_volume_is_filled_from_the_slice_that_is_looked_at(request_all: Request, mri: Volume) -> None:
    messages = run(request_all)
    assert isinstance(messages[0], Stage)
    (started,) = only(messages, Started)
    slices = only(messages, FusedSlice)
    assert [abs(one.index - 2) for one in slices] == [0, 1, 1, 2, 2, 3]
    assert started.partial.is_complete
    assert np.array_equal(started.partial.study.grid.affine, mri.affine)
    assert started.provenance.a.name == "pet"
    for one in slices:
        a, b = slice_sources(started.partial.study, "axial", one.index)
        assert np.array_equal(one.image, started.kept.engine.fuse(a, b))


def test_a_single_slice_and_its_neighbours_can_be_asked_for(request_all: Request) -> None:
    (one,) = only(run(one_slice(request_all)), FusedSlice)
    assert one.index == 2
    near = only(run(replace(request_all, extent="near")), FusedSlice)
    assert [one.index for one in near] == [2, 3, 1, 4, 0, 5]


def test_a_job_follows_the_hand_on_the_slider(request_all: Request) -> None:
    job = fuse_request(request_all)
    message = next(job)
    while not isinstance(message, FusedSlice):
        message = next(job)
    assert message.index == 2
    assert job.send(5).index == 5
    assert next(job).index == 4


def test_slices_that_are_there_are_not_fused_again(request_all: Request) -> None:
    (started,) = only(run(one_slice(request_all)), Started)
    messages = run(request_all, started.kept, [started.partial])
    assert sorted(one.index for one in only(messages, FusedSlice)) == [0, 1, 3, 4, 5]
    assert only(messages, Started)[0].partial is started.partial


def test_the_window_goes_with_its_source_whatever_the_order(mri: Volume, pet: Volume, request_all: Request) -> None:
    (one,) = only(run(replace(request_all, first=source(mri, "5,50"), second=source(pet, "0,80"))), Started)
    (other,) = only(run(replace(request_all, first=source(pet, "0,80"), second=source(mri, "5,50"))), Started)
    assert one.provenance.b.window == other.provenance.b.window == (5.0, 50.0)
    assert np.array_equal(one.partial.fused, other.partial.fused)


@pytest.mark.parametrize("axis", AXES)
def test_each_axis_steps_along_its_own_direction(mri: Volume, request_all: Request, axis: str) -> None:
    (started,) = only(run(replace(with_settings(request_all, axis=axis), extent="slice")), Started)
    assert len(started.partial.done) == mri.shape[AXES[axis]]


def test_the_chosen_modality_wins(mri: Volume, request_all: Request) -> None:
    (started,) = only(run(replace(request_all, first=source(mri, modality="CT"), extent="slice")), Started)
    assert {started.provenance.a.modality, started.provenance.b.modality} == {"PT", "CT"}


def test_volumes_that_do_not_overlap_are_not_fused(mri: Volume, pet: Volume, request_all: Request) -> None:
    away = mri.affine.copy()
    away[0, 3] += 1000.0
    messages = run(replace(request_all, second=source(replace(pet, affine=away))))
    (refused,) = only(messages, Refused)
    assert any(finding.level == "block" and finding.sentence for finding in refused.findings)
    assert not only(messages, FusedSlice)
    # the next slice of a pair that is refused costs nothing
    (paired,) = only(messages, Paired)
    again = run(one_slice(paired.kept.request), paired.kept)
    assert [type(message) for message in again] == [Refused]


@pytest.mark.parametrize("window", ["bone", "9,1", "nonsense"])
def test_a_window_that_cannot_be_is_refused_with_the_volumes_name(
    mri: Volume, request_all: Request, window: str
) -> None:
    (refused,) = only(run(replace(request_all, first=source(mri, window))), Refused)
    assert refused.findings[0].rule == "window"
    assert "T1w" in refused.findings[0].sentence


def test_weights_that_are_no_fusion_network_are_refused(request_all: Request, tmp_path: Path) -> None:
    path = tmp_path / "r.safetensors"
    save_weights(Weights(ReconstructionNet().state_dict(), network="reconstruction"), path)
    (refused,) = only(run(with_settings(request_all, weights=str(path))), Refused)
    assert "reconstruction" in refused.findings[0].sentence
    (missing,) = only(run(with_settings(request_all, weights="none such")), Refused)
    assert missing.findings[0].rule == "weights"


def test_weights_of_another_task_are_used_with_a_warning(request_all: Request) -> None:
    (started,) = only(run(replace(with_settings(request_all, task="multi_focus"), extent="slice")), Started)
    assert "weights" in [finding.rule for finding in started.findings if finding.level == "warn"]


def test_a_place_outside_the_reference_is_refused_for_a_slice_and_no_matter_for_the_volume(
    request_all: Request,
) -> None:
    outside = replace(request_all, place=at_slice(-200))
    (refused,) = only(run(one_slice(request_all, -200)), Refused)
    assert refused.findings[0].rule == "slice"
    assert len(only(run(outside), FusedSlice)) == 6


def test_a_place_in_the_patient_is_a_slice_of_whatever_grid_is_fused_on(request_all: Request) -> None:
    # slice 3 of 4 mm lies 12 mm below the first one, which is at S 30 mm
    point = np.array([0.0, 0.0, 30.0 - 12.0])
    there = replace(request_all, place=lambda grid, axis: round(grid.index_at(point)[AXES[axis]]), extent="slice")
    assert [one.index for one in only(run(there), FusedSlice)] == [3]


def test_a_single_slice_is_fused_whole_whatever_axis_is_chosen(weights: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = [
        Volume(rng.random((1, 16, 20), dtype=np.float32), np.eye(4), name=name, is_photograph=True)
        for name in ("near", "far")
    ]
    settings = FuseSettings(task="multi_focus", weights=str(weights), axis="sagittal")
    (started,) = only(run(Request(*map(source, pictures), settings)), Started)
    assert (started.partial.axis, len(started.partial.done)) == ("axial", 1)


def test_pair_and_network_are_used_again_for_the_next_slice(
    request_all: Request,
) -> None:
    (started,) = only(run(one_slice(request_all)), Started)
    messages = run(one_slice(request_all, 1), started.kept)
    assert stages(messages) == []
    (again,) = only(messages, Started)
    assert again.kept.study.covered is started.kept.study.covered
    assert again.kept.engine is started.kept.engine
    assert only(messages, FusedSlice)


def test_another_window_keeps_pair_and_network(request_all: Request) -> None:
    one = one_slice(request_all)
    (started,) = only(run(one), Started)
    dragged = replace(one, first=replace(one.first, window="5,50"))
    (again,) = only(run(dragged, started.kept, [started.partial]), Started)
    assert again.kept.study.covered is started.kept.study.covered
    assert again.kept.engine is started.kept.engine
    assert again.partial is not started.partial
    pet_window, mri_window = again.partial.study.windows
    assert pet_window == started.partial.study.a.window
    assert mri_window == Window(5.0, 50.0)
    (back,) = only(run(one, again.kept, [again.partial, started.partial]), Started)
    assert back.partial is started.partial


def test_a_voxel_changed_in_place_makes_the_pair_be_checked_again(mri: Volume, request_all: Request) -> None:
    (started,) = only(run(request_all), Started)
    mri.data[3, 12, 16] += 50.0
    messages = run(request_all, started.kept, [started.partial])
    assert "Aligning and checking the pair ..." in stages(messages)
    assert len(only(messages, FusedSlice)) == 6


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_an_empty_layer_is_refused_in_words(mri: Volume, pet: Volume, request_all: Request, value: float) -> None:
    empty = replace(pet, data=np.full_like(pet.data, value))
    (refused,) = only(run(replace(request_all, second=source(empty))), Refused)
    assert "content" in [finding.rule for finding in refused.findings if finding.level == "block"]


@pytest.mark.parametrize("part", [np.s_[3:4], np.s_[:, 12:13], np.s_[:, :, 16:17], np.s_[3:4, 12:13, 16:18]])
def test_layers_one_voxel_thin_are_fused_to_finite_values(
    mri: Volume, pet: Volume, request_all: Request, part: tuple[slice, ...]
) -> None:
    thin = [source(replace(volume, data=volume.data[part])) for volume in (mri, pet)]
    messages = run(replace(request_all, first=thin[0], second=thin[1]))
    assert only(messages, Refused) == []
    assert all(np.isfinite(one.image).all() for one in only(messages, FusedSlice))


class FullGpu(Baseline):
    """An engine on a GPU on which no slice finds room."""

    @property
    def device_name(self) -> str:
        return "cuda"

    def in_less_memory(self) -> Baseline:
        return Baseline("average", average)


def with_engine(request: Request, engine: Engine) -> FusionCache:
    """Return what is kept of a request, to be gone on with by another engine."""
    (ready,) = only(run(one_slice(request)), Started)
    return replace(ready.kept, engine=engine)


def test_a_full_gpu_hands_over_to_the_cpu_with_a_notice(request_all: Request) -> None:
    asked = []

    def full(a: np.ndarray, _b: np.ndarray) -> np.ndarray:
        asked.append(a)
        raise torch.OutOfMemoryError("CUDA out of memory")

    messages = run(replace(request_all, extent="near"), with_engine(request_all, FullGpu("full", full)))
    (moved,) = only(messages, Successor)
    assert (moved.finding.level, moved.engine.device_name) == ("warn", "cpu")
    slices = only(messages, FusedSlice)
    assert len(slices) == 6
    a, b = slice_sources(slices[0].partial.study, "axial", 2)
    np.testing.assert_array_equal(slices[0].image, (a + b) / 2)
    assert len(asked) == 1


@pytest.mark.parametrize(("words", "end"), [((), "."), (("9.2 GB are needed",), ": 9.2 GB are needed.")])
def test_a_full_memory_of_the_computer_is_a_sentence(request_all: Request, words: tuple[str, ...], end: str) -> None:
    def full(_a: np.ndarray, _b: np.ndarray) -> np.ndarray:
        raise MemoryError(*words)

    (refused,) = only(run(request_all, with_engine(request_all, Baseline("full", full))), Refused)
    assert refused.findings[0].rule == "memory"
    assert refused.findings[0].sentence.endswith(f"memory does not suffice{end}")


def test_an_error_that_is_no_lack_of_memory_is_not_hidden(request_all: Request) -> None:
    def broken(_a: np.ndarray, _b: np.ndarray) -> np.ndarray:
        raise RuntimeError("shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="multiplied"):
        run(request_all, with_engine(request_all, Baseline("broken", broken)))


@pytest.mark.parametrize(("chosen", "expected"), [("", (0.0, 7.0)), ("0,3", (0.0, 3.0))])
def test_another_preferred_scale_changes_only_a_window_that_was_not_chosen(
    mri: Volume, request_all: Request, chosen: str, expected: tuple[float, float]
) -> None:
    suv = replace(mri, modality="PT", unit="SUVbw", name="suv", origin=replace(mri.origin, sha256="5" * 64))
    one = replace(request_all, second=source(suv, chosen))
    started = only(run(one), Started)[0]
    other = replace(one, scales=UptakeScales(body=7.0, brain=7.0))
    assert not other.is_same_work(one)
    again = only(run(other, started.kept), Started)[0]
    assert again.provenance.a.window == expected
    assert again.provenance.b.window == started.provenance.b.window


@pytest.mark.parametrize(("one", "other", "same"), [("suv5", "sul5", False), ("suv5", "suv7", True), ("", "0,5", True)])
def test_another_unit_makes_another_pair(request_all: Request, one: str, other: str, same: bool) -> None:
    first, second = (replace(request_all, second=replace(request_all.second, window=each)) for each in (one, other))
    assert first.is_same_pair(second) is same


def test_who_asks_for_pytorch_alone_gets_no_slice_that_compiled_code_made(request_all: Request) -> None:
    (first,) = only(run(one_slice(request_all)), Started)
    alone = with_settings(one_slice(request_all), device="cpu-pytorch")
    first.partial.made_with.clear()
    first.partial.made_with.add("compiled code, Numba 0.68.1")
    (again,) = only(run(alone, first.kept, (first.partial,)), Started)
    assert again.partial is not first.partial
    (kept,) = only(run(one_slice(request_all), first.kept, (first.partial,)), Started)
    assert kept.partial is first.partial
