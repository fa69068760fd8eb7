from dataclasses import replace

import pytest

from napari_refusion.fusion.preparation import plan_fusion, usable_axis
from napari_refusion.model.tasks import TASKS
from napari_refusion.study.pairing import pair
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume


def test_weights_of_another_task_are_taken_with_a_warning(mri: Volume, pet: Volume, weights_file: str) -> None:
    plan = plan_fusion(pair(pet, mri, "multi_focus"), weights_file)
    assert plan.engine.task == "medical"
    assert [finding.level for finding in plan.findings] == ["warn"]


def test_missing_weights_are_refused_in_words(mri: Volume, pet: Volume) -> None:
    with pytest.raises(RefusedError, match="nowhere"):
        plan_fusion(pair(pet, mri), "nowhere.safetensors")


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_weights_of_its_own(mri: Volume, pet: Volume, task: str) -> None:
    plan = plan_fusion(pair(pet, mri, task))
    assert (plan.engine.task, plan.engine.name) == (task, f"{task}.safetensors")


def test_a_missing_device_is_refused_in_words(mri: Volume, pet: Volume, weights_file: str) -> None:
    with pytest.raises(RefusedError, match="abacus"):
        plan_fusion(pair(pet, mri), weights_file, device="abacus")


def test_a_blocked_pair_is_not_fused(mri: Volume, pet: Volume, weights_file: str) -> None:
    far = mri.affine.copy()
    far[:3, 3] += 5000
    with pytest.raises(RefusedError, match="do not overlap"):
        plan_fusion(pair(replace(pet, affine=far), mri), weights_file)


def test_a_single_slice_is_fused_whole_whatever_direction_was_asked(mri: Volume, pet: Volume) -> None:
    one = pair(replace(pet, data=pet.data[:1]), replace(mri, data=mri.data[:1]))
    assert usable_axis(one, "sagittal")[0] == "axial"
    assert usable_axis(one, "axial") == ("axial", ())


def test_a_volume_is_fused_in_the_direction_that_was_asked(mri: Volume, pet: Volume) -> None:
    assert usable_axis(pair(pet, mri), "coronal") == ("coronal", ())
