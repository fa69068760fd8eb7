"""Fuse co-registered MRI, CT, PET and SPECT with ReFusion and review the result slice by slice.

Five words do it without a window:

    import napari_refusion as nr

    study = nr.pair(nr.read("pet.nii.gz"), nr.read("mri.nii.gz"))
    for finding in study.findings:
        print(finding.level, finding.sentence)
    nr.write(nr.fuse(study), "fused.nii.gz")

Importing this loads neither torch nor napari; each word is imported when it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_refusion.api import check, fuse, pair, read, write
    from napari_refusion.fusion.fuse import Fused
    from napari_refusion.study.study import Study
    from napari_refusion.volume.finding import Finding, RefusedError
    from napari_refusion.volume.volume import Volume

__version__ = "0.1.0"

__all__ = ["Finding", "Fused", "RefusedError", "Study", "Volume", "check", "fuse", "pair", "read", "write"]

_HOMES = {
    **dict.fromkeys(("check", "fuse", "pair", "read", "write"), "api"),
    "Finding": "volume.finding",
    "Fused": "fusion.fuse",
    "RefusedError": "volume.finding",
    "Study": "study.study",
    "Volume": "volume.volume",
}
"""Name -> module that it is imported from when it is asked for (PEP 562)."""


if not TYPE_CHECKING:  # else every misspelt word would be typed as Any

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - functions and classes
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
