"""One door: folders, files, lists of files, DICOMDIR and zip archives, each file opened as rarely as can be."""

import builtins
import io
import shutil
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.fileset import FileSet

from napari_refusion.io.dicom.files import files_at
from napari_refusion.io.listing import list_path
from napari_refusion.io.open import open_volume, open_volumes
from napari_refusion.io.reserved_names import is_reserved
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests import dicom_series as phantom


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return phantom.write(tmp_path / "series", phantom.series())


def warned(volume: Volume) -> str:
    return " ".join(finding.sentence for finding in volume.findings if finding.level == "warn")


def test_the_files_of_a_series_given_one_by_one_are_one_volume(folder: Path) -> None:
    files = sorted(folder.iterdir())
    volume = open_volume(files)
    phantom.assert_truth(volume)
    assert set(volume.origin.paths) == set(files)
    phantom.assert_truth(open_volume(files[::-1]))
    phantom.assert_truth(open_volume([*files, files[0]]))


def test_files_of_another_format_are_not_opened_together(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_bytes(b"nothing")
    with pytest.raises(RefusedError, match="one by one"):
        open_volume([tmp_path / "a.nii", *folder.iterdir()])
    with pytest.raises(RefusedError, match="nothing was given"):
        open_volume([])


def medium(folder: Path, target: Path) -> Path:
    files = FileSet()
    for path in sorted(folder.iterdir()):
        image = dcmread(path)
        image.StudyDate, image.StudyTime, image.StudyID, image.AccessionNumber = "20200101", "120000", "1", ""
        files.add(image)
    files.write(target)
    return target / "DICOMDIR"


def test_a_dicomdir_stands_for_the_files_that_it_lists(folder: Path, tmp_path: Path) -> None:
    record = medium(folder, tmp_path / "cd")
    (tmp_path / "cd" / "more.dcm").write_bytes((folder / phantom.name_of(0)).read_bytes())
    phantom.assert_truth(open_volume(record))
    phantom.assert_truth(open_volume(tmp_path / "cd"))


def test_a_dicomdir_of_a_disc_copied_in_small_letters_is_followed(folder: Path, tmp_path: Path) -> None:
    record = medium(folder, tmp_path / "cd")
    for path in sorted((tmp_path / "cd").rglob("*"), reverse=True):
        if path != record:
            path.rename(path.with_name(path.name.lower()))
    phantom.assert_truth(open_volume(record))


def test_files_that_a_dicomdir_lists_and_are_not_there_are_named(folder: Path, tmp_path: Path) -> None:
    record = medium(folder, tmp_path / "cd")
    files = files_at(record).paths
    ends = [path for path in files if path.read_bytes() == (folder / phantom.name_of(7)).read_bytes()]
    (ends or list(files[-1:]))[0].unlink()
    assert len(files_at(record).missing) == 1
    volume = open_volume(record)
    assert files_at(record).missing[0].rpartition("/")[2] in warned(volume)
    for path in files_at(record).paths:
        path.unlink()
    with pytest.raises(RefusedError, match="copy the whole disc"):
        open_volume(record)


def test_a_damaged_dicomdir_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes(bytes(128) + b"DICM" + b"rubbish" * 20)
    with pytest.raises(RefusedError, match="open the folder"):
        open_volume(tmp_path / "DICOMDIR")


def zipped(folder: Path, target: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, prefix + path.name)
    return target


@pytest.mark.parametrize("prefix", ["", "study/series 1/", "../../", "/etc/", "C:\\"])
def test_a_zip_archive_is_read_and_nothing_is_written_beside_it(folder: Path, tmp_path: Path, prefix: str) -> None:
    archive = zipped(folder, tmp_path / "a.zip", prefix)
    before = sorted(tmp_path.rglob("*"))
    volume = open_volume(archive)
    phantom.assert_truth(volume)
    assert volume.origin.opened == archive
    assert sorted(tmp_path.rglob("*")) == before
    assert all(path.is_file() for path in volume.origin.paths)
    assert not any(path.is_relative_to(tmp_path) for path in volume.origin.paths)


def test_an_archive_is_known_whatever_the_case_of_its_ending(folder: Path, tmp_path: Path) -> None:
    phantom.assert_truth(open_volume(zipped(folder, tmp_path / "A.ZIP")))


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("IM/{0}.dcm", "im/{0}.DCM"), id="capitals"),
        pytest.param(("M\u00fcller/{0}", "Mu\u0308ller/{0}"), id="umlauts in two codings"),
        pytest.param((f"{'a' * 100}{{0}}1", f"{'a' * 100}{{0}}2"), id="long names that begin alike"),
        pytest.param(("a:{0}", "a?{0}"), id="characters that Windows refuses"),
    ],
)
def test_no_file_of_a_zip_archive_is_written_over_another_one_on_any_disk(
    folder: Path, tmp_path: Path, names: tuple[str, str]
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number, path in enumerate(sorted(folder.iterdir())):
            archive.write(path, names[number % 2].format(number // 2))
    phantom.assert_truth(open_volume(tmp_path / "a.zip"))
    found = files_at(tmp_path / "a.zip").paths
    assert len({unicodedata.normalize("NFC", str(path)).casefold() for path in found}) == len(list(folder.iterdir()))


@pytest.mark.parametrize(
    "name", ["T1 *", "ADC <10^-6>", 'a"b"', "a|b", "CON", "nul.dcm", "COM1", "SERIES 1 ", "v1.", "a\tb", "?"]
)
def test_a_zip_archive_with_a_name_that_windows_refuses_is_unpacked_under_another_one(
    folder: Path, tmp_path: Path, name: str
) -> None:
    archive = zipped(folder, tmp_path / "a.zip", f"{name}/")
    phantom.assert_truth(open_volume(archive))
    for path in files_at(archive).paths:
        part = path.parent.name
        assert not set(part) & set('<>:"|?*\t')
        assert part == part.rstrip(" .")
        assert not is_reserved(part)


def test_of_a_file_that_was_put_into_a_zip_archive_twice_the_last_one_counts(folder: Path, tmp_path: Path) -> None:
    first, *_ = sorted(folder.iterdir())
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(first.name, b"an earlier one")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.write(first, first.name)
        for path in sorted(folder.iterdir())[1:]:
            archive.write(path, path.name)
    phantom.assert_truth(open_volume(tmp_path / "a.zip"))
    assert len(files_at(tmp_path / "a.zip").paths) == len(list(folder.iterdir()))


def test_a_broken_or_empty_zip_archive_is_refused(folder: Path, tmp_path: Path) -> None:
    archive = zipped(folder, tmp_path / "a.zip")
    content = bytearray(archive.read_bytes())
    (tmp_path / "cut.zip").write_bytes(content[: len(content) // 2])
    content[300:330] = bytes(30)
    (tmp_path / "damaged.zip").write_bytes(content)
    zipfile.ZipFile(tmp_path / "empty.zip", "w").close()
    for name in ("cut.zip", "empty.zip"):
        with pytest.raises(RefusedError, match=name):
            open_volume(tmp_path / name)
    with pytest.raises(RefusedError):
        open_volume(tmp_path / "damaged.zip")


def test_an_archive_that_is_too_large_is_refused_before_it_fills_the_disk(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_refusion.io.dicom.zipped.MOST_BYTES", 500)
    with pytest.raises(RefusedError, match="unpack the examination"):
        open_volume(zipped(folder, tmp_path / "large.zip"))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file is opened, by whatever way."""
    counts: Counter[str] = Counter()
    real = io.open

    def counting(file: Any, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 - as open
        counts[Path(file).name if isinstance(file, str | Path) else ""] += 1
        return real(file, *rest, **more)

    monkeypatch.setattr(io, "open", counting)
    monkeypatch.setattr(builtins, "open", counting)
    return counts


def test_each_file_of_a_folder_is_opened_once_for_its_header_and_once_for_its_pixels(
    folder: Path, opened: Counter[str]
) -> None:
    open_volume(folder)
    assert {opened[path.name] for path in folder.iterdir()} == {2}


@pytest.mark.parametrize("ending", ["", ".dcm"])
def test_files_that_are_given_one_by_one_are_opened_no_more_often(
    folder: Path, opened: Counter[str], ending: str
) -> None:
    files = [path.rename(path.with_name(path.name + ending)) for path in sorted(folder.iterdir())]
    opened.clear()
    list_path(files)
    phantom.assert_truth(open_volume(files))
    assert {opened[path.name] for path in files} == {2}


def test_listing_and_then_reading_every_series_opens_no_file_more_often(folder: Path, opened: Counter[str]) -> None:
    phantom.write(folder, phantom.series("CT", number=9), prefix="CT")
    opened.clear()
    for one in list_path(folder):
        open_volumes(folder, series=one.uid)
    assert max(opened[path.name] for path in folder.iterdir()) == 2


def test_a_folder_that_was_changed_is_scanned_again(folder: Path) -> None:
    phantom.assert_truth(open_volume(folder))
    (folder / phantom.name_of(7)).unlink()
    assert open_volume(folder).shape == (7, 12, 10)
    shutil.rmtree(folder)
    with pytest.raises(RefusedError, match="does not exist"):
        open_volume(folder)


def test_an_archive_in_a_folder_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    zipped(folder, tmp_path / "mail" / "exam.zip")
    (tmp_path / "mail" / "readme.txt").write_text("see the archive")
    for where in (tmp_path / "mail", zipped(tmp_path / "mail", tmp_path / "twice.zip")):
        with pytest.raises(RefusedError, match=r"exam\.zip: open that archive") as caught:
            open_volume(where)
        assert len(caught.value.findings) == 1


@pytest.mark.parametrize("name", ["exam.tar", "exam.tar.gz", "IM0001.dcm.gz", "exam.7z", "exam.RAR"])
def test_packed_files_are_to_be_unpacked(folder: Path, tmp_path: Path, name: str) -> None:
    there = tmp_path / "mail"
    there.mkdir()
    (there / name).write_bytes((folder / phantom.name_of(0)).read_bytes()[1:])
    for path, words in ((there, rf"{name}: unpack it and open its folder"), (there / name, "^Unpack it, for")):
        with pytest.raises(RefusedError, match=words):
            open_volume(path)


@pytest.mark.parametrize("names", [["a.nii.gz"], ["ct.nrrd", "pet.nrrd", "notes.txt"]])
def test_a_folder_of_files_of_another_format_says_to_open_them_by_themselves(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"nothing")
    with pytest.raises(RefusedError, match=f"no DICOM images, but {names[0]}.*open such a file by itself"):
        open_volume(tmp_path)
