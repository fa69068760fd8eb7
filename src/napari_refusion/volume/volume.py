"""A volume: voxels, where they lie in the patient, and what they mean."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour import luminance
from napari_refusion.unknown_name import unknown_name
from napari_refusion.volume.acquisition import UNKNOWN, Acquisition
from napari_refusion.volume.affine import IPL, Affine
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.modality import MODALITIES
from napari_refusion.volume.origin import Origin

NO_FILE: Final = Origin()
"""Of a volume that was made in memory."""


def _check_affine(affine: object) -> None:
    """Raise what is wrong with an affine: a notebook may give anything."""
    if not isinstance(affine, np.ndarray):
        raise ValueError(f"Give the affine as a NumPy array, not {type(affine).__name__}.")
    if affine.shape != (4, 4):
        raise ValueError(f"An affine is (4, 4), not {affine.shape}.")
    if affine.dtype.kind not in "fiu":
        raise ValueError(f"An affine is of numbers, not {affine.dtype}.")
    is_singular = not np.isfinite(affine).all() or np.linalg.det(affine) == 0
    if not is_singular and not np.allclose(affine[3], (0, 0, 0, 1)):  # pairing tells of a singular one
        raise ValueError(f"The last row of an affine is 0, 0, 0, 1, not {affine[3].tolist()}.")


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """An image volume in (Inferior, Posterior, Left) order; a single slice or photograph is a volume of one slice."""

    data: np.ndarray = field(repr=False)
    """(I, P, L) float32 in `unit`, or (I, P, L, 3) RGB in [0, 1]; may hold NaN and Inf as the file did."""
    affine: Affine
    """(4, 4) float64, (i, p, l) -> RAS+ mm."""
    modality: str = ""
    """One of `modality.MODALITIES`: ``MR``, ``CT``, ``PT``, ``NM``, ``OT``; empty where unknown."""
    unit: str = ""
    """``HU``, ``SUVbw``, ``Bq/ml``...; empty for arbitrary units."""
    name: str = ""
    """What to call it: the file's or the series' name, without patient data."""
    origin: Origin = NO_FILE
    """Which files it was read from."""
    frame_of_reference: str = ""
    """DICOM Frame of Reference UID (0020,0052); empty where the file has none."""
    stored_axes: tuple[str, str, str] = IPL
    """Axis codes of the array as it was stored, to write a result in the same order."""
    acquisition: Acquisition = UNKNOWN
    """How it was acquired."""
    is_photograph: bool = False
    """True for PNG, TIFF, JPEG: pixels without a place in a patient, 1 mm apart by convention."""
    is_depth_unknown: bool = False
    """True for a picture of 16 bits that uses 10 to 14 of them and does not say how many: its full brightness, 1, is
    that of all 16."""
    findings: tuple[Finding, ...] = ()
    """What its reader noticed."""

    def __post_init__(self) -> None:
        shape = getattr(self.data, "shape", None)
        if shape is None:
            raise ValueError(f"Give voxels as a NumPy array, not {type(self.data).__name__}.")
        if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] != 3):
            raise ValueError(f"A volume is (I, P, L) or (I, P, L, 3), not {tuple(shape)}.")
        _check_affine(self.affine)
        if self.modality and self.modality not in MODALITIES:
            raise ValueError(unknown_name("modality", self.modality, MODALITIES))

    def with_data(self, data: np.ndarray, name: str = "", modality: str = "", unit: str = "") -> "Volume":
        """Return another image on the same grid in the same space, which came from no file and no reader checked.

        Parameters
        ----------
        data
            (I, P, L) or (I, P, L, 3) as here.
        modality, unit
            Of the new values; nothing is taken over, for a sum or a mask is neither.
        """
        return replace(
            self,
            data=data,
            modality=modality,
            unit=unit,
            name=name,
            origin=NO_FILE,
            acquisition=Acquisition(space=self.acquisition.space),
            findings=(),
            is_depth_unknown=False,
        )

    @property
    def is_rgb(self) -> bool:
        """Whether the voxels are colours."""
        return self.data.ndim == 4

    @property
    def grey(self) -> NDArray[np.float32]:
        """What is fused and windowed, (I, P, L): the values, or the luminance of the colours."""
        return luminance(self.data) if self.is_rgb else self.data

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along (I, P, L)."""
        planes, rows, columns = self.data.shape[:3]
        return planes, rows, columns

    @property
    def grid(self) -> Grid:
        """Its voxels and their place."""
        return Grid(self.shape, self.affine)

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distances of neighbouring voxels along (I, P, L), in mm."""
        return self.grid.spacing

    @property
    def word(self) -> str:
        """What a sentence calls its modality, empty where that is unknown."""
        return MODALITIES[self.modality].name if self.modality else ""

    @property
    def title(self) -> str:
        """What a sentence calls the volume."""
        return self.name or f"The unnamed {self.word or 'volume'}"

    @property
    def is_functional(self) -> bool:
        """Whether it shows function (PET, SPECT) rather than anatomy."""
        return bool(self.modality) and MODALITIES[self.modality].is_functional

    @property
    def is_anatomical(self) -> bool:
        """Whether it shows anatomy (MRI, CT)."""
        return bool(self.modality) and MODALITIES[self.modality].is_anatomical
