"""Every kind of object that is written, against dciodvfy and against the tables of PS3.3."""

import shutil
import subprocess
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from napari_refusion.fusion.fuse import fuse_volume
from napari_refusion.fusion.preparation import plan_fusion
from napari_refusion.io.dicom.export.identity import Pseudonym
from napari_refusion.io.dicom.export.objects import export_dicom, possible_kinds, read_reference
from napari_refusion.io.open import open_volume
from napari_refusion.study.pairing import pair
from napari_refusion.volume.rigid import RigidMove, move_of
from napari_refusion.volume.volume import Volume
from tests.dicom_series import SLICES, multi_frame, series, spect, write
from tests.fused_from_dicom import turn
from tests.iod_tables import faults

FALSE_ALARM = "ReferencedSeriesSequence present but Instance does not reference Instances"
"""dciodvfy of 2022 does not look into the Advanced Blending Sequence, so it finds no references there. PS3.3 makes the
Common Instance Reference module mandatory (A.33.7), which names what is referenced anywhere in the object (C.12.2)."""

REAL = Path(__file__).parents[5] / "shared/data/hostile/dicom/derived_mixed_MR_PET_synthetic_header"

KEY = b"a key of sixteen and more bytes"

SHIFT = np.array([[1.0, 0.0, 0.0, 3.0], [0.0, 1.0, 0.0, -2.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 1.0]])


def two_series(folder: Path, *, spaces: tuple[str, str], oblique: bool = False) -> tuple[Volume, Volume]:
    """Return PET and MRI of one patient and study."""
    opened = []
    for number, (modality, space) in enumerate(zip(("PT", "MR"), spaces, strict=True), 3):
        images = series(modality, number)
        for image in images:
            image.FrameOfReferenceUID, image.PatientBirthDate, image.PatientSex = space, "19500101", "F"
            if oblique:
                turn(image)
        opened.append(open_volume(write(folder / modality, images)))
    return opened[0], opened[1]


def plain(folder: Path) -> tuple[Volume, Volume]:
    return two_series(folder, spaces=("2.25.7", "2.25.7"))


def lying_obliquely(folder: Path) -> tuple[Volume, Volume]:
    return two_series(folder, spaces=("2.25.7", "2.25.7"), oblique=True)


def of_two_spaces(folder: Path) -> tuple[Volume, Volume]:
    return two_series(folder, spaces=("2.25.7", "2.25.8"))


def of_frames(folder: Path) -> tuple[Volume, Volume]:
    """A SPECT of one multi-frame file, and an enhanced MRI in its frame of reference."""
    files = spect(-4.0), multi_frame()
    files[1].FrameOfReferenceUID = files[0].FrameOfReferenceUID
    a, b = (open_volume(write(folder / name, [file])) for name, file in zip("ab", files, strict=True))
    return a, b


def of_several_multi_frame_files(folder: Path) -> tuple[Volume, Volume]:
    """A CT, and an enhanced MRI with a file for each slice, as Siemens XA and Canon export it."""
    whole, images, files = multi_frame(), series("CT"), []
    for k, pixels in enumerate(np.array_split(np.frombuffer(whole.PixelData, np.uint16), SLICES)):
        file = deepcopy(whole)
        file.NumberOfFrames, file.SOPInstanceUID, file.InstanceNumber = 1, generate_uid(), k + 1
        file.PerFrameFunctionalGroupsSequence = [whole.PerFrameFunctionalGroupsSequence[k]]
        file.PixelData = pixels.tobytes()
        files.append(file)
    for image in images:
        image.FrameOfReferenceUID = whole.FrameOfReferenceUID
    return open_volume(write(folder / "a", images)), open_volume(write(folder / "b", files))


def of_pydicom(folder: Path) -> tuple[Volume, Volume]:
    """The small MRI that comes with pydicom as two slices, and as a CT beside itself."""
    opened = []
    for modality, uid in (("MR", "2.25.31"), ("CT", "2.25.32")):
        images = []
        for number in (1, 2, 3):
            image = dcmread(str(get_testdata_file("MR_small.dcm" if modality == "MR" else "CT_small.dcm")))
            image.PatientID, image.StudyInstanceUID, image.SeriesInstanceUID = "1CT1", "2.25.33", uid
            image.FrameOfReferenceUID, image.SOPInstanceUID = "2.25.34", f"{uid}.{number}"
            image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
            image.InstanceNumber, image.ImagePositionPatient = number, [-40, -40, 5 * number]
            image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
            image.PatientBirthDate = "19500101"
            images.append(image)
        (folder / modality).mkdir()
        for image in images:
            image.save_as(folder / modality / f"{image.InstanceNumber}.dcm")
        opened.append(open_volume(folder / modality))
    return opened[0], opened[1]


def real(_: Path) -> tuple[Volume, Volume]:
    """MRI and PET of one patient, whose header values are invented."""
    if not REAL.is_dir():
        pytest.skip("needs the data that is not part of the project")
    return open_volume(REAL, "PT"), open_volume(REAL, "MR")


