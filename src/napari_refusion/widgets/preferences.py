"""What the user prefers, kept by napari: Preferences > Plugin Preferences > napari-refusion."""

from collections.abc import Mapping
from typing import Any, Final

from napari.settings import get_plugin_settings

from napari_refusion.volume.chosen_window import Part, UptakeScales

SCALES: Final[Mapping[Part, str]] = {"body": "suv_body", "brain": "suv_brain"}
"""What PET shows -> the preference for the upper end of its scale."""


def preferred(section: str) -> dict[str, Any]:
    """Return the preferences of a section of the manifest's ``configurations``, by name."""
    return dict(getattr(get_plugin_settings("napari-refusion"), section).model_dump())


def remember(section: str, **values: object) -> None:
    """Make these the preferences of a section from now on."""
    settings = getattr(get_plugin_settings("napari-refusion"), section)
    for name, value in values.items():
        if getattr(settings, name) != value:
            setattr(settings, name, value)


def forget(section: str, name: str) -> None:
    """Make a preference what it was before the user changed it."""
    settings = getattr(get_plugin_settings("napari-refusion"), section)
    setattr(settings, name, type(settings).model_fields[name].get_default(call_default_factory=True))


def preferred_scales() -> UptakeScales:
    """Return the scales that PET in SUV is shown on where no window is chosen; a number that is none has no effect."""
    return UptakeScales(_scale("body"), _scale("brain"))


def _scale(part: Part) -> float:
    high = float(preferred("fusion")[SCALES[part]])
    return high if 0 < high < float("inf") else UptakeScales().of(part)
