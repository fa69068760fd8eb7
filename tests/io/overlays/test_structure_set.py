from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from napari_refusion.io.overlays.overlay import Overlay
from napari_refusion.io.overlays.read import read_overlay
from napari_refusion.volume.affine import LPS_TO_RAS
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.rigid import move_of, moved
from napari_refusion.volume.volume import Volume
from tests.drawn_sources import LIES, images_of, opened
from tests.structure_sets import Regions, saved, structure_set

CORNERS = (1.5, 1.5), (5.5, 5.5)


def frame(image: Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place of an image's first pixel and the steps to the next column and row, LPS mm."""
    row, column = np.reshape(np.array(image.ImageOrientationPatient, float), (2, 3))
    rows, columns = map(float, image.PixelSpacing)
    return np.array(image.ImagePositionPatient, float), row * columns, column * rows


def drawn(image: Dataset, points: np.ndarray) -> np.ndarray:
    """LPS mm of points of an image, (n, 2) columns and rows."""
    first, across, down = frame(image)
    return first + points[:, :1] * across + points[:, 1:] * down


def box(image: Dataset, low: tuple[float, float], high: tuple[float, float]) -> tuple[str, np.ndarray]:
    """A closed contour around columns and rows."""
    (a, b), (c, d) = low, high
    return "CLOSED_PLANAR", drawn(image, np.array([[a, b], [c, b], [c, d], [a, d]]))


def read(folder: Path, regions: Regions, images: list[Dataset], source: Volume | None = None) -> Overlay:
    return read_overlay(saved(folder, structure_set(images[0], regions)), source or opened(folder, images))


def expected(images: list[Dataset], slices: slice, rows: slice, columns: slice, source: Volume) -> np.ndarray:
    """The mask of a box of stored voxels, on the grid of the source, through their places in the patient."""
    mask = np.zeros(source.shape, bool)
    for image in images[slices]:
        first, across, down = frame(image)
        for r in range(*rows.indices(image.Rows)):
            for c in range(*columns.indices(image.Columns)):
                place = LPS_TO_RAS[:3, :3] @ (first + c * across + r * down)
                mask[source.grid.voxel_at(source.grid.index_at(place))] = True
    return mask


@pytest.mark.parametrize("lies", LIES)
def test_boxes_with_a_hole_and_an_island_beside_fill_their_voxels_whichever_way_the_source_lies(
    lies: str, tmp_path: Path
) -> None:
    images = images_of(lies)
    contours = []
    for image in images[2:5]:
        contours += [
            box(image, (0.5, 0.5), (6.5, 8.5)),
            box(image, (2.5, 3.5), (4.5, 6.5)),
            box(image, (7.5, 8.5), (9.4, 10.5)),
        ]
    source = opened(tmp_path, images)
    overlay = read(tmp_path, {"Ring": contours}, images, source)
    (segment,) = overlay.segments
    whole = expected(images, slice(2, 5), slice(1, 9), slice(1, 7), source)
    hole = expected(images, slice(2, 5), slice(4, 7), slice(3, 5), source)
    island = expected(images, slice(2, 5), slice(9, 11), slice(8, 10), source)
    np.testing.assert_array_equal(segment.voi.whole(), (whole & ~hole) | island)
    assert (segment.name, segment.colour, segment.voi.method) == ("Ring", (1.0, 0.0, 0.2), "RTSTRUCT, manual")
    assert overlay.findings == ()


def fine_series(lies: str) -> list[Dataset]:
    """A series of 40 slices of 40 x 40 pixels, 2 x 1.5 mm, 2.5 mm apart."""
    first = images_of(lies)[0]
    images = []
    normal = np.cross(first.ImageOrientationPatient[:3], first.ImageOrientationPatient[3:])
    for k in range(40):
        image = images_of(lies)[0]
        for keyword in ("SeriesInstanceUID", "FrameOfReferenceUID"):
            setattr(image, keyword, first[keyword].value)
        place = np.array(first.ImagePositionPatient, float) + 2.5 * k * normal
        image.ImagePositionPatient, image.InstanceNumber = [round(float(one), 8) for one in place], k + 1
        image.Rows = image.Columns = image.NumberOfSlices = 40
        image.PixelSpacing, image.SliceThickness = [1.5, 2.0], 2.5
        image.PixelData = np.arange(1600, dtype=np.uint16).tobytes()
        images.append(image)
    return images


@pytest.mark.parametrize("lies", ["straight", "oblique"])
def test_an_ellipsoid_is_within_half_a_voxel_in_volume_and_surface(lies: str, tmp_path: Path) -> None:
    images = fine_series(lies)
    middle, radii = np.array([19.3, 20.6, 19.7]), np.array([24.0, 18.0, 30.0])
    steps = np.array([2.0, 1.5, 2.5])
    turn = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    contours = []
    for k, image in enumerate(images):
        left = 1 - ((k - middle[2]) * steps[2] / radii[2]) ** 2
        if left > 0:
            reach = np.sqrt(left) * radii[:2] / steps[:2]
            points = middle[:2] + reach * np.stack([np.cos(turn), np.sin(turn)], axis=1)
            contours.append(("CLOSED_PLANAR", drawn(image, points)))
    source = opened(tmp_path, images)
    overlay = read(tmp_path, {"Ellipsoid": contours}, images, source)
    mask = overlay.segments[0].voi.whole()
    # every voxel's place in the ellipsoid's own axes, mm from its middle
    first, across, down = frame(images[0])
    normal = np.cross(across, down) / np.linalg.norm(np.cross(across, down)) * 2.5
    axes = np.stack([across, down, normal], axis=1)
    places = np.argwhere(np.ones(source.shape, bool)) @ source.affine[:3, :3].T + source.affine[:3, 3]
    own = ((places @ LPS_TO_RAS[:3, :3] - first) @ np.linalg.inv(axes).T - middle) * steps
    distance = np.sqrt(((own / radii) ** 2).sum(axis=1))
    # a voxel is wrong only if the surface passes within half a voxel of its centre
    gradient = np.sqrt(((own / radii**2) ** 2).sum(axis=1)) / np.maximum(distance, 1e-9)
    away = np.abs(distance - 1) / np.maximum(gradient, 1e-9)
    wrong = mask.ravel() != (distance <= 1)
    assert (away[wrong] <= steps.min() / 2).all()
    assert wrong.sum() <= 0.002 * mask.sum()
    volume = 4 / 3 * np.pi * radii.prod()
    surface = (
        4
        * np.pi
        * (((radii[0] * radii[1]) ** 1.6 + (radii[0] * radii[2]) ** 1.6 + (radii[1] * radii[2]) ** 1.6) / 3)
        ** (1 / 1.6)
    )
    measured = mask.sum() * steps.prod()
    assert abs(measured - volume) < surface * steps.min() / 2
    assert measured == pytest.approx(volume, rel=0.005)


def words(overlay: Overlay) -> str:
    return " ".join(f"{one.level}: {one.sentence} [{one.value}]" for one in overlay.findings)


def test_open_contours_and_points_are_left_out_by_name_and_closed_ones_of_the_region_stay(tmp_path: Path) -> None:
    images = images_of()
    _, square = box(images[3], (1.5, 1.5), (5.5, 5.5))
    regions = {
        "Vessel": [("OPEN_PLANAR", square)],
        "Marker": [("POINT", square[:1])],
        "Node": [("CLOSED_PLANAR", square), ("OPEN_PLANAR", square)],
    }
    overlay = read(tmp_path, regions, images)
    assert [one.name for one in overlay.segments] == ["Node"]
    assert "contours of Vessel, Marker, Node in regions.dcm enclose nothing (OPEN_PLANAR, POINT)" in words(overlay)
    assert "no voxel lies in them" not in words(overlay), "of open contours it was said why"
    assert "[3 contours]" in words(overlay)


def test_crossing_contours_are_filled_by_the_even_odd_rule_and_warned_of(tmp_path: Path) -> None:
    images = images_of()
    kind, square = box(images[3], (1.5, 1.5), (7.5, 7.5))
    overlay = read(tmp_path, {"Bow": [(kind, square[[0, 2, 1, 3]])], "Box": [(kind, square)]}, images)
    assert "warn: Look at the outlines of Bow in regions.dcm: contours cross" in words(overlay)
    assert overlay.segments[0].voi.count < overlay.segments[1].voi.count


def test_contours_that_lie_on_one_another_are_warned_of_for_the_rule_takes_out_what_they_share(tmp_path: Path) -> None:
    images = images_of()
    one = box(images[3], (0.5, 1.5), (4.5, 7.5))
    regions = {"Shifted": [one, box(images[3], (2.5, 1.5), (6.5, 7.5))], "Twice": [one, one, box(images[4], *CORNERS)]}
    overlay = read(tmp_path, regions, images)
    assert "Look at the outlines of Shifted, Twice in regions.dcm" in words(overlay)
    assert [one.voi.count for one in overlay.segments] == [2 * 2 * 6, 16]


def test_two_regions_with_one_number_are_refused_for_one_would_get_the_contours_of_the_other(tmp_path: Path) -> None:
    images = images_of()
    source = opened(tmp_path, images)
    regions = {name: [box(images[3], *CORNERS)] for name in ("Node", "Liver")}
    for items in ("StructureSetROISequence", "ROIContourSequence"):
        made = structure_set(images[0], regions)
        number = {"StructureSetROISequence": "ROINumber", "ROIContourSequence": "ReferencedROINumber"}[items]
        setattr(made[items].value[1], number, 1)
        with pytest.raises(RefusedError, match="two of its regions have the number 1"):
            read_overlay(saved(tmp_path, made), source)


def test_planes_without_a_slice_of_their_own_are_left_out_and_counted(tmp_path: Path) -> None:
    """Contours 1 mm apart on slices 4 mm apart: one of four belongs to a slice, and one lies beyond the last slice."""
    images = images_of()
    kind, square = box(images[3], (1.5, 1.5), (5.5, 5.5))
    contours = [(kind, np.add(square, (0, 0, step))) for step in (0, 1, 2.1, 3, 4, 40)]
    overlay = read(tmp_path, {"Fine": contours}, images)
    assert overlay.segments[0].voi.count == 2 * 16
    assert "planes of contours of Fine have no slice of" in words(overlay)
    assert "[4 planes]" in words(overlay)


def test_slices_between_contours_stay_empty_and_are_counted(tmp_path: Path) -> None:
    images = images_of()
    overlay = read(tmp_path, {"Sparse": [box(one, (1.5, 1.5), (5.5, 5.5)) for one in images[1:6:2]]}, images)
    assert overlay.segments[0].voi.count == 3 * 16
    assert "Volumes of Sparse in regions.dcm are too small" in words(overlay)
    assert "[2 slices]" in words(overlay)


def test_contours_across_the_slices_are_refused_with_what_to_do(tmp_path: Path) -> None:
    images, others = images_of("oblique"), images_of("straight")
    contours = [box(one, (1.5, 1.5), (8.5, 10.5)) for one in others[2:5]]
    with pytest.raises(RefusedError, match="gives no region here"):
        read(tmp_path, {"Axial": contours}, images)


def test_contours_beyond_the_image_and_beside_the_slices_are_said(tmp_path: Path) -> None:
    images = images_of()
    kind, square = box(images[3], (-5.0, 1.5), (5.5, 5.5))
    overlay = read(tmp_path, {"Cut": [(kind, np.add(square, (0, 0, 1.2)))]}, images)
    assert "their contours reach beyond the image" in words(overlay)
    assert "[0.30 slices]" in words(overlay)
    assert overlay.segments[0].voi.count == 6 * 4


def test_damaged_contours_are_left_out_by_name(tmp_path: Path) -> None:
    images = images_of()
    kind, square = box(images[3], (1.5, 1.5), (5.5, 5.5))
    made = structure_set(images[0], {"Node": [(kind, square)] * 4})
    (item,) = made.ROIContourSequence
    item.ContourSequence[1].ContourData = ["1", "2", "3", "4"]
    item.ContourSequence[2].ContourData = ["1", "2", "3"] * 2
    item.ContourSequence[3].ContourData = ["1e999", "2", "3"] * 3
    overlay = read_overlay(saved(tmp_path, made), opened(tmp_path, images))
    assert "contours of Node are damaged" in words(overlay)
    assert "[3 contours]" in words(overlay)
    assert overlay.segments[0].voi.count == 16


def test_a_structure_set_of_another_patient_or_frame_of_reference_is_refused(tmp_path: Path) -> None:
    images = images_of()
    source = opened(tmp_path, images)
    regions = {"Node": [box(images[3], (1.5, 1.5), (5.5, 5.5))]}
    other = structure_set(images[0], regions)
    other.PatientID = "SOMEBODY-ELSE"
    with pytest.raises(RefusedError, match="Choose this patient's overlay"):
        read_overlay(saved(tmp_path, other), source)
    images[0].FrameOfReferenceUID = "2.25.99"
    with pytest.raises(RefusedError, match="frame of reference"):
        read(tmp_path, regions, images, source)


def test_regions_of_another_frame_of_reference_in_the_same_file_are_left_out_by_name(tmp_path: Path) -> None:
    images = images_of()
    contours = [box(images[3], (1.5, 1.5), (5.5, 5.5))]
    made = structure_set(images[0], {"Here": contours, "There": contours})
    made.StructureSetROISequence[1].ReferencedFrameOfReferenceUID = "2.25.97"
    overlay = read_overlay(saved(tmp_path, made), opened(tmp_path, images))
    assert [one.name for one in overlay.segments] == ["Here"]
    assert "There in regions.dcm lie in another frame of reference" in words(overlay)


def test_a_source_that_was_moved_is_refused_for_the_file_is_about_the_place_it_had(tmp_path: Path) -> None:
    images = images_of()
    source = opened(tmp_path, images)
    shift = np.eye(4)
    shift[0, 3] = 3.0
    with pytest.raises(RefusedError, match="it was moved"):
        read(
            tmp_path,
            {"Node": [box(images[3], (1.5, 1.5), (5.5, 5.5))]},
            images,
            moved(source, move_of(source, source, shift)),
        )


def test_another_series_of_the_frame_of_reference_is_warned_of(tmp_path: Path) -> None:
    images = images_of()
    source = opened(tmp_path, images)
    images[0].SeriesInstanceUID = "2.25.98"
    overlay = read(tmp_path, {"Node": [box(images[3], (1.5, 1.5), (5.5, 5.5))]}, images, source)
    assert "did not move in between" in words(overlay)
    assert overlay.segments[0].voi.grid.matches(source.grid)


def test_a_structure_set_without_regions_is_refused(tmp_path: Path) -> None:
    images = images_of()
    with pytest.raises(RefusedError, match="gives no region here"):
        read(tmp_path, {}, images)