def written(
    folder: Path, pair_of: Sequence[Volume], *, moved: bool = False, pseudonym: Pseudonym | None = None
) -> dict[str, Path]:
    """Fuse two volumes by their mean and return name -> object of every kind that can be written."""
    a, b = pair_of
    move: RigidMove | None = move_of(b, a, SHIFT) if moved else None
    study = pair(a, b, moves=(move, None), reference="second")
    fused = fuse_volume(plan_fusion(study, engine="average"), study)
    references = read_reference(study.a.source.origin), read_reference(study.b.source.origin)
    kinds = possible_kinds(fused, references)
    return {
        file.stem: file for file in export_dicom(fused, references, folder / "out", pseudonym=pseudonym, kinds=kinds)
    }


PAIRS = {
    "plain": plain,
    "oblique": lying_obliquely,
    "two frames of reference": of_two_spaces,
    "multi-frame": of_frames,
    "several multi-frame files": of_several_multi_frame_files,
    "pydicom": of_pydicom,
    "real": real,
}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("moved", [False, True], ids=["unmoved", "registered"])
@pytest.mark.parametrize("hidden", [False, True], ids=["identified", "pseudonymised"])
def test_every_object_is_valid(name: str, moved: bool, hidden: bool, tmp_path: Path) -> None:
    volumes = PAIRS[name](tmp_path)
    patient = read_reference(volumes[0].origin).patient
    pseudonym = Pseudonym(patient or "nobody", KEY) if hidden else None
    found = written(tmp_path, volumes, moved=moved, pseudonym=pseudonym)
    assert ("registration" in found) is moved
    assert {kind: faults(dcmread(file)) for kind, file in found.items()} == {kind: [] for kind in found}
    validator = shutil.which("dciodvfy")
    for kind, file in found.items() if validator else ():
        told = subprocess.run([str(validator), "-new", str(file)], capture_output=True, text=True, check=False).stderr
        errors = [line for line in told.splitlines() if line.startswith("Error")]
        assert [line for line in errors if kind != "blending" or FALSE_ALARM not in line] == []
        assert told, "it says at least what kind of object it is"


def test_the_tables_notice_what_is_missing_empty_unknown_or_left_out_of_the_frames(tmp_path: Path) -> None:
    dataset = dcmread(written(tmp_path, plain(tmp_path))["parametric_map"])
    del dataset.PatientID
    dataset.Manufacturer = ""
    dataset.BurnedInAnnotation = "MAYBE"
    shared: Dataset = dataset.SharedFunctionalGroupsSequence[0]
    del shared.FrameAnatomySequence
    del shared.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
    told = "\n".join(faults(dataset))
    for words in (
        "patient: PatientID (type 2) is missing",
        "enhanced-general-equipment: Manufacturer (type 1) is empty",
        "general-image: BurnedInAnnotation (type 3) is MAYBE, not ['NO', 'YES']",
        "frame-anatomy: FrameAnatomySequence is missing",
        "derivation-image: ReferencedSOPInstanceUID (type 1) is missing",
    ):
        assert words in told


def test_images_and_overlay_name_the_registration_that_is_written_beside_them(tmp_path: Path) -> None:
    """General Reference (C.12.4), Advanced Blending (C.11.33) and Common Instance Reference (C.12.2) of PS3.3."""
    found = {kind: dcmread(file) for kind, file in written(tmp_path, of_two_spaces(tmp_path), moved=True).items()}
    made = found["registration"]
    expected = made.SOPClassUID, made.SOPInstanceUID
    for kind in ("parametric_map", "secondary_capture"):
        (item,) = found[kind].SourceInstanceSequence
        assert (item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID) == expected
        assert item.PurposeOfReferenceCodeSequence[0].CodeMeaning == "Spatial Registration Reference"
    pet, mri = found["blending"].AdvancedBlendingSequence
    assert "ReferencedSpatialRegistrationSequence" not in mri
    (study,) = pet.ReferencedSpatialRegistrationSequence
    (one,) = study.ReferencedSeriesSequence
    assert (study.StudyInstanceUID, one.SeriesInstanceUID) == (made.StudyInstanceUID, made.SeriesInstanceUID)
    assert one.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == made.SOPInstanceUID
    for kind in ("parametric_map", "secondary_capture", "blending"):
        named = {
            item.SeriesInstanceUID: item.ReferencedInstanceSequence for item in found[kind].ReferencedSeriesSequence
        }
        assert named[made.SeriesInstanceUID][0].ReferencedSOPInstanceUID == made.SOPInstanceUID


def test_without_a_registration_none_is_named(tmp_path: Path) -> None:
    for file in written(tmp_path, plain(tmp_path)).values():
        dataset = dcmread(file)
        assert "SourceInstanceSequence" not in dataset
        assert len(dataset.ReferencedSeriesSequence) == 2
