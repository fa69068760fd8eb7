"""Cases in a BIDS tree: every PET, SPECT or CT with the best anatomical image of the same session.

Images are found by the entities in their names (``sub-01_ses-1_trc-FDG_pet``) with `pathlib` alone. A BIDS library
would bring an index of the whole tree, made anew for each run (pybids: twelve packages and SQL), and check names by
a standard that has no ``ct`` and no ``spect`` yet, which these trees have.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from napari_refusion.cohort.work_case import Found, left_out, unreadable, work_case
from napari_refusion.io.formats import ending
from napari_refusion.io.identify import stem
from napari_refusion.volume.modality import MODALITIES

ANATOMY: Final = MODALITIES["MR"].bids
"""BIDS suffixes of anatomical images, the best one first."""

OTHERS: Final = {
    suffix: code for code, one in MODALITIES.items() if code != "MR" and one.place is not None for suffix in one.bids
}
"""BIDS suffix of what an anatomical image is fused with -> DICOM Modality."""

Wanted = Mapping[str, tuple[str | None, ...]]
"""Entity, as `entities` calls it -> values that are taken; None for names without the entity."""


@dataclass(frozen=True, slots=True)
class BidsChoice:
    """What is taken of a BIDS tree; empty for everything."""

    participants: tuple[str, ...] = ()
    """Labels, as ``01``."""
    sessions: tuple[str, ...] = ()
    """Labels, as ``baseline``."""
    filters: Mapping[str, Wanted] = field(default_factory=lambda: MappingProxyType({}))
    """Suffix -> what names of images with it must hold."""

    def takes(self, image: Path) -> bool:
        """Return whether an image is taken, by its name."""
        found = entities(image)
        wanted = self.filters.get(found["suffix"], {})
        return all(found.get(name) in values for name, values in wanted.items())


EVERYTHING: Final = BidsChoice()

NO_SESSION: Final = ("it has none of these sessions", "Correct the labels.")
"""Why a subject is left out of which no session is asked for, and what to do."""


def entities(image: Path) -> dict[str, str]:
    """Return the entities in the name of an image, ``sub`` -> ``01``, with its ``suffix`` and ``datatype``."""
    *pairs, suffix = stem(image).split("_")
    found = {name: value for name, parted, value in (pair.partition("-") for pair in pairs) if parted}
    return found | {"suffix": suffix, "datatype": image.parent.name}


def subjects(folder: Path) -> list[Path]:
    """Return the folders of the subjects of a BIDS tree, by name; none where it is another folder."""
    return sorted(path for path in folder.iterdir() if path.name.startswith("sub-") and path.is_dir())


def in_bids(folder: Path, choice: BidsChoice = EVERYTHING) -> Iterator[Found]:
    """Yield the cases of a BIDS tree, subject by subject, and what was left out of those that are asked for."""
    there = {path.name.removeprefix("sub-"): path for path in subjects(folder)}
    for label in choice.participants:
        if label not in there:
            yield left_out(f"sub-{label}", "there is no such participant", "Correct the label.")
    for label, subject in there.items():
        if not choice.participants or label in choice.participants:
            yield from _subject(subject, choice)


def _subject(folder: Path, choice: BidsChoice) -> Iterator[Found]:
    """Yield the cases of a BIDS subject, session by session."""
    if error := _unread([folder]):
        yield unreadable(folder.name, error)
        return
    sessions = [path for path in sorted(folder.glob("ses-*")) if path.is_dir()] or [folder]
    if choice.sessions:
        sessions = [path for path in sessions if path.name.removeprefix("ses-") in choice.sessions]
        if not sessions:
            yield left_out(folder.name, *NO_SESSION)
    anatomies = {session: _anatomy(session, choice) for session in sessions}
    for session in sessions:
        label = folder.name if session == folder else f"{folder.name}_{session.name}"
        if error := _unread([session, *session.glob("*/")]):
            yield unreadable(label, error)
            continue
        yield from _twins(session, choice)
        others = [path for path in _images(session, choice) if entities(path)["suffix"] in OTHERS]
        anatomy = anatomies[session]
        if not others:
            yield left_out(label, "it has no PET, SPECT or CT (pet/*_pet, ct/*_ct)", "Add one if it is to be reviewed.")
        elif anatomy is None:
            elsewhere = [path.name for path in sessions if anatomies[path]]
            remedy = f"There is one in {elsewhere[0]}: name the pair in a manifest." if elsewhere else "Add it."
            yield left_out(label, f"it has no anatomical image ({', '.join(ANATOMY)})", remedy)
        else:
            for path in others:
                one = label if len(others) == 1 else stem(path)
                yield work_case(one, [(path, OTHERS[entities(path)["suffix"]]), (anatomy, "MR")])


def _anatomy(session: Path, choice: BidsChoice) -> Path | None:
    """Return the best anatomical image of a session; of several runs the first."""
    images = [path for path in _images(session, choice) if entities(path)["suffix"] in ANATOMY]
    return min(images, key=lambda path: (ANATOMY.index(entities(path)["suffix"]), path.name), default=None)


def _images(session: Path, choice: BidsChoice) -> list[Path]:
    """Return the images of a session that are taken, of whatever data type, sorted; of two of one name the first."""
    images = {path.with_name(stem(path)): path for path in reversed(_files(session, choice))}
    return sorted(images.values())


def _unread(folders: Iterable[Path]) -> OSError | None:
    """Return why one of some folders cannot be looked into, which `Path.glob` passes over."""
    try:
        for folder in folders:
            next(folder.iterdir(), None)
    except OSError as error:
        return error
    return None


def _files(session: Path, choice: BidsChoice) -> list[Path]:
    images = sorted(path for path in session.glob("*/*") if ending(path) in (".nii", ".nii.gz") and path.is_file())
    return [path for path in images if choice.takes(path)]


def _twins(session: Path, choice: BidsChoice) -> Iterator[Found]:
    """Yield the files that have the name of another one but for their ending: nothing says which of both is meant."""
    taken = {path.with_name(stem(path)): path for path in _images(session, choice)}
    for path in _files(session, choice):
        kept = taken[path.with_name(stem(path))]
        if path != kept and entities(path)["suffix"] in (*OTHERS, *ANATOMY):
            yield left_out(path.name, f"{kept.name} beside it has the same name and is taken", "Remove one of both.")
