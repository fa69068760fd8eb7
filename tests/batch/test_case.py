"""One case as a unit of work: there as a whole or not at all, not done twice, and never fatal."""

import errno
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest

from napari_refusion.batch import case as unit
from napari_refusion.batch import fusing, inputs
from napari_refusion.batch.case import account_for, finished, run_case
from napari_refusion.batch.outcome import Outcome, outcome_file, read_outcome
from napari_refusion.batch.recipe import Recipe
from napari_refusion.cohort.work_case import WorkCase
from napari_refusion.io import one_pass
from napari_refusion.io.boundary import decoding
from napari_refusion.session.settings import FuseSettings
from napari_refusion.volume.finding import RefusedError
from tests.cohorts import PLAIN, corrupt, only_job, write_image, write_subject
from tests.dicom_series import series, write
from tests.small_pair import untrained


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with one subject."""
    return write_subject(tmp_path / "tree", "01").parent


def files_of(output: Path) -> dict[str, int]:
    """Return when each file of an output was written, hidden ones among them."""
    return {str(path.relative_to(output)): path.stat().st_mtime_ns for path in output.rglob("*") if path.is_file()}


def test_a_case_leaves_everything_about_it_in_one_folder(root: Path, tmp_path: Path) -> None:
    ended = run_case(only_job(root, tmp_path / "out"))
    folder = tmp_path / "out" / "sub-01" / "pet"
    assert ended.status == "fused"
    assert {path.name for path in folder.iterdir()} >= {
        "sub-01_desc-pet_fused.nii.gz",
        "sub-01_desc-pet_fused_colour.nii.gz",
        "sub-01_desc-pet_fused.json",
        "sub-01_desc-pet_slices.tsv",
        "sub-01_desc-pet_outcome.json",
    }
    assert ended.measured is not None
    assert [(folder / picture.file).is_file() for picture in ended.measured.pictures]
    assert ended.measured.pair == "PET + MRI"
    assert set(ended.measured.checks) == {"Geometry", "Registration", "Intensity", "Model", "Output"}
    assert read_outcome(folder / "sub-01_desc-pet_outcome.json") == ended


def test_the_fused_volume_is_what_the_rule_makes_of_both(root: Path, tmp_path: Path) -> None:
    from napari_refusion import api

    run_case(only_job(root, tmp_path / "out"))
    study = api.pair(api.read(root / "sub-01/pet/sub-01_pet.nii.gz"), api.read(root / "sub-01/anat/sub-01_T1w.nii.gz"))
    (whole,) = api.write(api.fuse(study, engine="maximum"), tmp_path / "plain.nii.gz")[:1]
    made = nibabel.load(tmp_path / "out/sub-01/pet/sub-01_desc-pet_fused.nii.gz")
    assert np.array_equal(np.asarray(made.dataobj), np.asarray(nibabel.load(whole).dataobj))


def test_a_second_run_does_nothing(root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    first = run_case(job)
    before = files_of(job.output)
    assert run_case(job) == first
    assert files_of(job.output) == before


def test_a_copy_of_the_sources_with_other_times_is_the_same_case(root: Path, tmp_path: Path) -> None:
    first = run_case(only_job(root, tmp_path / "out"))
    shutil.copytree(root, tmp_path / "copy", copy_function=shutil.copyfile)
    for image in (tmp_path / "copy").rglob("*.nii.gz"):
        os.utime(image, (1, 1))
    assert finished(only_job(tmp_path / "copy", tmp_path / "out")) == first


def test_a_changed_source_is_noticed_and_fused_anew(root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    first = run_case(job)
    write_image(job.case.work.first, 99)
    assert finished(job) is None
    again = run_case(job)
    assert again.status == "fused"
    assert again.files != first.files


def counted(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list that every file is added to whose content is read to be compared."""
    read: list[Path] = []
    monkeypatch.setattr(inputs, "sha256_of", lambda path: (read.append(path), one_pass.sha256_of(path))[1])
    return read


