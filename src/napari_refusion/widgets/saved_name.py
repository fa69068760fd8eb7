"""What a layer's file is called: napari offers a layer's name, or takes it, as for a folder of all layers."""

from collections.abc import Sequence
from pathlib import Path

from napari_refusion.io.formats import ending
from napari_refusion.io.reserved_names import without_forbidden
from napari_refusion.volume.finding import refuse


def saved_as(asked: str) -> tuple[Path, bool]:
    """Return the NIfTI file for a name that napari hands over, and whether it has asked before that one is replaced.

    ``.nii.gz`` is added where it lacks, and what Windows cannot keep in a name is left out, as the colon of ``Fused:
    ...``. About a name that was changed so napari has not asked.
    """
    path = Path(asked)
    # what stands behind a dot in a layer's name is no ending
    added = "" if ending(path) in (".nii", ".nii.gz") else ".nii.gz"
    target = path.with_name(f"{without_forbidden(path.name)}{added}")
    return target, target == path


def keep_unasked(files: Sequence[Path]) -> None:
    """Refuse to replace a file that napari has not asked about, in words of its window: it has no options.

    Raises
    ------
    RefusedError
        If one of them is there.
    """
    for file in files:
        if file.exists():
            said = f"Choose another name, or type this one with {ending(files[0])} to replace it"
            raise refuse("output", f"{said}; this already exists: {file}")
