"""A series of several stacks is taken apart into them; odd slices are no stack."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.sequence import Sequence

from napari_refusion.io.dicom.listing import list_dicom
from napari_refusion.io.dicom.read import read_dicom, read_volumes
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests import dicom_parts as several
from tests import dicom_series as phantom
from tests.dicom_parts import Mark, setting

CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)


def placed(cosines: tuple[float, ...], first: tuple[float, float, float] = phantom.FIRST, step: float = 4.0) -> Mark:
    """Return what puts a stack somewhere else: its slices follow each other along their own normal."""
    normal = np.cross(cosines[:3], cosines[3:])

    def mark(image: Dataset, k: int) -> None:
        image.ImageOrientationPatient = list(cosines)
        image.ImagePositionPatient = (np.array(first) + step * k * normal).round(9).tolist()

    return mark


def turned(degrees: float) -> tuple[float, ...]:
    """Return an axial plane that is turned about the axis from right to left."""
    angle = np.radians(degrees)
    return (1.0, 0.0, 0.0, 0.0, round(float(np.cos(angle)), 9), round(float(np.sin(angle)), 9))


def assert_in_place(volume: Volume, number: int, mark: Mark) -> None:
    """Check that the marker of a stack lies where its header puts it: row 2, column 7 of slice 5."""
    image = Dataset()
    mark(image, phantom.MARKER[0])
    cosines = np.reshape(image.ImageOrientationPatient, (2, 3))
    lps = np.array(image.ImagePositionPatient) + 7 * phantom.BETWEEN_COLUMNS * cosines[0]
    lps = lps + 2 * phantom.BETWEEN_ROWS * cosines[1]
    index = np.linalg.inv(volume.affine) @ [-lps[0], -lps[1], lps[2], 1]
    assert volume.data[tuple(np.rint(index[:3]).astype(int))] == phantom.MARKER_VALUE + 1000 * number
    np.testing.assert_allclose(index, np.rint(index), atol=1e-3)


LOCALIZER = [placed(cosines) for cosines in (phantom.AXIAL, CORONAL, phantom.SAGITTAL)]
SPINE = [placed(turned(degrees), (-15.0, -40.0, 20.0 - 60 * k)) for k, degrees in enumerate((-10, 0, 15))]


def written(folder: Path, marks: list[Mark]) -> Path:
    volumes = several.one_series(marks)
    for number, images in enumerate(volumes):
        for image in images:
            values = np.frombuffer(image.PixelData, np.uint16).copy()
            values[values == phantom.MARKER_VALUE] += 1000 * number
            image.PixelData = values.tobytes()
    return several.write(folder, volumes)


@pytest.mark.parametrize(
    ("marks", "names"),
    [
        (LOCALIZER, ["axial", "coronal", "sagittal"]),
        (SPINE, ["axial stack 1", "axial stack 2", "axial stack 3"]),
        ([placed(phantom.AXIAL), placed(turned(40))], ["axial", "oblique axial"]),
    ],
    ids=["localizer", "spine", "double oblique"],
)
def test_stacks_in_several_directions_are_volumes_each_in_its_place(
    tmp_path: Path, marks: list[Mark], names: list[str]
) -> None:
    volumes = read_volumes(written(tmp_path, marks))
    by_name = {volume.acquisition.part: volume for volume in volumes}
    assert sorted(by_name) == sorted(names)
    for volume in volumes:
        number = int(volume.data.max() // 1000)
        assert_in_place(volume, number, marks[number])


def test_parallel_stacks_of_an_enhanced_image_are_told_apart_by_their_stack(tmp_path: Path) -> None:
    image = phantom.multi_frame()
    for frame in image.PerFrameFunctionalGroupsSequence:
        content, place = Dataset(), frame.PlanePositionSequence[0]
        upper = float(place.ImagePositionPatient[2]) > 34
        content.StackID = "2" if upper else "1"
        frame.FrameContentSequence = Sequence([content])
        if upper:
            place.ImagePositionPatient[2] = float(place.ImagePositionPatient[2]) + 100
    phantom.write_file(tmp_path / "enhanced.dcm", image)
    volumes = read_volumes(tmp_path)
    assert [volume.data[:, 0, 0].tolist() for volume in volumes] == [[40, 30, 20, 10], [80, 70, 60, 50]]
    assert [round(float(volume.affine[2, 3])) for volume in volumes] == [32, 148]


def test_a_stack_of_two_echoes_is_split_further(tmp_path: Path) -> None:
    def both(one: Mark, other: Mark) -> Mark:
        def mark(image: Dataset, k: int) -> None:
            one(image, k)
            other(image, k)

        return mark

    marks = [both(stack, setting(EchoTime=time)) for stack in LOCALIZER[:2] for time in (20.0, 90.0)]
    parts = [volume.acquisition.part for volume in read_volumes(several.write(tmp_path, several.one_series(marks)))]
    assert parts == [f"{plane}, echo time {time} ms" for plane in ("axial", "coronal") for time in (20, 90)]


@pytest.mark.parametrize("odd", [1, 2])
def test_a_few_slices_in_another_direction_are_no_stack(tmp_path: Path, odd: int) -> None:
    volumes = several.one_series(LOCALIZER[:2])
    del volumes[1][odd:]
    several.write(tmp_path, volumes)
    with pytest.raises(RefusedError, match="different orientation"):
        read_volumes(tmp_path)


def test_a_stack_that_lacks_a_slice_is_not_read(tmp_path: Path) -> None:
    volumes = several.one_series(LOCALIZER[:2])
    del volumes[1][3]
    several.write(tmp_path, volumes)
    with pytest.raises(RefusedError, match="different orientation"):
        read_volumes(tmp_path)


@pytest.mark.parametrize("keyword", ["PatientID", "StudyInstanceUID"])
@pytest.mark.parametrize(
    "marks", [LOCALIZER[:2], [setting(EchoTime=20.0), setting(EchoTime=90.0)]], ids=["stack", "echo"]
)
def test_volumes_of_two_patients_or_studies_in_one_series_are_refused(
    tmp_path: Path, keyword: str, marks: list[Mark]
) -> None:
    volumes = several.one_series(marks)
    for image in volumes[1]:
        setattr(image, keyword, "1.2.3")
    several.write(tmp_path, volumes)
    with pytest.raises(RefusedError, match=r"another (patient|study)"):
        read_volumes(tmp_path)


def test_a_localizer_in_three_planes_does_not_count_beside_a_scan(tmp_path: Path) -> None:
    written(tmp_path / "localizer", LOCALIZER)
    phantom.write(tmp_path / "scan", phantom.series(number=9))
    phantom.assert_truth(read_dicom(tmp_path))
    assert [(one.series, one.parts) for one in list_dicom(tmp_path)] == [
        ("9", ("",)),
        ("3", ("axial", "coronal", "sagittal")),
    ]


@pytest.mark.parametrize("planes", [3, 12])
def test_single_images_in_many_directions_are_called_projections_or_a_localizer(tmp_path: Path, planes: int) -> None:
    volumes = several.one_series([placed(turned(180 / planes * number)) for number in range(planes)])
    several.write(tmp_path, [images[:1] for images in volumes])
    with pytest.raises(RefusedError, match=f"{planes} images in {planes} orientations.* Choose another series"):
        read_dicom(tmp_path)
