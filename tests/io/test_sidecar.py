"""What stands beside an image: how it was acquired, when its frames were measured, and in which unit."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_refusion.io.frames import frames_of
from napari_refusion.io.identify import identify
from napari_refusion.io.open import open_volume
from napari_refusion.io.sidecar import acquisition_of, frame_times, read_sidecar
from napari_refusion.io.unit import Unit, unit_of
from napari_refusion.volume.origin import patient_mark, what_differs
from tests import nifti_files

NOTHING = np.zeros((2, 2, 2), np.float32)


def beside(path: Path, **entries: object) -> Path:
    path.with_name(path.name.split(".")[0] + ".json").write_text(json.dumps(entries))
    return path


# --- units ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["BQML", "Bq/mL", "bq/ml", "Bq/cc", "Bq/cm3", "Bq mL^-1", "Bq·mL⁻¹", "kBq/L"])
def test_becquerel_per_millilitre_is_known_by_every_spelling(word: str) -> None:
    assert unit_of(word) == Unit("Bq/ml")


@pytest.mark.parametrize(
    ("word", "factor"),
    [
        ("kBq/ml", 1e3),
        ("KBQML", 1e3),
        ("KBq/cc", 1e3),
        ("MBq/mL", 1e6),
        ("MBQML", 1e6),
        ("nCi/ml", 37.0),
        ("uCi/cc", 37e3),
        ("\N{MICRO SIGN}Ci/ml", 37e3),
        ("\N{GREEK SMALL LETTER MU}Ci/ml", 37e3),
        ("Bq/L", 1e-3),
    ],
)
def test_other_activities_are_brought_to_bq_per_ml(word: str, factor: float) -> None:
    found = unit_of(word)
    assert found is not None
    assert found.name == "Bq/ml"
    assert found.factor == pytest.approx(factor, rel=1e-12)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("SUV", "SUV"),
        ("suv_bw", "SUVbw"),
        ("SUV (body weight)", "SUVbw"),
        ("GML", "SUVbw"),
        ("SUL", "SUVlbm"),
        # with the density that it is in, as programs and DICOM's code for it ({SUVbw}g/ml, UCUM) write it
        ("SUV [g/mL]", "SUVbw"),
        ("{SUVbw}g/ml", "SUVbw"),
        ("g/mL (SUVbw)", "SUVbw"),
        ("SUVlbm (g/ml)", "SUVlbm"),
        ("{SUVbsa}cm2/ml", "SUVbsa"),
        ("Standardized Uptake Value", "SUV"),
        ("Standardised uptake value (body weight)", "SUVbw"),
    ],
)
def test_suv_is_told_from_its_kinds(word: str, name: str) -> None:
    assert unit_of(word) == Unit(name)


@pytest.mark.parametrize("word", ["mBq/ml", "furlongs", "Bq", "1/s", "MCi/ml", "Bq/ml/s"])
def test_an_unknown_or_ambiguous_unit_is_said_and_left_out(tmp_path: Path, word: str) -> None:
    identity = identify(beside(tmp_path / "a_pet.nii", Units=word), NOTHING)
    assert identity.unit == ""
    assert [(finding.level, finding.value) for finding in identity.findings] == [("warn", word)]


def test_values_are_multiplied_where_the_unit_asks_for_it(tmp_path: Path) -> None:
    identity = identify(beside(tmp_path / "a_pet.nii", Units="kBq/ml"), NOTHING)
    assert identity.in_unit(NOTHING + 2).tolist() == (NOTHING + 2000).tolist()
    assert (identity.unit, identity.findings[0].level) == ("Bq/ml", "ok")


@pytest.mark.parametrize("name", ["a_spect.nii", "a_pet.nii"])
def test_spect_has_units_as_pet_has(tmp_path: Path, name: str) -> None:
    assert identify(beside(tmp_path / name, Units="BQML"), NOTHING).unit == "Bq/ml"


# --- patient -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ({"PatientID": "4711"}, {"PatientID": "4712"}, True),
        ({"PatientID": "4711", "PatientBirthDate": "1950-02-11"}, {"PatientBirthDate": "19710305"}, True),
        ({"PatientID": 4711}, {"PatientID": "0004711"}, False),
        ({"PatientID": "4711"}, {}, False),
        ({"PatientID": "ANONYMOUS"}, {"PatientID": "4711"}, False),
        ({"PatientID": ["4711"]}, {"PatientID": True}, False),
    ],
)
def test_patients_whom_sidecars_name_are_told_apart(
    tmp_path: Path, one: dict[str, Any], other: dict[str, Any], differ: bool
) -> None:
    first, second = (
        open_volume(beside(nifti_files.save(tmp_path / f"{name}.nii"), **entries)).origin
        for name, entries in (("a_T1w", one), ("b_pet", other))
    )
    assert bool(what_differs(first.mark, second.mark)) is differ
    # as a word: digits of a hash, of which the key is chosen by chance, may be the same
    assert re.search(r"(?<![0-9a-f])4711(?![0-9a-f])", first.mark) is None


def test_a_sidecar_and_a_dicom_header_name_the_same_patient(tmp_path: Path) -> None:
    named = open_volume(
        beside(nifti_files.save(tmp_path / "a_T1w.nii"), PatientID="P-17", PatientBirthDate="1950-02-11")
    )
    assert what_differs(named.origin.mark, patient_mark("p 17", "North", "19500211")) == ""
    assert what_differs(named.origin.mark, patient_mark("P-18", "North", "19500211")) != ""


# --- acquisition ----------------------------------------------------------------------------------------------------


def test_times_of_dcm2niix_are_seconds_and_become_milliseconds(tmp_path: Path) -> None:
    path = beside(tmp_path / "a.nii", EchoTime=0.00298, RepetitionTime=2.3, InversionTime=0.9, BodyPartExamined="brain",
                  SeriesDescription="t1_mprage", ContrastBolusIngredient="GADOLINIUM")  # fmt: skip
    found = acquisition_of(read_sidecar(path))
    assert (found.echo_time, found.repetition_time, found.inversion_time) == (2.98, 2300.0, 900.0)
    assert (found.body_part, found.description, found.agent) == ("BRAIN", "t1_mprage", "GADOLINIUM")


@pytest.mark.parametrize("value", [80, -0.01, 0, "0.08", None, True, [0.01, 0.02], float("nan"), 10**400])
def test_an_echo_time_that_cannot_be_one_in_seconds_is_left_out(tmp_path: Path, value: object) -> None:
    assert acquisition_of(read_sidecar(beside(tmp_path / "a.nii", EchoTime=value))).echo_time is None


@pytest.mark.parametrize(
    ("entries", "corrected", "warned"),
    [
        ({"CorrectedImage": ["DECY", "ATTN"]}, ("DECY", "ATTN"), False),
        ({"CorrectedImage": "DECY\\RADL"}, ("DECY", "RADL"), True),
        ({"AttenuationCorrection": "[137Cs]transmission", "ImageDecayCorrected": True}, ("ATTN", "DECY"), False),
        ({"AttenuationCorrection": "none"}, (), True),
        ({}, (), False),
    ],
)  # fmt: skip
def test_pet_without_attenuation_correction_is_said(
    tmp_path: Path, entries: dict[str, Any], corrected: tuple[str, ...], warned: bool
) -> None:
    identity = identify(beside(tmp_path / "a_pet.nii", **entries), NOTHING)
    assert identity.acquisition.corrected == corrected
    assert ("attenuation correction" in [finding.rule for finding in identity.findings]) == warned


@pytest.mark.parametrize(
    ("unit", "sex", "height", "factor"),
    [
        # 9270 / (6680 + 216 x 70 / 1.75^2) = 0.7980 and 9270 / (8780 + 244 x 70 / 1.75^2) = 0.6457
        ("SUVbw", "M", 1.75, 0.7980),
        ("g/ml", "Female", 1.75, 0.6457),
        ("Bq/ml", "M", 1.75, None),
        ("SUVbw", "O", 1.75, None),
        ("SUVbw", "M", 175, None),
        ("SUVbw", "M", None, None),
    ],
)
def test_lean_body_mass_needs_sex_height_weight_and_suv(
    tmp_path: Path, unit: str, sex: str, height: float | None, factor: float | None
) -> None:
    path = beside(tmp_path / "a_pet.nii", Units=unit, PatientSex=sex, PatientWeight=70, PatientSize=height)
    found = identify(path, NOTHING).acquisition.lean_factor
    assert found == (None if factor is None else pytest.approx(factor, abs=1e-4))


def test_a_byte_order_mark_does_not_hide_a_sidecar(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf" + b'{"Modality": "PT"}')
    assert read_sidecar(tmp_path / "a.nii.gz").text("Modality") == "PT"


# --- frames ---------------------------------------------------------------------------------------------------------


def test_frame_times_begin_with_the_first_frame(tmp_path: Path) -> None:
    path = beside(tmp_path / "a_pet.nii", FrameTimesStart=[30, 90, 150.5], FrameDuration=[60, 60.5, 120])
    times, findings = frame_times(path, read_sidecar(path), 3)
    assert times == ((0, 60), (60, 120.5), (120.5, 240.5))
    assert findings == ()


@pytest.mark.parametrize(
    "entries",
    [
        {"FrameTimesStart": [0, 60], "FrameDuration": [60, 60]},
        {"FrameTimesStart": [0, 60, 120]},
        {"FrameTimesStart": [0, 120, 60], "FrameDuration": [60, 60, 60]},
        {"FrameTimesStart": [0, 60, 120], "FrameDuration": [60, 0, 60]},
        {"FrameTimesStart": ["0", "60", "120"], "FrameDuration": ["60", "60", "60"]},
        {"FrameTimesStart": [0, 60, None], "FrameDuration": 60},
    ],
)
def test_times_that_do_not_fit_the_frames_are_said_and_left_out(tmp_path: Path, entries: dict[str, Any]) -> None:
    path = beside(tmp_path / "a_pet.nii", **entries)
    frames = frames_of(path, 3, read_sidecar(path), step=60.0)
    assert frames.times == ()
    assert [finding.rule for finding in frames.findings] == ["sidecar"]


def test_frames_of_a_time_step_lie_behind_each_other(tmp_path: Path) -> None:
    frames = frames_of(tmp_path / "a.nii", 3, read_sidecar(tmp_path / "a.nii"), step=2.0)
    assert frames.names == ("frame 0, 00:00 to 00:02", "frame 1, 00:02 to 00:04", "frame 2, 00:04 to 00:06")


def test_echoes_and_b_values_are_named_and_not_alike(tmp_path: Path) -> None:
    path = beside(tmp_path / "a.nii", EchoTime=[0.02, 0.08])
    frames = frames_of(path, 2, read_sidecar(path))
    assert (frames.names, frames.alike) == (("echo time 20 ms", "echo time 80 ms"), False)
    (tmp_path / "b.bval").write_text("0 1000 1000\n")
    frames = frames_of(tmp_path / "b.nii.gz", 3, read_sidecar(tmp_path / "b.nii.gz"))
    assert frames.names[1] == "volume 1, b-value 1000 s/mm2"
    assert not frames.alike
    assert frames.files == (tmp_path / "b.bval",)
