"""The folder of a project: made, opened, and changed by one program at a time."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from filelock import FileLock

from napari_refusion.io.given_path import GivenPath, given_path
from napari_refusion.io.sealed import is_changed
from napari_refusion.io.whole_folder import sweep
from napari_refusion.io.write_json import write_json
from napari_refusion.record.project import FOLDERS, Project
from napari_refusion.record.project_settings import SETTINGS, project_of, settings_of, unclear
from napari_refusion.record.stored_settings import stored_settings, to_store
from napari_refusion.volume.finding import RefusedError, refuse

LARGEST: Final = 4 * 2**20
"""Bytes of a file of settings or of a head; those of a thousand readers take a tenth of it."""


def open_project(folder: GivenPath, create: bool = True) -> Project:
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
    folder = given_path(folder).absolute()
    path = folder / SETTINGS
    try:
        if not path.exists():
            if not create:
                raise refuse("project", f"{folder} contains no project: choose its folder, or start a new one.")
            _create(folder, path)
        if not path.is_file():  # reading a pipe would not end
            raise unclear(folder, "it is no file")
        if path.stat().st_size > LARGEST:
            raise unclear(folder, f"it is larger than {LARGEST // 2**20} MB")
        project = project_of(folder, json.loads(path.read_text(encoding="utf-8")))
        for name in FOLDERS:
            if create:
                (folder / name).mkdir(exist_ok=True)
    except OSError as error:
        is_taken = isinstance(error, FileExistsError | NotADirectoryError)
        file = next((one for one in (folder, *folder.parents) if is_taken and one.is_file()), None)
        why = f"The project cannot be opened ({error.strerror or error}): {folder}"
        sentence = why if file is None else f"Choose a folder for the project: {file} is a file."
        raise refuse("project", sentence, str(folder)) from error
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise unclear(folder, "it is broken") from error
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
    is_accepted: bool = False,
) -> Project:
    """Return a project with other settings, which are written into its folder; None leaves a setting as it is.

    Settings that were changed by hand stay told as such by `stored_settings.settings_faults`, until they are accepted.

    Parameters
    ----------
    readers
        One of `ROLES` -> the reader; roles that are missing here stay as they are.
    roster, keys
        To be added to those that are there, also to those that another program added meanwhile.
    is_accepted
        Whether somebody saw the settings and wants them as they are, whoever changed them.

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
        try:
            changed = project_of(project.folder, settings_of(wanted))
        except RefusedError as error:
            if error.findings[-1].rule != "project":  # a name says itself what to do
                raise
            sentence = f"Choose another value, for nothing was changed: {error.findings[-1].value}."
            raise refuse("project", sentence, str(project.folder)) from error
        before = stored_settings(project.folder)
        if changed != there or (is_accepted and is_changed(before)):
            write_json(to_store(changed, before, is_accepted), project.folder / SETTINGS, overwrite=True)
    return changed


def as_stored(project: Project) -> Project:
    """Return the settings as they are in the folder; those that are known where they cannot be read."""
    try:
        return project_of(project.folder, stored_settings(project.folder))
    except RefusedError:
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


def _create(folder: Path, path: Path) -> None:
    """Write the default settings; of two programs that do so at once, the second finds those of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "project.lock", timeout=10):
        if path.exists():
            return
        made = Project(folder, secrets.token_hex(32), secrets.randbelow(2**31))
        write_json(to_store(made, {}, is_accepted=True), path)


def _own_folders(folder: Path) -> Iterator[Path]:
    """Yield the folder of a project, its own folders, and those directly in them."""
    yield folder
    for name in FOLDERS:
        if (folder / name).is_dir():
            yield folder / name
            yield from (path for path in (folder / name).iterdir() if path.is_dir() and not path.is_symlink())
