"""What is asked for one case beside the choices for all, and whether a result is still what is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_refusion.batch.outcome import Outcome
    from napari_refusion.cohort.work_case import WorkCase


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
