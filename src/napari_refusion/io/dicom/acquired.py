"""How the images of a series were acquired, as far as all of them say the same."""

from collections.abc import Callable
from typing import TypeVar

from napari_refusion.io.dicom.gate import Quantity
from napari_refusion.io.dicom.lean import lean_factor
from napari_refusion.io.dicom.series import Series
from napari_refusion.io.dicom.slice import Slice
from napari_refusion.io.dicom.suv import BODY_WEIGHT
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.acquisition import Acquisition, HeaderWindow

Value = TypeVar("Value")


def acquisition_of(series: Series, quantity: Quantity) -> Acquisition:
    """Return what the headers say; windows in the unit of the volume."""
    first = series.slices[0]
    tracer = first.pet_quantity
    windows = _shared(series, lambda image: image.content.windows) or ()
    return Acquisition(
        study=first.content.study,
        description=series.description,
        body_part=_shared(series, lambda image: image.content.body_part) or "",
        windows=tuple(_scaled(one, quantity.factor) for one in windows),
        echo_time=first.content.echo_time,
        repetition_time=first.content.repetition_time,
        inversion_time=first.content.inversion_time,
        b_value=first.content.b_value,
        agent=_shared(series, lambda image: image.content.agent) or "",
        corrected=_shared(series, lambda image: image.pet_quantity.corrected if image.pet_quantity else ()) or (),
        lean_factor=lean_factor(tracer) if tracer and quantity.unit == BODY_WEIGHT else None,
        part=series.part,
        time=series.time,
    )


def _shared(series: Series, of: Callable[[Slice], Value]) -> Value | None:
    """Return what all slices have in common, None where they differ."""
    value = of(series.slices[0])
    return value if all(of(image) == value for image in series.slices) else None


def _scaled(one: HeaderWindow, factor: float) -> HeaderWindow:
    if factor == 1:
        return one
    return HeaderWindow(Window(one.window.low * factor, one.window.high * factor), one.words)
