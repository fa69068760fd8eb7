"""Images that hold several volumes, such as a dynamic PET: a cohort takes what is stated, and nothing by itself."""

import json
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest

from napari_refusion.batch.case import finished, run_case
from napari_refusion.batch.cases import listed
from napari_refusion.batch.gathered import gather
from napari_refusion.batch.group import write_group
from napari_refusion.batch.outcome import Outcome
from napari_refusion.batch.participants import Participants
from napari_refusion.batch.workers import Workers
from napari_refusion.cohort.fused_case import finished_slices
from napari_refusion.cohort.worklist import list_cases
from napari_refusion.io.open import open_volume
from tests.cohorts import PLAIN, only_job, write_image, write_tree

MEAN = replace(PLAIN, volumes=("mean", ""))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with a PET of two frames, of 60 s and 180 s, and one of a single volume."""
    root = write_tree(tmp_path / "tree", ["01", "02"])
    path = root / "sub-01/pet/sub-01_pet.nii.gz"
    one = nibabel.load(path)
    other = nibabel.load(root / "sub-02/pet/sub-02_pet.nii.gz")
    frames = np.stack([np.asarray(one.dataobj), np.asarray(other.dataobj)], axis=-1)
    both = nibabel.Nifti1Image(frames, one.affine)
    both.header.set_xyzt_units("mm", "sec")
    nibabel.save(both, path)
    told = {"FrameTimesStart": [0, 60], "FrameDuration": [60, 180]}
    path.with_name("sub-01_pet.json").write_text(json.dumps(told), encoding="utf-8")
    return root


def fused(root: Path, output: Path, recipe: object = MEAN) -> dict[str, Outcome]:
    """Return how each case ended, by its subject."""
    cases = Participants.begin(listed(root), recipe, root, output).run(Workers(count=1))  # type: ignore[arg-type]
    return {one.case[:6]: one for one in cases if isinstance(one, Outcome)}


def test_nothing_is_chosen_by_itself_and_the_sentence_says_how_to_choose(root: Path, tmp_path: Path) -> None:
    ended = fused(root, tmp_path / "out", PLAIN)
    assert (ended["sub-01"].status, ended["sub-02"].status) == ("refused", "fused")
    assert ended["sub-01"].sentence.startswith(
        "Choose a volume by its number from 0, or as mean or sum (--volume-a or --volume-b"
    )
    assert fused(root, tmp_path / "out", MEAN)["sub-01"].status == "fused"  # what was refused is tried with the choice


def test_the_choice_for_all_cases_is_for_those_that_hold_several(root: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    ended = fused(root, output)
    assert [ended[name].status for name in ("sub-01", "sub-02")] == ["fused", "fused"]
    assert [ended[name].volumes for name in ("sub-01", "sub-02")] == [("mean", ""), ("", "")]
    write_group(gather(listed(root), output), output)
    by_label = {case.label[:6]: case for case in list_cases(output).cases}
    assert by_label["sub-01"].volumes == ("mean", "")
    assert by_label["sub-02"].volumes == ("", "")
    first, *_ = by_label["sub-01"].sources
    source = open_volume(first[0], first[1], volume=first[2])
    record = json.loads((output / "sub-01/pet/sub-01_desc-pet_fused.json").read_text(encoding="utf-8"))
    assert source.origin.sha256 in json.dumps(record)  # so that the window takes the fused slices over
    assert by_label["sub-01"].fused is not None
    assert finished_slices(by_label["sub-01"].fused).done.all()


def test_the_mean_counts_each_frame_as_long_as_it_lasted(root: Path, tmp_path: Path) -> None:
    """0.25 of the first and 0.75 of the second frame, written as one volume, are fused to the same."""
    path = root / "sub-01/pet/sub-01_pet.nii.gz"
    ended = fused(root, tmp_path / "out")
    assert ended["sub-01"].volumes == ("mean", "")
    frames = np.asarray(nibabel.load(path).dataobj, np.float64)
    mean = nibabel.Nifti1Image((0.25 * frames[..., 0] + 0.75 * frames[..., 1]).astype(np.float32), np.eye(4))
    mean.set_sform(nibabel.load(path).affine, 1)
    mean.header.set_xyzt_units("mm")
    nibabel.save(mean, path)
    path.with_name("sub-01_pet.json").unlink()
    fused(root, tmp_path / "plain", PLAIN)
    images = [
        np.asarray(nibabel.load(tmp_path / name / "sub-01/pet/sub-01_desc-pet_fused.nii.gz").dataobj, np.float64)
        for name in ("out", "plain")
    ]
    assert np.allclose(images[0], images[1], atol=1e-5)


def test_a_table_says_it_for_a_case_and_another_choice_is_another_result(root: Path, tmp_path: Path) -> None:
    table = root / "pairs.tsv"
    pet, mri = "sub-01/pet/sub-01_pet.nii.gz", "sub-01/anat/sub-01_T1w.nii.gz"

    def chosen(volume: str, role: str = "PET") -> None:
        header = "case_id\ta_path\tb_path\ta_role\tb_role\tb_volume\n"
        table.write_text(f"{header}1\t{mri}\t{pet}\tMRI\t{role}\t{volume}\n", encoding="utf-8")

    chosen("1")
    job = only_job(table, tmp_path / "out", MEAN)  # what a table says counts more
    assert job.case.work.volumes == ("1", "")  # PET comes first
    first = run_case(job)
    assert first.volumes == ("1", "")
    assert finished(only_job(table, tmp_path / "out", MEAN)) == first
    chosen("0")
    assert finished(only_job(table, tmp_path / "out", MEAN)) is None
    chosen("1", "SPECT")
    assert finished(only_job(table, tmp_path / "out", MEAN)) is None


def test_a_volume_that_is_not_there_is_refused(root: Path, tmp_path: Path) -> None:
    write_image(root / "sub-02/pet/sub-02_pet.nii.gz", 1)
    ended = fused(root, tmp_path / "out", replace(PLAIN, volumes=("7", "")))
    assert (ended["sub-01"].status, ended["sub-02"].status) == ("refused", "fused")
    assert ended["sub-01"].sentence.startswith("Choose a volume from 0 to 1")
