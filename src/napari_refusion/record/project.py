"""The folder of a project: its settings, where its files lie, and names that stay inside it."""

import errno
import hashlib
import hmac
import json
import math
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from filelock import FileLock

from napari_refusion.io.whole_folder import sweep
from napari_refusion.io.write_json import write_json
from napari_refusion.volume.finding import refuse

SCHEMA: Final = "refusion-project/1"

ADJUDICATORS: Final = ("adjudicator", "second_adjudicator")
"""Who decides where readers differ; two must come to the same verdict, blind to each other."""

ROLES: Final = ("first", "second", *ADJUDICATORS)
"""Who may be named in a project: two readers who do not see each other's review, and who decides between them."""

SETTINGS: Final = "project.json"

FOLDERS: Final = ("reviews", "reports", "exports")

LARGEST: Final = 4 * 2**20
"""Bytes of a file of settings or of a head; those of a thousand readers take a tenth of it."""

_READER: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")

_RESERVED: Final = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9])")
"""Names of devices on Windows, with whatever ending (Microsoft, Naming Files, Paths, and Namespaces)."""

MOST_REPEATS: Final = 0.5
"""Share of the cases; 0.05 to 0.1 is usual."""

_LONGEST: Final = 120
"""Bytes of UTF-8 of a name; 255 are allowed, and endings follow."""


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with the reviews of some cases, and what holds for all of them."""

    folder: Path
    key: str = field(repr=False)
    """32 bytes in hexadecimal, drawn once: pseudonyms are made with it."""
    seed: int
    """Of the order in which readers see the cases."""
    identified: bool = False
    """Whether records and reports may say what files and patients are called."""
    minimum_seconds: float = 10.0
    """How long a case must be viewed, at least, before its verdict."""
    body_share: float = 0.9
    """Share of the slices that show the body, 0 to 1, that is seen before a verdict."""
    readers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """One of `ROLES` -> the reader; roles without a reader are missing."""
    roster: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Everybody who recorded something here -> hash of the first event; empty where that is not known."""
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Reader who signs -> public key, 32 bytes in hexadecimal, see `signing`."""
    repeats: float = 0.0
    """Share of the cases, 0 to `MOST_REPEATS`, that each reader gets a second time without being told."""

    @property
    def adjudicators(self) -> tuple[str, ...]:
        """Return who decides where readers differ."""
        return tuple(self.readers[role] for role in ADJUDICATORS if role in self.readers)

    @property
    def reports(self) -> Path:
        """Return where reports are written."""
        return self.folder / "reports"

    @property
    def exports(self) -> Path:
        """Return where mirrors and fused volumes are written."""
        return self.folder / "exports"


def open_project(folder: Path, create: bool = True) -> Project:
    """Return the project in a folder; what crashed programs left in its folders is swept away.

    Parameters
    ----------
    create
        Whether to make a project with the default settings where there is none yet.

    Raises
    ------
    RefusedError
        If there is none, if its settings cannot be read or make no sense, or if it cannot be made.
    """
    folder = folder.absolute()
    path = folder / SETTINGS
    try:
        if not path.exists():
            if not create:
                raise refuse("project", f"{folder} contains no project: choose its folder, or start a new one.")
            _create(folder, path)
        if not path.is_file():  # reading a pipe would not end
            raise _unclear(folder, "it is no file")
        if path.stat().st_size > LARGEST:
            raise _unclear(folder, f"it is larger than {LARGEST // 2**20} MB")
        project = _project(folder, json.loads(path.read_text(encoding="utf-8")))
        for name in FOLDERS:
            if create:
                (folder / name).mkdir(exist_ok=True)
    except OSError as error:
        sentence = f"The project in {folder} cannot be opened: {error.strerror or error}."
        raise refuse("project", sentence, str(folder)) from error
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unclear(folder, "it is broken") from error
    for place in _own_folders(folder):
        sweep(place)
    return project


def change_project(
    project: Project,
    readers: Mapping[str, str] | None = None,
    minimum_seconds: float | None = None,
    identified: bool | None = None,
    repeats: float | None = None,
    roster: Mapping[str, str] | None = None,
    keys: Mapping[str, str] | None = None,
) -> Project:
    """Return a project with other settings, which are written into its folder; None leaves a setting as it is.

    Parameters
    ----------
    readers
        One of `ROLES` -> the reader; roles that are missing here stay as they are.
    roster, keys
        To be added to those that are there, also to those that another program added meanwhile.

    Raises
    ------
    RefusedError
        If a setting makes no sense, or cannot be written.
    """
    with _locked(project.folder):
        there = as_stored(project)
        wanted = replace(
            project,
            identified=project.identified if identified is None else identified,
            minimum_seconds=project.minimum_seconds if minimum_seconds is None else minimum_seconds,
            repeats=project.repeats if repeats is None else repeats,
            readers={**project.readers, **(readers or {})},
            roster={**there.roster, **(roster or {})},
            keys={**there.keys, **(keys or {})},
        )
        changed = _project(project.folder, _settings(wanted))
        if changed != there:
            write_json(_settings(changed), project.folder / SETTINGS, overwrite=True)
    return changed


def as_stored(project: Project) -> Project:
    """Return the settings as they are in the folder; those that are known where they cannot be read."""
    try:
        return _project(project.folder, json.loads((project.folder / SETTINGS).read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError):
        return project


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one program at a time change the settings."""
    try:
        with FileLock(folder / "project.lock", timeout=10):
            yield
    except OSError as error:  # Timeout among them
        sentence = f"The settings of the project in {folder} cannot be changed: {error.strerror or error}."
        raise refuse("project", sentence, str(folder)) from error


