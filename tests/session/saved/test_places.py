"""Where the sources of a session are looked for."""

import shutil
from pathlib import Path

from napari_refusion.session.saved.layer import Place
from napari_refusion.session.saved.places import candidates, place_of, place_of_files, title_of
from napari_refusion.volume.origin import Origin


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_a_source_is_noted_by_its_folder_and_the_way_to_it(tmp_path: Path) -> None:
    mri = touch(tmp_path / "data" / "sub-01" / "mri.nii.gz")
    place = place_of(Origin(paths=(mri,), opened=mri), tmp_path / "sessions" / "monday")
    assert place == Place(str(mri.parent), "../../data/sub-01", ("mri.nii.gz",))
    assert place_of(Origin(), tmp_path) is None


def test_several_files_share_the_folder_above_all_of_them(tmp_path: Path) -> None:
    files = [touch(tmp_path / "study" / one) for one in ("a/1.dcm", "b/2.dcm")]
    place = place_of_files(files, tmp_path / "session")
    assert (place.folder, place.names) == (str(tmp_path / "study"), ("a/1.dcm", "b/2.dcm"))
    assert title_of(place) == "1.dcm and 1 more"


def test_a_folder_is_opened_as_a_whole(tmp_path: Path) -> None:
    series = touch(tmp_path / "ct" / "1.dcm").parent
    place = place_of(Origin(paths=(series / "1.dcm",), opened=series), tmp_path / "session")
    assert place is not None
    assert list(candidates(place, tmp_path / "session")) == [(series,)]


def test_what_went_along_with_the_session_comes_first(tmp_path: Path) -> None:
    old = touch(tmp_path / "one" / "data" / "mri.nii.gz")
    place = place_of_files([old], tmp_path / "one" / "session")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    found = list(candidates(place, tmp_path / "two" / "session"))
    assert found == [(tmp_path / "two" / "data" / "mri.nii.gz",), (old,)]


def test_a_source_is_found_in_the_session_beside_it_and_below_a_chosen_folder(tmp_path: Path) -> None:
    gone = Place(str(tmp_path / "gone"), "../gone", ("mri.nii.gz",))
    session = tmp_path / "work" / "session"
    session.mkdir(parents=True)
    assert list(candidates(gone, session)) == []
    inside, beside = touch(session / "mri.nii.gz"), touch(tmp_path / "work" / "mri.nii.gz")
    deep = touch(tmp_path / "archive" / "2026" / "sub" / "mri.nii.gz")
    assert list(candidates(gone, session)) == [(inside,), (beside,)]
    assert list(candidates(gone, session, [tmp_path / "archive"])) == [(inside,), (beside,), (deep,)]


def test_the_source_s_own_folder_may_be_chosen(tmp_path: Path) -> None:
    series = touch(tmp_path / "archive" / "ct" / "1.dcm").parent
    gone = Place(str(tmp_path / "gone"), "", ("ct",))
    assert list(candidates(gone, tmp_path / "session", [series])) == [(series,)]


def test_names_that_no_system_takes_are_nowhere(tmp_path: Path) -> None:
    for name in ("x" * 5000, "a/" * 2000, "\0"):
        assert list(candidates(Place("/nowhere", "", (name,)), tmp_path)) == []
