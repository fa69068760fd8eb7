"""The command that fuses a cohort."""

import errno
import importlib.util
from pathlib import Path

import nibabel
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from napari_refusion.cli.main import app
from napari_refusion.io.whole_files import REMEDIES, unwritable
from tests.cohorts import corrupt, write_tree


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["cohort", *map(str, arguments)], env={"COLUMNS": "200"})


def fuse(root: Path, output: Path, *more: object) -> Result:
    return run(root, output, "participant", "--engine", "maximum", "--nprocs", 1, *more)


def test_a_cohort_is_fused_and_then_put_on_one_page(tmp_path: Path) -> None:
    root, output = write_tree(tmp_path / "in", ["01", "02"]), tmp_path / "out"
    found = fuse(root, output)
    assert found.exit_code == 0
    assert "2 fused" in found.output
    again = fuse(root, output)
    assert "2 of 2 cases are done already" in again.output
    assert again.exit_code == 0
    assert run(root, output, "group").exit_code == 0
    assert (output / "group.html").is_file()


def test_a_bad_case_is_told_and_makes_the_exit_status_1(tmp_path: Path) -> None:
    root, output = write_tree(tmp_path / "in", ["01", "02"]), tmp_path / "out"
    corrupt(root / "sub-01/pet/sub-01_pet.nii.gz")
    found = fuse(root, output)
    assert found.exit_code == 1
    assert "1 refused, 1 fused" in found.output
    assert run(root, output, "group").exit_code == 1


def test_the_first_bad_case_can_end_the_run(tmp_path: Path) -> None:
    root, output = write_tree(tmp_path / "in", ["01", "02"]), tmp_path / "out"
    corrupt(root / "sub-01/pet/sub-01_pet.nii.gz")
    assert fuse(root, output, "--stop-on-first-crash").exit_code == 1
    assert not (output / "sub-02").exists()


def test_pages_that_cannot_be_written_are_told_in_the_end_and_make_the_exit_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *_: object) -> None:
        raise unwritable(path, REMEDIES[errno.ENOSPC])

    root, output = write_tree(tmp_path / "in", ["01"]), tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr("napari_refusion.batch.pages.write_page", lambda _, path, **__: full(path))
        patch.setattr("napari_refusion.batch.group.write_page", lambda _, path, **__: full(path))
        found, group = fuse(root, output), run(root, output, "group")
    for one, page in ((found, "sub-01.html"), (group, "group.html")):
        assert one.exit_code == 1
        assert f"Make room or choose another place: the disk is full, so this cannot be written: {output / page}" in (
            one.output
        )
        assert "Then run the same command again" in one.output
    assert found.output.endswith(f"1 fused: {output}\n")
    assert group.output.endswith("1 fused, 0 refused, 0 failed, 0 left out, 0 not run\n")
    assert (output / "worklist.tsv").is_file()
    assert fuse(root, output).exit_code == run(root, output, "group").exit_code == 0
    assert (output / "group.html").is_file()


@pytest.mark.parametrize("labels", [("--participant-label", "02"), ("--participant-label", "sub-02,sub-02")])
def test_one_participant_can_be_fused_alone(labels: tuple[str, ...], tmp_path: Path) -> None:
    root, output = write_tree(tmp_path / "in", ["01", "02"]), tmp_path / "out"
    assert fuse(root, output, *labels).exit_code == 0
    assert [path.name for path in sorted(output.glob("sub-*"))] == ["sub-02", "sub-02.html"]


def test_a_participant_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = fuse(write_tree(tmp_path / "in", ["01"]), tmp_path / "out", "--participant-label", "9")
    assert found.exit_code == 1
    assert "there is no such participant" in found.output


def test_pages_alone_can_be_written_anew(tmp_path: Path) -> None:
    root, output = write_tree(tmp_path / "in", ["01"]), tmp_path / "out"
    fuse(root, output)
    write_tree(root, ["01", "02"])  # of which nothing is known yet
    (output / "sub-01.html").unlink()
    assert "wrote 1 page" in fuse(root, output, "--reports-only").output
    assert (output / "sub-01.html").is_file()


