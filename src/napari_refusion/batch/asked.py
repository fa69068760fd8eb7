"""What is asked for one case beside the choices for all, and whether a result is still what is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from napari_refusion.io.choice import is_by_name
from napari_refusion.io.listing import list_path
from napari_refusion.io.open import known_format
from napari_refusion.volume.finding import RefusedError, refuse

if TYPE_CHECKING:
    from pathlib import Path

    from napari_refusion.batch.outcome import Outcome
    from napari_refusion.cohort.work_case import WorkCase

_LONGEST: Final = 60
"""Characters of a choice that a sentence repeats."""


def asked_of(case: WorkCase, volumes: tuple[str, str]) -> dict[str, Any]:
    """Return what a case is read as, as plain values.

    Parameters
    ----------
    volumes
        See `recipe.Recipe.volumes`; what a table says of the case counts more.
    """
    both = zip(case.volumes, volumes, strict=True)
    return {"modalities": list(case.modalities), "volumes": [own or of_all for own, of_all in both]}


def is_as_asked(known: Outcome, case: WorkCase, volumes: tuple[str, str]) -> bool:
    """Return whether a case ended with what is asked for now.

    What is chosen of images that hold several volumes does not touch the result of one that holds a single volume.
    """
    asked = asked_of(case, volumes)
    if known.asked == asked:
        return True
    if known.status != "fused" or known.asked.get("modalities") != asked["modalities"]:
        return False
    sides = zip(known.volumes, case.volumes, asked["volumes"], strict=True)
    return all(now == used if used or own else True for used, own, now in sides)


def check_volumes(cases: Iterable[WorkCase], volumes: tuple[str, str]) -> None:
    """Refuse a choice of volumes for all cases that none of them has, however many hold a single volume.

    A name is looked for in the headers of the images that the choice is for, up to the first one that has it.

    Raises
    ------
    RefusedError
        The sentence names the option.
    """
    known = tuple(cases)
    for side, choice in enumerate(volumes):
        if not choice or not is_by_name(choice):
            continue
        asked = (case.sources[side][0] for case in known if not case.volumes[side])
        if not any(choice in _names(path) for path in asked):
            option = ("--volume-a", "--volume-b")[side]
            sentence = (
                f"Choose a number from 0, mean, sum or MM:SS-MM:SS with {option}: no case holds a volume called "
                f"{choice[:_LONGEST]}."
            )
            raise refuse("frames", sentence, choice)


def _names(path: Path) -> list[str]:
    """Return what the volumes of an image are called; nothing where it cannot be read, which its case will tell."""
    try:
        if "volume" not in known_format(path)[1].chooses:
            return []
        return [name for one in list_path(path) for name in one.parts]
    except RefusedError:
        return []
