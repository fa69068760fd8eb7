"""The sample data that comes with the package: where it lies and which files make a pair."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple


class Sample(NamedTuple):
    """A pair of images to fuse, in the order in which the networks take the two sources."""

    title: str
    """What to call it in a menu."""
    first: str
    """File or DICOM folder, relative to `sample_folder`: PET, CT, SPECT, infrared, near focus, under-exposed."""
    second: str
    """File or DICOM folder of the other source."""
    task: str
    """Key of `napari_refusion.model.tasks.TASKS`."""

    def paths(self) -> tuple[Path, Path]:
        """Return where the two sources lie."""
        folder = sample_folder()
        return folder / self.first, folder / self.second


SAMPLES: Final[Mapping[str, Sample]] = MappingProxyType(
    {
        "mri_pet": Sample(
            "Head phantom: PET and MRI",
            "mri_pet/sub-phantom_pet.nii.gz",
            "mri_pet/sub-phantom_T1w.nii.gz",
            "medical",
        ),
        "mri_ct": Sample("Head phantom: CT and oblique MRI (DICOM)", "mri_ct/ct_dicom", "mri_ct/mr_dicom", "medical"),
        "mri_spect": Sample(
            "Head phantom: SPECT and MRI",
            "mri_spect/sub-phantom_spect.nii.gz",
            "mri_pet/sub-phantom_T1w.nii.gz",
            "medical",
        ),
        "medical_slice": Sample(
            "Head phantom: one slice, PET in colour", "slices/medical/pet.png", "slices/medical/mri.png", "medical"
        ),
        "infrared_visible": Sample(
            "Street by night: infrared and visible",
            "slices/infrared_visible/ir.png",
            "slices/infrared_visible/vi.png",
            "infrared_visible",
        ),
        "multi_focus": Sample(
            "Cup and shelf: near and far focus",
            "slices/multi_focus/near.png",
            "slices/multi_focus/far.png",
            "multi_focus",
        ),
        "multi_exposure": Sample(
            "Room with a window: under- and over-exposed",
            "slices/multi_exposure/under.png",
            "slices/multi_exposure/over.png",
            "multi_exposure",
        ),
    }
)
"""Name -> pair. All synthetic, CC0-1.0; described in the folder's README."""


def sample_folder() -> Path:
    """Return the folder of the sample data: inside an installed package, else at the root of the checkout.

    Raises
    ------
    FileNotFoundError
        Where neither is there, as when the package was copied without its data.
    """
    package = Path(__file__).resolve().parents[1]
    places = (package / "sample_data", package.parents[1] / "sample_data")
    for place in places:
        if (place / "mri_pet").is_dir():
            return place
    raise FileNotFoundError(
        f"The sample data is neither in {places[0]} nor in {places[1]}. Install napari-refusion from a wheel, "
        "or run it from a complete checkout."
    )
