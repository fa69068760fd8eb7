"""The volumes of a series as layers: frames and their mean, echoes one by one, each with an identity of its own."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.volume.acquisition import Acquisition
from napari_refusion.volume.finding import Finding
from napari_refusion.widgets.frames import FRAMES
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.opening.arrange import arrange, mean_volume, own_identities
from napari_refusion.widgets.opening.offer import SEPARATE
from tests.traced_peak import traced_peak
from tests.widgets.opening.listed import ECHOES, echoes, frames


def names(layers: list) -> list[str]:
    return [properties["name"] for _, properties, _ in layers]


def test_frames_become_their_mean_and_one_hidden_layer_of_all_with_one_window() -> None:
    mean, all_of_them = arrange(frames(3), "PET dynamic")
    assert names([mean, all_of_them]) == ["PET dynamic, mean of 3 frames", "PET dynamic, 3 frames"]
    assert mean[0].shape == (6, 24, 32)
    assert all_of_them[0].shape == (3, 6, 24, 32)
    assert all_of_them[1]["visible"] is False
    assert all_of_them[1]["contrast_limits"] == mean[1]["contrast_limits"]
    assert all_of_them[1]["axis_labels"] == ("frame", "inferior", "posterior", "left")
    assert all_of_them[1]["scale"][1:] == mean[1]["scale"]


def test_without_their_mean_frames_are_visible() -> None:
    (layer,) = arrange(frames(3), "PET dynamic", with_mean=False)
    assert layer[1].get("visible", True)


def test_a_4d_file_without_times_becomes_one_layer_and_its_mean() -> None:
    bold = [replace(one, acquisition=Acquisition()) for one in frames(4)]
    assert names(arrange(bold, "bold", is_listed_so=True)) == ["bold, mean of 4 frames", "bold, 4 frames"]
    stack = arrange(bold, "bold", is_listed_so=True)[1][1]["metadata"][KEY][FRAMES]
    assert [volume.name for volume in stack.volumes] == [f"dynamic, frame {index}" for index in range(4)]


def test_echoes_become_named_layers_without_a_mean() -> None:
    layers = arrange(echoes(), "PD and T2")
    assert names(layers) == [f"PD and T2, {part}" for part in ECHOES]
    assert all(data.ndim == 3 for data, _, _ in layers)


@pytest.mark.parametrize("parts", [("water", "fat"), ("phase 20 %", "phase 40 %", "phase 60 %")])
def test_dixon_parts_and_phases_become_named_layers(parts: tuple[str, ...]) -> None:
    made = [
        replace(one, name="MR", acquisition=Acquisition(part=part))
        for one, part in zip(frames(len(parts)), parts, strict=True)
    ]
    assert names(arrange(made, "MR")) == [f"MR, {part}" for part in parts]


def test_a_series_of_very_many_volumes_becomes_one_layer_with_a_slider_and_without_a_mean() -> None:
    made = [
        replace(one, acquisition=Acquisition(part=f"direction {index}"))
        for index, one in enumerate(frames(SEPARATE + 1))
    ]
    (layer,) = arrange(made, "DTI")
    assert layer[0].shape[0] == SEPARATE + 1
    assert layer[1]["axis_labels"][0] == "volume"
    assert layer[1].get("visible", True)


def test_frames_on_different_grids_become_layers_of_their_own() -> None:
    first, second = frames(2)
    moved = second.affine.copy()
    moved[0, 3] += 1.0
    assert len(arrange([first, replace(second, affine=moved)], "PET")) == 2


def test_frames_are_not_copied() -> None:
    volumes = frames(3)
    stack = arrange(volumes, "PET")[1][0]
    assert all(np.shares_memory(stack[index], one.data) for index, one in enumerate(volumes))


def test_many_frames_take_the_memory_of_a_few_volumes_more() -> None:
    volumes = frames(24)
    arrange(volumes, "PET")  # what is imported on the way does not count
    assert traced_peak(lambda: arrange(volumes, "PET")) < 8 * volumes[0].data.nbytes


def test_the_mean_is_weighted_by_how_long_each_frame_lasted() -> None:
    volumes = frames(3)
    times = ((0.0, 10.0), (10.0, 40.0), (40.0, 100.0))
    uneven = [
        replace(one, acquisition=replace(one.acquisition, time=time)) for one, time in zip(volumes, times, strict=True)
    ]
    expected = sum(
        one.data.astype(float) * (end - start) / 100 for one, (start, end) in zip(volumes, times, strict=True)
    )
    mean = mean_volume(uneven, "PET")
    assert mean.data == pytest.approx(expected, rel=1e-6)
    assert mean.data.dtype == np.float32
    assert mean.acquisition.time == (0.0, 100.0)
    assert "00:00 to 01:40" in mean.acquisition.part


def test_without_times_every_frame_counts_the_same() -> None:
    volumes = [replace(one, acquisition=Acquisition()) for one in frames(3)]
    assert mean_volume(volumes, "bold").data == pytest.approx(volumes[0].data + 10, rel=1e-6)


def test_a_voxel_without_a_number_in_one_frame_has_none_in_the_mean() -> None:
    first, second = frames(2)
    hole = second.data.copy()
    hole[2, 3, 4] = np.nan
    mean = mean_volume([first, replace(second, data=hole)], "PET").data
    assert np.isnan(mean[2, 3, 4])
    assert np.isfinite(mean).sum() == mean.size - 1


def test_no_two_frames_and_no_mean_share_an_identity() -> None:
    own = own_identities(frames(3))
    hashes = {one.origin.sha256 for one in (*own, mean_volume(own, "PET"))}
    assert len(hashes) == 4


def test_identities_do_not_depend_on_the_day() -> None:
    assert [one.origin.sha256 for one in own_identities(frames(3))] == [
        one.origin.sha256 for one in own_identities(frames(3))
    ]


def test_volumes_that_have_their_own_identity_and_name_keep_them() -> None:
    kept = own_identities(echoes())
    assert [one.origin for one in kept] == [one.origin for one in echoes()]
    named = [replace(one, name=f"PET {one.acquisition.part}") for one in frames(2)]
    assert [one.name for one in own_identities(named)] == [one.name for one in named]


def test_one_volume_alone_stays_as_it_is() -> None:
    (volume,) = frames(1)
    assert own_identities([volume]) == (volume,)


def test_what_was_noticed_about_the_frames_is_said_once_of_the_mean() -> None:
    noticed = Finding("warn", "unit", "The unit is not known.")
    assert mean_volume(frames(3, findings=(noticed,)), "PET").findings == (noticed,)
