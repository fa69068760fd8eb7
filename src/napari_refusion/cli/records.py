"""The part of ``napari-refusion review`` that looks after records: whether they are whole, signatures, merging."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from napari_refusion.cli.printed import say, shown
from napari_refusion.look import RECORDS
from napari_refusion.volume.finding import RefusedError, blocking

if TYPE_CHECKING:
    from napari_refusion.record.project import Project
    from napari_refusion.record.verify import Verified

Folder = Annotated[Path, typer.Argument(metavar="PROJECT", help="Folder of the project.")]

KeyFile = Annotated[Path, typer.Option("--key", help="File with the reader's private key, see review key.")]


def verify(folder: Folder) -> None:
    """Compare every reader's record with all that tells of it, and exported copies and settings with what was written.

    The exit status is 0 only if each record is sound and neither a copy nor a setting was changed, else 2.
    """
    from napari_refusion.record.project_folder import open_project
    from napari_refusion.record.verify import verify_project

    console = Console()
    try:
        project = open_project(folder, create=False)
        found = verify_project(project)
    except RefusedError as error:
        raise stop(console, error) from error
    is_odd = tell_settings(console, project)
    if not found:
        say(console, "Nobody has recorded anything here.")
    for one in found:
        _tell(console, one)
        for fault in one.faults:
            say(console, f"  {fault}")
        for copy in one.copies:
            changed = shown(f"  changed after it was written: {copy}")
            changed.stylize(RECORDS["altered"].signal.terminal)
            console.print(changed, highlight=False, soft_wrap=True)
        for note in one.notes:
            say(console, f"  note: {note}")
    raise typer.Exit(0 if all(one.is_sound and not one.copies for one in found) and not is_odd else 2)


def key(path: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the private key.")]) -> None:
    """Make a reader's key to sign records with; keep the file where only the reader can read it."""
    from napari_refusion.record.signing import make_key

    console = Console()
    try:
        public = make_key(path)
    except RefusedError as error:
        raise stop(console, error) from error
    say(console, f"wrote {path}; its public key is {public}")


def sign(folder: Folder, reader: Annotated[str, typer.Option(help="Whose record.")], key_file: KeyFile) -> None:
    """Sign everything that a reader recorded so far, so that a record that was written anew is found as well."""
    from napari_refusion.record.project_folder import change_project, open_project
    from napari_refusion.record.roster import database_path
    from napari_refusion.record.signing import sign as sign_with
    from napari_refusion.record.store import Store
    from napari_refusion.volume.finding import refuse

    console = Console()
    try:
        project = open_project(folder, create=False)
        if not database_path(folder, reader).exists():
            raise refuse("review", f"{reader} has recorded nothing in this project.", reader)
        with Store.open(project.folder, reader) as store:
            public = sign_with(store, key_file, project.keys)
        change_project(project, keys={reader: public})
    except RefusedError as error:
        raise stop(console, error) from error
    say(console, f"signed the record of {reader} with the key {public[:12]}")


def merge(
    folder: Folder,
    others: Annotated[
        list[Path],
        typer.Argument(metavar="OTHER...", help="The same project on other computers, or a reader's file of it."),
    ],
) -> None:
    """Take over what readers recorded in copies of this project on other computers; nothing is lost or taken twice."""
    from napari_refusion.record.joining import join, join_file
    from napari_refusion.record.project_folder import open_project

    console = Console()
    try:
        project = open_project(folder, create=False)
        for other in others:
            one_file = [join_file(project, other)] if other.is_file() else []
            for words in one_file or join(project, open_project(other, create=False)):
                say(console, f"{other}: {words}")
    except RefusedError as error:
        raise stop(console, error) from error


def tell_settings(console: Console, project: "Project") -> bool:
    """Print whether the settings were changed by another than this program, in red, and return it."""
    from napari_refusion.record.stored_settings import settings_faults

    faults = settings_faults(project)
    for fault in faults:
        words = shown(f"settings: {fault}")
        words.stylize(RECORDS["altered"].signal.terminal)
        console.print(words, highlight=False, soft_wrap=True)
    return bool(faults)


def tell_unsound(console: Console, verified: Iterable["Verified"]) -> bool:
    """Print which records are not sound, in red, and return whether there is one."""
    unsound = [one for one in verified if not one.is_sound]
    for one in unsound:
        _tell(console, one)
    return bool(unsound)


def _tell(console: Console, one: "Verified") -> None:
    words = shown(f"{one.reader}: {one.words}")
    words.stylize(RECORDS[one.state].signal.terminal)
    console.print(words, highlight=False, soft_wrap=True)


def stop(console: Console, error: RefusedError) -> typer.Exit:
    """Print why something was refused, and return the exit with status 2."""
    for finding in blocking(error.findings):
        say(console, finding.sentence)
    return typer.Exit(2)
