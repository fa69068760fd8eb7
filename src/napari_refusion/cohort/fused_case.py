"""The fused slices of a case that was fused before anybody read it, taken over where its reading begins."""

from pathlib import Path
from typing import Any

import numpy as np

from napari_refusion.fusion.partial import FinishedSlices, engines_of
from napari_refusion.io.one_pass import sha256_of
from napari_refusion.io.open import open_volume
from napari_refusion.io.own_result import is_record, record_of
from napari_refusion.io.sealed import is_changed
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import refuse


def finished_slices(fused: Path) -> FinishedSlices:
    """Return the slices of a fused volume by the record beside it.

    Whether they belong to a pair is asked where that is known, see `FinishedSlices.differs`.

    Raises
    ------
    RefusedError
        If the volume cannot be read, or is not the one that its record belongs to.
    """
    record = record_of(fused)
    content: dict[str, Any] = record.content or {}
    if not is_record(record) or content["axis"] not in AXES:
        raise refuse("result", f"Run the cohort again: the record of this fused volume is lost: {fused}")
    try:
        windows = Window(*content["a"]["window"]), Window(*content["b"]["window"])
        expected = content["files"][fused.name]
    except (KeyError, TypeError, ValueError) as error:
        raise refuse("result", f"Run the cohort again: the record of this fused volume is damaged: {fused}") from error
    if is_changed(content):
        raise refuse("result", f"Run the cohort again: the record of this fused volume was changed: {fused}")
    volume = open_volume(fused)
    if sha256_of(fused) != expected:
        raise refuse("result", f"Run the cohort again: this is not the volume that its record belongs to: {fused}")
    done = np.ones(volume.shape[AXES[content["axis"]]], np.bool_)
    data = np.asarray(volume.data, np.float32)
    weights, made_with = str(content["weights_sha256"]), engines_of(str(content.get("engine", "")))
    return FinishedSlices(data, done, content["axis"], volume.affine, windows, weights, made_with)
