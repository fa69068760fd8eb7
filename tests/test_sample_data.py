"""The sample data hold what their README says. Places and values are the phantom's documented constants."""

import json
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import map_coordinates

from napari_refusion.io import sample
from napari_refusion.io.sample import SAMPLES, sample_folder
from napari_refusion.model.tasks import TASKS
from sample_data.phantom import CALCIFICATION, HOT_FOCUS, PLAQUE, Landmark
from sample_data.street import write_infrared_visible
from sample_data.volumes import write_spect

ROOT = Path(__file__).resolve().parents[1] / "sample_data"

Scan = tuple[NDArray[np.float64], NDArray[np.float64]]  # voxels, affine to RAS+ mm

MRI_NOISE = 9.0
CT_NOISE = 5.0


def read_nifti(name: str) -> Scan:
    image = nib.load(ROOT / name)
    return image.get_fdata(), image.affine


def read_dicom(folder: str) -> Scan:
    # By hand from the tags (DICOM PS3.3 C.7.6.2.1.1), so that no reader's convention is trusted.
    slices = [pydicom.dcmread(path) for path in sorted((ROOT / folder).glob("*.dcm"))]
    across, down = np.array(slices[0].ImageOrientationPatient, dtype=float).reshape(2, 3)
    slices.sort(key=lambda one: float(np.cross(across, down) @ np.array(one.ImagePositionPatient, dtype=float)))
    first, last = (np.array(one.ImagePositionPatient, dtype=float) for one in (slices[0], slices[-1]))
    rows, columns = (float(value) for value in slices[0].PixelSpacing)
    lps = np.eye(4)
    lps[:3] = np.stack([across * columns, down * rows, (last - first) / (len(slices) - 1), first], axis=1)
    values = np.stack([one.pixel_array.T for one in slices], axis=2) * float(slices[0].get("RescaleSlope", 1))
    return values + float(slices[0].get("RescaleIntercept", 0)), np.diag([-1.0, -1.0, 1.0, 1.0]) @ lps


def values_at(scan: Scan, places: NDArray[np.float64]) -> NDArray[np.float64]:
    voxels, affine = scan
    back = np.linalg.inv(affine)
    return map_coordinates(voxels, (places @ back[:3, :3].T + back[:3, 3]).T, order=1, mode="nearest")


def places_within(centre: tuple[float, float, float], inner: float, outer: float) -> NDArray[np.float64]:
    steps = np.arange(-outer, outer + 0.5, 1.0)
    offsets = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    radius = np.linalg.norm(offsets, axis=1)
    return np.array(centre) + offsets[(radius >= inner) & (radius <= outer)]


def contrast(scan: Scan, landmark: Landmark) -> float:
    """Difference of the medians inside and in a rim around a landmark."""
    inside = places_within(landmark.centre, 0.0, 0.6 * landmark.radius)
    rim = places_within(landmark.centre, landmark.radius + 1.5, landmark.radius + 3.5)
    return float(np.median(values_at(scan, inside)) - np.median(values_at(scan, rim)))


@pytest.fixture(scope="module")
def t1() -> Scan:
    return read_nifti("mri_pet/sub-phantom_T1w.nii.gz")


@pytest.fixture(scope="module")
def pet() -> Scan:
    return read_nifti("mri_pet/sub-phantom_pet.nii.gz")


@pytest.fixture(scope="module")
def ct() -> Scan:
    return read_dicom("mri_ct/ct_dicom")


@pytest.fixture(scope="module")
def mr() -> Scan:
    return read_dicom("mri_ct/mr_dicom")


