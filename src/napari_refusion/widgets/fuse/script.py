"""Fusing two layers from a script or napari's console, without the Fuse widget."""

from typing import Annotated

from napari import current_viewer
from napari.layers import Image
from napari.types import LayerDataTuple

from napari_refusion.fusion.engines import DEFAULT_ENGINE, ENGINES
from napari_refusion.model.tasks import DEFAULT_TASK, TASKS
from napari_refusion.session.fusion import FusionSession
from napari_refusion.session.settings import FuseSettings
from napari_refusion.session.source import Request, Source
from napari_refusion.study.pairing import reason_of
from napari_refusion.volume.affine import AXES
from napari_refusion.widgets.layer_image import look_at
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import to_layer_data


def fuse(
    image_a: Image,
    image_b: Image,
    task: Annotated[str, {"choices": list(TASKS)}] = DEFAULT_TASK,
    axis: Annotated[str, {"choices": list(AXES)}] = "axial",
    window_a: str = "",
    window_b: str = "",
    weights: str = "",
    engine: Annotated[str, {"choices": list(ENGINES)}] = DEFAULT_ENGINE,
    device: str = "auto",
    two_patients: str = "",
    identified: bool = False,
) -> LayerDataTuple:
    """Return the layer of two layers fused: data in [0, 1], properties with the record of its making, ``image``.

    ``viewer._add_layer_from_data(*fuse(viewer.layers[0], viewer.layers[1]))`` shows it, and ``magicgui(fuse)`` makes a
    form of it. Medical layers may come in either order: their modalities tell it. Of a 4-D layer the frame that the
    current viewer shows is fused.

    Parameters
    ----------
    window_a, window_b
        A CT preset, ``LOW,HIGH`` in the layer's unit, or percentiles ``p1,p99``; by default as the modality asks.
    weights
        Name of installed weights or a file; those of the task by default.
    two_patients
        Why layers of two patients are fused all the same; it stands in the record. Empty forbids it.
    identified
        Whether the record names files and series, which may be the patient's name.

    Raises
    ------
    RefusedError
        If a layer holds no volume, or a finding forbids fusing.
    """
    session = FusionSession()
    settings = FuseSettings(task=task, weights=weights, axis=axis, device=device, engine=engine)
    point = _shown_place()
    first, second = (
        Source(look_at(image, point), window=window) for image, window in ((image_a, window_a), (image_b, window_b))
    )
    session.fuse(Request(first, second, settings, two_patients=reason_of(two_patients)))
    fused = session.fused()
    data, properties, kind = to_layer_data(fused.volume, contrast_limits=(0.0, 1.0))
    mark = {"pair": [str(image_a.unique_id), str(image_b.unique_id)], "kind": "grey"}
    properties["metadata"][KEY] |= {"provenance": fused.record(identified=identified), "fusion": mark}
    return LayerDataTuple((data, properties, kind))


def _shown_place() -> tuple[float, ...] | None:
    """Return where the current viewer is; None without one."""
    viewer = current_viewer()
    return None if viewer is None else tuple(viewer.dims.point)
