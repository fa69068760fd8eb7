"""The settings of a project as they are stored, with a hash of themselves that tells whether a hand changed them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from napari_refusion.io.sealed import SEAL, is_changed, sealed
from napari_refusion.record.project import Project
from napari_refusion.record.project_settings import SETTINGS, settings_of


def stored_settings(folder: Path) -> dict[str, Any]:
    """Return what the file of settings of a project holds; nothing where it cannot be read."""
    try:
        found = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def to_store(project: Project, before: Mapping[str, Any], is_accepted: bool) -> dict[str, Any]:
    """Return what the file of settings is to hold.

    Parameters
    ----------
    before
        What it holds now. Where that was changed by hand, its seal stays, and does not fit: what the program adds to
        the settings by itself, as a reader who begins, must not make them look untouched.
    is_accepted
        Whether somebody saw the settings and wants them as they are, whoever changed them.
    """
    content = sealed(settings_of(project))
    return content | {SEAL: before[SEAL]} if is_changed(before) and not is_accepted else content


def settings_faults(project: Project) -> tuple[str, ...]:
    """Return whether the settings are others than this program wrote, as ``expected ..., found ...``."""
    if not is_changed(stored_settings(project.folder)):
        return ()
    words = f"expected the settings ({SETTINGS}) as this program wrote them, found others"
    return (f"{words}: put back what was changed, or see and accept them with napari-refusion review project",)
