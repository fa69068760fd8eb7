"""Reading what was broken, and what that ended in."""

from pathlib import Path

from napari_refusion.io.open import open_volume, open_volumes
from napari_refusion.volume.finding import RefusedError
from tests.fuzz.case import Case, Result
from tests.fuzz.place import place_of, unnoticed


def by_cause(error: BaseException) -> tuple[Result, str]:
    """Return the outcome of a refusal: one for want of memory says that the limit was reached."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError):
            return "over memory", str(error)
        cause = cause.__cause__ or cause.__context__
    return "refused", str(error)


def look_at_image(path: Path, case: Case) -> tuple[Result, str]:
    """Read one image, then list and read all that are in it."""
    from napari_refusion.io.listing import list_path

    try:
        list_path(path)
        volume = open_volume(path)
    except RefusedError as error:
        try:
            open_volumes(path)
        except RefusedError as other:
            return by_cause(other if by_cause(other)[0] != "refused" else error)
        return by_cause(error)
    words = unnoticed(case.place, place_of(volume)) if case.place else ""
    return ("silent", words) if words else ("read", "")
