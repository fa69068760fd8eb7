"""The front door: five words that load nothing before they are used, and the page that explains them, run as it is."""

import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

import napari_refusion as nr
from napari_refusion.io.write import write_nifti
from napari_refusion.volume.volume import Volume
from tests.dicom_series import series, write
from tests.registration_file import item, registration, save

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/how-to/notebook.md"


def volume(modality: str = "MR", seed: int = 0) -> nr.Volume:
    data = np.random.default_rng(seed).random((3, 12, 12), dtype=np.float32)
    return nr.Volume(
        data, np.array([[0, 0, -1, 0], [0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1.0]]), modality, name=modality
    )


def test_importing_it_loads_neither_torch_nor_napari_nor_what_reads_files() -> None:
    code = (
        "import napari_refusion as nr, sys; dir(nr)\n"
        "print([name for name in ('torch', 'napari', 'monai', 'nibabel') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_pairing_and_checking_load_no_torch_for_volumes_on_one_grid() -> None:
    code = "import napari_refusion as nr, sys; nr.pair; nr.check; nr.fuse; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"


def test_what_was_read_cannot_be_changed_behind_the_hash_of_its_file(tmp_path: Path) -> None:
    write_nifti(volume(), tmp_path / "mri.nii", description="")
    read = nr.read(tmp_path / "mri.nii", "MR")
    with pytest.raises(ValueError, match="read-only"):
        read.data[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        read.affine[0, 3] = 10
    changed = read.data.copy()
    changed[0] = 0
    assert read.origin.sha256
    assert read.with_data(changed, "changed").origin.sha256 == ""


def test_a_fused_volume_cannot_be_changed_behind_its_record_and_given_arrays_stay_as_they_are() -> None:
    a, b = volume("PT"), volume("MR", seed=1)
    fused = nr.fuse(nr.pair(a, b), engine="average", device="cpu")
    with pytest.raises(ValueError, match="read-only"):
        fused.volume.data[0] = 0
    assert all(array.flags.writeable for one in (a, b) for array in (one.data, one.affine))


def test_every_word_is_there_and_another_one_is_an_attribute_error() -> None:
    assert all(callable(getattr(nr, word)) for word in nr.__all__)
    assert set(nr.__all__) <= set(dir(nr))
    with pytest.raises(AttributeError, match="no attribute 'fuze'"):
        nr.fuze  # noqa: B018


def test_the_page_about_notebooks_runs_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.S)
    assert len(blocks) == 8
    names: dict[str, object] = {"folder": tmp_path}
    for block in blocks:
        exec(block, names)
    assert {file.name for file in tmp_path.iterdir()} == {"fused.nii.gz", "fused_colour.nii.gz", "fused.json"}


def test_a_fused_volume_by_a_plain_rule_is_what_the_rule_says() -> None:
    mri, pet = volume("MR"), volume("PT", 1)
    study = nr.pair(mri, pet, windows=("0,1", "0,1"))
    fused = nr.fuse(study, engine="average")
    np.testing.assert_allclose(fused.volume.data, (mri.data + pet.data) / 2, atol=1e-6)
    assert (fused.provenance.a.name, fused.provenance.b.name) == ("PT", "MR")


def test_checking_returns_what_pairing_would_refuse_with() -> None:
    picture = nr.Volume(np.ones((1, 4, 4), np.float32), np.eye(4), is_photograph=True)
    other = nr.Volume(np.ones((1, 5, 4), np.float32), np.eye(4), is_photograph=True)
    with pytest.raises(nr.RefusedError) as caught:
        nr.pair(picture, other, task="multi_focus")
    assert nr.check(picture, other, task="multi_focus") == caught.value.findings
    assert [finding.level for finding in caught.value.findings] == ["block"]


def test_what_a_finding_forbids_is_refused_when_it_is_fused_and_not_before() -> None:
    empty = nr.Volume(np.ones((3, 12, 12), np.float32), volume().affine, "PT", name="empty.nii")
    study = nr.pair(volume(), empty)
    with pytest.raises(nr.RefusedError, match=r"empty\.nii is empty"):
        nr.fuse(study, engine="average")


@pytest.mark.parametrize(
    ("choice", "known"),
    [
        ({"axis": "across"}, "axial, coronal, sagittal"),
        ({"engine": "magic"}, "refusion, average"),
        ({"palette": "red"}, "hot_iron"),
    ],
)
def test_an_unknown_name_is_one_sentence_that_lists_the_known_ones(choice: dict[str, str], known: str) -> None:
    study = nr.pair(volume("MR"), volume("PT", 1), windows=("0,1", "0,1"))
    with pytest.raises(nr.RefusedError, match=known):
        nr.fuse(study, **({"engine": "average"} | choice))  # type: ignore[arg-type]


@pytest.mark.parametrize("windows", [((0, 8), ""), ("", None), (5, ""), None, ("",), "bone"])
def test_a_window_that_is_none_is_refused_in_words(windows: object) -> None:
    with pytest.raises(nr.RefusedError, match=r"Give (a window as text|two windows)"):
        nr.pair(volume("MR"), volume("PT", 1), windows=windows)  # type: ignore[arg-type]


@pytest.mark.parametrize("other", ["pet.nii", Path("pet.nii"), np.zeros((3, 3, 3)), None])
def test_what_was_not_read_cannot_be_paired(other: object) -> None:
    with pytest.raises(nr.RefusedError, match=r"nr\.read"):
        nr.pair(volume("MR"), other)  # type: ignore[arg-type]
    assert [one.level for one in nr.check(other, volume("MR"))] == ["block"]  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", [True, 1, ["same person"], "  "])
def test_a_reason_for_two_patients_is_words(reason: object) -> None:
    with pytest.raises(nr.RefusedError, match="Type why two patients"):
        nr.pair(volume("MR"), volume("PT", 1), two_patients=reason)  # type: ignore[arg-type]


@pytest.mark.parametrize("nothing", ["", " ", []])
def test_nothing_cannot_be_read(nothing: object) -> None:
    with pytest.raises(nr.RefusedError, match="nothing was given"):
        nr.read(nothing)  # type: ignore[arg-type]


@pytest.mark.parametrize("modality", ["PT", "CT"])
def test_a_result_comes_whole_from_another_process(modality: str) -> None:
    fused = nr.fuse(nr.pair(volume("MR"), volume(modality, 1), windows=("0,1", "0,1")), engine="average")
    again = pickle.loads(pickle.dumps(fused))
    np.testing.assert_array_equal(again.volume.data, fused.volume.data)
    assert again.record() == fused.record()
    if fused.colour is not None:
        np.testing.assert_array_equal(again.colour.data, fused.colour.data)
    assert (fused.colour is None) == (modality == "CT")


@pytest.mark.parametrize(("axis", "count"), [("axial", 3), ("coronal", 12)])
def test_progress_can_ask_how_many_slices_there_are(axis: str, count: int) -> None:
    asked: list[tuple[int, int]] = []

    def counted(steps: Any) -> Any:  # noqa: ANN401 - as tqdm
        for index, step in enumerate(steps):
            asked.append((len(steps), index))
            yield step

    nr.fuse(nr.pair(volume("PT"), volume("MR", 1)), axis=axis, engine="average", device="cpu", progress=counted)
    assert asked == [(count, index) for index in range(count)]


@pytest.mark.parametrize("progress", [print, lambda _steps: None, lambda _steps: 3])
def test_progress_that_hands_nothing_on_is_refused_in_words(progress: Callable[[Any], Any]) -> None:
    study = nr.pair(volume("MR"), volume("PT", 1), windows=("0,1", "0,1"))
    with pytest.raises(nr.RefusedError, match="Let progress hand on every step, as tqdm does"):
        nr.fuse(study, engine="average", progress=progress)


def test_a_file_that_is_there_stays_unless_it_may_be_replaced(tmp_path: Path) -> None:
    fused = nr.fuse(nr.pair(volume("MR"), volume("PT", 1), windows=("0,1", "0,1")), engine="maximum")
    target = tmp_path / "out.nii"
    assert target in nr.write(fused, target)
    with pytest.raises(nr.RefusedError, match="already exists"):
        nr.write(fused, str(target))
    nr.write(fused, target, overwrite=True)
    np.testing.assert_allclose(nr.read(target).data, fused.volume.data, atol=1e-7)


def test_a_file_that_was_fused_is_never_replaced(tmp_path: Path) -> None:
    paths = tmp_path / "pet.nii.gz", tmp_path / "mri.nii.gz"
    for path, seed in zip(paths, (0, 1), strict=True):
        write_nifti(volume("MR", seed), path, description="")
    before = [path.read_bytes() for path in paths]
    fused = nr.fuse(nr.pair(nr.read(paths[0], "PT"), nr.read(paths[1], "MR")), engine="average")
    for path in paths:
        with pytest.raises(nr.RefusedError, match="one of the sources"):
            nr.write(fused, path, overwrite=True)
    assert [path.read_bytes() for path in paths] == before


@pytest.mark.parametrize("choice", [3, -1, "3", "x", 1.0, True])
def test_only_a_volume_that_is_there_can_be_chosen_of_a_nifti_file(tmp_path: Path, choice: object) -> None:
    path = tmp_path / "four.nii"
    nibabel.Nifti1Image(np.ones((4, 4, 4, 3), np.float32), np.eye(4)).to_filename(path)
    with pytest.raises(nr.RefusedError, match=rf"Choose a volume from 0 to 2.*, not {choice!r}"):
        nr.read(path, "MR", volume=choice)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", ["4", 4, " 4 "])
def test_a_series_is_chosen_by_its_number_also_where_it_is_no_text(tmp_path: Path, number: str | int) -> None:
    write(tmp_path / "both", [*series("MR", 3), *series("CT", 4)])
    assert nr.read(tmp_path / "both", series=number).modality == "CT"


def test_what_a_notebook_shows_of_a_study_holds_no_voxels() -> None:
    study = nr.pair(volume("MR"), volume("PT", 1), windows=("0,1", "0,1"))
    shown = repr((study, nr.fuse(study, engine="average")))
    assert "name='PT'" in shown
    assert "[[[" not in shown


def test_a_registration_file_lays_one_volume_on_the_other(tmp_path: Path) -> None:
    images = series("CT", 3), series("PT", 4)
    ct, pet = (nr.read(write(tmp_path / one[0].Modality, one)) for one in images)
    shift = np.eye(4)
    shift[:3, 3] = (3, 2, 4)  # one voxel along each axis
    spaces = [one[0].FrameOfReferenceUID for one in images]
    study = nr.pair(pet, ct, moves=save(tmp_path / "reg.dcm", registration(spaces[0], item(spaces[1], shift))))
    # LPS of the file, RAS of the move; to the head, the back, the left: indices of (I, P, L) fall, rise, rise
    assert np.array(study.a.move.matrix)[:3, 3] == pytest.approx([-3, -2, 4])
    assert study.a.volume.data[:-1, 1:, 1:] == pytest.approx(pet.data[1:, :-1, :-1])


@pytest.mark.parametrize("word", [nr.fuse, lambda wrong: nr.write(wrong, "f.nii")])
@pytest.mark.parametrize("wrong", ["f.nii", None, Volume(np.zeros((2, 3, 4), np.float32), np.eye(4))])
def test_what_is_no_study_or_no_fused_volume_is_refused_with_the_word_that_makes_one(
    word: Callable[[Any], Any], wrong: object
) -> None:
    with pytest.raises(nr.RefusedError, match=r"first, with nr\.(pair|fuse)"):
        word(wrong)


ODD = [None, 5, 2.5, True, b"x", object(), [None], ["a", None], (1, 2, 3), np.zeros(3), float("nan"), Path]
"""What a notebook may hand over by mistake."""


@pytest.mark.parametrize("odd", ODD, ids=lambda one: type(one).__name__)
def test_what_is_no_path_is_refused_in_words(odd: object) -> None:
    fused = nr.fuse(nr.pair(volume("MR"), volume("PT", 1), windows=("0,1", "0,1")), engine="average")
    with pytest.raises(nr.RefusedError, match="Name a file or a folder"):
        nr.read(odd)  # type: ignore[arg-type]
    with pytest.raises(nr.RefusedError, match="Name a file or a folder"):
        nr.write(fused, odd)  # type: ignore[arg-type]


@pytest.mark.parametrize("odd", [*ODD, (), [None, None, None]], ids=lambda one: type(one).__name__)
def test_moves_that_are_none_are_refused_in_words(odd: object) -> None:
    with pytest.raises(nr.RefusedError, match="Give two moves"):
        nr.pair(volume("MR"), volume("PT", 1), moves=odd)  # type: ignore[arg-type]


@pytest.mark.parametrize("odd", [odd for odd in ODD if odd is not None], ids=lambda one: type(one).__name__)
def test_names_that_are_no_text_are_refused_in_words(tmp_path: Path, odd: object) -> None:
    read, other = volume("MR"), volume("PT", 1)
    write_nifti(read, tmp_path / "a.nii")
    study = nr.pair(read, other, windows=("0,1", "0,1"))
    for call in (
        *(lambda key=key: nr.read(tmp_path / "a.nii", **{key: odd}) for key in ("modality", "series")),
        *(lambda key=key: nr.pair(read, other, **{key: odd}) for key in ("task", "reference", "windows")),
        *(lambda key=key: nr.fuse(study, **{"engine": "average", key: odd}) for key in ("axis", "engine", "palette")),
    ):
        with pytest.raises(nr.RefusedError):
            call()
