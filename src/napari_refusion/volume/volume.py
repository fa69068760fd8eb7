"""A volume: voxels, where they lie in the patient, and what they mean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour import luminance
from napari_refusion.volume.affine import IPL, Affine, spacing
from napari_refusion.volume.finding import Finding

FUNCTIONAL = ("PT", "NM")
"""DICOM modalities that show function: PET and SPECT."""

MODALITY_NAMES = {"MR": "MRI", "CT": "CT", "PT": "PET", "NM": "SPECT", "OT": "other"}
"""DICOM Modality (0008,0060) -> the word used in sentences."""


@dataclass(frozen=True, slots=True)
class Volume:
    """An image volume in (Inferior, Posterior, Left) order; a single slice or photograph is a volume of one slice."""

    data: np.ndarray
    """(I, P, L) float32 in `unit`, or (I, P, L, 3) RGB in [0, 1]; may hold NaN and Inf as the file did."""
    affine: Affine
    """(4, 4) float64, (i, p, l) -> RAS+ mm."""
    modality: str = ""
    """DICOM Modality: ``MR``, ``CT``, ``PT``, ``NM``, ``OT``; empty where unknown."""
    unit: str = ""
    """``HU``, ``SUVbw``, ``Bq/ml``...; empty for arbitrary units."""
    name: str = ""
    """What to call it: the file's or the series' name, without patient data."""
    sha256: str = ""
    """Hash of the files it was read from."""
    frame_of_reference: str = ""
    """DICOM Frame of Reference UID (0020,0052); empty where the file has none."""
    stored_axes: tuple[str, str, str] = IPL
    """Axis codes of the array as it was stored, to write a result in the same order."""
    is_photograph: bool = False
    """True for PNG, TIFF, JPEG: pixels without a place in a patient, 1 mm apart by convention."""
    findings: tuple[Finding, ...] = ()
    """What its reader noticed."""

    def __post_init__(self) -> None:
        if self.data.ndim not in (3, 4) or (self.data.ndim == 4 and self.data.shape[3] != 3):
            raise ValueError(f"A volume is (I, P, L) or (I, P, L, 3), not {self.data.shape}.")
        if self.affine.shape != (4, 4):
            raise ValueError(f"An affine is (4, 4), not {self.affine.shape}.")

    @property
    def is_rgb(self) -> bool:
        """Whether the voxels are colours."""
        return self.data.ndim == 4

    @property
    def grey(self) -> NDArray[np.float32]:
        """What is fused and windowed, (I, P, L): the values, or the luminance of the colours."""
        return luminance(self.data) if self.is_rgb else self.data

    @property
    def grid(self) -> tuple[int, int, int]:
        """Number of voxels along (I, P, L)."""
        planes, rows, columns = self.data.shape[:3]
        return planes, rows, columns

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distances of neighbouring voxels along (I, P, L), in mm."""
        inferior, posterior, left = spacing(self.affine).tolist()
        return inferior, posterior, left

    @property
    def is_functional(self) -> bool:
        """Whether it shows function (PET, SPECT) rather than anatomy."""
        return self.modality in FUNCTIONAL
