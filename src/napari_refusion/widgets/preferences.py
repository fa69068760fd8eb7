"""What the user prefers, kept by napari: Preferences > Plugin Preferences > ReFusion."""

from typing import Any

from napari.settings import get_plugin_settings


def preferred(section: str) -> dict[str, Any]:
    """Return the preferences of a section of the manifest's ``configurations``, by name."""
    return dict(getattr(get_plugin_settings("napari-refusion"), section).model_dump())


def remember(section: str, **values: object) -> None:
    """Make these the preferences of a section from now on."""
    settings = getattr(get_plugin_settings("napari-refusion"), section)
    for name, value in values.items():
        if getattr(settings, name) != value:
            setattr(settings, name, value)
