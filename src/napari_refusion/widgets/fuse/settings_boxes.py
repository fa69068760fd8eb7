"""Boxes for the fields of a dataclass of settings, by magicgui."""

from __future__ import annotations

from dataclasses import fields
from math import ceil
from typing import TYPE_CHECKING, Any

from magicgui.widgets import ComboBox
from qtpy.QtWidgets import QComboBox

from napari_refusion.session.settings import choices_of

if TYPE_CHECKING:
    from dataclasses import Field


def settings_boxes(settings: type) -> dict[str, ComboBox]:
    """Return a box for each field of a dataclass like `session.settings.FuseSettings`, by its name.

    Its default is chosen, and no box widens its dock later. Keep them as long as their ``native`` boxes are shown.
    """
    return {one.name: _box(one) for one in fields(settings)}


def _box(setting: Field[Any]) -> ComboBox:
    choices = [(text, value) for value, text in choices_of(setting).items()]
    box = ComboBox(
        name=setting.name,
        label=setting.metadata["label"],
        tooltip=setting.metadata["tip"],
        choices=choices,
        value=setting.default,
    )
    # laid out in a form, it would drop all choices but these
    box.native_parent_changed.disconnect(box.reset_choices)
    native: QComboBox = box.native
    # as wide as the longest choice of ours in whatever letters; names of files that are added later do not widen it
    native.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    metrics = native.fontMetrics()
    widest = max(metrics.horizontalAdvance(text) for text, _ in choices)
    native.setMinimumContentsLength(ceil(widest / metrics.horizontalAdvance("X")) + 1)
    return box
