"""Exported DICOM: valid, whole, with the right words, and where others find the same voxels in the same places."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import highdicom
import numpy as np
import pytest
import SimpleITK
from highdicom._standard_utils import get_iod_module_map, get_module_attribute_map, get_sop_class_iod_map
from pydicom import Dataset, dcmread

from napari_refusion.fusion.fuse import Fused
from napari_refusion.io.dicom.export.identity import Pseudonym
from napari_refusion.io.dicom.export.objects import KINDS, export_dicom, possible_kinds, read_reference
from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.volume.affine import LPS_TO_RAS
from napari_refusion.volume.finding import RefusedError
from tests.dicom_series import MARKER_RAS, multi_frame, spect, write
from tests.fused_from_dicom import (
    CHECK,
    WEIGHTS_SHA256,
    Case,
    case,
    dicom_object,
    fused_values,
    lps_of,
    provenance,
    turn,
)

FALSE_ALARM = "ReferencedSeriesSequence present but Instance does not reference Instances"
"""dciodvfy of 2022 does not look into the Advanced Blending Sequence (it calls its required palettes 'not in the
standard'), so it finds no references there. PS3.3 A.33.7 makes the Common Instance Reference module mandatory."""


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case(tmp_path_factory.mktemp("head"))


@pytest.fixture(scope="module")
def oblique(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case(tmp_path_factory.mktemp("oblique"), ("CT", "MR"), turn)


def pseudonym() -> Pseudonym:
    return Pseudonym("CANARY-ID", b"a key of sixteen and more bytes")


def names_the_patient(one: Dataset) -> None:
    one.PatientName, one.PatientAge = "Canary^Name", "070Y"


@pytest.fixture(scope="module")
def single(head: Case) -> Case:
    """One slice."""
    volume = replace(head.fused.volume, data=head.fused.volume.data[:1])
    return replace(head, fused=replace(head.fused, volume=volume))


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A SPECT of one multi-frame file, its slices from the last to the first, that an enhanced MRI was overlaid on."""
    folder = tmp_path_factory.mktemp("frames")
    files = spect(-4.0), multi_frame()
    files[1].FrameOfReferenceUID = files[0].FrameOfReferenceUID
    paths = [write(folder / name, [file]) for name, file in zip("ab", files, strict=True)]
    a, b = (read_dicom(path) for path in paths)
    references = read_reference(read_dicom(paths[0]).origin), read_reference(read_dicom(paths[1]).origin)
    return Case(Fused(fused_values(a), provenance(a, b, "a")), references, ([files[0]], [files[1]]))


@pytest.mark.parametrize("hidden", [False, True], ids=["identified", "pseudonymised"])
@pytest.mark.parametrize("lying", ["head", "oblique", "single", "frames"])
def test_every_object_passes_dciodvfy(lying: str, hidden: bool, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("needs dciodvfy of the package dicom3tools")
    given: Case = request.getfixturevalue(lying)
    options = {"check_failed": CHECK, "pseudonym": pseudonym() if hidden else None}
    for file in export_dicom(given.fused, given.references, tmp_path / "out", **options):
        command = [str(shutil.which("dciodvfy")), "-new", str(file)]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stderr.splitlines()
        errors = [line for line in told if line.startswith("Error")]
        allowed = FALSE_ALARM if file.name == "blending.dcm" else "none at all"
        assert [line for line in errors if allowed not in line] == []
        assert told, "it says at least what kind of object it is"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hidden", [False, True], ids=["identified", "pseudonymised"])
def test_every_object_has_what_its_modules_demand_and_nothing_else(kind: str, hidden: bool, head: Case) -> None:
    """By the tables of PS3.3 that highdicom carries: the top level of mandatory modules, types 1 and 2."""
    dataset = dicom_object(kind, head.fused, head.references, pseudonym=pseudonym() if hidden else None)
    modules = get_iod_module_map()[get_sop_class_iod_map()[dataset.SOPClassUID]]
    rules = [
        (rule["keyword"], rule["type"], module["usage"])
        for module in modules
        for rule in get_module_attribute_map()[module["key"]]
        if not rule["path"]
    ]
    known = {keyword for keyword, _, _ in rules} | {"FloatPixelData"}
    assert {element.keyword for element in dataset} - known == set()
    for keyword, kind_of_rule, usage in rules:
        if usage == "M" and kind_of_rule in ("1", "2"):
            assert keyword in dataset, keyword
            assert kind_of_rule == "2" or dataset[keyword].value not in ("", None), keyword


def test_a_parametric_map_keeps_every_value_and_its_place_to_the_thousandth_of_a_millimetre(oblique: Case) -> None:
    dataset = dicom_object("parametric_map", oblique.fused, oblique.references)
    written = np.frombuffer(dataset.FloatPixelData, "<f4").reshape(8, 12, 10)
    fused = oblique.fused.volume
    for index in [(0, 0, 0), (7, 11, 9), (3, 2, 7), (5, 9, 1)]:
        world = LPS_TO_RAS @ lps_of(dataset) @ [*index, 1]
        back = np.linalg.inv(fused.affine) @ world
        np.testing.assert_allclose(back[:3], np.rint(back[:3]), atol=1e-3)
        assert written[index] == fused.data[tuple(np.rint(back[:3]).astype(int))]
    np.testing.assert_array_equal(np.sort(written, axis=None), np.sort(fused.data, axis=None))


def test_highdicom_reads_the_parametric_map_as_it_was(oblique: Case, tmp_path: Path) -> None:
    (file,) = export_dicom(oblique.fused, oblique.references, tmp_path / "out", kinds=["parametric_map"])
    image = highdicom.imread(file)
    volume = image.get_volume(dtype=np.float32, apply_real_world_transform=False)
    places = np.argwhere(volume.array == 1.0)
    expected = oblique.fused.volume.affine @ [*np.argwhere(oblique.fused.volume.data == 1.0)[0], 1]
    np.testing.assert_allclose((LPS_TO_RAS @ volume.affine @ [*places[0], 1])[:3], expected[:3], atol=1e-3)
    np.testing.assert_array_equal(image.get_frames(dtype=np.float32), image.pixel_array)
    assert np.isin(volume.array, oblique.fused.volume.data).all()


@pytest.mark.parametrize("lying", ["head", "oblique"])
def test_simpleitk_and_highdicom_find_the_mark_of_the_secondary_capture_where_it_is(
    lying: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    given: Case = request.getfixturevalue(lying)
    (file,) = export_dicom(given.fused, given.references, tmp_path / "out", kinds=["secondary_capture"])
    volume = given.fused.volume
    expected = (LPS_TO_RAS @ volume.affine @ [*np.argwhere(volume.data == 1.0)[0], 1])[:3]
    band = dcmread(file).Rows - 12

    image = SimpleITK.ReadImage(str(file))
    values = SimpleITK.GetArrayFromImage(image)
    frame, row, column = np.argwhere(values[:, band:, :10] == 65535)[0].tolist()
    place = image.TransformIndexToPhysicalPoint((column, row + band, frame))
    np.testing.assert_allclose(place, expected, atol=1e-3)

    read = highdicom.imread(file).get_volume()
    corner = np.argwhere(read.array[:, band:, :10] == 65535)[0] + [0, band, 0]
    np.testing.assert_allclose((read.affine @ [*corner, 1])[:3], expected, atol=1e-3)


def test_a_mark_in_the_patients_right_stays_there(tmp_path: Path) -> None:
    def mirrored(image: Dataset) -> None:
        """Stored from the patient's left to the right: the marked column lies at x = -15 + 27 - 7 * 3 = -9 LPS."""
        image.ImageOrientationPatient = [-1, 0, 0, 0, 1, 0]
        image.ImagePositionPatient = [12.0, *image.ImagePositionPatient[1:]]

    given = case(tmp_path, change=mirrored)
    mark = np.argwhere(given.fused.volume.data == 1.0)[0]
    assert (given.fused.volume.affine @ [*mark, 1])[0] == pytest.approx(MARKER_RAS[0])
    for kind in ("parametric_map", "secondary_capture"):
        dataset = dicom_object(kind, given.fused, given.references)
        pixels = dataset.pixel_array[:, dataset.Rows - 12 :, :10]
        index = np.argwhere(pixels == pixels.max())[0] + [0, dataset.Rows - 12, 0]
        np.testing.assert_allclose((LPS_TO_RAS @ lps_of(dataset) @ [*index, 1])[:3], MARKER_RAS, atol=1e-3)
    assert dataset.PatientOrientation == ["R", "P"]


def objects_with_pixels(given: Case) -> Iterator[Dataset]:
    for kind in ("parametric_map", "secondary_capture"):
        yield dicom_object(kind, given.fused, given.references, check_failed=CHECK)


def codes_of(dataset: Dataset) -> list[Dataset]:
    """Return the derivation codes, of the frames in a parametric map."""
    if "DerivationCodeSequence" in dataset:
        return list(dataset.DerivationCodeSequence)
    shared = dataset.SharedFunctionalGroupsSequence[0]
    return list(shared.DerivationImageSequence[0].DerivationCodeSequence)


def test_an_object_that_no_network_fused_says_so(head: Case) -> None:
    made = replace(head.fused.provenance, weights="average")
    for dataset in objects_with_pixels(replace(head, fused=replace(head.fused, provenance=made))):
        assert "by a fixed rule (average): the mean of both sources at every pixel" in dataset.DerivationDescription
        assert "network, weights" not in dataset.DerivationDescription
        assert [code.CodeMeaning for code in codes_of(dataset)][1:] == ["Image fusion by a fixed rule"]


def test_an_object_says_that_it_is_derived_for_research_only_and_by_what(head: Case) -> None:
    for dataset in objects_with_pixels(head):
        assert dataset.Modality == "OT"
        assert dataset.ImageType[0] == "DERIVED"
        assert dataset.SeriesDescription.startswith("FUSED RESEARCH ONLY")
        assert len(dataset.SeriesDescription) <= 64
        assert "medical.safetensors" in dataset.DerivationDescription
        assert WEIGHTS_SHA256 in dataset.DerivationDescription
        assert "not for diagnosis" in dataset.DerivationDescription
        for words in (dataset.SeriesDescription, dataset.ImageComments, dataset.DerivationDescription):
            assert CHECK in words
        assert dataset.BurnedInAnnotation == "NO"
        assert "Units" not in dataset
        assert dataset.StudyInstanceUID == head.references[1].study
        assert dataset.FrameOfReferenceUID == head.references[1].frame_of_reference
        assert "canaries" not in str(dataset)
        assert [code.CodeMeaning for code in codes_of(dataset)][1:] == ["Image fusion by a neural network"]
    parametric_map, capture = objects_with_pixels(head)
    assert parametric_map.ContentQualification == "RESEARCH"
    assert parametric_map.ImageType[1] == "PRIMARY"
    assert capture.ImageType == ["DERIVED", "SECONDARY"]


def test_the_real_world_values_have_no_unit(head: Case) -> None:
    dataset = dicom_object("parametric_map", head.fused, head.references)
    shared = dataset.SharedFunctionalGroupsSequence[0]
    unit = shared.RealWorldValueMappingSequence[0].MeasurementUnitsCodeSequence[0]
    assert (unit.CodeValue, unit.CodingSchemeDesignator) == ("1", "UCUM")
    # Type 1 in the Pixel Value Transformation macro (C.7.6.16.2.9); US means unspecified.
    assert shared.PixelValueTransformationSequence[0].RescaleType == "US"


def test_both_series_are_sources_of_a_derived_object(head: Case) -> None:
    expected = {image.SOPInstanceUID for images in head.headers for image in images}
    parametric_map, capture = objects_with_pixels(head)
    in_macro = parametric_map.SharedFunctionalGroupsSequence[0].DerivationImageSequence[0].SourceImageSequence
    for sequence in (parametric_map.SourceImageSequence, capture.SourceImageSequence, in_macro):
        assert {item.ReferencedSOPInstanceUID for item in sequence} == expected
        # Source image for image processing operation, context group 7202.
        assert {item.PurposeOfReferenceCodeSequence[0].CodeValue for item in sequence} == {"121322"}
    for group in parametric_map.PerFrameFunctionalGroupsSequence:
        assert "DerivationImageSequence" not in group
    assert len(parametric_map.ReferencedSeriesSequence) == 2


def test_every_export_has_new_uids(head: Case) -> None:
    first, second = (list(objects_with_pixels(head)) for _ in range(2))
    uids = [
        one
        for pair in (first, second)
        for dataset in pair
        for one in (dataset.SeriesInstanceUID, dataset.SOPInstanceUID)
    ]
    assert len(set(uids)) == 8


def test_lossy_compression_of_a_source_is_carried_over(tmp_path: Path) -> None:
    def compressed(image: Dataset) -> None:
        if image.Modality == "MR":
            image.LossyImageCompression, image.LossyImageCompressionRatio = "01", [10.0, 12.5]
            image.LossyImageCompressionMethod = ["ISO_10918_1", "ISO_15444_1"]

    for dataset in objects_with_pixels(case(tmp_path, change=compressed)):
        assert dataset.LossyImageCompression == "01"
        assert list(map(float, dataset.LossyImageCompressionRatio)) == [10.0, 12.5]
        assert dataset.LossyImageCompressionMethod == ["ISO_10918_1", "ISO_15444_1"]


def test_burned_in_text_of_a_source_is_owned_up_to(tmp_path: Path) -> None:
    def lettered(image: Dataset) -> None:
        image.BurnedInAnnotation = "YES"

    given = case(tmp_path, change=lettered)
    for dataset in objects_with_pixels(given):
        assert dataset.BurnedInAnnotation == "YES"
    with pytest.raises(RefusedError, match="a pseudonym cannot hide it"):
        dicom_object("parametric_map", given.fused, given.references, pseudonym=pseudonym())


def test_the_patient_and_the_study_are_those_of_the_reference(tmp_path: Path) -> None:
    given = case(tmp_path, change=names_the_patient)
    for dataset in (*objects_with_pixels(given), dicom_object("blending", given.fused, given.references)):
        assert (dataset.PatientName, dataset.PatientID) == ("Canary^Name", "CANARY-ID")
        assert (dataset.PatientSex, dataset.PatientAge, dataset.StudyDate) == ("F", "070Y", "20240229")


def test_sources_of_two_studies_give_objects_of_the_reference_study_and_no_blending(tmp_path: Path) -> None:
    def other_day(image: Dataset) -> None:
        if image.Modality == "PT":
            image.StudyInstanceUID = "2.25.4711"

    given = case(tmp_path, change=other_day)
    assert possible_kinds(given.fused, given.references) == ("parametric_map", "secondary_capture")
    with pytest.raises(RefusedError, match="two studies"):
        export_dicom(given.fused, given.references, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    for dataset in objects_with_pixels(given):
        assert dataset.StudyInstanceUID == given.references[1].study
        assert len(dataset.ReferencedSeriesSequence) == 1
        other = dataset.StudiesContainingOtherReferencedInstancesSequence[0]
        assert other.StudyInstanceUID == "2.25.4711"
        assert len(other.ReferencedSeriesSequence[0].ReferencedInstanceSequence) == 8


def test_a_single_slice_is_written_too(single: Case, tmp_path: Path) -> None:
    files = export_dicom(single.fused, single.references, tmp_path / "out")
    assert [dcmread(file).get("NumberOfFrames") for file in files] == [1, 1, None]


def test_an_unknown_kind_is_refused(head: Case, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="Choose among parametric_map"):
        export_dicom(head.fused, head.references, tmp_path / "out", kinds=["ct"])
    with pytest.raises(RefusedError, match="not nothing"):
        export_dicom(head.fused, head.references, tmp_path / "out", kinds=[])


def test_the_files_of_an_export_are_named_after_their_kind(head: Case, tmp_path: Path) -> None:
    files = export_dicom(head.fused, head.references, tmp_path / "out")
    assert [file.name for file in files] == ["parametric_map.dcm", "secondary_capture.dcm", "blending.dcm"]
    assert sorted(tmp_path.iterdir()) == [tmp_path / "out"]
    with pytest.raises(RefusedError, match="already exists"):
        export_dicom(head.fused, head.references, tmp_path / "out")
