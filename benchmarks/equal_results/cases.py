"""The cases: which two sources are fused, and how."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Case:
    """Two sources and the options that the command line is given for them."""

    name: str
    first: str
    """File or folder below the checkout, or below ``shared/``, the folder of real data."""
    second: str
    task: str = "medical"
    modalities: tuple[str, str] = ("", "")
    """Options ``--modality-a`` and ``--modality-b``; empty for none."""
    windows: tuple[str, str] = ("", "")
    """Options ``--window-a`` and ``--window-b``."""
    axis: str = "axial"
    reference: str = ""
    weights: str = ""
    colour: str = ""
    slab: tuple[float, float] | None = None
    """NIfTI sources are cut to these millimetres along superior, so that a case takes seconds."""
    picked: tuple[str, str] = ("", "")
    """Of a DICOM folder with several series, the Modality (0008,0060) whose images are copied out and fused."""
    has_review: bool = True
    """Whether it is reviewed, which takes five times as long as fusing it; what is refused is not."""
    has_dicom: bool = False
    """Option ``--dicom``."""

    @property
    def ending(self) -> str:
        """Return what the fused file ends in: pictures become a picture."""
        return ".png" if self.first.endswith((".png", ".jpg")) else ".nii.gz"


_PET: Final = "sample_data/mri_pet/sub-phantom_pet.nii.gz"
_T1: Final = "sample_data/mri_pet/sub-phantom_T1w.nii.gz"
_SPECT: Final = "sample_data/mri_spect/sub-phantom_spect.nii.gz"
_CT_SERIES: Final = "sample_data/mri_ct/ct_dicom"
_MR_SERIES: Final = "sample_data/mri_ct/mr_dicom"
_PICTURES: Final = "sample_data/slices"
_MNI: Final = "shared/data/volumes/mni2mm"
_AANLIB: Final = "shared/data/volumes/aanlib"
_SARCOMA: Final = "shared/data/petctmr/devtest/STS_003/STS_003"
_GLIOMA: Final = "shared/data/mr_pairs/devtest/TCGA-FG-6692/TCGA-FG-6692"
_HOSTILE: Final = "shared/data/hostile"
_MIXED: Final = f"{_HOSTILE}/dicom/derived_mixed_MR_PET_synthetic_header"

_FOCUS: Final = (5.0, 30.0)
"""Millimetres around the hot focus of the head phantom."""

_SAMPLES: Final = (
    Case("phantom_pet_t1_whole", _PET, _T1, has_review=False),
    Case("phantom_pet_t1", _PET, _T1, slab=_FOCUS),
    Case("phantom_t1_pet_other_order", _T1, _PET, windows=("p1,p99", "0,10"), slab=_FOCUS),
    Case("phantom_pet_t1_coronal", _PET, _T1, axis="coronal", colour="hot_iron", slab=_FOCUS),
    Case("phantom_pet_t1_on_pet", _PET, _T1, reference="a", slab=_FOCUS),
    Case("phantom_pet_t1_sagittal_grey", _PET, _T1, axis="sagittal", colour="none", slab=_FOCUS),
    Case("phantom_pet_t1_other_weights", _PET, _T1, weights="infrared_visible", slab=_FOCUS),
    Case("phantom_spect_t1", _SPECT, _T1, colour="pet", slab=_FOCUS),
    Case("phantom_ct_mr_dicom", _CT_SERIES, _MR_SERIES, has_dicom=True),
    Case("phantom_mr_ct_dicom_bone", _MR_SERIES, _CT_SERIES, windows=("", "bone"), has_dicom=True),
    Case("phantom_ct_mr_coronal_on_mr", _CT_SERIES, _MR_SERIES, axis="coronal", reference="b", has_dicom=True),
    Case("phantom_ct_pet", _CT_SERIES, _PET, windows=("soft", "")),
    Case(
        "phantom_slice",
        f"{_PICTURES}/medical/pet.png",
        f"{_PICTURES}/medical/mri.png",
        modalities=("PT", "MR"),
    ),
    Case(
        "street",
        f"{_PICTURES}/infrared_visible/ir.png",
        f"{_PICTURES}/infrared_visible/vi.png",
        "infrared_visible",
    ),
    Case("shelf", f"{_PICTURES}/multi_focus/near.png", f"{_PICTURES}/multi_focus/far.png", "multi_focus"),
    Case("room", f"{_PICTURES}/multi_exposure/under.png", f"{_PICTURES}/multi_exposure/over.png", "multi_exposure"),
)

_REAL: Final = (
    Case("spm_pet_t1", f"{_MNI}/spm_PET.nii", f"{_MNI}/spm_T1.nii", modalities=("PT", "MR"), slab=(0, 40)),
    Case("spm_t1_spect", f"{_MNI}/spm_T1.nii", f"{_MNI}/spm_SPECT.nii", modalities=("MR", "NM"), slab=(-20, 40)),
    Case(
        "scct_t1_coronal_soft",
        f"{_MNI}/derived_scct_HU.nii.gz",
        f"{_MNI}/spm_T1.nii",
        modalities=("CT", "MR"),
        windows=("soft", ""),
        axis="coronal",
        slab=(0, 40),
    ),
    Case(
        "fdopa_t1_two_grids",
        "shared/data/volumes/mni3mm_pet/FDOPA_f18.nii",
        f"{_MNI}/spm_T1.nii",
        modalities=("PT", "MR"),
        reference="b",
        slab=(-30, 30),
    ),
    Case("sarcoma_pet_ct", f"{_SARCOMA}_pet.nii.gz", f"{_SARCOMA}_ct.nii.gz", modalities=("", "CT"), slab=(-800, -735)),
    Case("sarcoma_t1_pet", f"{_SARCOMA}_T1w.nii.gz", f"{_SARCOMA}_pet.nii.gz", has_review=False),
    Case("glioma_flair_t1", f"{_GLIOMA}_FLAIR.nii.gz", f"{_GLIOMA}_T1w.nii.gz", slab=(0, 40)),
    Case(
        "stack_ct_mr",
        f"{_AANLIB}/c28_ct8bit.nii.gz",
        f"{_AANLIB}/c28_mr.nii.gz",
        modalities=("CT", "MR"),
        slab=(20, 60),
    ),
    Case(
        "stack_spect_in_colour",
        f"{_AANLIB}/c10_spect_rgb.nii.gz",
        f"{_AANLIB}/c10_mr.nii.gz",
        modalities=("NM", "MR"),
        slab=(0, 30),
    ),
    Case("real_pet_mr_dicom", _MIXED, _MIXED, picked=("PT", "MR"), has_dicom=True, has_review=False),
    Case(
        "road",
        "shared/data/ivif/devtest/ir/road_FLIR_00211.jpg",
        "shared/data/ivif/devtest/vi/road_FLIR_00211.jpg",
        "infrared_visible",
    ),
    Case(
        "lytro",
        "shared/data/mfif/devtest/near/lytro_01.jpg",
        "shared/data/mfif/devtest/far/lytro_01.jpg",
        "multi_focus",
    ),
    Case(
        "rock",
        "shared/data/meif/devtest/under/BalancedRock.png",
        "shared/data/meif/devtest/over/BalancedRock.png",
        "multi_exposure",
    ),
)

_REFUSED: Final = (
    Case("refused_volume_and_photograph", _T1, f"{_PICTURES}/multi_focus/near.png"),
    Case("refused_dicom_and_nifti_export", _CT_SERIES, _T1, has_dicom=True),
    Case("refused_complex", f"{_HOSTILE}/nifti/complex.nii.gz", _T1, modalities=("MR", "")),
    Case("refused_time_series", _PET, f"{_HOSTILE}/nifti/nib_functional.nii", modalities=("", "MR")),
    Case("refused_gantry_tilt", f"{_HOSTILE}/dicom/dcmqa_ct_GE_tilt_varspacing", _MR_SERIES),
    Case("refused_two_series", _MIXED, _MR_SERIES),
    Case("refused_other_patient", f"{_SARCOMA}_pet.nii.gz", _T1, modalities=("", "MR")),
)

CASES: Final = (*_SAMPLES, *_REAL, *_REFUSED)