def place_mark(project: Project, paths: Iterable[Path]) -> str:
    """Return a keyed hash of where two sources lie, empty for none: it finds a case again and names no folder."""
    text = "\n".join(sorted(str(path) for path in paths))
    return hmac.new(bytes.fromhex(project.key), text.encode(), hashlib.sha256).hexdigest() if text else ""


def check_reader(name: str) -> str:
    """Return a reader's name as it is.

    Raises
    ------
    RefusedError
        If it is none: 1 to 40 letters a to z, digits, ``-`` and ``_``, and no name that Windows keeps for devices.
    """
    if not is_reader(name):
        sentence = (
            f"{name[:60]!r} is not a valid reader name: use 1 to 40 letters (a to z), digits, - and _, as in R1 or "
            "anna-2."
        )
        raise refuse("reader", sentence, name[:60])
    return name


def is_reader(name: str) -> bool:
    """Return whether a text is a reader's name, see `check_reader`."""
    return _READER.fullmatch(name) is not None and not is_reserved(name)


def is_reserved(name: str) -> bool:
    """Return whether Windows takes a file name for a device, whatever follows its first dot."""
    first = unicodedata.normalize("NFKC", name).split(".")[0].strip().upper()
    return _RESERVED.fullmatch(first) is not None


def safe_name(text: str) -> str:
    """Return a file name, without an ending, for a case or anything else, whatever it is called.

    Letters and digits of any script, ``-``, ``_``, spaces and dots inside stay. If anything had to be changed, ``~``
    and 12 digits of a hash of the text follow, so that different texts have different names. Texts that only differ in
    capitals have names that Windows and macOS take for the same.
    """
    plain = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    name = "".join(one if one.isalnum() or one in "-_ ." else "_" for one in plain)
    name = name.encode()[:_LONGEST].decode(errors="ignore").strip(" .").lstrip("-. ")
    if is_reserved(name):
        name = f"_{name}"
    if name and name == text:
        return name
    return f"{name or 'case'}~{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def inside(folder: Path, name: str) -> Path:
    """Return the path of a file in a folder, links followed.

    Raises
    ------
    RefusedError
        If it lies elsewhere, is the folder itself, or is not a path at all.
    """
    try:
        top, path = folder.resolve(), (folder / name).resolve()
        if path.is_symlink():  # since Python 3.13, links in a circle are left as they are
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    except (OSError, ValueError, RuntimeError) as error:  # NUL, or links in a circle
        raise refuse("output", f"{name[:60]!r} is not a valid file name.", name[:60]) from error
    if not path.is_relative_to(top) or path == top:
        raise refuse("output", f"{name[:60]!r} is not in {folder}: nothing is written there.", name[:60])
    return path