def test_the_frames_of_a_dynamic_image_are_chosen_as_by_fuse(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "in", ["01"])
    pet = nibabel.load(root / "sub-01/pet/sub-01_pet.nii.gz")
    frames = np.stack([np.asarray(pet.dataobj)] * 2, axis=-1)
    nibabel.save(nibabel.Nifti1Image(frames, pet.affine), root / "sub-01/pet/sub-01_pet.nii.gz")
    refused = fuse(root, tmp_path / "out")
    assert refused.exit_code == 1
    assert "or as mean or sum (--volume-a or --volume-b" in refused.output
    assert fuse(root, tmp_path / "out", "--volume-a", "mean").exit_code == 0


@pytest.mark.parametrize("what", [("group",), ("participant", "--reports-only")])
def test_pages_are_written_nowhere_but_into_a_cohort_that_was_fused(what: tuple[str, ...], tmp_path: Path) -> None:
    root = write_tree(tmp_path / "in", ["01"])
    other = tmp_path / "other"
    other.mkdir()
    (other / "dataset_description.json").write_text('{"GeneratedBy": [{"Name": "else"}]}', encoding="utf-8")
    (tmp_path / "empty").mkdir()
    for output in (root, root / "sub-01", other, tmp_path / "empty", tmp_path / "nowhere"):
        before = sorted(tmp_path.rglob("*"))
        assert run(root, output, *what).exit_code == 2
        assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("wrong", [("--window-a", "fo"), ("--window-b", "9,3"), ("--window-a", "p2"), ("--weights",)])
def test_a_choice_that_no_case_can_be_fused_with_costs_none_of_what_is_there(
    wrong: tuple[str, ...], tmp_path: Path
) -> None:
    root, output = write_tree(tmp_path / "in", ["01"]), tmp_path / "out"
    fuse(root, output)
    there = sorted(output.rglob("*"))
    if wrong == ("--weights",):
        (tmp_path / "damaged.safetensors").write_bytes(b"x")
        found = run(root, output, "participant", "--nprocs", 1, *wrong, tmp_path / "damaged.safetensors")
    else:
        found = fuse(root, output, *wrong)
    assert found.exit_code == 2
    assert sorted(output.rglob("*")) == there


def test_what_cannot_begin_ends_with_status_2(tmp_path: Path) -> None:
    assert fuse(tmp_path / "nowhere", tmp_path / "out").exit_code == 2
    root = write_tree(tmp_path / "in", ["01"])
    assert fuse(root, root).exit_code == 2
    assert fuse(root, tmp_path / "out", "--weights", "none").exit_code == 2


def test_without_dask_one_case_at_a_time_works_and_more_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "distributed" else find(name))
    root = write_tree(tmp_path / "in", ["01", "02"])
    found = run(root, tmp_path / "out", "participant", "--engine", "maximum", "--nprocs", 2)
    assert found.exit_code == 2
    assert 'pip install "napari-refusion[cohort]"' in found.output
    assert run(root, tmp_path / "out", "participant", "--engine", "maximum").exit_code == 0


@pytest.mark.parametrize(
    ("address", "words"),
    [("tcp://10.0.0.7:8786", "anyone could run programs"), ("somewhere", "tls://HOST:PORT"), ("http://x:1", "tls://")],
)
def test_a_scheduler_in_the_clear_is_refused(address: str, words: str, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    found = fuse(write_tree(tmp_path / "in", ["01"]), tmp_path / "out", "--scheduler", address)
    assert found.exit_code == 2
    assert words in found.output


def test_a_folder_for_workers_that_cannot_be_made_is_told_and_no_worker_started(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    root = write_tree(tmp_path / "in", ["01", "02"])
    (tmp_path / "file").touch()
    found = fuse(root, tmp_path / "out", "--nprocs", 2, "--work-dir", tmp_path / "file" / "work")
    assert found.exit_code == 2
    assert "not a folder" in found.output
