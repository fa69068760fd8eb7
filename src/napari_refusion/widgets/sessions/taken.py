"""From a viewer and its Fuse widget to a saved session."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from napari_refusion import __version__
from napari_refusion.fusion.fuse import fused_volume
from napari_refusion.lesion.written import to_json
from napari_refusion.session.saved.content import (
    NEWEST,
    SCHEMA,
    SavedChoice,
    SavedFusion,
    SavedMove,
    SavedPair,
    SavedReferences,
    SavedReview,
    SavedSession,
    SavedView,
)
from napari_refusion.session.saved.folder import SessionFiles
from napari_refusion.session.saved.layer import StoredArray
from napari_refusion.session.saved.places import place_of_files
from napari_refusion.session.settings import FuseSettings
from napari_refusion.volume.affine import IPL
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.preferences import preferred_scales
from napari_refusion.widgets.sessions.layers_taken import TakenLayers, take_layers

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from napari.viewer import Viewer

    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.widgets.fuse.source_row import SourceRow
    from napari_refusion.widgets.fuse.widget import FuseWidget

FUSED: Final = "fused.nii.gz"
"""File of the fused slices."""

_LOST_LIST: Final = "Not saved: the list of lesions; write it on the page Lesions."

_LOST_REFERENCES: Final = "Not saved: the reference regions; place them again when the images are open."

_LOST_BASELINE: Final = "Not saved: the baseline's lesions in Follow-up, and how it was registered."


@dataclass(frozen=True, slots=True, eq=False)
class TakenSession:
    """A session, what is written beside its record, and what is not to be written over."""

    saved: SavedSession
    files: SessionFiles
    read: tuple[Path, ...]
    """Files and folders that its sources were read from."""
    remarks: tuple[str, ...]


def take_session(viewer: Viewer, widget: FuseWidget, folder: Path) -> TakenSession:
    """Return everything that is to be seen again, as a session in `folder` holds it."""
    view = _view(viewer, widget)
    layers = take_layers(list(viewer.layers), folder, view.mode, widget.panels.compare.view.cells.is_seen_alone)
    pair = _pair(widget, layers)
    fusion, files = _fusion(viewer, widget, layers) if pair is not None else (None, SessionFiles(layers.volumes))
    lesions = _lesions(widget)
    references = _references(widget)
    lost = [_LOST_LIST] * (lesions is not None) + [_LOST_REFERENCES] * (references is not None)
    saved = SavedSession(
        schema=f"{SCHEMA}{NEWEST}",
        program=__version__,
        layers=layers.layers,
        pair=pair,
        moves=_moves(widget, layers),
        fusion=fusion,
        view=view,
        lesions=lesions if pair is not None else None,
        references=references if pair is not None else None,
        review=_review(widget, folder),
    )
    volumes = [layer.metadata.get(KEY, {}).get("volume") for layer in viewer.layers]
    read = tuple(path for volume in volumes if volume is not None for path in volume.origin.read)
    remarks = [*([] if pair is not None else lost), *[_LOST_BASELINE] * widget.follow_up.has_lesions]
    return TakenSession(saved, files, read, (*layers.remarks, *remarks))


def _pair(widget: FuseWidget, layers: TakenLayers) -> SavedPair | None:
    """Return the chosen pair; None where there is none, or one of its layers is not saved."""
    page = widget.page
    keys = page.first.layer.currentData(), page.second.layer.currentData()
    if any(key not in layers.keys for key in keys):
        return None
    scales = preferred_scales()
    state = page.form.state()
    names = [one.name for one in fields(FuseSettings) if one.name not in ("device", "engine")]
    return SavedPair(
        layers.keys.index(keys[0]),
        layers.keys.index(keys[1]),
        (_choice(page.first), _choice(page.second)),
        {name: str(state[name]) for name in names},
        page.form.coloured.isChecked(),
        (scales.body, scales.brain),
        widget.statements.shown is not None or widget.panels.comparing.state.partial is not None,
        widget.session.reason_for(frozenset(map(str, keys))),
    )


def _choice(row: SourceRow) -> SavedChoice:
    state = row.state()
    return SavedChoice(state["modality"], state["window"], state["custom"])


def _moves(widget: FuseWidget, layers: TakenLayers) -> tuple[SavedMove, ...]:
    """Return the accepted registrations of layers that are saved."""
    keys = layers.keys
    return tuple(
        SavedMove(keys.index(moving), keys.index(fixed), move)
        for (moving, fixed), move in widget.session.moves.items()
        if moving in keys and fixed in keys
    )


def _fusion(viewer: Viewer, widget: FuseWidget, layers: TakenLayers) -> tuple[SavedFusion | None, SessionFiles]:
    """Return what is fused of the pair that is chosen, and the files with it; nothing of another one that is open."""
    shown = widget.statements.shown
    if shown is None or not shown.started.partial.done.any():
        return None, SessionFiles(layers.volumes)
    partial, made = shown.started.partial, shown.started.provenance
    # slices go on arriving while they are written
    done = tuple(bool(one) for one in partial.done)
    volume = fused_volume(partial.fused.copy(), partial.study)
    windows = tuple((window.low, window.high) for window in partial.study.windows)
    fusion = SavedFusion(
        StoredArray(FUSED, volume.shape, "float32"),
        done,
        partial.axis,  # type: ignore[arg-type]  # one of the table
        tuple(tuple(map(float, row)) for row in volume.affine),  # type: ignore[arg-type]
        windows,  # type: ignore[arg-type]
        made.weights,
        partial.weights_sha256,
        tuple(sorted(partial.made_with)),
    )
    # in the order of the array, so that it comes back as it is
    stored = replace(volume, stored_axes=IPL)
    return fusion, SessionFiles({**layers.volumes, FUSED: stored}, FUSED, _record(viewer, partial))


def _record(viewer: Viewer, partial: PartialFusion) -> dict[str, Any] | None:
    """Return how the layer of a fusion was made, as it is written beside it."""
    marks = [layer.metadata.get(KEY, {}) for layer in viewer.layers]
    records = (one.get("provenance") for one in marks if one.get("partial") is partial)
    return next((dict(record) for record in records if record), None)


def _lesions(widget: FuseWidget) -> dict[str, Any] | None:
    """Return the list of the pair; None where it is empty, or a review records it."""
    lesions = widget.panels.lesions.session.lists.unrecorded
    return to_json(lesions) if len(lesions) else None


def _references(widget: FuseWidget) -> SavedReferences | None:
    """Return the reference regions of the pair; None where there are none."""
    reader, kept = widget.panels.lesions.references.session.kept()
    return SavedReferences(reader, to_json(kept)) if len(kept) else None


def _view(viewer: Viewer, widget: FuseWidget) -> SavedView:
    dims, compare = viewer.dims, widget.panels.comparing.state
    return SavedView(
        order=tuple(int(axis) for axis in dims.order),
        ndisplay=3 if dims.ndisplay == 3 else 2,
        point=tuple(float(value) for value in np.asarray(dims.point)),
        planes=widget.planes.three.is_shown,
        page=widget.panels.tabText(widget.panels.currentIndex()),  # type: ignore[arg-type]
        mode="" if compare.mode is None else compare.mode.name,
        last_mode=compare.last_mode,
        amounts=dict(compare.amounts),
        colour_map=compare.colour_map,
        threshold=compare.threshold,
        side_by_side=compare.is_side_by_side,
    )


def _review(widget: FuseWidget, folder: Path) -> SavedReview | None:
    """Return the review that is going on."""
    reading = widget.panels.review.reading
    if reading is None:
        return None
    return SavedReview(
        place_of_files([reading.project.folder], folder), reading.store.reader, reading.session.run.case_id
    )
