"""The settings of a project as its file has them; those that make no sense are refused."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from napari_refusion.record.names import check_reader, is_reader
from napari_refusion.record.project import MOST_REPEATS, ROLES, SCHEMA, Project
from napari_refusion.volume.finding import refuse

SETTINGS: Final = "project.json"


def settings_of(project: Project) -> dict[str, Any]:
    """Return what `SETTINGS` holds of a project."""
    plain = ("identified", "minimum_seconds", "body_share", "repeats", "seed", "key")
    named = ("readers", "roster", "keys")
    return (
        {"schema": SCHEMA}
        | {one: getattr(project, one) for one in plain}
        | {one: dict(getattr(project, one)) for one in named}
    )


def project_of(folder: Path, found: object) -> Project:
    """Return the project of some settings; refuse those that make no sense."""
    if not isinstance(found, dict) or not str(found.get("schema", "")).startswith("refusion-project/"):
        raise unclear(folder, "it is not a project file")
    if found["schema"] != SCHEMA:
        raise unclear(folder, f"it was written by a newer version ({found['schema']})")
    key, seed = found.get("key"), found.get("seed")
    if not isinstance(key, str) or not re.fullmatch("[0-9a-f]{64}", key):
        raise unclear(folder, "its key is not 64 hexadecimal digits")
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise unclear(folder, "its seed is not a whole number")
    identified = found.get("identified", False)
    if not isinstance(identified, bool):
        raise unclear(folder, "identified is neither true nor false")
    seconds, share, repeats = (_number(folder, found, name) for name in ("minimum_seconds", "body_share", "repeats"))
    if not 0 <= repeats <= MOST_REPEATS:
        raise unclear(folder, f"repeats is not within 0 to {MOST_REPEATS} but {repeats:g}")
    if seconds < 0:
        raise unclear(folder, f"minimum_seconds is below 0: {seconds:g}")
    if not 0 <= share <= 1:
        raise unclear(folder, f"body_share is not within 0 to 1 but {share:g}")
    roles = _readers(folder, found.get("readers", {}))
    roster, keys = (_hashes(folder, found, name) for name in ("roster", "keys"))
    return Project(folder, key, seed, identified, seconds, share, roles, roster, keys, repeats)


def _hashes(folder: Path, found: Mapping[str, Any], name: str) -> Mapping[str, str]:
    """Return readers and a hash or a key of each; refuse other things."""
    entries = found.get(name, {})
    if not isinstance(entries, dict) or not all(
        is_reader(who) and isinstance(one, str) and re.fullmatch("([0-9a-f]{64})?", one) for who, one in entries.items()
    ):
        raise unclear(folder, f"{name} does not give 64 hexadecimal digits for each reader")
    return MappingProxyType(dict(entries))


def _number(folder: Path, found: Mapping[str, Any], name: str) -> float:
    value = found.get(name, Project.__dataclass_fields__[name].default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise unclear(folder, f"{name} is not a number")
    return float(value)


def _readers(folder: Path, found: object) -> Mapping[str, str]:
    """Return who has which role; refuse others, and one reader in two roles."""
    if not isinstance(found, dict) or not all(role in ROLES and isinstance(who, str) for role, who in found.items()):
        raise unclear(folder, f"readers are named as {', '.join(ROLES)}")
    names = [check_reader(who).lower() for who in found.values()]
    if len(set(names)) != len(names):
        raise unclear(folder, "one reader has two roles")
    return MappingProxyType(dict(found))


def unclear(folder: Path, why: str) -> Exception:
    """Return the error for settings that cannot be used."""
    sentence = f"The settings ({SETTINGS}) of the project in {folder} cannot be used: {why}."
    return refuse("project", sentence, why)
