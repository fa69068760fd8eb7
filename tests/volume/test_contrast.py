"""Which contrast an MRI has: names first, then the times of its sequence."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.volume.acquisition import Acquisition
from napari_refusion.volume.contrast import CONTRASTS, known_contrast
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume

MRI = Volume(np.zeros((2, 2, 2), np.float32), np.eye(4), "MR")


def contrast(volume: Volume) -> str:
    found = known_contrast(volume)
    return found.contrast.name if found else ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sub-01_T1w.nii.gz", "T1"),
        ("sub-01_ce-gadolinium_T1w.nii.gz", "T1 with contrast agent"),
        ("sub-01_T2w.nii.gz", "T2"),
        ("sub-01_acq-T1_T2w.nii.gz", "T2"),  # the suffix decides, whatever else the name holds
        ("sub-01_T2starw.nii.gz", "T2*"),
        ("sub-01_FLAIR.nii.gz", "FLAIR"),
        ("sub-01_PDw.nii.gz", "PD"),
        ("sub-01_dwi.nii.gz", "DWI"),
        ("x_ADC.nii.gz", "ADC"),
        ("brain.nii.gz", ""),
    ],
)
def test_a_bids_suffix_tells_the_contrast(name: str, expected: str) -> None:
    assert contrast(replace(MRI, origin=Origin((Path("/d") / name,)))) == expected
    assert contrast(replace(MRI, name=name)) == expected


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("t1_mprage_sag_p2_iso", "T1"),
        ("AX T1 SE PRE", "T1"),
        ("Sag 3D FSPGR BRAVO", "T1"),
        ("AX T1 +C", "T1 with contrast agent"),
        ("t1_se_tra_KM", "T1 with contrast agent"),
        ("AX T1 POST GD FS", "T1 with contrast agent"),
        ("T1 without contrast", "T1"),
        ("AX T1 posterior fossa", "T1"),
        ("AX T1 no fatsat +C", "T1 with contrast agent"),
        ("t1_isotropic", "T1"),
        ("T1 Gd", "T1 with contrast agent"),
        ("T1ce", "T1 with contrast agent"),
        ("t2_tse_tra_512", "T2"),
        ("AX T2 FLAIR", "FLAIR"),
        ("t2_tirm_tra_dark-fluid", "FLAIR"),
        ("AX T1 FLAIR", "T1"),
        ("COR STIR", "T2"),
        ("Ax T2* GRE", "T2*"),
        ("SWI_Images", "T2*"),
        ("PD_FS sag", "PD"),
        ("AX PD/T2 dual echo", ""),  # two contrasts in one series: the echo time tells which
        ("ep2d_diff_b1000_tra", "DWI"),
        ("ep2d_diff_3scan_trace_ADC", "ADC"),
        ("Apparent Diffusion Coefficient (mm2/s) ADC", "ADC"),
        ("AX DWI T2 b0", "DWI"),
        ("post-operative T2", "T2"),
        ("T1 C SPINE", "T1"),  # the neck, and no contrast agent
        ("C-SPINE SAG T1 +C", "T1 with contrast agent"),
        ("T2 C_Spine", "T2"),
        ("sT1W_3D_TFE", "T1"),
        ("sT2W_FLAIR_SENSE", "FLAIR"),
        ("t1_vibe_dixon_tra", "T1"),
        ("VIBE fs post", "T1 with contrast agent"),
        ("LAVA-Flex PRE", "T1"),
        ("T2W_FFE", "T2*"),
        ("t2_fl2d_tra_hemo", "T2*"),
        ("T1W_FFE", "T1"),
        ("Apparent Diffusion Coefficient (mm2/s)", "ADC"),
        ("eADC", ""),  # bright where diffusion is restricted, as a DWI is
        ("LOCALIZER", ""),
    ],
)
def test_a_series_description_tells_the_contrast(description: str, expected: str) -> None:
    assert contrast(replace(MRI, acquisition=Acquisition(description=description))) == expected


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        # echo, repetition, inversion time in ms of ordinary protocols
        ((2.9, 2300.0, 900.0), "T1"),  # MPRAGE
        ((12.0, 500.0, None), "T1"),  # spin echo
        ((100.0, 4000.0, None), "T2"),  # turbo spin echo
        ((20.0, 3000.0, None), "PD"),
        ((85.0, 3000.0, None), "T2"),  # the second echo of the same series
        ((90.0, 9000.0, 2500.0), "FLAIR"),
        ((50.0, 4000.0, 150.0), "T2"),  # STIR
        ((60.0, 2500.0, None), ""),  # between proton density and T2
        ((30.0, 1000.0, None), ""),
        ((None, None, None), ""),
    ],
)
def test_where_no_name_tells_it_the_times_of_the_sequence_do(times: tuple[float | None, ...], expected: str) -> None:
    echo, repetition, inversion = times
    how = Acquisition(echo_time=echo, repetition_time=repetition, inversion_time=inversion)
    assert contrast(replace(MRI, acquisition=how)) == expected


def test_an_agent_in_the_header_makes_a_t1_one_with_contrast_unless_the_series_says_before() -> None:
    how = Acquisition(description="AX T1 SE", agent="Gadovist")
    assert contrast(replace(MRI, acquisition=how)) == "T1 with contrast agent"
    assert contrast(replace(MRI, acquisition=replace(how, description="AX T1 SE pre"))) == "T1"
    assert contrast(replace(MRI, acquisition=replace(how, description="AX T2"))) == "T2"
    assert contrast(replace(MRI, acquisition=Acquisition(echo_time=9, repetition_time=500, agent="x"))) != "T1"


def test_a_b_value_makes_it_diffusion() -> None:
    assert contrast(replace(MRI, acquisition=Acquisition(b_value=0.0, echo_time=80, repetition_time=5000))) == "DWI"


def test_contrasts_follow_each_other_from_anatomy_to_diffusion() -> None:
    order = ["T1", "T1 with contrast agent", "T2", "FLAIR", "PD", "DWI", "ADC"]
    assert [one.name for one in CONTRASTS if one.name in order] == order


def test_it_is_said_what_tells_the_contrast() -> None:
    found = known_contrast(replace(MRI, acquisition=Acquisition(description="t2_tse")))
    assert found is not None
    assert found.words == "T2 (by its series description)"