def test_a_source_exchanged_for_one_of_its_size_and_date_is_fused_anew(root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    plain = job.case.work.first.with_name("sub-01_pet.nii")  # nothing is packed, so that every image has one size
    job.case.work.first.unlink()
    job = only_job(write_image(plain, 1).parents[2], tmp_path / "out")
    first, date = run_case(job), plain.stat()
    write_image(plain, 99)
    os.utime(plain, ns=(date.st_atime_ns, date.st_mtime_ns))
    assert plain.stat().st_size == date.st_size
    assert finished(job) is None
    assert run_case(job).files != first.files


def test_a_source_that_was_only_touched_is_read_once_and_not_fused(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = only_job(root, tmp_path / "out")
    first, outcome = run_case(job), outcome_file(job.case, job.output)
    before = outcome.stat().st_mtime_ns
    read = counted(monkeypatch)
    assert run_case(job) == first
    assert not read
    os.utime(job.case.work.second)
    assert run_case(job) == first
    assert read == [job.case.work.second]
    assert run_case(job) == first
    assert len(read) == 1
    assert outcome.stat().st_mtime_ns == before  # by which pages tell that they are right


def test_an_outcome_of_an_earlier_version_is_compared_by_content_and_then_by_time(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = only_job(root, tmp_path / "out")
    first, path = run_case(job), outcome_file(job.case, job.output)
    content = json.loads(path.read_text(encoding="utf-8"))
    for one in content["inputs"]:
        del one["noted"]
    path.write_text(json.dumps(content), encoding="utf-8")
    read = counted(monkeypatch)
    assert finished(job) == finished(job) == first
    assert len(read) == 2


def test_a_file_that_is_added_to_a_folder_or_taken_from_it_is_noticed(root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    folder = tmp_path / "series"
    folder.mkdir()
    (folder / "1.dcm").write_bytes(b"1")
    work = replace(job.case.work, second=folder)
    known = inputs.input_files(work)
    assert inputs.same_files(known, work) == known
    (folder / "2.dcm").write_bytes(b"2")
    assert inputs.same_files(known, work) is None
    (folder / "2.dcm").rename(folder / "3.dcm")
    assert inputs.same_files(inputs.input_files(work), work) is not None
    (folder / "3.dcm").unlink()
    assert inputs.same_files(known, work) == known


def test_a_description_that_is_added_is_noticed(root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    run_case(job)
    (root / "sub-01/pet/sub-01_pet.json").write_text('{"Units": "Bq/mL"}', encoding="utf-8")
    assert finished(job) is None


@pytest.mark.parametrize(
    "recipe",
    [
        replace(PLAIN, windows=("0,50", "")),
        replace(PLAIN, identified=True),
        replace(PLAIN, settings=FuseSettings(engine="average")),
        replace(PLAIN, settings=FuseSettings(engine="maximum", axis="coronal")),
        replace(PLAIN, weights_sha256="1" * 64),
    ],
)
def test_another_choice_is_another_result(recipe: Recipe, root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    run_case(job)
    assert finished(job) is not None
    assert finished(replace(job, recipe=recipe)) is None


def test_another_device_or_another_place_of_the_weights_is_the_same_result(root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    run_case(job)
    same = replace(PLAIN, settings=replace(PLAIN.settings, device="cpu", weights="/elsewhere/own.safetensors"))
    assert finished(replace(job, recipe=same)) is not None


def test_other_weights_of_one_name_are_noticed(tmp_path: Path) -> None:
    path = untrained(tmp_path)
    recipe = Recipe(FuseSettings(weights=str(path))).prepared()
    path.write_bytes(path.read_bytes() + b"\0")
    assert Recipe(FuseSettings(weights=str(path))).prepared().fingerprint() != recipe.fingerprint()


def test_weights_that_are_not_there_are_refused_before_any_case(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="no weights file"):
        Recipe(FuseSettings(weights=str(tmp_path / "none.safetensors"))).prepared()


def test_a_result_that_was_removed_is_made_again(root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    run_case(job)
    (job.output / "sub-01/pet/sub-01_desc-pet_fused.nii.gz").unlink()
    assert finished(job) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"case": 1}', '{"case": "x", "status": "perhaps"}'])
def test_an_outcome_that_cannot_be_read_is_none(text: str, root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    path = outcome_file(job.case, job.output)
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert finished(job) is None


def test_a_corrupt_case_is_refused_without_naming_its_file_and_not_tried_again(root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    corrupt(job.case.work.first)
    ended = run_case(job)
    assert ended.status == "refused"
    assert "source a" in ended.sentence
    assert str(tmp_path) not in ended.sentence
    assert finished(job) == ended


def test_a_refused_case_whose_file_was_mended_is_fused(root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    whole = job.case.work.first.read_bytes()
    corrupt(job.case.work.first)
    run_case(job)
    job.case.work.first.write_bytes(whole)
    assert run_case(job).status == "fused"


def test_a_case_that_became_corrupt_leaves_no_former_result(root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    run_case(job)
    corrupt(job.case.work.first)
    assert run_case(job).status == "refused"
    assert [path.name for path in (job.output / "sub-01" / "pet").iterdir()] == ["sub-01_desc-pet_outcome.json"]


def test_a_source_that_vanished_is_refused(root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    shutil.rmtree(root)
    ended = run_case(job)
    assert ended.status == "refused"
    assert "does not exist" in ended.sentence


@pytest.mark.parametrize(
    ("error", "rule", "words"),
    [
        (MemoryError(), "memory", "--mem-mb"),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory"),
            "memory",
            "--mem-mb",
        ),
        (KeyError("x"), "", "Report this"),
    ],
)
def test_an_error_of_the_program_is_an_outcome_and_tried_again(
    error: Exception, rule: str, words: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    job = only_job(root, tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(fusing, "fuse_case", fail)
        ended = run_case(job)
    assert (ended.status, ended.rule) == ("failed", rule)
    assert words in ended.sentence
    assert run_case(job).status == "fused"


@pytest.mark.parametrize(
    ("error", "rule"), [(MemoryError(), "memory"), (OSError(errno.ESTALE, "Stale file handle"), "file")]
)
def test_a_file_that_a_machine_could_not_read_is_tried_again(
    error: Exception, rule: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, *_: object, **__: object) -> None:
        with decoding(path):
            raise error

    job = only_job(root, tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(fusing, "open_volume", fail)
        ended = run_case(job)
    assert (ended.status, ended.rule) == ("failed", rule)
    assert run_case(job).status == "fused"


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("part", ["_write_slices", "_write_pictures", "_write_outcome"])
def test_a_disk_that_is_full_leaves_no_half_of_a_case(
    part: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = only_job(root, tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(f"napari_refusion.batch.folder.{part}", full)
        ended = run_case(job)
    assert (ended.status, ended.rule) == ("failed", "output")
    assert "the disk is full" in ended.sentence
    assert ".refusion-" not in ended.sentence
    assert ended.is_kept == (part != "_write_outcome")
    there = [path.name for path in job.output.rglob("*") if path.is_file()]
    assert there == (["sub-01_desc-pet_outcome.json"] if ended.is_kept else [])
    assert run_case(job).status == "fused"


def test_a_refused_case_that_cannot_be_written_down_says_both(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = only_job(root, tmp_path / "out")
    corrupt(job.case.work.first)
    monkeypatch.setattr("napari_refusion.batch.folder._write_outcome", full)
    ended = run_case(job)
    assert (ended.status, ended.is_kept) == ("failed", False)
    assert ended.sentence.startswith("Make room or choose another place: the disk is full, so this cannot be written")
    assert "the output/sub-01/pet. The case ended so: Copy it again" in ended.sentence


def test_a_disk_that_is_full_leaves_the_former_result_whole(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = only_job(root, tmp_path / "out")
    run_case(job)
    before = files_of(job.output)
    monkeypatch.setattr("napari_refusion.batch.folder._write_outcome", full)
    run_case(replace(job, recipe=replace(PLAIN, identified=True)))
    assert files_of(job.output) == before


def test_files_that_change_while_they_are_read_are_not_taken_for_what_was_fused(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = only_job(root, tmp_path / "out")
    plain = fusing.fuse_case

    def change(case: WorkCase, recipe: Recipe) -> object:
        made = plain(case, recipe)
        write_image(job.case.work.second, 77)
        return made

    monkeypatch.setattr(fusing, "fuse_case", change)
    ended = run_case(job)
    assert ended.status == "failed"
    assert "changed while" in ended.sentence


def test_a_case_that_cannot_speak_for_itself_is_accounted_for(root: Path, tmp_path: Path) -> None:
    job = only_job(root, tmp_path / "out")
    ended = account_for(job, "", "Its worker was killed 3 times.")
    assert read_outcome(outcome_file(job.case, job.output)) == ended == replace(ended, status="failed")


def test_records_name_no_file_unless_that_is_asked_for(root: Path, tmp_path: Path) -> None:
    root = root.rename(root.with_name("DOE_JANE"))
    write_subject(root, "SMITH")
    shutil.rmtree(root / "sub-01")
    table = tmp_path / "pairs.tsv"
    paths = [image.relative_to(tmp_path) for image in sorted((root / "sub-SMITH").rglob("*.gz"), reverse=True)]
    table.write_text(f"case_id\ta_path\tb_path\n7\t{paths[0]}\t{paths[1]}\n", encoding="utf-8")
    job = only_job(table, tmp_path / "out")
    assert run_case(job).status == "fused"
    corrupt(job.case.work.second)
    texts = [path.read_text(encoding="utf-8") for path in job.output.rglob("*.json")] + [run_case(job).sentence]
    assert not [text for text in texts if "SMITH" in text or "DOE" in text]


@pytest.mark.parametrize("what", ["images", "series", "archive"])
def test_of_a_folder_that_is_refused_no_file_in_it_is_named(root: Path, tmp_path: Path, what: str) -> None:
    """A folder without DICOM images, and images of which one is of another size, loose and in an archive."""
    folder = tmp_path / "DOE_JANE"
    if what == "images":
        write_image(folder / "scans/SMITH_JOHN.nii.gz", 3)
    else:
        images = series("PT")
        images[2].Rows = 5
        for number, image in enumerate(write(folder, images).glob("*")):
            image.rename(folder / f"SMITH_JOHN_{number}.dcm")
    source = folder
    if what == "archive":
        source = Path(shutil.make_archive(str(tmp_path / "DOE_JANE"), "zip", folder))
    mri = "tree/sub-01/anat/sub-01_T1w.nii.gz"
    table = tmp_path / "pairs.tsv"
    table.write_text(f"case_id\ta_path\tb_path\ta_role\n7\t{source}\t{mri}\tPET\n", encoding="utf-8")
    named = run_case(only_job(table, tmp_path / "named", replace(PLAIN, identified=True)))
    assert named.status == "refused"
    assert "SMITH" in named.sentence
    ended = run_case(only_job(table, tmp_path / "out"))
    assert "a file of source a" in ended.sentence
    assert not [name for name in ("SMITH", "DOE", str(tmp_path)) if name in ended.sentence]


def test_what_is_written_does_not_depend_on_the_day(root: Path, tmp_path: Path) -> None:
    one, other = (run_case(only_job(root, tmp_path / name)) for name in ("one", "other"))
    assert _timeless(one) == _timeless(other)


def _timeless(ended: Outcome) -> Outcome:
    """Return an outcome without its time; the record of the fusion holds the moment as well."""
    files = {name: digest for name, digest in ended.files.items() if not name.endswith("_fused.json")}
    return replace(ended, seconds=0.0, created="", files=files)


def test_the_unit_of_work_can_go_to_another_process(root: Path, tmp_path: Path) -> None:
    import pickle

    job = only_job(root, tmp_path / "out")
    assert pickle.loads(pickle.dumps(job)) == job
    assert pickle.loads(pickle.dumps(unit.run_case(job))) == finished(job)
