"""Taking over what readers recorded in a copy of a project on another computer: the union of all events."""

from collections.abc import Iterator
from pathlib import Path

from napari_refusion.record.database import Records, fill_file, write_database
from napari_refusion.record.inspection import inspect
from napari_refusion.record.merging import news
from napari_refusion.record.project import Project
from napari_refusion.record.project_folder import change_project
from napari_refusion.record.roster import database_path, readers_in
from napari_refusion.record.schema import TABLES
from napari_refusion.record.store import Store
from napari_refusion.volume.finding import RefusedError, refuse


def join(project: Project, other: Project) -> Iterator[str]:
    """Yield what was taken over from a copy of a project, a sentence for each reader; it can be done again at any time.

    A reader's events keep their content and hash. What was begun and killed is completed by the next time.

    Raises
    ------
    RefusedError
        If the other folder is no copy of this project, if a record there is not sound, or if one here cannot be
        written.
    """
    if other.folder.samefile(project.folder):
        raise refuse("project", f"{other.folder} is this project itself: name a copy of it.", str(other.folder))
    if other.key != project.key:
        raise refuse("project", f"{other.folder} is another project, not a copy of this one.", str(other.folder))
    for reader in readers_in(other.folder):
        yield _counted(reader, _take(project, reader, _sound(other, reader)))
    change_project(project, keys={**other.keys, **project.keys})


def join_file(project: Project, path: Path) -> str:
    """Return what was taken over from one reader's file, wherever it is and whatever it is called, in a sentence.

    Raises
    ------
    RefusedError
        If it is no sound record of a reader of this project, was not begun as that reader's here, or if the record
        here cannot be read or written.
    """
    unread: RefusedError | None = None
    for reader in readers_in(project.folder):
        own = database_path(project.folder, reader)
        if not own.exists() or own.samefile(path):
            continue
        if (there := inspect(path, reader)).state != "sound":
            continue
        try:
            here = inspect(own, reader)
        except RefusedError as error:  # of another reader, perhaps
            unread = error
            continue
        if there.records.events[:1] == here.records.events[:1]:
            return _counted(reader, _take(project, reader, there.records))
    if unread is not None:
        raise unread
    sentence = (
        f"Name a copy of the whole project instead: {path.name} is no sound record of a reader of this project, or was "
        "begun elsewhere."
    )
    raise refuse("review", sentence, path.name)


def _counted(reader: str, count: int) -> str:
    return f"{reader}: {count} new event{'' if count == 1 else 's'}"


def _sound(other: Project, reader: str) -> Records:
    """Return what a reader recorded in another copy; refuse what is damaged or altered there."""
    path = database_path(other.folder, reader)
    found = inspect(path, reader)
    if found.finding:
        raise RefusedError([found.finding])
    if found.state != "sound":
        raise refuse("review", f"{path} is damaged: open that review there to recover what can be read.", path.name)
    return found.records


def _take(project: Project, reader: str, there: Records) -> int:
    """Return how many events of a reader were taken over."""
    path = database_path(project.folder, reader)
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        write_database(path, lambda temporary: fill_file(temporary, reader, there))
        with Store.open(project.folder, reader) as store:
            return len(store.all_events())
    with Store.open(project.folder, reader) as store:
        before = len(store.all_events())
        for table in TABLES:
            for row in (there.tables or {}).get(table, ()):
                store.rows.adopt(table, tuple(row))
        for one in news(store.chain(), there.events):
            store.take_over(one)
        return len(store.all_events()) - before
