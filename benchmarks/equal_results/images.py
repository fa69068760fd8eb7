"""What a fused file holds: NIfTI and PNG."""

from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from PIL import Image

from benchmarks.equal_results.normal import digest, plain


def describe_image(path: Path) -> dict[str, Any]:
    """Return what a NIfTI file or a PNG picture holds: its values in short, and everything in its header."""
    return _describe_picture(path) if path.suffix == ".png" else _describe_nifti(path)


def _describe_nifti(path: Path) -> dict[str, Any]:
    image: Any = nibabel.load(path)
    stored = np.ascontiguousarray(image.dataobj)
    values = stored.view(np.uint8).reshape(*stored.shape, -1) if stored.dtype.names else stored
    header = {name: plain(image.header[name]) for name in image.header.keys()}  # noqa: SIM118 - it iterates over values
    return {"values": digest(values), "affine": plain(image.affine), "header": header}


def _describe_picture(path: Path) -> dict[str, Any]:
    with Image.open(path) as picture:
        values = np.asarray(picture)
        return {"values": digest(values), "mode": picture.mode, "info": {k: plain(v) for k, v in picture.info.items()}}