def test_all_of_it_is_under_five_megabytes() -> None:
    files = [path for path in ROOT.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert sum(path.stat().st_size for path in files) < 5_000_000


def test_the_hot_focus_is_bright_in_the_pet_and_on_the_patients_right(pet: Scan) -> None:
    voxels, affine = pet
    focus = values_at(pet, np.array([HOT_FOCUS.centre]))[0]
    mirrored = values_at(pet, np.array([HOT_FOCUS.centre]) * (-1, 1, 1))[0]
    assert HOT_FOCUS.centre[0] > 0
    # A ball of 12 in white matter (3), blurred by sigma 2.3 mm (5 mm FWHM and the voxel), keeps
    # erf(u / sqrt 2) - sqrt(2 / pi) u exp(-u u / 2) = 0.92 of its 9 at the middle, u = 6 / 2.3; noise 0.4.
    assert focus == pytest.approx(11.3, abs=1.2)
    assert mirrored < 7.0  # white matter (3) with some grey (8) beside it
    hottest = affine @ (*np.unravel_index(voxels.argmax(), voxels.shape), 1)
    assert np.linalg.norm(hottest[:3] - HOT_FOCUS.centre) < HOT_FOCUS.radius


def test_the_hot_focus_cannot_be_seen_in_the_mri_or_the_ct(t1: Scan, mr: Scan, ct: Scan) -> None:
    assert abs(contrast(t1, HOT_FOCUS)) < MRI_NOISE
    assert abs(contrast(mr, HOT_FOCUS)) < MRI_NOISE
    assert abs(contrast(ct, HOT_FOCUS)) < CT_NOISE


def test_the_calcification_is_in_the_ct_alone(ct: Scan, mr: Scan, t1: Scan, pet: Scan) -> None:
    assert contrast(ct, CALCIFICATION) > 250.0
    assert abs(contrast(t1, CALCIFICATION)) < MRI_NOISE
    assert abs(contrast(mr, CALCIFICATION)) < MRI_NOISE
    assert abs(contrast(pet, CALCIFICATION)) < 1.0


def test_the_dicom_tags_put_the_calcification_on_the_patients_left_to_half_a_voxel(ct: Scan) -> None:
    voxels, affine = ct
    places = np.argwhere(voxels > 100) @ affine[:3, :3].T + affine[:3, 3]
    weights = voxels[voxels > 100] - 28  # above white matter
    near = np.linalg.norm(places - CALCIFICATION.centre, axis=1) < 10.0
    centre = np.average(places[near], axis=0, weights=weights[near])
    assert CALCIFICATION.centre[0] < 0
    assert np.all(np.abs(centre - CALCIFICATION.centre) < (1.0, 1.0, 2.0))  # half of 2 x 2 x 4 mm


def test_the_plaque_is_in_the_mri_alone(t1: Scan, mr: Scan, ct: Scan, pet: Scan) -> None:
    assert contrast(t1, PLAQUE) < -100.0
    assert contrast(mr, PLAQUE) > 100.0
    assert abs(contrast(ct, PLAQUE)) < CT_NOISE
    assert abs(contrast(pet, PLAQUE)) < 1.5


@pytest.mark.parametrize("elevation", [5, 25, 45, 65, 85])
def test_bone_closes_the_ct_in_every_direction(ct: Scan, elevation: float) -> None:
    for azimuth in np.radians(np.arange(0, 360, 15)):
        level, up = np.cos(np.radians(elevation)), np.sin(np.radians(elevation))
        ray = np.array([level * np.cos(azimuth), level * np.sin(azimuth), up])
        along = values_at(ct, np.array([0.0, -6.0, 8.0]) + np.arange(40.0, 105.0, 0.5)[:, None] * ray)
        assert along.max() > 600


def test_both_dicom_series_and_the_mri_show_the_eyes_in_one_place(t1: Scan, mr: Scan, ct: Scan) -> None:
    eyes = np.concatenate([places_within((side, 70.0, -32.0), 0.0, 6.0) for side in (-31.0, 31.0)])
    assert np.median(values_at(t1, eyes)) == pytest.approx(150, abs=30)  # vitreous, with the coil's unevenness
    assert np.median(values_at(mr, eyes)) == pytest.approx(930, abs=120)
    assert np.median(values_at(ct, eyes)) == pytest.approx(10, abs=10)


def test_no_image_is_its_own_mirror_image(t1: Scan) -> None:
    places = places_within((0.0, -6.0, 20.0), 0.0, 60.0)
    there, mirrored = values_at(t1, places), values_at(t1, places * (-1, 1, 1))
    # A head drawn with mirrored halves would reach 0.99 here: the noise is a twentieth of the tissues' contrast.
    assert np.corrcoef(there, mirrored)[0, 1] < 0.75


def test_the_volumes_are_stored_in_three_axis_orders() -> None:
    names = ("mri_pet/sub-phantom_T1w", "mri_pet/sub-phantom_pet", "mri_spect/sub-phantom_spect")
    axes = ["".join(nib.aff2axcodes(read_nifti(f"{name}.nii.gz")[1])) for name in names]
    assert axes == ["RAS", "LAS", "LPS"]


def test_the_sidecar_names_the_unit_of_the_pet() -> None:
    sidecar = json.loads((ROOT / "mri_pet/sub-phantom_pet.json").read_text(encoding="utf-8"))
    assert (sidecar["Modality"], sidecar["Units"]) == ("PT", "SUVbw")


def test_the_dicom_series_share_a_frame_of_reference_and_one_is_oblique() -> None:
    ct, mr = (
        [pydicom.dcmread(path, stop_before_pixels=True) for path in sorted((ROOT / folder).glob("*.dcm"))]
        for folder in ("mri_ct/ct_dicom", "mri_ct/mr_dicom")
    )
    assert len({one.FrameOfReferenceUID for one in ct + mr}) == 1
    assert len({one.SOPInstanceUID for one in ct + mr}) == len(ct) + len(mr) == 72
    assert {str(one.PatientName) for one in ct + mr} == {"Phantom^Head"}
    assert [one.InstanceNumber for one in ct] != sorted(one.InstanceNumber for one in ct)
    across, down = np.array(mr[0].ImageOrientationPatient, dtype=float).reshape(2, 3)
    # Normal of a slice turned by 12 degrees about the left-right axis.
    assert np.degrees(np.arccos(np.cross(across, down)[2])) == pytest.approx(12.0, abs=1e-6)
    assert np.degrees(np.arctan2(across[1], across[0])) == pytest.approx(5.0, abs=1e-6)


def test_people_are_warm_and_the_sign_is_for_the_eye_only() -> None:
    warmth = np.asarray(Image.open(ROOT / "slices/infrared_visible/ir.png"), dtype=float)
    outcome = np.asarray(Image.open(ROOT / "slices/infrared_visible/vi.png").convert("L"), dtype=float)
    person, sign = np.s_[150:170, 208:220], np.s_[88:112, 112:138]
    assert warmth[person].mean() > 180
    assert outcome[person].mean() < 40
    assert outcome[sign].std() > 4 * warmth[sign].std()


@pytest.mark.parametrize("name", SAMPLES)
def test_every_pair_is_there_and_names_a_task(name: str) -> None:
    assert SAMPLES[name].task in TASKS
    assert all(path.exists() for path in SAMPLES[name].paths())
    assert sample_folder() == ROOT


def test_a_missing_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "__file__", str(tmp_path / "src/napari_refusion/io/sample.py"))
    with pytest.raises(FileNotFoundError, match="neither in"):
        sample_folder()


