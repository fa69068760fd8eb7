"""Segmentations that this program did not write: made with highdicom, then changed as other programs write them."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import highdicom
import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.sr.codedict import codes
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from napari_refusion.io.overlays.overlay import Overlay
from napari_refusion.io.overlays.read import read_overlay
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests.dicom_series import COLUMNS, ROWS, SLICES
from tests.drawn_sources import LIES, images_of, opened
from tests.structure_sets import saved

CHANCE = np.random.default_rng(5)
MASKS = np.stack([CHANCE.uniform(size=(SLICES, ROWS, COLUMNS)) < share for share in (0.1, 0.5)], axis=-1)
MASKS[3] = False
"""(slice, row, column, segment) in the order of the images; no voxel in one slice."""


def described(number: int, name: str, colour: tuple[int, int, int] | None = None) -> Dataset:
    return highdicom.seg.SegmentDescription(
        number,
        name,
        codes.SCT.Organ,
        codes.SCT.Liver,
        "MANUAL",
        display_color=None if colour is None else highdicom.color.CIELabColor.from_rgb(*colour),
    )


def complete(images: list[Dataset]) -> list[Dataset]:
    for image in images:
        for keyword in ("AccessionNumber", "StudyID", "StudyDate", "StudyTime", "ReferringPhysicianName"):
            setattr(image, keyword, "")
    return images


def segmentation(
    images: list[Dataset], masks: np.ndarray = MASKS, kind: str = "BINARY", syntax: str = ExplicitVRLittleEndian
) -> Dataset:
    names = [described(1, "Liver", (255, 0, 0)), described(2, "Spleen")][: masks.shape[-1]]
    made = highdicom.seg.Segmentation(
        complete(images),
        masks,
        kind,
        names,
        series_instance_uid=generate_uid(),
        series_number=9,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer="another",
        manufacturer_model_name="another",
        software_versions="1",
        device_serial_number="1",
        transfer_syntax_uid=syntax,
    )
    return made


def expected(images: list[Dataset], source: Volume, mask: np.ndarray) -> np.ndarray:
    """A mask in the order of the images, on the grid of the source, through the places in the patient."""
    whole = np.zeros(source.shape, bool)
    for image, plane in zip(images, mask, strict=True):
        row, column = np.reshape(np.array(image.ImageOrientationPatient, float), (2, 3))
        for r, c in np.argwhere(plane):
            place = np.array(image.ImagePositionPatient, float) + c * 3.0 * row + r * 2.0 * column
            whole[source.grid.voxel_at(source.grid.index_at(place * (-1, -1, 1)))] = True
    return whole


def shuffled(made: Dataset) -> Dataset:
    """Bring the frames into another order."""
    order = np.random.default_rng(2).permutation(int(made.NumberOfFrames))
    pixels = made.pixel_array
    made.PerFrameFunctionalGroupsSequence = [made.PerFrameFunctionalGroupsSequence[int(one)] for one in order]
    bits = np.packbits(pixels[order].ravel(), bitorder="little").tobytes()
    made.PixelData = bits + b"\0" * (len(bits) % 2)
    return made


def without_spacing(made: Dataset) -> Dataset:
    """Take out what says how far the planes are apart."""
    measures = made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    for keyword in ("SpacingBetweenSlices", "SliceThickness"):
        if keyword in measures:
            delattr(measures, keyword)
    return made


def words(overlay: Overlay) -> str:
    return " ".join(f"{one.level}: {one.sentence} [{one.value}]" for one in overlay.findings)


@pytest.mark.parametrize("lies", LIES)
@pytest.mark.parametrize("change", [None, shuffled, without_spacing], ids=["plain", "shuffled", "no spacing"])
def test_overlapping_segments_come_apart_on_the_grid_of_their_source(
    lies: str, change: Callable[[Dataset], Dataset] | None, tmp_path: Path
) -> None:
    images = images_of(lies)
    source = opened(tmp_path, images)
    made = segmentation(images)
    overlay = read_overlay(saved(tmp_path, change(made) if change else made), source)
    assert [one.name for one in overlay.segments] == ["Liver", "Spleen"]
    for number, one in enumerate(overlay.segments):
        assert one.voi.grid.matches(source.grid)
        np.testing.assert_array_equal(one.voi.whole(), expected(images, source, MASKS[..., number]))
    assert overlay.findings == ()
    np.testing.assert_allclose(overlay.segments[0].colour or (), (1, 0, 0), atol=0.01)
    assert overlay.segments[1].colour is None


COMPRESSED = {"RLE": RLELossless, "JPEG-LS": JPEGLSLossless}


@pytest.mark.parametrize(
    "syntax",
    [*COMPRESSED.values(), DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian],
    ids=[*COMPRESSED, "deflated", "big endian"],
)
@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_every_kind_of_segmentation_is_read(kind: str, syntax: str, tmp_path: Path) -> None:
    if kind == "BINARY" and syntax in COMPRESSED.values():
        pytest.skip("the standard has no such thing")
    images, masks = images_of(), MASKS.copy()
    source = opened(tmp_path, images)
    if kind == "LABELMAP":
        masks[..., 1] &= ~masks[..., 0]
    values = masks.astype(np.float32) * 0.6 + 0.1 if kind == "FRACTIONAL" else masks
    made = segmentation(images, values, kind)
    path = tmp_path / "seg.dcm"
    if syntax == DeflatedExplicitVRLittleEndian:
        made.file_meta.TransferSyntaxUID = syntax
    elif syntax == ExplicitVRBigEndian:
        made.add_new(0x7FE00010, "OW", np.frombuffer(made.PixelData, "<u2").astype(">u2").tobytes())
        made.file_meta.TransferSyntaxUID = syntax
    else:
        made.compress(syntax, generate_instance_uid=False)
    made.save_as(path)
    overlay = read_overlay(path, source)
    assert len(overlay.segments) == 2
    for number, one in enumerate(overlay.segments):
        np.testing.assert_array_equal(one.voi.whole(), expected(images, source, masks[..., number]))
    assert ("voxels from 127.5 of 255 on are in" in words(overlay)) is (kind == "FRACTIONAL")


def test_a_segmentation_of_another_grid_in_the_same_frame_of_reference_keeps_its_own(tmp_path: Path) -> None:
    """Drawn on an MRI whose voxels are half as wide."""
    images = images_of(modality="MR")
    for image in images:
        image.PixelSpacing = [1.0, 1.5]
    pet = images_of()
    for image in pet:
        image.FrameOfReferenceUID = images[0].FrameOfReferenceUID
    source = opened(tmp_path, pet)
    overlay = read_overlay(saved(tmp_path, segmentation(images)), source)
    grid = overlay.segments[0].voi.grid
    assert grid.spacing == pytest.approx((4.0, 1.0, 1.5))
    own = Volume(np.zeros(grid.shape, np.float32), grid.affine)
    counts = [int(MASKS[..., number].sum()) for number in range(2)]
    assert [one.voi.count for one in overlay.segments] == counts
    assert own.grid.matches(grid)
    assert "ok: regions.dcm was drawn on another grid (4 x 1 x 1.5 mm)" in words(overlay)
    assert "did not move in between" in words(overlay)


def test_every_third_slice_alone_is_not_taken_for_a_finer_stack(tmp_path: Path) -> None:
    """Planes 8 mm apart by the header stay 8 mm apart on a source with slices 4 mm apart."""
    images = images_of()
    source = opened(tmp_path, images)
    made = segmentation(images[::2], MASKS[::2])
    measures = made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    measures.SpacingBetweenSlices = measures.SliceThickness = 8.0
    overlay = read_overlay(saved(tmp_path, made), source)
    assert overlay.segments[0].voi.grid.spacing == pytest.approx((8.0, 2.0, 3.0))


def test_an_empty_segment_is_left_out_by_name(tmp_path: Path) -> None:
    images, masks = images_of(), MASKS.copy()
    masks[..., 0] = False
    overlay = read_overlay(saved(tmp_path, segmentation(images, masks)), opened(tmp_path, images))
    assert [one.name for one in overlay.segments] == ["Spleen"]
    assert "left out Liver, for no voxel lies in them. [1 left out]" in words(overlay)


def test_compressed_frames_that_declare_more_pixels_than_the_header_are_refused(tmp_path: Path) -> None:
    images = images_of()
    made = segmentation(images, MASKS.astype(np.float32), "FRACTIONAL")
    made.compress(JPEGLSLossless, generate_instance_uid=False)
    rows, columns = (size.to_bytes(2, "big") for size in (ROWS, COLUMNS))
    # SOF55 of JPEG-LS (ITU-T T.87, C.2.2): marker, length 11, 8 bits, lines, samples per line
    head = b"\xff\xf7\x00\x0b\x08"
    assert head + rows + columns in made.PixelData
    made.PixelData = made.PixelData.replace(head + rows + columns, head + b"\xff\xf0\xff\xf0")
    made.save_as(tmp_path / "seg.dcm")
    with pytest.raises(RefusedError, match="declare"):
        read_overlay(tmp_path / "seg.dcm", opened(tmp_path, images))


def refused(folder: Path, change: Callable[[Dataset], None], source: Volume, images: list[Dataset]) -> str:
    made = segmentation(deepcopy(images))  # highdicom shares elements with the images
    change(made)
    with pytest.raises(RefusedError) as caught:
        read_overlay(saved(folder, made), source)
    return str(caught.value)


def test_damaged_and_foreign_segmentations_are_refused_in_a_sentence(tmp_path: Path) -> None:
    images = images_of()
    source = opened(tmp_path, images)

    def number(made: Dataset, **values: object) -> None:
        for keyword, value in values.items():
            setattr(made, keyword, value)

    def nothing_said_of_frames(made: Dataset) -> None:
        made.PerFrameFunctionalGroupsSequence = made.PerFrameFunctionalGroupsSequence[:3]

    def no_place(made: Dataset) -> None:
        del made.PerFrameFunctionalGroupsSequence[2].PlanePositionSequence

    def askew(made: Dataset) -> None:
        made.PerFrameFunctionalGroupsSequence[2].PlanePositionSequence[0].ImagePositionPatient = [-14, -40, 21.3]

    def far_away(made: Dataset) -> None:
        made.PerFrameFunctionalGroupsSequence[2].PlanePositionSequence[0].ImagePositionPatient = [-15, -40, 4e9]

    def undescribed(made: Dataset) -> None:
        made.SegmentSequence = made.SegmentSequence[:1]

    def twice(made: Dataset) -> None:
        made.SegmentSequence[1].SegmentNumber = 1

    for change, told in (
        (lambda made: number(made, PatientID="SOMEBODY"), "Choose this patient's overlay"),
        (lambda made: number(made, FrameOfReferenceUID="2.25.9"), "frame of reference"),
        (lambda made: number(made, TotalPixelMatrixRows=9), "microscope"),
        (lambda made: number(made, NumberOfFrames=19_999), "frames"),
        (lambda made: number(made, Rows=65_000, Columns=65_000), "which no scan has"),
        (lambda made: number(made, PixelData=b"\0\0"), "ends before its last frame"),
        (lambda made: number(made, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.34"), "another DICOM object"),
        (nothing_said_of_frames, "3 of"),
        (no_place, "ImagePositionPatient"),
        (askew, "planes at no even distance"),
        (far_away, "which no scan has"),
        (undescribed, "segment 2 that it does not describe"),
        (twice, "have the number 1"),
    ):
        assert told in refused(tmp_path, change, source, images)


def test_a_slide_of_a_microscope_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    source = opened(tmp_path, images_of())
    for path, told in ((tmp_path, "is a folder"), (tmp_path / "none.dcm", "does not exist")):
        with pytest.raises(RefusedError, match=told):
            read_overlay(path, source)


def test_a_source_without_a_frame_of_reference_is_warned_of(tmp_path: Path) -> None:
    """Unless its voxels are the segmentation's own."""
    images = images_of()
    fine = deepcopy(images)
    for image in fine:
        image.PixelSpacing = [1.0, 1.5]
    made = segmentation(fine), segmentation(deepcopy(images))
    for image in images:
        del image.FrameOfReferenceUID
    source = opened(tmp_path, images)
    other, own = (words(read_overlay(saved(tmp_path, one), source)) for one in made)
    assert "names no frame of reference" in other
    assert own == ""


def test_regions_where_the_source_has_no_voxels_are_warned_of(tmp_path: Path) -> None:
    images = images_of()
    source = opened(tmp_path, images)
    for image in images:
        image.ImagePositionPatient = [-15, -40, float(image.ImagePositionPatient[2]) + 500]
    overlay = read_overlay(saved(tmp_path, segmentation(images)), source)
    assert "lie(s) outside of its voxels" in words(overlay)


def test_every_file_that_ends_early_is_read_or_refused(tmp_path: Path) -> None:
    images = images_of()
    source = opened(tmp_path, images)
    content = saved(tmp_path, segmentation(images)).read_bytes()
    for length in range(0, len(content), len(content) // 60):
        (tmp_path / "cut.dcm").write_bytes(content[:length])
        with pytest.raises(RefusedError):
            read_overlay(tmp_path / "cut.dcm", source)


def test_the_file_of_a_segmentation_is_known_by_its_hash(tmp_path: Path) -> None:
    images = images_of()
    path = saved(tmp_path, segmentation(images))
    overlay = read_overlay(path, opened(tmp_path, images))
    assert len(overlay.sha256) == 64
    assert dcmread(path).SOPInstanceUID
