"""The pair of a saved session, chosen on the page Fuse as it was, and gone on with; and its review."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from qtpy.QtCore import QSignalBlocker

from napari_refusion.fusion.partial import FinishedSlices
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.project_settings import SETTINGS
from napari_refusion.session.saved.places import candidates
from napari_refusion.volume.chosen_window import UptakeScales
from napari_refusion.widgets.fuse.page import Choices
from napari_refusion.widgets.fuse.window_menu import AS_SHOWN, AUTOMATIC
from napari_refusion.widgets.layer_marks import shown_volume
from napari_refusion.widgets.preferences import preferred_scales

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Layer

    from napari_refusion.session.saved.content import SavedPair, SavedReview, SavedSession
    from napari_refusion.widgets.fuse.widget import FuseWidget

_ANOTHER: Final = "The review that opened is of another examination than the one that this session was saved in."

_UNPAIRED: Final = "Begin the review again on the page Review once its pair is shown: it is not shown now."


def choose_pair(widget: FuseWidget, pair: SavedPair, layers: Sequence[Layer | None]) -> list[str]:
    """Choose on the page Fuse what was chosen, and return what is not as it was, in sentences.

    Parameters
    ----------
    layers
        Those of the session; both of the pair are in the viewer.
    """
    page, form, remarks = widget.page, widget.page.form, []
    settings = {**form.state(), **{name: value for name, value in pair.settings.items() if name in form.state()}}
    weights = Path(settings["weights"])
    if form.weights.findData(str(settings["weights"])) < 0:
        if weights.is_file():
            form.add_weights(weights)
        else:
            remarks.append(f"Choose the weights again: those of this session are not here: {weights}")
            settings["weights"] = ""
    with QSignalBlocker(form.coloured):
        form.coloured.setChecked(pair.is_coloured)
    form.palette_name.setEnabled(pair.is_coloured)
    widget.session.result.set_coloured(pair.is_coloured)
    first, second = (_row(pair, number, layers) for number in (0, 1))
    page.restore(Choices(first, second, settings, pair.is_coloured, page.live.isChecked()))
    return remarks


def _row(pair: SavedPair, number: int, layers: Sequence[Layer | None]) -> dict[str, str]:
    """Return what was chosen for a source, as `SourceRow.restore` takes it."""
    layer = layers[(pair.first, pair.second)[number]]
    assert layer is not None
    choice, volume = pair.choices[number], shown_volume(layer)
    window = choice.window
    in_suv = volume is not None and volume.unit.startswith("SUV")
    if window == AUTOMATIC and in_suv and UptakeScales(*pair.scales) != preferred_scales():
        window = AS_SHOWN  # the scale that is preferred here is another one
    key = str(layer.unique_id)
    # the layer has its unit and its limits already
    drawn = {"shown": "", "limits": "", "unit": ""}
    return drawn | {"layer": key, "modality": choice.modality, "window": window, "custom": choice.custom}


def go_on(
    widget: FuseWidget, saved: SavedSession, pair: SavedPair, layers: Sequence[Layer | None], fused: np.ndarray | None
) -> None:
    """Pair the chosen sources again, where they were moved to and with the slices that are fused.

    Raises
    ------
    RefusedError
        If no pair is chosen.
    """
    keys = [None if layer is None else str(layer.unique_id) for layer in layers]
    moves = {(str(keys[one.moving]), str(keys[one.fixed])): one.move for one in saved.moves}
    finished = None
    if saved.fusion is not None and fused is not None:
        made = saved.fusion
        windows = Window(*made.windows[0]), Window(*made.windows[1])
        done, affine = np.array(made.done), np.array(made.affine)
        finished = FinishedSlices(fused, done, made.axis, affine, windows, made.weights_sha256, made.made_with)
    widget.commands.reopen(moves, finished, pair.two_patients, UptakeScales(*pair.scales))


def go_on_with_review(widget: FuseWidget, saved: SavedReview, folder: Path) -> list[str]:
    """Go on with the review of the pair that is shown, and return what is not as it was, in sentences.

    Where none is shown, for it was refused or a layer was removed meanwhile, nothing is begun: a review that waits
    takes the next pair into its project, whosever it is. No project is made where there is none.

    Parameters
    ----------
    folder
        Of the session.
    """
    if widget.statements.shown is None:
        return [_UNPAIRED]
    review = widget.panels.review
    for (project,) in candidates(replace(saved.place, names=saved.place.names[:1]), folder):
        if (project / SETTINGS).is_file():
            review.begin(project, saved.reader)
            is_another = review.session is not None and review.session.run.case_id != saved.case_id
            return [_ANOTHER] if is_another else []
    where = Path(saved.place.folder, *saved.place.names[:1])
    return [f"Choose the review's project on the page Review: it is no longer here: {where}"]
