"""What the user prefers, kept by napari: Preferences > Plugin Preferences > napari-refusion."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final

from napari.settings import get_plugin_settings

from napari_refusion.volume.chosen_window import Part, UptakeScales

SCALES: Final[Mapping[Part, str]] = {"body": "suv_body", "brain": "suv_brain"}
"""What PET shows -> the preference for the upper end of its scale."""

_REMEMBERING: Final = ContextVar("remembering", default=False)
"""Whether a page makes its own choice the habit, and nobody has changed a preference."""


def preferred(section: str) -> dict[str, Any]:
    """Return the preferences of a section of the manifest's ``configurations``, by name."""
    return dict(getattr(get_plugin_settings("napari-refusion"), section).model_dump())


def remember(section: str, **values: object) -> None:
    """Make these the preferences of a section from now on."""
    settings = getattr(get_plugin_settings("napari-refusion"), section)
    before = _REMEMBERING.set(True)
    try:
        for name, value in values.items():
            if getattr(settings, name) != value:
                setattr(settings, name, value)
    finally:
        _REMEMBERING.reset(before)


def forget(section: str, name: str) -> None:
    """Make a preference what it was before the user changed it."""
    settings = getattr(get_plugin_settings("napari-refusion"), section)
    setattr(settings, name, type(settings).model_fields[name].get_default(call_default_factory=True))


class FollowedPreferences:
    """Hands on what is changed in a section in napari's Preferences, from `start` to `stop`.

    What a page remembers is not handed on: the same page of another window has choices, a project and a reader of its
    own. What was changed before `start`, and after the last `stop`, is handed on by `start`.
    """

    def __init__(self, section: str, take: Callable[[Mapping[str, Any]], None]) -> None:
        """Let `take` have what has changed, by name; what is preferred now is known already."""
        self._section, self._take = section, take
        self._known = preferred(section)
        self._followed: Any = None

    def start(self) -> None:
        """Begin to follow; twice does nothing."""
        if self._followed is None:
            self._followed = getattr(get_plugin_settings("napari-refusion"), self._section)
            self._followed.events.connect(self._look)
            self._look()

    def stop(self) -> None:
        """Leave what is changed from now on to the next `start`."""
        if self._followed is not None:
            self._followed.events.disconnect(self._look)
            self._followed = None

    def _look(self, _event: object = None) -> None:
        # by value: Cancel and Restore Defaults change all of a section, and napari names none of it then
        before, self._known = self._known, dict(self._followed.model_dump())
        changed = {name: value for name, value in self._known.items() if value != before[name]}
        if changed and not _REMEMBERING.get():
            self._take(changed)


def preferred_scales() -> UptakeScales:
    """Return the scales that PET in SUV is shown on where no window is chosen; a number that is none has no effect."""
    return UptakeScales(_scale("body"), _scale("brain"))


def _scale(part: Part) -> float:
    high = float(preferred("fusion")[SCALES[part]])
    return high if 0 < high < float("inf") else UptakeScales().of(part)
