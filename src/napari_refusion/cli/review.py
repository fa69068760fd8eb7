"""The part of the command line that looks after review projects: ``napari-refusion review``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from napari_refusion.cli.printed import say, shown
from napari_refusion.cli.records import Folder, key, merge, sign, stop, tell_settings, tell_unsound, verify
from napari_refusion.volume.finding import RefusedError, blocking

if TYPE_CHECKING:
    from napari_refusion.cohort.reader_list import ReaderList

app = typer.Typer(help="Review projects: settings, worklist, summary, and whether records are intact.")


@app.command()
def project(
    folder: Folder,
    first: Annotated[str, typer.Option(help="The first reader.")] = "",
    second: Annotated[str, typer.Option(help="The second reader, blind to the first.")] = "",
    adjudicator: Annotated[str, typer.Option(help="Who decides where both differ.")] = "",
    second_adjudicator: Annotated[str, typer.Option(help="Who decides as well, blind to the adjudicator.")] = "",
    repeats: Annotated[
        float | None,
        typer.Option(help="Share of the cases that readers get twice without being told, as 0.08; 0.5 at most."),
    ] = None,
    minimum_seconds: Annotated[
        float | None, typer.Option(help="How long a case must be viewed before its verdict.")
    ] = None,
    identified: Annotated[
        bool | None, typer.Option("--identified/--pseudonymised", help="Whether reports and exports may name patients.")
    ] = None,
) -> None:
    """Make a project or change its settings, and print them; those that were changed by hand are accepted by that."""
    from napari_refusion.record.project import ROLES
    from napari_refusion.record.project_folder import change_project, open_project
    from napari_refusion.record.stored_settings import settings_faults

    console = Console()
    try:
        opened = open_project(folder)
        is_odd = bool(settings_faults(opened))
        changed = change_project(
            opened,
            {
                role: who
                for role, who in zip(ROLES, (first, second, adjudicator, second_adjudicator), strict=True)
                if who
            },
            minimum_seconds,
            identified,
            repeats,
            is_accepted=True,
        )
    except RefusedError as error:
        raise stop(console, error) from error
    table = Table("setting", "value")
    for name, value in (
        ("readers", ", ".join(f"{role.replace('_', ' ')}: {who}" for role, who in changed.readers.items()) or "anyone"),
        ("cases that readers get twice", f"{changed.repeats:.0%}"),
        ("names of patients in reports and exports", "yes" if changed.identified else "no"),
        ("seconds before a verdict, at least", f"{changed.minimum_seconds:g}"),
        ("slices of the body seen before a verdict", f"{changed.body_share:.0%}"),
    ):
        table.add_row(name, shown(value))
    console.print(table)
    if is_odd:
        say(console, "Change what is not meant: the settings were changed by hand, and hold from now on as shown.")


@app.command("list")
def list_command(
    cases: Annotated[Path, typer.Argument(help="Folder, BIDS tree, or manifest (.tsv, .csv, .json).")],
    folder: Annotated[Path, typer.Option("--project", help="Folder of the project.")],
    reader: Annotated[str, typer.Option(help="Reader whose order the list is in.")],
) -> None:
    """List the cases of a worklist and how far each is; exit status 2 if there is no worklist."""
    from napari_refusion.cohort.reader_list import ReaderList

    console = Console()
    try:
        listed = ReaderList.read(cases, folder, reader, create=False)
    except RefusedError as error:
        raise stop(console, error) from error
    table = Table("case", "sources", "status", "reviewed as")
    for case in listed.cases:
        progress = listed.case_progress(case)
        # The identity would tell that a case is there twice.
        identity = progress.case_id if progress and not listed.project.repeats else ""
        table.add_row(shown(case.label), case.words, listed.status(case), identity)
    console.print(table)
    for finding in listed.findings:
        say(console, f"{finding.level}: {finding.sentence}")
    if unheard := _unheard(listed):
        say(console, unheard)
    if blocking(listed.findings):
        raise typer.Exit(2)


def _unheard(listed: "ReaderList") -> str:
    """Return the sentence about a reader who recorded nothing in the project, which may be a name that is misspelt."""
    from napari_refusion.record.roster import readers_in

    wrote = readers_in(listed.project.folder)
    if listed.reader in wrote:
        return ""
    nothing = f"{listed.reader} has recorded nothing in this project"
    known = sorted({*wrote, *listed.project.readers.values()})
    if not known or listed.reader in known:
        return f"{nothing} yet."
    return f"Check the name: {nothing}; its readers are {', '.join(known)}."


@app.command()
def summary(folder: Folder) -> None:
    """Write one page and one table about all cases of a project, and how its readers agree.

    They are written and say so where a record is not sound, too; the exit status is 2 then.
    """
    from napari_refusion.cohort.summary import write_summary
    from napari_refusion.record.project_folder import open_project
    from napari_refusion.record.verify import verify_project

    console = Console()
    try:
        opened = open_project(folder, create=False)
        written = write_summary(opened)
        verified = verify_project(opened)
    except RefusedError as error:
        raise stop(console, error) from error
    for path in written:
        say(console, f"wrote {path}")
    if any([tell_settings(console, opened), tell_unsound(console, verified)]):
        raise typer.Exit(2)


@app.command()
def log(folder: Folder, case: Annotated[str, typer.Option(help="Only this case, as case-1a2b...")] = "") -> None:
    """Print everything that all readers recorded, in the order of time; it shows each what the others said.

    Voxels of lesions are left out.

    Of a damaged record it prints what can be read, of an altered one nothing; the exit status is 2 then.
    """
    from napari_refusion.record.lesions_said import in_brief
    from napari_refusion.record.project_folder import open_project
    from napari_refusion.record.store import Store
    from napari_refusion.record.union import united
    from napari_refusion.record.verify import verify_project

    console = Console()
    try:
        opened = open_project(folder, create=False)
        verified = verify_project(opened)
        readable = [one.reader for one in verified if one.state in ("sound", "damaged")]
        stores = [Store.open(opened.folder, reader, read_only=True) for reader in readable]
        events = united(store for store in stores if not blocking(store.findings))
    except RefusedError as error:
        raise stop(console, error) from error
    for store in stores:
        store.close()
    chosen = [event for event in events if case in ("", event.case_id)]
    for event in chosen:
        said = json.dumps(in_brief(event.payload), ensure_ascii=False)
        words = f"{event.utc} {event.reader} {event.case_id} {event.run_id} {event.kind} {said}"
        say(console, words)
    if not chosen and all(one.is_sound for one in verified):
        say(Console(stderr=True), f"Nobody has recorded anything{f' of {case}' if case else ''} here.")
    if tell_unsound(console, verified):
        raise typer.Exit(2)


for command in (verify, key, sign, merge):
    app.command()(command)
