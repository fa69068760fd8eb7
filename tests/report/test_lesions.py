"""The reader's lesions in a report: what is measured, what is hidden, and where they lie in the pictures."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.run import describe_run
from napari_refusion.record.store import Store
from napari_refusion.report import lesions as report_lesions
from napari_refusion.report.lesion_pictures import FIELD, around, lesion_panel, middle_slice, projection
from napari_refusion.report.lesions import LesionPicture, LesionSection, lesion_section, with_lesion_pictures
from napari_refusion.report.marks import LESION
from napari_refusion.report.page import report_html
from napari_refusion.report.pictures import CELL
from napari_refusion.session.lesions.session import LesionSession
from napari_refusion.session.review import ReviewSession
from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume
from tests.lesion.uptake import blob, pet, place
from tests.reported import SCRIPT, case_content

HOT = place((12, 12, 12))


class Keeping:
    """An engine that shows a part of source a and nothing of source b."""

    def __init__(self, share: float) -> None:
        self.share = share

    def fuse(self, a: np.ndarray, _b: np.ndarray) -> np.ndarray:
        return np.float32(self.share) * a


def partial_of(share: float) -> PartialFusion:
    source = pet(blob())
    mri = Volume(np.random.default_rng(3).random(source.shape, dtype=np.float32), source.affine, "MR", name="Jane Doe")
    partial = new_partial(pair(source, mri, windows=(Window(0, 10), Window(0, 1))), "axial", "w" * 64)
    for index in range(len(partial.done)):
        partial.put(index, np.float32(share) * source.data[index] / 10)
    return partial


def section_of(tmp_path: Path, share: float, *, pictures: bool = False) -> LesionSection:
    """Return the section of a case with a lesion on the PET and one on the MRI."""
    project, partial = open_project(tmp_path / "project"), partial_of(share)
    with Store.open(project.folder, "R1") as store:
        review = ReviewSession(store, project, describe_run(partial), partial)
        lesions = LesionSession()
        lesions.show_pair(partial)
        lesions.open_review(review)
        lesions.add_at(HOT)
        lesions.add_at(HOT, "sphere", 20.0, source=1)
        lesions.shares.compute(Keeping(share))  # type: ignore[arg-type]
        section = lesion_section(review)
        return with_lesion_pictures(section, review, tuple(review.review.lesions)) if pictures else section


def test_each_source_has_a_table_with_what_is_measured_in_it(tmp_path: Path) -> None:
    section = section_of(tmp_path, 0.5)
    (first, on_pet), (second, on_mri) = section.tables
    assert (first, second) == ("PET", "MRI")
    row = dict(zip(*on_pet, strict=True))
    assert (row["No."], row["SUVmax (SUVbw)"], row["Shown (%)"]) == ("1", "10", "50")
    assert "TLG (SUVbw ml)" in row
    assert "Peak (a.u.)" not in on_mri[0]
    assert on_mri[1][-1] == "not judged"
    assert (section.hidden, section.stale) == ("", ())


def test_what_the_fused_image_hides_stands_in_red(tmp_path: Path) -> None:
    section = section_of(tmp_path, 0.1)
    assert section.hidden == "the fused image hides 1 lesion: 1 (10 %)"
    html = report_html(case_content(lesions=section))
    assert '<p class="failed">Read these in the source: the fused image hides 1 lesion: 1 (10 %).</p>' in html


def test_each_lesion_has_a_picture_and_all_of_them_are_numbered_on_one_projection(tmp_path: Path) -> None:
    section = section_of(tmp_path, 0.5, pictures=True)
    assert [one.title for one in section.pictures] == ["1. Lesion 1", "2. Lesion 2"]
    assert section.projection
    html = report_html(case_content(lesions=section))
    assert html.count("data:image/png;base64,") - report_html(case_content()).count("data:image/png;base64,") == 3


def test_many_lesions_are_left_out_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_lesions, "MOST", 1)
    section = section_of(tmp_path, 0.5, pictures=True)
    assert (len(section.pictures), section.left_out) == (1, 1)
    assert "<b>1 more</b> would belong here and is left out" in report_html(case_content(lesions=section))


def test_what_was_typed_of_a_lesion_is_text_and_nothing_else(tmp_path: Path) -> None:
    section = section_of(tmp_path, 0.5, pictures=True)
    typed = replace(section, pictures=(LesionPicture(SCRIPT, SCRIPT, section.projection),), stale=(SCRIPT,))
    assert SCRIPT not in report_html(case_content(lesions=typed))


def test_without_lesions_the_report_says_so() -> None:
    assert "The reader drew none." in report_html(case_content())


def cyan(png: bytes) -> np.ndarray:
    """Return the pixels, (n, 2) rows and columns, that have exactly the colour of outlines."""
    return np.argwhere((np.asarray(Image.open(BytesIO(png))) == LESION).all(axis=2))


def test_the_outline_lies_around_the_lesion_in_all_three_images() -> None:
    partial = partial_of(0.5)
    mask = np.zeros(partial.fused.shape, bool)
    mask[11:14, 10:15, 8:12] = True
    found = cyan(lesion_panel(partial, mask, "Lesion 1"))
    for which in range(3):
        left = which * (CELL + 6)
        own = found[(found[:, 1] >= left) & (found[:, 1] < left + CELL)]
        rows, columns = own.max(axis=0) - own.min(axis=0) + 1
        pixel = (CELL - 36) / 24  # all 24 voxels are within the field of 160 mm
        assert rows == pytest.approx(5 * pixel, abs=3)
        assert columns == pytest.approx(4 * pixel, abs=3)
        assert own[:, 1].mean() - left == pytest.approx(18 + 10 * pixel, abs=2)


def test_the_middle_slice_is_one_that_the_lesion_is_in() -> None:
    ring = np.zeros((9, 5, 5), bool)
    ring[[1, 2, 7]] = True
    assert middle_slice(ring, "axial") == 2
    assert middle_slice(ring, "coronal") == 2


def test_the_field_stays_within_the_slice_and_holds_a_large_lesion() -> None:
    plane = np.zeros((400, 300), bool)
    plane[2:6, 290:299] = True
    rows, columns = around(plane, 1.0, 1.0)
    assert (rows.start, columns.stop) == (0, 300)
    assert rows.stop - rows.start == FIELD + 1
    plane[:] = True
    assert around(plane, 1.0, 1.0) == (slice(0, 400), slice(0, 300))


def test_the_projection_is_the_maximum_from_front_to_back_seen_from_the_front() -> None:
    data = np.zeros((40, 10, 20))
    data[4, 3, 15] = 10.0  # near the head, on the patient's left
    volume = pet(data, (4.0, 4.0, 4.0))
    image = np.asarray(Image.open(BytesIO(projection(volume, Window(0, 10), {}))))[..., 0].astype(int)
    pixel = 640 / 40
    row, column = round(18 + 4.5 * pixel), round(18 + 15.5 * pixel)
    assert image[row, column] < 30
    assert image[row, round(18 + 4.5 * pixel)] == 255
    marked = np.asarray(Image.open(BytesIO(projection(volume, Window(0, 10), {7: place((4, 3, 15))}))))
    changed = np.argwhere(marked[..., 0].astype(int) != image)
    assert np.abs(changed.mean(axis=0) - (row, column)).max() < 15


def test_values_that_are_not_finite_are_projected_as_nothing() -> None:
    data = np.full((8, 8, 8), np.nan)
    data[2, 2, 2] = 5.0
    volume = pet(data)
    image = np.asarray(Image.open(BytesIO(projection(volume, Window(0, 10), {}))))
    assert image[18 + 600, 18 + 600].tolist() == [255, 255, 255]