def _create(folder: Path, path: Path) -> None:
    """Write the default settings; of two programs that do so at once, the second finds those of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "project.lock", timeout=10):
        if path.exists():
            return
        write_json(_settings(Project(folder, secrets.token_hex(32), secrets.randbelow(2**31))), path)


def _settings(project: Project) -> dict[str, Any]:
    """Return what `SETTINGS` holds of a project."""
    plain = ("identified", "minimum_seconds", "body_share", "repeats", "seed", "key")
    named = ("readers", "roster", "keys")
    return (
        {"schema": SCHEMA}
        | {one: getattr(project, one) for one in plain}
        | {one: dict(getattr(project, one)) for one in named}
    )


def _project(folder: Path, found: object) -> Project:
    """Return the project of some settings; refuse those that make no sense."""
    if not isinstance(found, dict) or not str(found.get("schema", "")).startswith("refusion-project/"):
        raise _unclear(folder, "it is not a project file")
    if found["schema"] != SCHEMA:
        raise _unclear(folder, f"it was written by a newer version ({found['schema']})")
    key, seed = found.get("key"), found.get("seed")
    if not isinstance(key, str) or not re.fullmatch("[0-9a-f]{64}", key):
        raise _unclear(folder, "its key is not 64 hexadecimal digits")
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise _unclear(folder, "its seed is not a whole number")
    identified = found.get("identified", False)
    if not isinstance(identified, bool):
        raise _unclear(folder, "identified is neither true nor false")
    seconds, share, repeats = (_number(folder, found, name) for name in ("minimum_seconds", "body_share", "repeats"))
    if not 0 <= repeats <= MOST_REPEATS:
        raise _unclear(folder, f"repeats is not within 0 to {MOST_REPEATS}")
    if not (seconds >= 0 and 0 <= share <= 1):
        raise _unclear(folder, "minimum_seconds is below 0, or body_share is not within 0 to 1")
    roles = _readers(folder, found.get("readers", {}))
    roster, keys = (_hashes(folder, found, name) for name in ("roster", "keys"))
    return Project(folder, key, seed, identified, seconds, share, roles, roster, keys, repeats)


def _hashes(folder: Path, found: Mapping[str, Any], name: str) -> Mapping[str, str]:
    """Return readers and a hash or a key of each; refuse other things."""
    entries = found.get(name, {})
    if not isinstance(entries, dict) or not all(
        is_reader(who) and isinstance(one, str) and re.fullmatch("([0-9a-f]{64})?", one) for who, one in entries.items()
    ):
        raise _unclear(folder, f"{name} does not give 64 hexadecimal digits for each reader")
    return MappingProxyType(dict(entries))


def _number(folder: Path, found: Mapping[str, Any], name: str) -> float:
    value = found.get(name, Project.__dataclass_fields__[name].default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise _unclear(folder, f"{name} is not a number")
    return float(value)


def _readers(folder: Path, found: object) -> Mapping[str, str]:
    """Return who has which role; refuse others, and one reader in two roles."""
    if not isinstance(found, dict) or not all(role in ROLES and isinstance(who, str) for role, who in found.items()):
        raise _unclear(folder, f"readers are named as {', '.join(ROLES)}")
    names = [check_reader(who).lower() for who in found.values()]
    if len(set(names)) != len(names):
        raise _unclear(folder, "one reader has two roles")
    return MappingProxyType(dict(found))


def _unclear(folder: Path, why: str) -> Exception:
    """Return the error for settings that cannot be used."""
    sentence = f"The settings ({SETTINGS}) of the project in {folder} cannot be used: {why}."
    return refuse("project", sentence, why)


def _own_folders(folder: Path) -> Iterator[Path]:
    """Yield the folder of a project, its own folders, and those directly in them."""
    yield folder
    for name in FOLDERS:
        if (folder / name).is_dir():
            yield folder / name
            yield from (path for path in (folder / name).iterdir() if path.is_dir() and not path.is_symlink())