def test_the_installed_package_finds_its_own_folder_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "napari_refusion"
    shutil.copytree(ROOT / "mri_pet", package / "sample_data" / "mri_pet")
    monkeypatch.setattr(sample, "__file__", str(package / "io" / "sample.py"))
    assert sample_folder() == package / "sample_data"


def test_making_a_pair_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_infrared_visible(tmp_path / folder)
    for name in ("ir.png", "vi.png"):
        one, two, kept = (
            root / "slices/infrared_visible" / name for root in (tmp_path / "one", tmp_path / "two", ROOT)
        )
        assert one.read_bytes() == two.read_bytes()
        assert np.abs(np.asarray(Image.open(one), dtype=int) - np.asarray(Image.open(kept), dtype=int)).max() <= 1


def test_making_a_volume_again_gives_the_volume_that_is_here(tmp_path: Path) -> None:
    write_spect(tmp_path)
    name = "mri_spect/sub-phantom_spect.nii.gz"
    again, kept = nib.load(tmp_path / name), nib.load(ROOT / name)
    # Another processor may round one count differently; here the files are the same bytes.
    assert np.abs(again.get_fdata() - kept.get_fdata()).max() <= 1
    assert (again.affine == kept.affine).all()
    # the gzip header without a time; its tenth byte is the system, which Python 3.13 leaves open
    assert (tmp_path / name).read_bytes()[:9] == (ROOT / name).read_bytes()[:9]
