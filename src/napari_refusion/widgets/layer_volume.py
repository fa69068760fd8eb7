"""The volume in what a layer holds: as it was opened, where it was moved to, or as it is seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_refusion.io.identify import identify
from napari_refusion.io.picture.depth import is_shallow
from napari_refusion.io.picture.orientation import stated_orientation
from napari_refusion.session.source import as_modality
from napari_refusion.volume.affine import GRID_TOLERANCE, IPL_TO_RAS, farthest, spans_space, to_ipl
from napari_refusion.volume.checksum import checksum
from napari_refusion.volume.finding import Finding, refuse
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import NO_FILE, Volume
from napari_refusion.widgets.layer_look import full_brightness
from napari_refusion.widgets.layer_names import name_as_path
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from napari_refusion.widgets.layer_image import LayerImage


def to_volume(image: LayerImage, modality: str = "") -> Volume:
    """Return the volume in a layer.

    A layer that the plugin made gives back the volume it was made from. Where it was moved since, the move is taken
    over; where its voxels were changed, it no longer carries the hash of its file. A layer from elsewhere has no
    orientation and is taken as it is seen.

    Parameters
    ----------
    modality
        DICOM Modality that the user chose; empty leaves it to metadata and name.

    Raises
    ------
    RefusedError
        If the layer's transform is singular, or its values are not real numbers.
    """
    data = _values(image)
    volume = image.volume
    if volume is not None and data.shape[:3] == volume.shape:
        return _of_file(image, volume, data, modality)
    return _foreign(image, data, modality)


def _values(image: LayerImage) -> np.ndarray:
    """Return the voxels, (I, P, L) float32 or (I, P, L, 3) in [0, 1]; brightness of 8-bit pictures in [0, 1] too."""
    data = np.asarray(image.pixels)
    if data.dtype.kind not in "biuf":
        raise refuse("layer", f"The layer {image.name} does not hold real numbers ({data.dtype}): convert it first.")
    flat = data.ndim - image.rgb == 2
    if flat:
        data = data[None]
    if image.rgb:
        data = data[..., :3]
    full = full_brightness(data.dtype, image.rgb, flat)
    values = data.astype(np.float32, copy=False)
    return values if full == 1 else values / np.float32(full)


def _of_file(image: LayerImage, volume: Volume, data: np.ndarray, modality: str) -> Volume:
    """Return the volume that the plugin made a layer from, itself where nothing was changed since."""
    if image.checksum not in (None, checksum(data)):
        sentence = f"The voxels of {image.name} have been changed since it was opened: the result cannot name its file."
        noticed = Finding("warn", "voxels", sentence)
        volume = replace(volume, data=data, origin=NO_FILE, findings=(*volume.findings, noticed))
    elif volume.data is not data:
        volume = replace(volume, data=data)
    if modality and modality != volume.modality:
        volume = as_modality(volume, modality, image.name)
    return _moved(image, volume)


def _moved(image: LayerImage, volume: Volume) -> Volume:
    """Return a volume where its layer was moved to."""
    drawn = drawn_matrix(volume.grid)
    if (far := farthest(volume.shape, drawn, image.matrix)) <= GRID_TOLERANCE:
        return volume
    _check_matrix(image)
    move = image.matrix @ np.linalg.inv(drawn)
    affine = IPL_TO_RAS @ move @ IPL_TO_RAS @ volume.affine
    sentence = (
        f"The layer {image.name} was moved by up to {far:.1f} mm since it was opened: it is fused where it is now."
    )
    moved = Finding("warn", "moved", sentence, f"{far:.1f} mm")
    data, affine, _ = to_ipl(volume.data, affine)
    return replace(volume, data=data, affine=affine, findings=(*volume.findings, moved))


def _foreign(image: LayerImage, data: np.ndarray, modality: str) -> Volume:
    """Return the volume of a layer from elsewhere: where it is seen, and what its name says."""
    _check_matrix(image)
    is_photograph = len(image.data.shape) - image.rgb == 2
    reordered, affine, axes = to_ipl(data, IPL_TO_RAS @ image.matrix)
    identity = identify(name_as_path(image.name), data, chosen=modality or None)
    findings = identity.findings
    if not is_photograph:
        sentence = (
            f"The layer {image.name} has no orientation; it is taken as displayed (radiological: the first axis runs "
            "from head to foot, the patient's right is on the left). Open its DICOM or NIfTI file with ReFusion to be "
            "sure."
        )
        findings = (Finding("warn", "orientation", sentence), *findings)
    elif image.path is not None and (stated := stated_orientation(image.path)) != 1:
        sentence = (
            f"Turn {image.name} upright in a program for pictures and save it, unless it is upright here: its file "
            f"states EXIF orientation {stated}, and napari shows pictures as they are stored."
        )
        findings = (Finding("warn", "orientation", sentence, f"EXIF {stated}"), *findings)
    return Volume(
        data=reordered,
        affine=affine,
        modality=identity.modality,
        unit=identity.unit,
        name=image.name,
        origin=Origin(opened=image.path),
        stored_axes=axes,
        is_photograph=is_photograph,
        is_depth_unknown=image.rgb and is_photograph and image.pixels.dtype == np.uint16 and is_shallow(data),
        findings=findings,
    )


def _check_matrix(image: LayerImage) -> None:
    if not spans_space(image.matrix):
        raise refuse("geometry", f"The transform of the layer {image.name} is singular: reset it.")
