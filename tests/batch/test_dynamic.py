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
from napari_refusion.cohort.bids_tree import BidsChoice
from napari_refusion.cohort.fused_case import finished_slices
from napari_refusion.cohort.worklist import list_cases
from napari_refusion.io.open import open_volume
from napari_refusion.volume.finding import RefusedError
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
    ended = fused(root, tmp_path / "out", MEAN)
    assert {name: one.status for name, one in ended.items()} == {"sub-01": "fused"}  # and the other one is not touched
    assert list(fused(root, tmp_path / "out", replace(PLAIN, volumes=("1", "")))) == ["sub-01"]


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


@pytest.mark.parametrize(
    ("volumes", "words"),
    [
        (("banana", ""), "with --volume-a: no case holds a volume called banana"),
        (("", "mean of all"), "with --volume-b: no case holds a volume called mean of all"),
        (("05:00-02:00", ""), "Write the earlier time first"),
    ],
)
@pytest.mark.parametrize("label", ["01", "02"])
def test_a_choice_that_no_case_has_is_refused_before_anything_is_written(
    root: Path, tmp_path: Path, label: str, volumes: tuple[str, str], words: str
) -> None:
    """The PET of the first participant holds two volumes, that of the second a single one."""
    output, found = tmp_path / "out", listed(root, BidsChoice((label,)))
    with pytest.raises(RefusedError, match=words):
        Participants.begin(found, replace(PLAIN, volumes=volumes), root, output)
    assert not output.exists()


def test_a_volume_may_be_chosen_by_its_name_where_a_case_has_it(root: Path, tmp_path: Path) -> None:
    ended = fused(root, tmp_path / "out", replace(PLAIN, volumes=("frame 1, 01:00 to 04:00", "")))
    assert [ended[name].status for name in ("sub-01", "sub-02")] == ["fused", "fused"]
    with pytest.raises(RefusedError, match="no case holds a volume called frame 1, 01:00 to 04:00"):
        fused(root, tmp_path / "other", replace(PLAIN, volumes=("", "frame 1, 01:00 to 04:00")))


def test_a_row_that_asks_for_a_volume_that_its_image_has_not_is_refused_by_itself(root: Path, tmp_path: Path) -> None:
    table = root / "pairs.tsv"
    rows = ["case_id\ta_path\tb_path\ta_role\tb_role\ta_volume"]
    for label, volume in (("01", "mean"), ("02", "banana")):
        place = f"sub-{label}/{{0}}/sub-{label}_{{1}}.nii.gz"
        rows.append("\t".join((label, place.format("pet", "pet"), place.format("anat", "T1w"), "PET", "MRI", volume)))
    table.write_text("\n".join(rows), encoding="utf-8")
    ended = fused(table, tmp_path / "out", PLAIN)
    assert {name: one.status for name, one in ended.items()} == {"sub-01": "fused", "sub-02": "refused"}
    assert "not 'banana', of one volume" in ended["sub-02"].sentence
